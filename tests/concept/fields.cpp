// SPDX-License-Identifier: MIT
#include <fokker/concept/fields.hpp>

#include <limits>

#include "support/laws.hpp"

namespace fk = fokker;

namespace {

enum class speed { slow, fast, quick = fast };
constexpr fk::detail::enumerator speeds[] = {{"slow", 0}, {"fast", 1}, {"quick", 1}};

struct car {
  double length = 4.5;
  int doors = 4;
  bool open = false;
  speed drives = speed::fast;
};

car with(const std::vector<fk::field>& fields) {
  car c;
  fk::detail::given_fields given("car", fields);
  given("length", c.length)("doors", c.doors)("open", c.open)("drives", c.drives, speeds).finish();
  return c;
}

}  // namespace

TEST_CASE("given fields are written, the others keep their defaults") {
  const car c = with({{"doors", 2}, {"open", true}, {"drives", "slow"}});
  CHECK(c.length == 4.5);
  CHECK(c.doors == 2);
  CHECK(c.open);
  CHECK(c.drives == speed::slow);
  CHECK(with({}).doors == 4);
  CHECK(with({{"length", 3}}).length == 3);
  CHECK(with({{"open", 1}}).open);
  CHECK_FALSE(with({{"open", 0.0}}).open);
  CHECK(with({{"drives", "quick"}}).drives == speed::fast);
  CHECK(with({{"drives", std::string("fast")}}).drives == speed::fast);
  CHECK(with({{"doors", -2147483648.0}}).doors == std::numeric_limits<int>::min());
  // What a number may be says the member.
  CHECK(fk::detail::is_nan(with({{"length", std::numeric_limits<double>::quiet_NaN()}}).length));
}

TEST_CASE("fields are described by their names, defaults and what they can be") {
  const std::vector<fk::field> none;
  fk::detail::given_fields given("car", none);
  car c;
  given("length", c.length)("doors", c.doors)("open", c.open)("drives", c.drives, speeds);
  const auto& said = given.described();
  REQUIRE(said.size() == 4);
  CHECK(said[0].name == "length");
  CHECK(said[0].value == "4.5");
  CHECK(said[1].allowed == "a whole number");
  CHECK(said[2].value == "false");
  CHECK(said[3].value == "fast");
  CHECK(said[3].allowed == "slow, fast, quick");
}

TEST_CASE("what a field cannot be is refused with what it can") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  law::refused([] { (void)with({{"doors", 2.5}}); }, {"the field doors of car is 2.5", "a whole number"});
  for (const double value : {infinity, -infinity, nan, 2147483648.0, -2147483649.0, 1e300})
    law::refused([&] { (void)with({{"doors", value}}); }, {"the field doors of car is ", "a whole number"});
  law::refused([] { (void)with({{"doors", "two"}}); }, {"the field doors of car is two", "a whole number"});
  law::refused([] { (void)with({{"length", "long"}}); }, {"the field length of car is long", "a number"});
  for (const double value : {2.0, 0.5, -1.0, nan})
    law::refused([&] { (void)with({{"open", value}}); }, {"the field open of car is ", "0 or 1"});
  law::refused([] { (void)with({{"drives", 1}}); }, {"the field drives of car is 1", "slow, fast, quick"});
  law::refused([] { (void)with({{"drives", "off"}}); }, {"the field drives of car is off", "slow, fast, quick"});
  law::refused(
      [] {
        (void)with({{"wheels", 3}});
      },
      {"a field of car is wheels", "length = 4.5, doors = 4, open = false, drives = fast"});
  law::refused([] { (void)with({{"doors", 3}, {"doors", 4}}); }, {"the field doors of car is given twice", "once"});
}
