// SPDX-License-Identifier: MIT
#include <fokker/version.hpp>

#include "support/catch.hpp"

TEST_CASE("the version is three constants") {
  static_assert(fokker::version::major >= 0 && fokker::version::minor >= 0 && fokker::version::patch >= 0);
  CHECK(fokker::version::major + fokker::version::minor + fokker::version::patch > 0);
}
