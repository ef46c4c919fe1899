// SPDX-License-Identifier: MIT
#include <fokker/interop/config.hpp>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/catch.hpp"

using Catch::Contains;
using fokker::interop::config;
using fokker::interop::parse_config;
using nlohmann::json;

TEST_CASE("the text of a config is JSON") {
  CHECK(parse_config(R"({"a": 1, "b": [1.5, null], "c": "x"})") == json{{"a", 1}, {"b", {1.5, nullptr}}, {"c", "x"}});
  CHECK(parse_config("[]") == json::array());
}

TEST_CASE("Python's numbers beside JSON become strings, and what is in strings stays") {
  const json c = parse_config(R"({"a": -Infinity, "b": Infinity, "c": NaN, "d": "-Infinity, \"NaN\" \\", "e": NaN})");
  CHECK(c["a"] == "-Infinity");
  CHECK(c["b"] == "Infinity");
  CHECK(c["c"] == "NaN");
  CHECK(c["d"] == "-Infinity, \"NaN\" \\");
  CHECK(c["e"] == "NaN");
}

TEST_CASE("what is no JSON is refused") {
  for (const char* text : {"", "{", "{\"a\": }", "{\"a\": 1,}", "{'a': 1}", "\"a", "{\"a\": 1} x", "{\"a\": -Infinit}",
                           "\"\\", "{\"a\": \"\xff\"}"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_config(text), std::invalid_argument);
    CHECK_THROWS_WITH(parse_config(text), Contains("the config is no JSON"));
  }
}

TEST_CASE("a config is an object") {
  CHECK_THROWS_WITH(config(json::array()), Contains("the config is []; allowed: a JSON object"));
  CHECK_THROWS_WITH(config(json(3)), Contains("a JSON object"));
}

TEST_CASE("fields have their values, or the default where they are absent or null") {
  const json fields{{"yes", true},        {"three", 3},       {"half", 0.5}, {"low", "-inf"},
                    {"high", "Infinity"}, {"list", {1, 2.5}}, {"name", "b"}, {"none", nullptr}};
  config c(fields);
  CHECK(c.flag("yes", false));
  CHECK_FALSE(c.flag("none", false));
  CHECK(c.flag("absent", true));
  CHECK(c.number("half", 1) == 0.5);
  CHECK(c.number("three", 1) == 3);
  CHECK(c.number("none", 7) == 7);
  CHECK(c.number("low", 0) == -std::numeric_limits<double>::infinity());
  CHECK(c.number("high", 0) == std::numeric_limits<double>::infinity());
  CHECK(c.positive("half", 1) == 0.5);
  CHECK(c.whole("three", 1, 1, 3) == 3);
  CHECK(c.whole("absent", 4, 1, 3) == 4);
  CHECK(c.numbers("list") == std::vector<double>{1, 2.5});
  CHECK(c.numbers("none").empty());
  CHECK(c.word("name", {"a", "b"}) == "b");
  CHECK(c.word("absent", {"a", "b"}) == "a");
  CHECK(c.required_word("name", {"a", "b"}) == "b");
  CHECK(c.has("name"));
  CHECK_FALSE(c.has("none"));
  CHECK(c.unread().empty());
}

TEST_CASE("what nothing has read is known") {
  const json fields{{"a", 1}, {"b", 2}, {"c", 3}};
  config c(fields);
  c.skip("a");
  (void)c.number("c", 0);
  CHECK(c.unread() == std::vector<std::string>{"b"});
}

TEST_CASE("wrong types and values are refused by the field's name") {
  const json fields{{"text", "x"},  {"number", -1.5}, {"list", {1, "x"}},
                    {"flag", true}, {"big", 1e300},   {"high", "inf"}};
  config c(fields);
  CHECK_THROWS_WITH(c.flag("text", true), Contains("text is \"x\"; allowed: true or false"));
  CHECK_THROWS_WITH(c.flag("number", true), Contains("number is -1.5; allowed: true or false"));
  CHECK_THROWS_WITH(c.number("text", 1), Contains("text is \"x\"; allowed: a number"));
  CHECK_THROWS_WITH(c.number("flag", 1), Contains("flag is true; allowed: a number"));
  CHECK_THROWS_WITH(c.positive("number", 1), Contains("number is -1.5; allowed: a number > 0"));
  CHECK_THROWS_WITH(c.positive("high", 1), Contains("high is \"inf\"; allowed: a number > 0"));
  CHECK_THROWS_WITH(c.whole("number", 1, -3, 3), Contains("number is -1.5; allowed: a whole number from -3 to 3"));
  CHECK_THROWS_WITH(c.whole("big", 1, -3, 3), Contains("a whole number from -3 to 3"));
  CHECK_THROWS_WITH(c.whole("text", 1, -3, 3), Contains("a whole number from -3 to 3"));
  CHECK_THROWS_WITH(c.numbers("list"), Contains("list is [1,\"x\"]; allowed: a list of numbers"));
  CHECK_THROWS_WITH(c.numbers("flag"), Contains("flag is true; allowed: a list of numbers"));
  CHECK_THROWS_WITH(c.word("text", {"a", "b"}), Contains("text is \"x\"; allowed: a, b"));
  CHECK_THROWS_WITH(c.word("flag", {"a", "b"}), Contains("flag is true; allowed: a, b"));
  CHECK_THROWS_WITH(c.word("flag", {"b", "a", "b", "c"}), Catch::Matchers::EndsWith("allowed: b, a, c"));
  CHECK_THROWS_WITH(c.required_word("absent", {"a", "b"}), Contains("absent is not given; allowed: a, b"));
  CHECK_THROWS_WITH(c.only("flag", false), Contains("flag is true; allowed: false"));
  CHECK_NOTHROW(c.only("flag", true));
  CHECK_NOTHROW(c.only("absent", false));
}

TEST_CASE("what is deep, long or no UTF-8 is refused in one short sentence") {
  const auto deep = [](std::size_t levels) {
    return parse_config("{\"a\": " + std::string(levels, '[') + std::string(levels, ']') + "}");
  };
  const json nested = deep(200'000);
  config c(nested);
  CHECK_THROWS_WITH(c.number("a", 1), Contains("a is a list of 1; allowed: a number"));
  CHECK_THROWS_WITH(c.only("a", nullptr), Contains("a is a list of 1; allowed: null"));
  CHECK_THROWS_WITH(config(nested["a"]), Contains("the config is a list of 1; allowed: a JSON object"));

  const json bytes{{"a", "x\xff"}, {"b", {"\xff"}}, {"\xff", 1}};  // the parser takes none of them
  config b(bytes);
  CHECK_THROWS_WITH(b.number("a", 1), Contains("a is \"x\xef\xbf\xbd\"; allowed: a number"));
  CHECK_THROWS_AS(b.numbers("b"), std::invalid_argument);
  CHECK_THROWS_WITH(b.word("a", {"u", "v"}), Contains("allowed: u, v"));
  CHECK_NOTHROW(b.unread());

  std::string text(1'000'000, 'x');
  const json longer{{"a", text}, {"b", std::vector<int>(1'000'000)}, {"c", {{"d", 1}, {"e", 2}}}};
  config l(longer);
  for (const char* key : {"a", "b", "c"}) try {
      (void)l.flag(key, true);
      FAIL("no exception");
    } catch (const std::invalid_argument& error) {
      CHECK(std::string(error.what()).size() < 200);
    }
  CHECK_THROWS_WITH(l.refuse(text.c_str(), "less"), Contains("xxx... is not given; allowed: less"));
  CHECK_THROWS_WITH(l.flag("b", true), Contains("b is a list of 1000000; allowed: true or false"));
  CHECK_THROWS_WITH(l.flag("c", true), Contains("c is {\"d\":1,\"e\":2}; allowed: true or false"));
}
