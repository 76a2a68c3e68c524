#include "text/template.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.h"
#include "base/file.h"
#include "text/template_ast.h"
#include "text/template_interpreter.h"

namespace r1v {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(R1V_SOURCE_DIR) / "tests/golden";

// Written by tests/golden/make_templates.py with jinja2 as transformers sets it up; null where it refuses to render.
const Json& golden() {
  static const Json json = read_json_file(kGolden / "templates.json");
  return json;
}

// The text, or null and the message.
std::pair<Json, std::string> render(std::string_view source, const Json& variables, const std::string& where = "t") {
  try {
    return {ChatTemplate(source, where).render(variables), ""};
  } catch (const InputError& error) {
    return {nullptr, error.what()};
  }
}

std::string text_of(std::string_view source, const Json& variables = Json::object()) {
  const auto [text, error] = render(source, variables);
  return text.is_null() ? "error: " + error : text.get<std::string>();
}

TEST(ChatTemplate, RendersConversationsAsTheReferenceDoes) {
  for (const auto& [name, expected] : golden().at("templates").items()) {
    const std::string source = read_file(kGolden / "templates" / name);
    const Json& conversations = golden().at("conversations");
    ASSERT_EQ(expected.size(), conversations.size());
    ASSERT_GE(expected.size(), 20u);
    for (size_t i = 0; i < expected.size(); ++i) {
      const auto [text, error] = render(source, conversations[i].at("variables"));
      EXPECT_EQ(text, expected[i]) << name << ", " << conversations[i].at("name") << ": " << error;
    }
  }
}

TEST(ChatTemplate, RendersEveryConstructAsTheReferenceDoes) {
  ASSERT_GE(golden().at("snippets").size(), 600u);
  for (const Json& snippet : golden().at("snippets")) {
    const std::string source = snippet[0];
    const auto [text, error] = render(source, golden().at("variables"));
    EXPECT_EQ(text, snippet[1]) << source << "\n" << error;
  }
}

TEST(ChatTemplate, ErrorsNameTheSourceAndTheLine) {
  EXPECT_EQ(text_of("a\n{% if x %}\nb"), "error: t: line 3: the template ends before {% endif %}");
  EXPECT_EQ(text_of("a\n\n{{ a|nonsense }}"), "error: t: line 3: there is no filter \"nonsense\"");
  EXPECT_EQ(text_of("{% for x in [1] %}\n{{ 'a' + x }}{% endfor %}"),
            "error: t: line 2: \"+\" does not work on str and int");
  EXPECT_EQ(text_of("\n{{ who.name }}"), "error: t: line 2: \"who\" is undefined");
  EXPECT_EQ(text_of("{{ raise_exception('roles must alternate') }}"),
            "error: t: line 1: the template refuses the conversation: roles must alternate");
}

TEST(ChatTemplate, AStringOperationOnAListContentIsAnError) {
  const Json variables = parse_json(R"({"messages": [{"role": "user", "content": [{"text": "x"}]}]})", "");
  EXPECT_EQ(text_of("{% for m in messages %}\n{{ m.role + ': ' + m.content }}{% endfor %}", variables),
            "error: t: line 2: \"+\" does not work on str and list");
}

TEST(ChatTemplate, TheDateComesFromTheVariables) {
  EXPECT_EQ(text_of("{{ strftime_now('%d %b %Y') }}", {{"now", "2024-02-29"}}), "29 Feb 2024");
  EXPECT_NE(text_of("{{ strftime_now('%d') }}").find("variable \"now\""), std::string::npos);
  EXPECT_NE(text_of("{{ strftime_now('%d') }}", {{"now", "yesterday"}}).find("expected YYYY-MM-DD"), std::string::npos);
}

// Runs with a hundredth of the usual limits, so that the test takes no time.
bool runs_into_limits(const std::string& source) {
  const jinja::Template parsed = jinja::parse_template(source);
  const jinja::Limits limits{.steps = 100'000, .heap_bytes = 5'000'000, .output_bytes = 600'000};
  const std::string where = "t";
  try {
    jinja::Interpreter(parsed, where, limits).run(Json::object());
  } catch (const InputError&) {
    return true;
  }
  return false;
}

TEST(ChatTemplate, EndlessTemplatesRunIntoLimits) {
  EXPECT_TRUE(runs_into_limits("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"));
  EXPECT_TRUE(runs_into_limits("{{ 'x' * 10 ** 12 }}"));
  EXPECT_TRUE(runs_into_limits("{{ [1] * 10 ** 18 }}"));
  EXPECT_TRUE(runs_into_limits("{% for a in range(999) %}{% for b in range(999) %}{{ a }}{% endfor %}{% endfor %}"));
  EXPECT_TRUE(runs_into_limits("{% for a in range(9999) %}" + std::string(100, 'x') + "{% endfor %}"));
  const auto repeated = [](const std::string& body) {
    return "{% set ns = namespace(x='ab') %}{% for i in range(999) %}{% set ns.x = " + body + " %}{% endfor %}";
  };
  EXPECT_TRUE(runs_into_limits(repeated("ns.x ~ ns.x")));
  EXPECT_TRUE(runs_into_limits(repeated("[ns.x]")));
  EXPECT_TRUE(runs_into_limits("{% set ns = namespace() %}{% set ns.me = ns %}{{ ns }}"));
  EXPECT_TRUE(runs_into_limits("{{ '%99999999d' % 1 }}"));
  EXPECT_TRUE(runs_into_limits("{{ 'a'.center(10 ** 15) }}"));
  EXPECT_FALSE(runs_into_limits("{% for a in range(99) %}{{ a }}{% endfor %}"));
}

TEST(ChatTemplate, MonstrousTemplatesAreNotParsed) {
  const auto refused = [](const std::string& source) { return text_of(source).starts_with("error: t"); };
  EXPECT_TRUE(refused("{{ " + std::string(5000, '(') + "1" + std::string(5000, ')') + " }}"));
  EXPECT_TRUE(refused("{{ 1" + std::string(5000, '-') + "1 }}"));
  std::string chain = "{{ 1", blocks;
  for (int i = 0; i < 5000; ++i) {
    chain += "+1";
    blocks += "{% if 1 %}";
  }
  EXPECT_TRUE(refused(chain + " }}"));
  EXPECT_TRUE(refused(blocks));
  EXPECT_TRUE(refused(std::string(size_t{2} << 20, 'x')));
  EXPECT_TRUE(refused("\xff"));
}

TEST(ChatTemplate, CanBeRenderedManyTimes) {
  const ChatTemplate greeting("{% set n = n + 1 %}{{ n }}", "t");
  EXPECT_EQ(greeting.render({{"n", 1}}), "2");
  EXPECT_EQ(greeting.render({{"n", 1}}), "2");
}

}  // namespace
}  // namespace r1v
