#include "base/json.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/json_limits.h"

namespace r1v {
namespace {

std::string message_of(auto&& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Json, NamesTheSourceOfASyntaxError) {
  EXPECT_NE(message_of([] { parse_json("{\"a\": }", "run.json"); }).find("run.json: not valid JSON"),
            std::string::npos);
}

TEST(Json, RefusesDeepNestingBeforeParsing) {
  EXPECT_NE(message_of([] { parse_json(std::string(100000, '['), "bomb"); }).find("128 levels"), std::string::npos);
}

TEST(Json, RefusesWhatIsBeyondItsLimits) {
  const auto refusal = [](const JsonLimits& limits, const std::string& text) {
    return message_of([&] { parse_json_within(limits, text, "x"); });
  };
  EXPECT_EQ(refusal({.max_depth = 2}, "[[[1]]]"), "x: JSON is nested deeper than 2 levels at byte 2");
  EXPECT_EQ(refusal({.max_depth = 2}, "[[1], [2]]"), "no error");
  EXPECT_EQ(refusal({.max_keys = 1}, R"({"a": {"b": {}}, "c": 1})"), "x: JSON has an object with more than 1 keys");
  EXPECT_EQ(refusal({.max_keys = 1}, R"([{"a": {"b": {}}}, {"c": 1}])"), "no error");
  // "\u0061" is "a"; keys of other objects are others.
  EXPECT_EQ(refusal({.refuses_repeated_keys = true}, R"({"a": {"b": 1}, "\u0061": 2})"),
            "x: JSON has the key \"a\" twice in one object");
  EXPECT_EQ(refusal({.refuses_repeated_keys = true}, R"({"a": {"a": 1}, "b": [{"a": 1}, {"a": 1}]})"), "no error");
  EXPECT_EQ(parse_json(R"({"a": 1, "a": 2})", "x").dump(), R"({"a":2})");
  EXPECT_THROW(parse_json_within({.max_keys = 1}, "{\"a\":\"\xff\"}", "x"), JsonSyntaxError);
}

TEST(Json, TypedAccessNamesKeyAndBothTypes) {
  const Json object = parse_json(R"({"width": "wide"})", "x");
  EXPECT_EQ(message_of([&] { json_int(object, "width", "config.json"); }),
            "config.json: \"width\" is string, expected an integer");
  EXPECT_EQ(message_of([&] { json_int(object, "height", "config.json"); }), "config.json: key \"height\" is missing");
}

TEST(Json, BracketsInsideStringsDoNotCount) {
  EXPECT_EQ(parse_json("\"" + std::string(1000, '[') + "\"", "x").get<std::string>().size(), 1000u);
}

}  // namespace
}  // namespace r1v
