// Thousands of schemas that nobody would write: each compiles or is refused, soon, and what compiles writes valid JSON.
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/error.h"
#include "constrain/schema_judge_testing.h"
#include "constrain/walk_testing.h"

namespace r1v {
namespace {

// Random schemas: mostly sensible keywords, sometimes with values of another.
class SchemaMaker {
 public:
  explicit SchemaMaker(uint32_t seed) : random_(seed) {}

  Json schema(int depth) {
    if (one_in(25)) return Json(one_in(2));
    Json out = Json::object();
    const int count = below(3) + (depth > 0 ? 1 : 0);
    if (one_in(2)) out["type"] = type();
    for (int i = 0; i < count; ++i) add_keyword(out, depth);
    return out;
  }

  int below(int limit) { return static_cast<int>(random_() % static_cast<uint32_t>(limit)); }
  bool one_in(int n) { return below(n) == 0; }

 private:
  template <typename T>
  T pick(std::initializer_list<T> of) {
    return *(of.begin() + below(static_cast<int>(of.size())));
  }

  Json type() {
    const auto one = [&] { return Json(pick({"string", "integer", "number", "boolean", "null", "object", "array"})); };
    return one_in(4) ? Json::array({one(), one()}) : one();
  }

  std::string name() { return pick<std::string>({"a", "b", "ab", "\u00e9", "", "a\"\n", "id"}); }

  Json scalar() {
    return pick<Json>({Json(0), Json(1), Json(-3), Json(12), Json(0.5), Json(1e20), Json("a"), Json("ab"), Json(""),
                       Json(true), Json(nullptr), Json("\u00e9\\"), Json::array({1}), Json{{"a", 1}}});
  }

  Json list(int depth) {
    Json out = Json::array();
    for (int i = below(3) + (one_in(9) ? 0 : 1); i > 0; --i) out.push_back(schema(depth - 1));
    return out;
  }

  Json map(int depth) {
    Json out = Json::object();
    for (int i = below(3); i >= 0; --i) out[name()] = schema(depth - 1);
    return out;
  }

  std::string pattern() {
    static constexpr char kPieces[][8] = {"a", "b",  "[a-c]", "\\d",    ".",   "(",    ")",   "|",
                                          "*", "+",  "?",     "{2}",    "^",   "$",    "(?:", "[^",
                                          "]", "\\", "{1,3}", "\u00e9", "\\w", "x{0}", "(?"};
    std::string out = one_in(2) ? "^" : "";
    for (int i = below(7); i > 0; --i) out += kPieces[below(std::size(kPieces))];
    return out + (one_in(2) ? "$" : "");
  }

  void add_keyword(Json& out, int depth) {
    const bool is_leaf = depth <= 0;
    switch (below(is_leaf ? 9 : 20)) {
      case 0:
        out[pick({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})] = below(30) - 10;
        return;
      case 1:
        out["minimum"] = below(100) / 8.0 - 5;
        return;
      case 2:
        out[pick({"minLength", "minItems"})] = below(4);
        return;
      case 3:
        out[pick({"maxLength", "maxItems"})] = below(6);
        return;
      case 4:
        out["pattern"] = pattern();
        return;
      case 5:
        out["enum"] = Json::array({scalar(), scalar(), scalar()});
        return;
      case 6:
        out[pick({"const", "multipleOf", "default", "enum", "required"})] = scalar();
        return;
      case 7:
        out["format"] = pick({"date", "time", "uuid", "ipv4", "ipv6", "email", "uri", "duration", "hostname", "no"});
        return;
      case 8:
        out["$ref"] = pick({"#", "#/$defs/a", "#/$defs/b", "#/properties/a", "#/x"});
        return;
      case 9:
      case 10:
      case 11:
        out["properties"] = map(depth);
        return;
      case 12:
        out["required"] = Json::array({name(), name()});
        return;
      case 13:
        out["additionalProperties"] = schema(depth - 1);
        return;
      case 14:
        out["items"] = schema(depth - 1);
        return;
      case 15:
        out["prefixItems"] = list(depth);
        return;
      case 16:
        out[pick({"anyOf", "anyOf", "oneOf", "allOf"})] = list(depth);
        return;
      case 17:
        out["$defs"] = map(depth);
        return;
      case 18:
        out["patternProperties"] = Json{{pattern(), schema(depth - 1)}};
        return;
      default:
        out[pick({"items", "anyOf", "properties", "type", "maxItems", "minLength", "uniqueItems", "not", "$ref"})] =
            scalar();
    }
  }

  std::mt19937 random_;
};

TEST(SchemaFuzz, EverySchemaCompilesOrIsRefused) {
  SchemaMaker maker(11);
  std::mt19937 random(12);
  int compiled = 0, judged = 0;
  double slowest_s = 0;
  for (int i = 0; i < 6000; ++i) {
    const Json schema = maker.schema(4);
    const double begin_s = monotonic_s();
    std::shared_ptr<const Grammar> grammar;
    try {
      grammar = grammar_of_schema(schema, mini_trie());
      ++compiled;
    } catch (const InputError&) {
    }
    const double taken_s = monotonic_s() - begin_s;
    slowest_s = std::max(slowest_s, taken_s);
    if (!grammar) continue;
    const SchemaJudge judge(schema);
    for (int j = 0; j < 2; ++j) {
      const Walk walk = random_walk(*grammar, *mini_trie(), random, 60);
      if (!walk.is_finished) continue;
      ++judged;
      ASSERT_TRUE(judge.is_valid(parse_json(walk.text, "walk"))) << schema << "\n" << walk.text;
    }
  }
  EXPECT_GT(compiled, 1000);
  EXPECT_GT(judged, 1000);
  EXPECT_LT(slowest_s, 1.5);
}

}  // namespace
}  // namespace r1v
