// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

/// Plans, and the bytes of what they sampled: of a file with plain flags, of one with others, and of one whose
/// functions are its own, so that no file's flags are in them but its.
std::vector<std::string> sampled_plain();
std::vector<std::string> sampled_other();
std::vector<std::string> sampled_alone();
