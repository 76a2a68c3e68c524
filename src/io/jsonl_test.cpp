#include "io/jsonl.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <sstream>

#include "base/error.h"
#include "base/file.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

TEST(JsonLines, VisitsEveryDocumentWithItsLineNumber) {
  const fs::path path = fs::temp_directory_path() / cat("r1v_jsonl_test.", ::getpid());
  write_file_atomic(path, "{\"a\":1}\r\n\n  \n[2]\n\"last\"");
  std::string seen;
  for_each_json_line(path, [&](const Json& value, int64_t line) { seen += cat(line, "=", dump_json(value), ";"); });
  EXPECT_EQ(seen, "1={\"a\":1};4=[2];5=\"last\";");
  fs::remove(path);
}

TEST(JsonLines, NamesFileAndLineOfTheFirstBadOne) {
  const fs::path path = fs::temp_directory_path() / cat("r1v_jsonl_test_bad.", ::getpid());
  write_file_atomic(path, "1\n{\"a\":\n");
  try {
    for_each_json_line(path, [](const Json&, int64_t) {});
    ADD_FAILURE() << "no error";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find(path.string() + " line 2"), std::string::npos) << error.what();
  }
  fs::remove(path);
  EXPECT_THROW(for_each_json_line(path, [](const Json&, int64_t) {}), InputError);
  EXPECT_THROW(for_each_json_line(fs::temp_directory_path(), [](const Json&, int64_t) {}), InputError);
}

TEST(JsonLines, ABadLineAnswersWithAnErrorAndTheRestGoesOn) {
  std::istringstream in("{\"x\":2}\nnot json\n{\"id\":7,\"x\":\"two\"}\n{\"x\":3}\n");
  std::ostringstream out;
  const int status = answer_json_lines(
      in, out, [](const Json& asked) { return Json{{"twice", 2 * json_int(asked, "x", "request")}}; });
  EXPECT_EQ(status, 2);
  std::vector<Json> replies;
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) replies.push_back(parse_json(line, "reply"));
  ASSERT_EQ(replies.size(), 4u);
  EXPECT_EQ(replies[0]["twice"], 4);
  EXPECT_TRUE(replies[1].contains("error"));
  EXPECT_EQ(replies[2]["id"], 7);
  EXPECT_EQ(replies[2]["error"], "request: \"x\" is string, expected an integer");
  EXPECT_EQ(replies[3]["twice"], 6);
}

}  // namespace
}  // namespace r1v
