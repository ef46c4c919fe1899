// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fokker/bfloat16.hpp>
#include <fokker/concept/memory_space.hpp>
#include <fokker/concept/tensor_backend.hpp>
#include <fokker/detail/fnv1a.hpp>
#include <fokker/detail/holds.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/detail/nth.hpp>
#include <fokker/half.hpp>
#include <fokker/noise_of_run.hpp>
#include <fokker/plan/program.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/stepper.hpp>

namespace fokker::inline v0 {

namespace plan {

/// Which buffers of a run that has done so many calls are read by what is left.
[[nodiscard]] inline std::vector<bool> live_buffers(const program& p, std::size_t calls_done) {
  std::vector<bool> live(static_cast<std::size_t>(p.buffers));
  live[0] = true;
  const auto undo = [&live](const update& u) {
    for (int j = 0; j < u.row_count; ++j)
      if (const int b = nth(u.rows, j).buffer; b >= 0) live[static_cast<std::size_t>(b)] = false;
    for (int k = 0; k < u.input_count; ++k)
      if (const operand& in = nth(u.inputs, k); in.where == operand::buffer)
        live[static_cast<std::size_t>(in.index)] = true;
  };
  for (std::size_t i = p.calls.size(); i-- > calls_done;) {
    const call& c = p.calls[i];
    if (c.preview >= 0) live[static_cast<std::size_t>(c.preview)] = true;
    undo(c.then);
    for (std::size_t m = c.measures.size(); m-- > 0;) undo(c.measures[m].form);
    live[static_cast<std::size_t>(c.input)] = true;
  }
  return live;
}

}  // namespace plan

namespace detail {

inline constexpr std::string_view run_file = "fokker-run 1\n";

[[nodiscard]] inline std::uint64_t checksum(std::string_view bytes) {
  fnv1a sum;
  for (const char c : bytes) sum.add(static_cast<unsigned char>(c));
  return sum.value;
}

/// The element types by their numbers in a file, with the whole numbers of their size.
template <class E>
struct in_file;
template <>
struct in_file<float> {
  static constexpr std::uint64_t number = 1;
  using bits = std::uint32_t;
};
template <>
struct in_file<double> {
  static constexpr std::uint64_t number = 2;
  using bits = std::uint64_t;
};
template <>
struct in_file<half> {
  static constexpr std::uint64_t number = 3;
  using bits = std::uint16_t;
};
template <>
struct in_file<bfloat16> {
  static constexpr std::uint64_t number = 4;
  using bits = std::uint16_t;
};
[[nodiscard]] inline std::size_t size_in_file(std::uint64_t number) { return number == 2 ? 8 : number == 1 ? 4 : 2; }

/// Whole numbers byte by byte, the lowest first, on every machine.
template <class Bits>
void put(std::string& bytes, Bits value) {
  for (std::size_t i = 0; i < sizeof value; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
}
template <class Bits>
[[nodiscard]] Bits number_at(std::string_view bytes, std::size_t place) {
  Bits value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i)
    value = static_cast<Bits>(
        value | static_cast<Bits>(static_cast<Bits>(static_cast<unsigned char>(bytes[place + i])) << (8 * i)));
  return value;
}

}  // namespace detail

/// A run that was stopped, as it was read from the bytes of `save`. Its plan must outlive the run that goes on.
struct saved_run {
  plan::program plan;
  std::size_t calls_done = 0;
  beginning from = beginning::noise;
  backend::extents shape;
  std::uint64_t element = 0;           ///< 1 float, 2 double, 3 half, 4 bfloat16
  std::vector<double> numbers;         ///< that rules remember
  std::vector<std::string> buffers{};  ///< their bytes; none of those that are read no more

  /// Throws std::invalid_argument for bytes that are not those of a run, or not all of them.
  explicit saved_run(std::string_view bytes) {
    const auto damaged = [] {
      detail::refuse("the file of a run", "damaged", "the bytes that save wrote, all of them");
    };
    if (bytes.substr(0, detail::run_file.size()) != detail::run_file)
      detail::refuse("the file of a run", "another one", "the bytes that save wrote, beginning with fokker-run 1");
    if (bytes.size() < detail::run_file.size() + 8 || detail::number_at<std::uint64_t>(bytes, bytes.size() - 8) !=
                                                          detail::checksum(bytes.substr(0, bytes.size() - 8)))
      damaged();
    std::string_view rest = bytes.substr(detail::run_file.size(), bytes.size() - 8 - detail::run_file.size());
    const auto take = [&](std::uint64_t count) {
      if (count > rest.size()) damaged();
      const std::string_view taken = rest.substr(0, static_cast<std::size_t>(count));
      rest.remove_prefix(taken.size());
      return taken;
    };
    const auto number = [&] { return detail::number_at<std::uint64_t>(take(8), 0); };
    plan = fokker::plan::from_text(take(number()));
    element = number();
    if (element < 1 || element > 4) damaged();
    const std::uint64_t rank = number();
    if (rank < 1 || rank > backend::extents::max_rank) damaged();
    std::uint64_t elements = 1;
    for (shape.rank = 0; shape.rank < static_cast<int>(rank); ++shape.rank) {
      const std::uint64_t extent = number();
      if (extent == 0 || extent > bytes.size() / elements) damaged();  // x is always there
      elements *= extent;
      detail::nth(shape.extent, shape.rank) = static_cast<std::size_t>(extent);
    }
    const std::uint64_t done = number(), began = number();
    if (done > plan.calls.size() || began > 1) damaged();
    calls_done = static_cast<std::size_t>(done);
    from = began == 0 ? beginning::noise : beginning::given;
    const std::uint64_t count = number();
    for (std::uint64_t i = 0; i < count; ++i) numbers.push_back(std::bit_cast<double>(number()));
    for (const bool live : fokker::plan::live_buffers(plan, calls_done))
      buffers.emplace_back(live ? take(elements * detail::size_in_file(element)) : std::string_view());
    if (!rest.empty()) damaged();
  }
};

/// A run that is stopped, as bytes for a file: the plan, what was done, and the buffers that are still read. `run` is
/// one of this plan. Noise and networks are not in it.
template <class T, class Noise, class Network>
[[nodiscard]] std::string save(const plan::program& plan, const stepper<T, Noise, Network>& run) {
  using tensor = backend::tensor<T>;
  using in_file = detail::in_file<typename detail::element_of<T>::type>;
  const auto stopped = run.stop();
  if (stopped.buffers.size() != static_cast<std::size_t>(plan.buffers) || stopped.calls_done > plan.calls.size())
    detail::refuse("the plan", "another one", "that of the run");
  const backend::extents shape = tensor::shape(stopped.buffers.front().get());
  const std::string text = plan::to_text(plan);
  std::string bytes(detail::run_file);
  const auto put = [&bytes](std::uint64_t value) { detail::put(bytes, value); };
  put(text.size());
  bytes += text;
  put(in_file::number);
  put(static_cast<std::uint64_t>(shape.rank));
  for (int i = 0; i < shape.rank; ++i) put(detail::nth(shape.extent, i));
  put(stopped.calls_done);
  put(stopped.from == beginning::noise ? 0 : 1);
  put(stopped.numbers.size());
  for (const double number : stopped.numbers) put(std::bit_cast<std::uint64_t>(number));
  const std::vector<bool> live = plan::live_buffers(plan, stopped.calls_done);
  for (std::size_t b = 0; b < live.size(); ++b) {
    if (!live[b]) continue;
    const T& buffer = stopped.buffers[b].get();
    const auto elements = tensor::space(buffer).on_host(tensor::data(buffer), shape.size());
    for (std::size_t i = 0; i < shape.size(); ++i)
      detail::put(bytes, std::bit_cast<typename in_file::bits>(elements[i]));
  }
  put(detail::checksum(bytes));
  return bytes;
}

/// A run that goes on where the saved one was, with the same noise, of the same seed as at its beginning; a sequence
/// draws again what was drawn. Throws std::invalid_argument for an x of other elements or of another shape.
template <class Network = void, class Noise, class T>
[[nodiscard]] auto resume(const saved_run& saved, const Noise& noise, T& x, const given_inputs& given = {}) {
  using tensor = backend::tensor<T>;
  using element = typename detail::element_of<T>::type;
  using in_file = detail::in_file<element>;
  using run = stepper<T, Noise, std::conditional_t<std::is_void_v<Network>, T, Network>>;
  static_assert(
      detail::holds<has_memory<typename detail::space_of<T>::type>>,
      "fokker: a memory space needs 'make<E>(count) const' and 'copy(to, from, count) const' for runs that are "
      "read from a file; docs/concept/memory_space.md");
  if constexpr (has_memory<typename detail::space_of<T>::type>) {
    if (saved.element != in_file::number)
      detail::refuse(
          "the elements of x", in_file::number,
          detail::joined({detail::text(saved.element), ", as in the file: 1 float, 2 double, 3 half, 4 bfloat16"}));
    detail::require_shape(detail::shape_of(x, "x"), saved.shape, "x");
    typename run::state stopped{saved.calls_done, {}, saved.numbers, {}, saved.from};
    for (const std::string& bytes : saved.buffers) {
      T& buffer = stopped.buffers.emplace_back(x).get();
      std::vector<element> elements(saved.shape.size());
      for (std::size_t i = 0; i < elements.size() && !bytes.empty(); ++i)
        elements[i] = std::bit_cast<element>(detail::number_at<typename in_file::bits>(bytes, i * sizeof(element)));
      tensor::space(buffer).copy(tensor::data(buffer), elements.data(), elements.size());
    }
    if constexpr (noise_sequence<Noise>) {
      stopped.noise.emplace(noise, saved.plan, saved.from == beginning::noise ? saved.plan.draw : saved.plan.enter,
                            saved.shape);
      stopped.noise->before(saved.calls_done);
    }
    return run(saved.plan, noise, x, stopped, given);
  }
}

}  // namespace fokker::inline v0
