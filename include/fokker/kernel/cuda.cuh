// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <fokker/kernel/cuda.hpp>
#include <fokker/kernel/cuda_launch.cuh>
#include <fokker/kernel/cuda_measure.cuh>
#include <fokker/kernel/cuda_quantile.cuh>
#include <fokker/kernel/cuda_reduction.cuh>
#include <fokker/kernel/cuda_update.cuh>
#include <fokker/kernel/thread.hpp>

// What kernel::cuda declares, for nvcc.
namespace fokker::inline v0::kernel {

template <class E, class Network, noise_source Noise>
void cuda::update(const plan::update& u, const operands<E, Network>& at, const Noise& noise) const {
  device::launch(u, at, device::read_by_device(noise), stream);
}

template <class E>
void cuda::update(std::span<const own<plan::update, E>> each, const step_error& error) const {
  using C = computed<E>;
  using thread::kind;
  if (each.empty()) return;
  const std::size_t count = each.size(), size = each.front().at->size;
  const cuda_memory<E> errors(error.row < 0 ? 0 : count * size, stream);
  std::vector<device::own_task<C, E>> tasks;
  kind most = kind::steady;
  for (const own<plan::update, E>& one : each) {
    operands<E> at = part_of(*one.at, one.sample, 1);
    const thread::numbers<C> all(*one.what);
    const bool measured = error.row >= 0;
    if (measured) detail::nth(at.rows, error.row) = errors.data() + tasks.size() * size;
    const std::size_t first = measured ? one.sample * size : 0;
    tasks.push_back({all, thread::task_of(all, at), one.from + first, one.to + first});
    if (tasks.back().t.kind > most) most = tasks.back().t.kind;
  }
  const cuda_memory<device::own_task<C, E>> there = device::on_device(tasks, stream);
  const thread::divisor threads(tasks.front().t.threads);
  const unsigned int blocks = device::blocks_of(threads.by * count, 256);
  const auto go = [&](auto kernel) {
    cuda_launch("launch of updates", stream, blocks, 256, kernel, there.data(), threads, count);
  };
  if (most == kind::steady)
    go(device::update_each<thread::few_rows, kind::steady, C, E>);
  else
    go(device::update_each<plan::max_rows, kind::any, C, E>);
  if (error.row >= 0)
    device::launch_reduction<device::finish::root_of_mean>(device::squared_errors<C, E>{there.data(), error.within},
                                                           errors.data(), errors.data(), count, size, error.of_each,
                                                           stream);
}

template <class E>
void cuda::measure(std::span<const own<plan::measure, E>> each, const tape_memory<computed<E>>& numbers) const {
  using C = computed<E>;
  if (each.empty()) return;
  const plan::measure& m = *each.front().what;  // all have its shape
  const std::size_t count = each.size(), size = each.front().at->size;
  for_each_grouping(m, numbers, [&](const grouping& over, std::span<const int> sums) {
    std::vector<device::own_sums<E>> tasks;
    for (const own<plan::measure, E>& one : each) {
      std::vector<scalars<double>> found(numbers.found.begin(), numbers.found.end());
      for (auto& f : found) f.values += one.sample * f.stride;
      tasks.push_back(
          {thread::numbers<double>(one.what->form), thread::sums_of(*one.what, part_of(*one.at, one.sample, 1), over,
                                                                    sums, std::span<const scalars<double>>(found))});
    }
    device::launch_sums(tasks, stream);
  });
  bool written = false;
  for (int o = 0; o < m.form.row_count; ++o) written = written || detail::nth(each.front().at->rows, o) != nullptr;
  if (written) {
    std::vector<own<plan::update, E>> updates;
    for (const own<plan::measure, E>& one : each) updates.push_back({&one.what->form, one.at, one.sample});
    update(std::span<const own<plan::update, E>>(updates), step_error{});
  }
  std::vector<cuda_memory<double>> quantiles(m.of.size());  // in the order of `each`
  for (std::size_t i = 0; i < m.of.size(); ++i) {
    if (m.of[i].what != plan::measured::quantile) continue;
    const grouping& over = numbers.over[i];
    std::vector<const E*> rows;
    for (const own<plan::measure, E>& one : each)
      rows.push_back(detail::nth(one.at->rows, one.what->of[i].a) + one.sample * size);
    const auto from = device::on_device(rows, stream);
    const cuda_memory<E> together(count * size, stream);
    cuda_launch("launch of a copy", stream, device::blocks_of(count * size, 256), 256, device::gather_each<E>,
                from.data(), together.data(), count * size, size, over.count, over.repeat);
    quantiles[i] = make<double>(count * over.count);
    quantile(together.data(), count * over.count, size / over.count, m.of[i].q, quantiles[i].data());
  }
  if (m.tape.empty()) return;
  std::vector<thread::tape_task> tapes;
  for (const own<plan::measure, E>& one : each) {
    thread::tape_task t = thread::tape_of(std::span<const plan::operation>(one.what->tape), numbers, one.sample);
    for (std::size_t o = 0; o < m.tape.size(); ++o)
      if (const int i = m.tape[o].index;
          m.tape[o].what == plan::operation::found && detail::nth(m.of, i).what == plan::measured::quantile)
        t.steps[o].at = detail::nth(quantiles, i).data() + tapes.size() * detail::nth(numbers.over, i).count;
    tapes.push_back(t);
  }
  const auto there = device::on_device(tapes, stream);
  const std::size_t groups = tape::groups(std::span<const plan::operation>(m.tape), numbers);
  if (groups == 1)
    cuda_launch("launch of a tape", stream, device::blocks_of(count, 256), 256, device::tapes_of_samples<C>,
                there.data(), count);
  else
    cuda_launch("launch of a tape", stream, device::blocks_of(count, 1), 256, device::tapes_of_groups<C>, there.data(),
                groups);
}

template <class E, class Network, noise_source Noise>
void cuda::measure(const plan::measure& m, const operands<E, Network>& at, const Noise& noise,
                   const tape_memory<computed<E, Network>>& numbers, std::size_t sample, std::size_t samples) const {
  using C = computed<E, Network>;
  if (samples == 0) return;
  const auto part = part_of(at, sample, samples);
  const auto draws = device::read_by_device(device::from_sample(noise, sample));
  std::vector<scalars<double>> found(numbers.found.begin(), numbers.found.end());
  for (auto& f : found) f.values += sample * f.stride;
  for_each_grouping(m, numbers, [&](const grouping& over, std::span<const int> sums) {
    device::launch_sums(m, thread::sums_of(m, part, over, sums, std::span<const scalars<double>>(found)), draws,
                        stream);
  });
  bool written = false;
  for (int o = 0; o < m.form.row_count; ++o) written = written || detail::nth(at.rows, o) != nullptr;
  if (written) device::launch(m.form, part, draws, stream);
  for (std::size_t i = 0; i < m.of.size(); ++i) {
    if (m.of[i].what != plan::measured::quantile) continue;
    const grouping& over = numbers.over[i];
    const std::size_t members = at.size / over.count, all = samples * at.size;
    const E* row = detail::nth(part.rows, m.of[i].a);
    const cuda_memory<E> together(members == over.repeat ? 0 : all, stream);
    if (together.size() > 0) {
      cuda_launch("launch of a copy", stream, device::blocks_of(all, 256), 256, device::gather<E>, row, together.data(),
                  all, at.size, over.count, over.repeat);
      row = together.data();
    }
    const bool side_by_side = found[i].stride == over.count;
    for (std::size_t s = 0; s < (side_by_side ? 1 : samples); ++s)
      quantile(row + s * at.size, side_by_side ? samples * over.count : over.count, members, m.of[i].q,
               found[i].values + s * found[i].stride);
  }
  if (m.tape.empty()) return;
  const std::span<const plan::operation> tape(m.tape);
  const std::size_t groups = tape::groups(tape, numbers);
  const thread::tape_task t = thread::tape_of(tape, numbers, sample);
  const char* const what = "launch of a tape";
  if (groups == 1)
    cuda_launch(what, stream, device::blocks_of(samples, 256), 256, device::tape_of_samples<C>, t, samples);
  else
    cuda_launch(what, stream, device::blocks_of(samples, 1), 256, device::tape_of_groups<C>, t, groups);
}

template <class A, class B>
void cuda::dot(const A* a, const B* b, std::size_t samples, std::size_t size, double* results) const {
  device::launch_reduction<device::finish::nothing>(reduction::dot{}, a, b, samples, size, results, stream);
}

template <class A>
void cuda::norm(const A* a, std::size_t samples, std::size_t size, double* results) const {
  device::launch_reduction<device::finish::root>(device::squares{}, a, a, samples, size, results, stream);
}

template <class A>
void cuda::largest(const A* a, std::size_t samples, std::size_t size, double* results) const {
  device::launch_reduction<device::finish::nothing>(reduction::largest{}, a, a, samples, size, results, stream);
}

template <class A>
void cuda::moments(const A* a, std::size_t samples, std::size_t size, kernel::moments* results) const {
  device::launch_reduction<device::finish::mean>(reduction::sum{}, a, a, samples, size, &results->mean, stream, 2);
  device::launch_reduction<device::finish::mean>(reduction::squares_about{}, a, a, samples, size, &results->variance,
                                                 stream, 2, results);
}

template <class A>
void cuda::quantile(const A* a, std::size_t samples, std::size_t size, double q, double* results) const {
  if (samples == 0) return;
  if (size == 0) detail::refuse("the size of a sample", size, "1 or more, for a quantile");
  const cuda_memory<device::selection> memory(device::parts_of_quantiles(samples, size) > 1 ? samples : 0, stream);
  device::launch_quantile(a, samples, size, q, results, memory.data(), stream);
}

template <class A, class B>
void cuda::distances(const A* a, const B* b, std::size_t samples, std::size_t others, std::size_t size,
                     double* results) const {
  cuda_launch("launch of distances", stream, device::blocks_of(samples, 1), 32 * device::warps, device::distances<A, B>,
              a, b, others, size, results);
}

template <class A>
void cuda::centre(const A* a, std::size_t samples, std::size_t size, double* means, double* rows) const {
  cuda_launch("launch of means", stream, device::blocks_of(size, 1), 32 * device::warps, device::centre<A>, a, samples,
              size, means, rows);
}

}  // namespace fokker::inline v0::kernel
