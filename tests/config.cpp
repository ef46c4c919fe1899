// SPDX-License-Identifier: MIT
#include <fokker/config.hpp>

#include <string>

#include "support/catch.hpp"

#define TEXT_OF(...) #__VA_ARGS__
#define TEXT(...) TEXT_OF(__VA_ARGS__)

TEST_CASE("the mark for host and device is empty for a compiler of the host") {
  CHECK(std::string(TEXT(FOKKER_HD)).empty());
}
