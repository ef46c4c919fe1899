// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include <fokker/concept/prediction_type.hpp>

namespace test {

namespace fk = fokker;

/// A parameterization whose type is forgotten, so that few planners are compiled.
struct any_network {
  static constexpr const char* name = "any";
  std::function<fk::prediction_row(const fk::level&, const fk::level*)> row_to;
  std::function<double(const fk::level&)> scale_of, label_of;
  fk::data_limit limits;

  template <class P>
  explicit any_network(const P& network)
      : row_to([network](const fk::level& l, const fk::level* to) { return fk::row_of(network, l, to); }),
        scale_of([network](const fk::level& l) { return fk::input_scale(network, l); }),
        label_of([network](const fk::level& l) { return fk::label(network, l); }),
        limits(fk::limit(network)) {}
  [[nodiscard]] fk::prediction_row row(const fk::level& l) const { return row_to(l, nullptr); }
  [[nodiscard]] fk::prediction_row row(const fk::level& from, const fk::level& to) const { return row_to(from, &to); }
  [[nodiscard]] double input_scale(const fk::level& l) const { return scale_of(l); }
  [[nodiscard]] double label(const fk::level& l) const { return label_of(l); }
  [[nodiscard]] fk::data_limit limit() const { return limits; }
};

}  // namespace test
