#include "base/json.h"

#include <gtest/gtest.h>

#include "base/error.h"

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
