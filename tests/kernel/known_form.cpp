// SPDX-License-Identifier: MIT
#include <fokker/kernel/known_form.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
namespace known = fk::kernel::known;

namespace {

/// A measure of rows x0, x1, -5 x2 + 5 x3 and 9 x1 - 5 x2 - 5 x3.
fk::plan::update gain() {
  fk::plan::update u{.input_count = 4, .normal_count = 0, .row_count = 4, .inputs = {}, .normals = {}, .rows = {}};
  u.rows[0].inputs = {1};
  u.rows[1].inputs = {0, 1};
  u.rows[2].inputs = {0, 0, -5, 5};
  u.rows[3].inputs = {0, 9, -5, -5};
  return u;
}
known::form form_of(const fk::plan::update& u, unsigned sums) {
  return known::form_of(fk::kernel::chain<double>(u), sums);
}

}  // namespace

TEST_CASE("a form says which inputs each row has, where the first weight is 1, and the sums") {
  const known::form f = form_of(gain(), known::gains);
  CHECK(known::rows(f) == 4);
  CHECK(known::row(f, 0) == (known::leads | 0b1));
  CHECK(known::row(f, 1) == (known::leads | 0b10));
  CHECK(known::row(f, 2) == 0b1100);
  CHECK(known::row(f, 3) == 0b1110);
  CHECK(known::sums(f) == known::gains);
  CHECK(known::forms::has(f));
  CHECK_FALSE(known::forms::has(form_of(gain(), known::gains | 1)));
}

TEST_CASE("a form of two rows is none of more") {
  fk::plan::update u{.input_count = 2, .normal_count = 0, .row_count = 2, .inputs = {}, .normals = {}, .rows = {}};
  u.rows[0].inputs = {1};
  u.rows[1].inputs = {7.5, -6.5};
  const known::form f = form_of(u, known::deviations);
  CHECK(known::rows(f) == 2);
  CHECK(known::forms::has(f));
  u.row_count = 3;
  u.rows[2].inputs = {1};
  CHECK_FALSE(known::forms::has(form_of(u, known::deviations)));
}

TEST_CASE("what has code of its own has no normals, clamps, tables, earlier rows, fifth inputs or rows without terms") {
  const auto is_none = [](const auto& change) {
    fk::plan::update u = gain();
    change(u);
    return form_of(u, known::gains) == 0;
  };
  CHECK_FALSE(is_none([](fk::plan::update&) {}));
  CHECK(is_none([](fk::plan::update& u) { u.normal_count = 1, u.rows[1].normals = {2}; }));
  CHECK(is_none([](fk::plan::update& u) { u.rows[2].clamp = 1; }));
  CHECK(is_none([](fk::plan::update& u) { u.rows[3].earlier = {0, 2}; }));
  CHECK(is_none([](fk::plan::update& u) { u.input_count = 5, u.rows[0].inputs[4] = 2; }));
  CHECK(is_none([](fk::plan::update& u) { u.rows[1].inputs = {}; }));
  CHECK(is_none([](fk::plan::update& u) { u.row_count = 5, u.rows[4].inputs = {1}; }));
  CHECK(is_none([](fk::plan::update& u) {
    u.tables = {0};
    u.factors = {{.of = fk::plan::factor::input, .row = 0, .index = 0, .table = 0, .by = 0.3}};
  }));
}
