// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <fokker/concept/tensor_backend.hpp>
#include <fokker/kernel/cuda_launch.cuh>
#include <fokker/kernel/cuda_memory.hpp>
#include <fokker/level.hpp>
#include <fokker/model/mixture.hpp>

namespace fokker::inline v0::model {

namespace device {

/// The components of a mixture, and a level.
struct components {
  const double* log_weights;
  const double* deviations;
  const double* half_squares;  // |m_k|^2 / 2
  std::uint64_t count, size;
  double alpha, sigma;
  bool alike;  // all deviations are the same: |x|^2 is common to all scores and drops out
};

/// A value of each thread of a block, joined by `join`; for all threads. `shared` has a place for each warp.
template <class Join>
__device__ double joined(double value, double* shared, Join join) {
  for (int apart = 16; apart > 0; apart /= 2) value = join(value, __shfl_down_sync(0xffffffffu, value, apart));
  __syncthreads();
  if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = value;
  __syncthreads();
  value = shared[0];
  for (unsigned int w = 1; w < blockDim.x / 32; ++w) value = join(value, shared[w]);
  return value;
}

/// A block for each sample: from the products x . m_k what each mean counts in the prediction, and x itself.
template <class E>
__global__ void weigh(const components c, const E* x, E* products, double* of_x) {
  __shared__ double shared[32];
  const auto add = [](double a, double b) { return a + b; };
  const auto larger = [](double a, double b) { return a < b ? b : a; };
  x += blockIdx.x * c.size;
  products += blockIdx.x * c.count;
  double squares = 0;
  if (!c.alike) {
    for (std::uint64_t i = threadIdx.x; i < c.size; i += blockDim.x)
      squares += static_cast<double>(x[i]) * static_cast<double>(x[i]);
    squares = joined(squares, shared, add);
  }
  const auto variance = [&](std::uint64_t k) {
    const double signal = c.alpha * c.deviations[k];
    return signal * signal + c.sigma * c.sigma;
  };
  const auto score = [&](std::uint64_t k) {
    const double v = variance(k);
    const double product = c.alpha * (static_cast<double>(products[k]) - c.alpha * c.half_squares[k]);
    return c.log_weights[k] - 0.5 * static_cast<double>(c.size) * log(v) + (product - 0.5 * squares) / v;
  };
  double largest = -INFINITY;
  for (std::uint64_t k = threadIdx.x; k < c.count; k += blockDim.x) largest = larger(largest, score(k));
  largest = joined(largest, shared, larger);
  double sum = 0;
  for (std::uint64_t k = threadIdx.x; k < c.count; k += blockDim.x) sum += exp(score(k) - largest);
  sum = joined(sum, shared, add);
  double share_of_x = 0;
  for (std::uint64_t k = threadIdx.x; k < c.count; k += blockDim.x) {
    const double v = variance(k), share = exp(score(k) - largest) / sum;
    share_of_x += share * (c.deviations[k] * c.deviations[k] * c.alpha / v);
    products[k] = static_cast<E>(share * (c.sigma * c.sigma / v));
  }
  share_of_x = joined(share_of_x, shared, add);
  if (threadIdx.x == 0) of_x[blockIdx.x] = share_of_x;
}

/// out += of_x x, sample by sample.
template <class E>
__global__ void add_x(E* out, const E* x, const double* of_x, std::uint64_t size, std::uint64_t all) {
  const std::uint64_t i = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < all) out[i] = static_cast<E>(static_cast<double>(out[i]) + of_x[i / size] * static_cast<double>(x[i]));
}

}  // namespace device

/// model::mixture, and with deviations of 0 model::empirical, in memory of a CUDA device: two products of matrices, by
/// `Products` such as backend::cublas_products, and a softmax in double. x . m_k is in E: squared distances err by a
/// few eps |x| |m|. All is in the stream of the products; a call takes memory for K scores a sample, or for the largest
/// batch so far. For nvcc. Throws std::invalid_argument for arguments that are not as those of model::mixture, for a
/// sigma of 0 where a deviation is 0, and for tensors of another stream.
template <class E, class Products>
class cuda_mixture {
 public:
  cuda_mixture(const std::vector<double>& weights, const std::vector<std::vector<double>>& means,
               const std::vector<double>& deviations, Products products)
      : products_(std::move(products)), count_(weights.size()) {
    require_components(weights, means, deviations);
    size_ = means.front().size();
    std::vector<double> numbers;
    std::vector<E> flat;
    for (const double weight : weights) numbers.push_back(std::log(weight));
    numbers.insert(numbers.end(), deviations.begin(), deviations.end());
    for (const std::vector<double>& mean : means) {
      double squares = 0;
      for (const double m : mean) {
        flat.push_back(static_cast<E>(m));
        squares += static_cast<double>(flat.back()) * static_cast<double>(flat.back());
      }
      numbers.push_back(0.5 * squares);
    }
    least_ = *std::min_element(deviations.begin(), deviations.end());
    alike_ = least_ == *std::max_element(deviations.begin(), deviations.end());
    const kernel::cuda_stream stream = products_.stream();
    numbers_ = {numbers.size(), stream};
    kernel::cuda_copy(numbers_.data(), numbers.data(), numbers.size(), stream);
    means_ = {flat.size(), stream};
    kernel::cuda_copy(means_.data(), flat.data(), flat.size(), stream);
  }

  template <class T>
  void operator()(T& out, const T& x, const level& at) {
    using tensor = backend::tensor<T>;
    const backend::extents shape = detail::shape_of(x, "x");
    detail::require_samples(shape, "x");
    detail::require_shape(detail::shape_of(out, "the prediction"), shape, "the prediction");
    if (shape.sample_size() != size_)
      detail::refuse("the size of a sample of x", shape.sample_size(),
                     detail::joined({detail::text(size_), ", that of the model's data"}));
    if (at.is_data() && least_ == 0)
      detail::refuse("sigma of the level", at.sigma, "a number > 0, as a deviation of the mixture is 0");
    const kernel::cuda_stream stream = products_.stream();
    if (tensor::space(x).stream.handle != stream.handle)
      detail::refuse("the stream of x", "another one", "that of the model's products");
    const std::size_t samples = shape.samples();
    if (scores_.size() < samples * count_) scores_ = {samples * count_, stream};
    if (of_x_.size() < samples) of_x_ = {samples, stream};
    const device::components c{
        numbers_.data(), numbers_.data() + count_, numbers_.data() + 2 * count_, count_, size_, at.alpha, at.sigma,
        alike_};
    products_.times_transposed(samples, count_, size_, tensor::data(x), means_.data(), scores_.data());
    kernel::cuda_launch("launch of a softmax", stream, static_cast<unsigned int>(samples), 256, device::weigh<E>, c,
                        tensor::data(x), scores_.data(), of_x_.data());
    products_.times(samples, size_, count_, scores_.data(), means_.data(), tensor::data(out));
    const std::uint64_t all = samples * size_;
    kernel::cuda_launch("launch of a sum", stream, static_cast<unsigned int>((all + 255) / 256), 256, device::add_x<E>,
                        tensor::data(out), tensor::data(x), of_x_.data(), size_, all);
  }

 private:
  Products products_;
  std::size_t count_ = 0, size_ = 0;
  double least_ = 0;
  bool alike_ = false;
  kernel::cuda_memory<double> numbers_;  // log weights, deviations, half of the squares of means
  kernel::cuda_memory<E> means_, scores_;
  kernel::cuda_memory<double> of_x_;
};

}  // namespace fokker::inline v0::model
