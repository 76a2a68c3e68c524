// The judge of the other tests, judged: verdicts of Python's jsonschema (tests/golden/make_constrain.py).
#include <gtest/gtest.h>

#include "constrain/schema_judge_testing.h"

namespace r1v {
namespace {

TEST(SchemaJudge, SaysWhatJsonschemaSays) {
  size_t count = 0;
  for (const Json& entry :
       read_json_file(std::filesystem::path(R1V_SOURCE_DIR) / "tests/golden/constrain_verdicts.json")) {
    const SchemaJudge judge(entry["schema"]);
    for (const Json& text : entry["texts"]) {
      const Json value = parse_json(text[0].get<std::string>(), "golden");
      EXPECT_EQ(judge.is_valid(value), text[1].get<bool>()) << entry["name"] << ": " << text[0];
      ++count;
    }
  }
  EXPECT_GT(count, 500u);
}

}  // namespace
}  // namespace r1v
