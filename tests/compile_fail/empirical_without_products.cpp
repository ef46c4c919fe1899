// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: include <fokker/backend/xtensor_blas.hpp> for xtensor
#include <fokker/backend/xtensor.hpp>
#include <fokker/model/empirical.hpp>

int main() {
  xt::xtensor<float, 2> data;
  fokker::model::empirical model(data);
}
