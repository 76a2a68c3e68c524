#include "base/options.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"

namespace r1v {
namespace {

struct DemoOptions {
  std::filesystem::path model = "models/demo";
  int64_t max_tokens = 16;
  double temperature = 0.5;
  bool greedy = false;
  std::vector<std::string> image;
  std::optional<int64_t> budget;
  std::string question;
  void fields(auto& field) {
    field("model", model, "checkpoint folder");
    field("max-tokens", max_tokens, "tokens");
    field("temperature", temperature, "randomness");
    field("greedy", greedy, "most likely token");
    field("image", image, "picture");
    field("budget", budget, "tokens");
    field("@question", question, "what to ask");
  }
};

DemoOptions parse(std::vector<const char*> words) { return parse_options<DemoOptions>("demo", "a demo", words); }

TEST(Options, ParseValuesFlagsListsAndPositionals) {
  const DemoOptions options = parse({"--image", "a.png", "--image", "b.png", "--greedy", "--max-tokens", "3", "why?"});
  EXPECT_EQ(options.image, (std::vector<std::string>{"a.png", "b.png"}));
  EXPECT_TRUE(options.greedy);
  EXPECT_EQ(options.max_tokens, 3);
  EXPECT_EQ(options.question, "why?");
  EXPECT_FALSE(options.budget.has_value());
}

TEST(Options, AListBesideAPositionalTakesOneValueEachTimeItIsNamed) {
  const DemoOptions options = parse({"--image", "a.png", "why?"});
  EXPECT_EQ(options.image, (std::vector<std::string>{"a.png"}));
  EXPECT_EQ(options.question, "why?");
  EXPECT_EQ(parse({"--image", "a.png", "-"}).question, "-");
}

struct RateOptions {
  double rate = 0.000001, share = 0.1, whole = 5;
  void fields(auto& field) {
    field("rate", rate, "a rate");
    field("share", share, "a share");
    field("whole", whole, "a number");
  }
};

TEST(Options, NumbersAreShownAsShortAsTheyReadBack) {
  EXPECT_EQ(options_toml(RateOptions()), "rate = 1e-06\nshare = 0.1\nwhole = 5\n");
}

struct WordsOptions {
  std::vector<std::filesystem::path> runs;
  std::vector<std::string> image;
  void fields(auto& field) {
    field("@runs", runs, "folders");
    field("image", image, "picture");
  }
};

TEST(Options, APositionalListTakesEveryWordThatNoOptionTakes) {
  const std::vector<const char*> words = {"a", "b", "--image", "x.png", "c"};
  const auto options = parse_options<WordsOptions>("demo", "a demo", words);
  EXPECT_EQ(options.runs, (std::vector<std::filesystem::path>{"a", "b", "c"}));
  EXPECT_EQ(options.image, (std::vector<std::string>{"x.png"}));
}

TEST(Options, UnknownOptionsAndBadValuesAreInputErrors) {
  EXPECT_THROW(parse({"--nonsense", "1"}), InputError);
  EXPECT_THROW(parse({"--max-tokens", "many"}), InputError);
  EXPECT_THROW(parse({"--max-tokens"}), InputError);
  EXPECT_THROW(parse({"--max-tokens", ""}), InputError);
  EXPECT_THROW(parse({"--budget", ""}), InputError);
}

TEST(Options, HelpNamesEveryOptionAndItsDefault) {
  try {
    parse({"--help"});
    FAIL();
  } catch (const HelpRequest& help) {
    EXPECT_NE(help.text.find("--max-tokens"), std::string::npos);
    EXPECT_NE(help.text.find("default: 16"), std::string::npos);
  }
}

TEST(Options, TomlOfOneRunConfiguresTheNext) {
  DemoOptions first;
  first.max_tokens = 99;
  first.image = {"x \"y\".png", "z.png"};
  const std::filesystem::path file = std::filesystem::temp_directory_path() / "r1v_options_test.toml";
  write_file_atomic(file, options_toml(first));
  const DemoOptions second = parse({"--config", file.c_str()});
  std::filesystem::remove(file);
  EXPECT_EQ(second.max_tokens, 99);
  EXPECT_EQ(second.image, first.image);
  EXPECT_EQ(second.model, first.model);
}

TEST(Options, AKeyOfTheConfigThatIsNoOptionIsAnInputError) {
  const std::filesystem::path file = std::filesystem::temp_directory_path() / "r1v_options_test_unknown.toml";
  for (const char* text : {"max-token = 3\n", "[demo]\nmax-tokens = 3\n"}) {
    write_file_atomic(file, text);
    EXPECT_THROW(parse({"--config", file.c_str()}), InputError) << text;
  }
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace r1v
