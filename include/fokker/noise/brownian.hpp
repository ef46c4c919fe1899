// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include <fokker/concept/noise_source.hpp>
#include <fokker/config.hpp>
#include <fokker/noise/philox.hpp>

namespace fokker::inline v0::noise {

/// One Brownian path W for all grids: the normal of a piece is (W(to) - W(from)) / sqrt(|to - from|), so that a plan of
/// twice the steps walks along the same path, and methods can be compared point by point. Nothing is stored: between
/// 2^k and 2^(k+1) of the clock W is Levy's bridge, whose normals `source` numbers by their places. Positions have 31
/// bits behind their first, and a normal costs up to 62 of the source's. Normals of no path, such as the start and
/// Levy areas, are the source's own. Levy 1948; Gaines & Lyons, Variable step size control, 1997.
template <noise_source Source = philox>
struct brownian {
  Source source = {};

  [[nodiscard]] FOKKER_HD quad normals(std::uint32_t sample, std::uint32_t block, const noise_piece& piece) const {
    const place from(piece.from), to(piece.to);
    if (piece.stream != noise_piece::steps || from == to) return source.normals(sample, block, piece);
    const bool up = from < to;
    const place &low = up ? from : to, &high = up ? to : from;
    const bridge normal{source, sample, block, piece.visit};
    double walked[4] = {};
    normal.add(walked, low, -1);
    for (int octave = low.octave; octave < high.octave; ++octave)
      if (octave > high.octave - negligible) normal.add(walked, {octave, place::end}, 1);
    normal.add(walked, high, 1);
    const double size = std::sqrt(high.position() - low.position());
    quad z;
    for (int i = 0; i < 4; ++i) z.z[i] = static_cast<float>((up ? walked[i] : -walked[i]) / size);
    return z;
  }
  [[nodiscard]] std::size_t samples() const requires has_samples<Source> { return source.samples(); }

 private:
  static constexpr int negligible = 64;  // octaves below the highest one; of its variance they have 2^-64

  /// 2^octave (1 + part 2^-31).
  struct place {
    static constexpr int first = -128, last = 127;
    static constexpr std::uint32_t end = 0x80000000u;
    int octave = first;
    std::uint32_t part = 0;
    FOKKER_HD constexpr place(int o, std::uint32_t p) : octave(o), part(p) {}
    FOKKER_HD explicit place(double position) {
      const auto bits = __builtin_bit_cast(std::uint64_t, position);
      const int exponent = static_cast<int>(bits >> 52) - 1023;
      if (exponent < first) return;
      octave = exponent > last ? last : exponent;
      part = exponent > last ? end : static_cast<std::uint32_t>(bits >> 21) & 0x7fffffffu;
    }
    [[nodiscard]] FOKKER_HD double position() const { return power(octave) * (1 + part * 0x1p-31); }
    [[nodiscard]] FOKKER_HD static double power(int octave) {
      return __builtin_bit_cast(double, static_cast<std::uint64_t>(octave + 1023) << 52);
    }
    FOKKER_HD friend bool operator<(const place& a, const place& b) {
      return a.octave != b.octave ? a.octave < b.octave : a.part < b.part;
    }
    FOKKER_HD friend bool operator==(const place& a, const place& b) {
      return a.octave == b.octave && a.part == b.part;
    }
  };

  struct bridge {
    const Source& source;
    std::uint32_t sample, block, visit;

    /// The normals of a node: of an octave 0 is its whole, 1 its middle, 2 and 3 the middles of its halves ...
    [[nodiscard]] FOKKER_HD quad node(int octave, std::uint32_t id) const {
      noise_piece piece;
      piece.stream = 0x80000000u | visit << 8 | static_cast<std::uint32_t>(octave - place::first);
      piece.id = id;
      return source.normals(sample, block, piece);
    }
    /// Adds `sign` times what W walks from the beginning of an octave to a place in it.
    FOKKER_HD void add(double (&walked)[4], const place& p, double sign) const {
      if (p.part == 0) return;
      double size = std::sqrt(place::power(p.octave)), left[4] = {}, right[4];
      const quad whole = node(p.octave, 0);
      for (int i = 0; i < 4; ++i) right[i] = size * static_cast<double>(whole.z[i]);
      // A middle is the mean of both ends and half the root of what lies between them times a normal.
      std::uint32_t id = 1, rest = p.part;
      while (rest != 0 && rest != place::end) {
        const quad middle = node(p.octave, id);
        const bool behind = (rest & place::end / 2) != 0;
        for (int i = 0; i < 4; ++i)
          (behind ? left : right)[i] =
              detail::fma_rn(0.5 * size, static_cast<double>(middle.z[i]), 0.5 * (left[i] + right[i]));
        rest = rest << 1 & (place::end - 1);
        id = 2 * id + behind;
        size *= 0x1.6a09e667f3bcdp-1;  // sqrt(1/2)
      }
      for (int i = 0; i < 4; ++i) walked[i] = detail::fma_rn(sign, rest == 0 ? left[i] : right[i], walked[i]);
    }
  };
};
template <class Source>
brownian(Source) -> brownian<Source>;
brownian()->brownian<philox>;

}  // namespace fokker::inline v0::noise
