// A recursive-descent reader whose depth is bounded by the depth that groups may have.
#include "constrain/pattern.h"

#include "base/error.h"
#include "constrain/pattern_escape.h"

namespace r1v {
namespace {

constexpr int64_t kMostRepeats = 1'000'000;

class PatternParser {
 public:
  PatternParser(std::string_view pattern, Budget& budget) : cursor_(pattern, budget), budget_(budget) {}

  Pattern parse() {
    pattern_.root = choice(0);
    if (!cursor_.at_end()) cursor_.fail("a ) without its (; write \\)");
    return std::move(pattern_);
  }

 private:
  int add(PatternNode node) {
    budget_.spend(1);
    pattern_.nodes.push_back(std::move(node));
    return static_cast<int>(pattern_.nodes.size()) - 1;
  }

  int characters(CodePoints set) { return add({.kind = PatternNode::Kind::characters, .characters = std::move(set)}); }

  int choice(int64_t depth) {
    if (depth > budget_.max_depth()) cursor_.fail(cat("groups nested deeper than ", budget_.max_depth()));
    PatternNode node{.kind = PatternNode::Kind::choice};
    do {
      node.children.push_back(sequence(depth));
    } while (cursor_.take_if('|'));
    return node.children.size() == 1 ? node.children[0] : add(std::move(node));
  }

  int sequence(int64_t depth) {
    PatternNode node;
    while (!cursor_.at_end() && cursor_.peek() != '|' && cursor_.peek() != ')') {
      node.children.push_back(quantified(depth));
    }
    return add(std::move(node));
  }

  int quantified(int64_t depth) {
    const int atom = this->atom(depth);
    PatternNode node{.kind = PatternNode::Kind::repeat, .children = {atom}};
    if (!quantifier(node)) return atom;
    const auto kind = pattern_.nodes[static_cast<size_t>(atom)].kind;
    if (kind == PatternNode::Kind::begin || kind == PatternNode::Kind::end) cursor_.fail("nothing to repeat");
    cursor_.take_if('?');  // lazy: the same language
    PatternNode again;
    if (quantifier(again)) cursor_.fail("a quantifier after a quantifier; use a group");
    return add(std::move(node));
  }

  // False when no quantifier comes next.
  bool quantifier(PatternNode& node) {
    node.most = Pattern::kNoLimit;
    if (cursor_.take_if('*')) return true;
    if (cursor_.take_if('+')) {
      node.least = 1;
      return true;
    }
    if (cursor_.take_if('?')) {
      node.most = 1;
      return true;
    }
    if (cursor_.at_end() || cursor_.peek() != '{') return false;
    cursor_.skip(1);
    node.least = count();
    node.most = node.least;
    if (cursor_.take_if(',')) node.most = cursor_.peek() == '}' ? Pattern::kNoLimit : count();
    if (!cursor_.take_if('}')) cursor_.fail("a quantifier is {n}, {n,} or {n,m}; write \\{ for the character");
    if (node.most != Pattern::kNoLimit && node.most < node.least) cursor_.fail("{n,m} with n larger than m");
    return true;
  }

  int64_t count() {
    int64_t value = -1;
    while (cursor_.peek() >= '0' && cursor_.peek() <= '9') {
      value = std::max<int64_t>(value, 0) * 10 + static_cast<int64_t>(cursor_.take() - '0');
      if (value > kMostRepeats) cursor_.fail(cat("a repetition of more than ", kMostRepeats));
    }
    if (value < 0) cursor_.fail("a quantifier is {n}, {n,} or {n,m}; write \\{ for the character");
    return value;
  }

  int atom(int64_t depth) {
    const char32_t code = cursor_.take();
    switch (code) {
      case '(':
        return group(depth);
      case '[':
        return characters(pattern_class(cursor_, budget_));
      case '\\':
        return characters(pattern_escape(cursor_, false));
      case '.':
        return characters(CodePoints({{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}}).complement());
      case '^':
        return add({.kind = PatternNode::Kind::begin});
      case '$':
        return add({.kind = PatternNode::Kind::end});
      case '*':
      case '+':
      case '?':
      case '{':
        cursor_.fail("nothing to repeat; write \\ before the character if it is meant");
      case '}':
      case ']':
        cursor_.fail("write \\ before a lone } or ]");
      default:
        return characters({code, code});
    }
  }

  int group(int64_t depth) {
    if (cursor_.take_if('?') && !cursor_.take_if(':')) group_name();
    const int inside = choice(depth + 1);
    if (!cursor_.take_if(')')) cursor_.fail("a group is not closed; write )");
    return inside;
  }

  // After "(?": only a name is left.
  void group_name() {
    const bool is_name = cursor_.peek() == '<' && cursor_.peek(1) != '=' && cursor_.peek(1) != '!';
    if (!is_name) {
      cursor_.fail("of the (?...) groups only (?:...) and (?<name>...) are supported; look-around cannot be");
    }
    while (cursor_.take() != '>') {
    }
  }

  PatternCursor cursor_;
  Budget& budget_;
  Pattern pattern_;
};

}  // namespace

Pattern parse_pattern(std::string_view pattern, Budget& budget) { return PatternParser(pattern, budget).parse(); }

}  // namespace r1v
