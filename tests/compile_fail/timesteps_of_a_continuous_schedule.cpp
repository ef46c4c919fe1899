// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: timesteps are those of a table, such as schedule::linear
#include <fokker/schedule/cosine.hpp>
#include <fokker/training/levels.hpp>

int main() { return fokker::training::uniform_timestep{}(fokker::schedule::cosine{}, 0.5).time > 0; }
