// Leftmost, longest, and the three flags.
#include "text/added_tokens.h"

#include <gmock/gmock.h>

namespace r1v {
namespace {

using Found = std::vector<std::pair<std::string, int64_t>>;

Found split(const std::vector<AddedToken>& tokens, std::string_view text) {
  Found found;
  for (const auto& piece : AddedTokenFinder(tokens).split(text)) found.emplace_back(piece.text, piece.id);
  return found;
}

TEST(AddedTokenFinder, TakesTheLeftmostAndThereTheLongest) {
  const std::vector<AddedToken> tokens = {
      {.id = 1, .content = "<a>"}, {.id = 2, .content = "<a>b"}, {.id = 3, .content = "b<"}};
  EXPECT_EQ(split(tokens, "x<a>bb<a>"), (Found{{"x", -1}, {"<a>b", 2}, {"b<", 3}, {"a>", -1}}));
  EXPECT_EQ(split(tokens, "<a><a"), (Found{{"<a>", 1}, {"<a", -1}}));
  EXPECT_EQ(split(tokens, ""), Found{});
  EXPECT_EQ(split({}, "abc"), (Found{{"abc", -1}}));
}

TEST(AddedTokenFinder, StripsWhiteSpaceOnTheSidesAsked) {
  const std::vector<AddedToken> tokens = {{.id = 1, .content = "L", .lstrip = true},
                                          {.id = 2, .content = "R", .rstrip = true}};
  EXPECT_EQ(split(tokens, "a \n\xC2\xA0L b"), (Found{{"a", -1}, {" \n\xC2\xA0L", 1}, {" b", -1}}));
  EXPECT_EQ(split(tokens, "a R \tb"), (Found{{"a ", -1}, {"R \t", 2}, {"b", -1}}));
  EXPECT_EQ(split(tokens, "R L"), (Found{{"R ", 2}, {"L", 1}}));  // the space is already taken
}

TEST(AddedTokenFinder, KeepsSingleWordsApartFromWordCharacters) {
  const std::vector<AddedToken> tokens = {{.id = 1, .content = "cat", .single_word = true}};
  EXPECT_EQ(split(tokens, "cat"), (Found{{"cat", 1}}));
  EXPECT_EQ(split(tokens, "a cat."), (Found{{"a ", -1}, {"cat", 1}, {".", -1}}));
  EXPECT_EQ(split(tokens, "cats"), (Found{{"cats", -1}}));
  EXPECT_EQ(split(tokens,
                  "\xC3\xA9"
                  "cat cat"),
            (Found{{"\xC3\xA9"
                    "cat ",
                    -1},
                   {"cat", 1}}));
  EXPECT_EQ(split(tokens,
                  "\xFF"
                  "cat"),
            (Found{{"\xFF", -1}, {"cat", 1}}));  // a stray byte is no word character
}

}  // namespace
}  // namespace r1v
