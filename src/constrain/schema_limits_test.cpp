// Schemas that are wrong, unsupported or hostile: refused with a reason, in time, and nothing else happens.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/error.h"
#include "constrain/compile_schema.h"
#include "constrain/walk_testing.h"

namespace r1v {
namespace {

using ::testing::HasSubstr;

std::string refusal_of(const Json& schema, const GrammarLimits& limits = {}) {
  try {
    grammar_of_schema(schema, mini_trie(), limits);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

std::string refusal_of_text(const std::string& schema) { return refusal_of(parse_json(schema, "schema")); }

TEST(SchemaLimits, ValuesOfTheWrongTypeAreNamedForEveryKeyword) {
  const std::vector<std::string> keywords = {"type",
                                             "enum",
                                             "properties",
                                             "required",
                                             "additionalProperties",
                                             "patternProperties",
                                             "items",
                                             "prefixItems",
                                             "minItems",
                                             "maxItems",
                                             "minLength",
                                             "maxLength",
                                             "pattern",
                                             "format",
                                             "minimum",
                                             "maximum",
                                             "exclusiveMinimum",
                                             "exclusiveMaximum",
                                             "multipleOf",
                                             "anyOf",
                                             "oneOf",
                                             "allOf",
                                             "$ref",
                                             "$defs",
                                             "definitions",
                                             "nullable",
                                             "uniqueItems",
                                             "title",
                                             "description",
                                             "examples",
                                             "deprecated",
                                             "$schema",
                                             "$id",
                                             "$comment"};
  const std::vector<Json> values = {nullptr,
                                    true,
                                    -1,
                                    1.5,
                                    "x",
                                    Json::array(),
                                    Json::array({1}),
                                    Json::object(),
                                    Json::array({Json::array()}),
                                    Json{{"a", 1}},
                                    Json::array({"x", 1})};
  for (const std::string& keyword : keywords) {
    int refused = 0;
    for (const Json& value : values) {
      const std::string refusal = refusal_of(Json{{"properties", {{"a/b", Json{{keyword, value}}}}}});
      if (refusal.empty()) continue;
      ++refused;
      EXPECT_THAT(refusal, HasSubstr("JSON schema at #/properties/a~1b")) << keyword << " " << value;
    }
    EXPECT_GE(refused, 5) << keyword;
  }
}

TEST(SchemaLimits, KeywordsThatAreNotSupportedAreNamed) {
  for (const char* keyword : {"contains", "if", "not", "dependentRequired", "propertyNames", "minProperties",
                              "$dynamicRef", "unevaluatedProperties", "contentEncoding", "x-mine", ""}) {
    const std::string refusal = refusal_of(Json{{"items", Json{{keyword, 1}}}});
    EXPECT_THAT(refusal, HasSubstr(std::string("#/items/") + keyword + ": this keyword is not supported")) << keyword;
    EXPECT_THAT(refusal, HasSubstr("additionalProperties"));
  }
}

TEST(SchemaLimits, RefusalsSayWhatToDo) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"uniqueItems":true})", "#/uniqueItems"},
      {R"({"items":[{}]})", "called prefixItems"},
      {R"({"multipleOf":0.01})", "expected a whole number"},
      {R"({"type":"string","format":"iri"})", "supported are date"},
      {R"({"$ref":"other.json#/x"})", "names no schema"},
      {R"({"$ref":"#/$defs/missing"})", "names no schema"},
      {R"({"$ref":"#"})", "refers to itself"},
      {R"({"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"anyOf":[{"$ref":"#/$defs/a"}]}}})",
       "refers to itself"},
      {R"({"allOf":[{"$ref":"#"}]})", "refers to itself"},
      {R"({"properties":{"a":{"$ref":"#"}},"required":["a"]})", "no JSON value"},
      {R"({"type":"array","items":{"$ref":"#"},"minItems":1})", "no JSON value"},
      {R"(false)", "no JSON value"},
      {R"({"enum":["a"],"type":"integer"})", "no JSON value"},
      {R"({"type":"integer","minimum":3,"maximum":2})", "no JSON value"},
      {R"({"type":"string","minLength":3,"maxLength":2})", "no JSON value"},
      {R"({"type":"string","pattern":"^.{5}$","maxLength":4})", "no JSON value"},
      {R"({"properties":{"a":false},"required":["a"]})", "no JSON value"},
      {R"({"allOf":[{"type":"string"},{"type":"integer"}]})", "no JSON value"},
      {R"({"oneOf":[{"type":"integer"},{"type":"number"}]})", "alternatives 0 and 1 may both hold"},
      {R"({"oneOf":[{"minItems":2},{"required":["a"]}]})", "may both hold"},  // 1 satisfies both
      {R"({"oneOf":[{"properties":{"a":{}}},{"properties":{"b":{}}}]})", "may both hold"},
      {R"({"properties":{"a":{"oneOf":[{"pattern":"a"},{"pattern":"b"}]}}})", "may both hold"},
      {R"({"patternProperties":{"^a":{},"b$":{}}})", "may match both"},
      {R"({"patternProperties":{"^[0-9]{4}$":{}}})", "could run out"},
      {R"({"enum":[{"a":1}],"properties":{"a":{}}})", "cannot be combined"},
      {R"("x")", "a schema is an object"},
      {R"([])", "a schema is an object"},
  };
  for (const auto& [schema, reason] : cases) EXPECT_THAT(refusal_of_text(schema), HasSubstr(reason)) << schema;
}

TEST(SchemaLimits, OneOfIsTakenWhereItsAlternativesExcludeEachOther) {
  for (
      const char* schema : {
          R"({"oneOf":[{"type":"string"},{"type":"integer"},{"type":"null"}]})",
          R"({"oneOf":[{"type":"integer","maximum":3},{"type":"number","exclusiveMinimum":3}]})",
          R"({"oneOf":[{"const":1},{"enum":[2,3]},{"type":"string"}]})",
          R"({"oneOf":[{"type":"string","pattern":"^a"},{"type":"string","pattern":"^b"}]})",
          R"({"oneOf":[{"type":"string","maxLength":3},{"type":"string","minLength":4}]})",
          R"({"oneOf":[{"type":"array","maxItems":2},{"type":"array","minItems":3}]})",
          R"({"type":"object","oneOf":[{"required":["a"],"properties":{"a":{"type":"null"}}},{"properties":{"a":{"type":"string"}},"required":["a"]}]})",
          R"({"type":"object","oneOf":[{"required":["a"]},{"properties":{"b":{}},"additionalProperties":false}]})",
      }) {
    EXPECT_EQ(refusal_of_text(schema), "") << schema;
  }
}

TEST(SchemaLimits, DepthAndSizeAreBounded) {
  Json deep = Json::object();
  for (int i = 0; i < 3000; ++i) deep = Json{{"items", std::move(deep)}};
  EXPECT_THAT(refusal_of(deep), HasSubstr("nested deeper than 64"));
  Json list = Json::array();
  for (int i = 0; i < 3000; ++i) list = Json::array({std::move(list)});
  EXPECT_THAT(refusal_of(Json{{"const", std::move(list)}}), HasSubstr("nested deeper than 64"));
  Json near = Json::object();
  for (int i = 0; i < 60; ++i) near = Json{{"items", std::move(near)}};
  EXPECT_EQ(refusal_of(near), "");
  EXPECT_THAT(refusal_of(Json{{"description", std::string(70'000, 'x')}}), HasSubstr("at most 65536"));
  // A chain of references.
  Json chain = Json{{"$ref", "#/$defs/0"}, {"$defs", Json::object()}};
  for (int i = 0; i < 1000; ++i) chain["$defs"][std::to_string(i)] = Json{{"$ref", "#/$defs/" + std::to_string(i + 1)}};
  chain["$defs"]["1000"] = true;
  EXPECT_THAT(refusal_of(chain), HasSubstr("chain of more than"));
}

// Every one of these would cost minutes or gigabytes if it were simply done.
TEST(SchemaLimits, SchemasThatBlowUpAreRefusedInTime) {
  std::vector<Json> schemas;
  // 3^20 combinations of alternatives.
  Json all = Json::array();
  for (int i = 0; i < 20; ++i) {
    Json any = Json::array();
    for (int j = 0; j < 3; ++j) any.push_back(Json{{"minLength", i * 3 + j}});
    all.push_back(Json{{"anyOf", any}});
  }
  schemas.push_back(Json{{"type", "string"}, {"allOf", all}});
  // Alternatives inside alternatives, doubled forty times by reference.
  Json doubling = Json{{"$ref", "#/$defs/0"}, {"$defs", Json::object()}};
  for (int i = 0; i < 40; ++i) {
    const Json next{{"$ref", "#/$defs/" + std::to_string(i + 1)}};
    doubling["$defs"][std::to_string(i)] = Json{{"anyOf", Json::array({next, next})}};
  }
  doubling["$defs"]["40"] = true;
  schemas.push_back(doubling);
  // Objects that hold each next one twice: as many kinds as sets of definitions.
  schemas.push_back(Json{{"type", "string"}, {"pattern", "^(a|b)*a(a|b){30}$"}});
  schemas.push_back(Json{{"type", "string"}, {"pattern", "^[a-z]{1,99999}$"}, {"minLength", 9000}});
  schemas.push_back(Json{{"type", "array"}, {"minItems", 1'000'000'000}});
  schemas.push_back(
      Json{{"type", "array"}, {"items", Json{{"type", "array"}, {"maxItems", 99'999}}}, {"maxItems", 99'999}});
  schemas.push_back(Json{{"type", "integer"}, {"multipleOf", 99'991}, {"minimum", 12'345}, {"maximum", 1e17}});
  Json many = Json::array(), names = Json::object();
  for (int i = 0; i < 2500; ++i) {
    many.push_back(Json{{"const", "v" + std::to_string(i)}});
    names["a-long-name-" + std::to_string(i)] = Json::object();
  }
  schemas.push_back(Json{{"oneOf", many}});
  schemas.push_back(Json{{"anyOf", many}});
  Json nested = Json{{"properties", Json{{std::string(20'000, 'n'), Json{{"anyOf", Json::array()}}}}}};
  for (int i = 0; i < 5000; ++i) nested["properties"].front()["anyOf"].push_back(true);
  schemas.push_back(nested);
  for (const Json& schema : schemas) {
    const double begin_s = monotonic_s();
    EXPECT_NE(refusal_of(schema), "") << dump_json(schema).substr(0, 200);
    const double taken_s = monotonic_s() - begin_s;
    EXPECT_LT(taken_s, 2.5) << dump_json(schema).substr(0, 200);
  }
  EXPECT_EQ(refusal_of(Json{{"type", "object"}, {"properties", names}}), "");  // large is not hostile
}

TEST(SchemaLimits, AreThoseThatWereAskedFor) {
  const Json schema{{"type", "string"}, {"pattern", "^[a-z]{500}$"}};
  EXPECT_THAT(refusal_of(schema, {.max_states = 100}), HasSubstr("more than 100 states"));
  EXPECT_THAT(refusal_of(schema, {.max_compile_s = 0}), HasSubstr("takes longer than 0 s"));
  EXPECT_THAT(refusal_of(schema, {.max_schema_bytes = 10}), HasSubstr("at most 10 are read"));
  const Json nested = Json{{"items", Json{{"items", Json{{"items", true}}}}}};
  EXPECT_THAT(refusal_of(nested, {.max_depth = 2}), HasSubstr("deeper than 2"));
  EXPECT_EQ(refusal_of(schema), "");
}

TEST(SchemaLimits, MaxLengthCostsNothing) {
  EXPECT_EQ(refusal_of(Json{{"type", "string"}, {"maxLength", 2'000'000'000}, {"minLength", 1'000'000}}), "");
  EXPECT_EQ(refusal_of(Json{{"type", "string"}, {"format", "uri"}, {"minLength", 1}, {"maxLength", 2083}}), "");
}

}  // namespace
}  // namespace r1v
