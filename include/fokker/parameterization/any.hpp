// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <memory>
#include <string_view>
#include <utility>

#include <fokker/concept/prediction_type.hpp>
#include <fokker/detail/kept.hpp>

namespace fokker::inline v0::parameterization {

/// A parameterization whose type is forgotten, with its fields as they are. What it says of its network are members,
/// which can be changed: so data are limited, or a variance is learned, without another one around it. Throws
/// std::invalid_argument where the limit of its data does, at once.
class any {
 public:
  std::string_view name;
  bool at_data, learns_variance;
  data_limit limits;

  template <prediction_type P>
  requires(!std::same_as<P, any>) any(P network)  // NOLINT(google-explicit-constructor)
      : at_data(fokker::at_data(network)),
        learns_variance(fokker::learns_variance(network)),
        limits(fokker::limit(network)),
        network_(detail::kept(std::move(network))),
        row_([](const void* p, const level& l, const level* to) { return row_of(*static_cast<const P*>(p), l, to); }),
        scale_([](const void* p, const level& l) { return fokker::input_scale(*static_cast<const P*>(p), l); }),
        label_([](const void* p, const level& l) { return fokker::label(*static_cast<const P*>(p), l); }) {
    name = static_cast<const P*>(network_.get())->name;
  }

  [[nodiscard]] prediction_row row(const level& l) const { return row_(network_.get(), l, nullptr); }
  [[nodiscard]] prediction_row row(const level& from, const level& to) const { return row_(network_.get(), from, &to); }
  [[nodiscard]] double input_scale(const level& l) const { return scale_(network_.get(), l); }
  [[nodiscard]] double label(const level& l) const { return label_(network_.get(), l); }
  [[nodiscard]] data_limit limit() const { return limits; }

 private:
  std::shared_ptr<const void> network_;
  prediction_row (*row_)(const void*, const level&, const level*);
  double (*scale_)(const void*, const level&);
  double (*label_)(const void*, const level&);
};

}  // namespace fokker::inline v0::parameterization
