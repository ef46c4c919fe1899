// SPDX-License-Identifier: MIT
#define CATCH_CONFIG_RUNNER  // Catch2 version 2 puts its own code into this file
#include "support/catch.hpp"

int main(int argc, char** argv) { return Catch::Session().run(argc, argv); }
