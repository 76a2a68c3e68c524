// From characters to the bytes of a JSON string: UTF-8, and escapes for what cannot stand there itself.
#include <algorithm>
#include <map>
#include <tuple>

#include "constrain/lexeme.h"

namespace r1v {
namespace {

// Where the characters of a stretch of code points lead.
struct Way {
  char32_t first = 0;
  char32_t last = 0;
  int32_t to = 0;  // state of the text automaton
  auto operator<=>(const Way&) const = default;
};
using Ways = std::vector<Way>;

// The part of `ways` inside [first, last], counted from `first`.
Ways inside(const Ways& ways, char32_t first, char32_t last) {
  Ways out;
  for (const Way& way : ways) {
    if (way.last < first || way.first > last) continue;
    out.push_back({std::max(way.first, first) - first, std::min(way.last, last) - first, way.to});
  }
  return out;
}

class StringLexeme {
 public:
  StringLexeme(const TextAutomaton& text, Budget& budget) : text_(text), budget_(budget) {}

  ByteAutomaton run() {
    const int32_t open = out_.add_state(budget_);
    const int32_t close = out_.add_state(budget_, true);
    for (size_t i = 0; i < text_.num_states(); ++i) {
      bodies_.push_back(out_.add_state(budget_));
      out_.states.back().ends_character = true;
    }
    out_.add_edge(open, '"', '"', bodies_[0]);
    for (size_t i = 0; i < text_.num_states(); ++i) {
      if (text_.accepts[i] != 0) out_.add_edge(bodies_[i], '"', '"', close);
      add_characters(bodies_[i], ways_from(static_cast<int32_t>(i)));
    }
    out_.count_needed();
    return std::move(out_);
  }

 private:
  Ways ways_from(int32_t state) const {
    Ways ways;
    for (size_t k = 0; k < text_.num_classes(); ++k) {
      const int32_t to = text_.step(state, k);
      const char32_t last = k + 1 < text_.num_classes() ? text_.starts[k + 1] - 1 : CodePoints::kLast;
      if (to == TextAutomaton::kDead) continue;
      if (!ways.empty() && ways.back().to == to && ways.back().last + 1 == text_.starts[k]) {
        ways.back().last = last;
      } else {
        ways.push_back({text_.starts[k], last, to});
      }
    }
    return ways;
  }

  void add_characters(int32_t from, const Ways& ways) {
    for (const Way& way : inside(ways, 0, 0x7F)) add_ascii(from, way);
    add_escapes(from, inside(ways, 0, 0x7F));
    add_leads(from, ways, 0xC2, 0xDF, 1);
    add_leads(from, ways, 0xE0, 0xEF, 2);
    add_leads(from, ways, 0xF0, 0xF4, 3);
  }

  void add_ascii(int32_t from, const Way& way) {
    const std::pair<char32_t, char32_t> plain[] = {{0x20, 0x21}, {0x23, 0x5B}, {0x5D, 0x7F}};
    for (const auto& [first, last] : plain) {
      if (way.last < first || way.first > last) continue;
      out_.add_edge(from, static_cast<uint8_t>(std::max(way.first, first)),
                    static_cast<uint8_t>(std::min(way.last, last)), body(way.to));
    }
  }

  void add_escapes(int32_t from, const Ways& ways) {
    Ways escaped = inside(ways, 0, 0x1F);
    for (const char32_t code : {U'"', U'\\'}) {
      for (const Way& way : inside(ways, code, code)) escaped.push_back({code, code, way.to});
    }
    if (escaped.empty()) return;
    out_.add_edge(from, '\\', '\\', escape_state(escaped));
  }

  // After a backslash; shared by all states whose control characters lead to the same places.
  int32_t escape_state(const Ways& ways) {
    const auto [known, is_new] = escapes_.try_emplace(ways, 0);
    if (!is_new) return known->second;
    const int32_t state = known->second = out_.add_state(budget_);
    static constexpr char kHex[] = "0123456789abcdef";
    std::map<char32_t, int32_t> prefixes;  // \u00 and then one hexadecimal digit
    int32_t after_zeros = -1;
    for (const Way& way : ways) {
      for (char32_t code = way.first; code <= way.last; ++code) {
        if (const char letter = short_escape(code)) {
          out_.add_edge(state, static_cast<uint8_t>(letter), static_cast<uint8_t>(letter), body(way.to));
          continue;
        }
        if (after_zeros < 0) after_zeros = hex_prefix(state);
        const auto [prefix, is_first] = prefixes.try_emplace(code >> 4, 0);
        if (is_first) {
          prefix->second = out_.add_state(budget_);
          const auto digit = static_cast<uint8_t>(kHex[code >> 4]);
          out_.add_edge(after_zeros, digit, digit, prefix->second);
        }
        const auto digit = static_cast<uint8_t>(kHex[code & 15]);
        out_.add_edge(prefix->second, digit, digit, body(way.to));
      }
    }
    return state;
  }

  int32_t hex_prefix(int32_t from) {
    for (const char byte : std::string_view("u00")) {
      const int32_t to = out_.add_state(budget_);
      out_.add_edge(from, static_cast<uint8_t>(byte), static_cast<uint8_t>(byte), to);
      from = to;
    }
    return from;
  }

  static char short_escape(char32_t code) {
    switch (code) {
      case '"':
      case '\\':
        return static_cast<char>(code);
      case '\b':
        return 'b';
      case '\f':
        return 'f';
      case '\n':
        return 'n';
      case '\r':
        return 'r';
      case '\t':
        return 't';
      default:
        return 0;
    }
  }

  // Lead bytes that `count` continuation bytes follow.
  void add_leads(int32_t from, const Ways& ways, int first_lead, int last_lead, int count) {
    const char32_t smallest = count == 1 ? 0x80 : count == 2 ? 0x800 : 0x10000;
    const int mask = count == 1 ? 0x1F : count == 2 ? 0x0F : 0x07;
    for (int lead = first_lead; lead <= last_lead; ++lead) {
      const char32_t first = static_cast<char32_t>(lead & mask) << (6 * count);
      const char32_t last = first + (char32_t{1} << (6 * count)) - 1;
      Ways rest = inside(ways, std::max(first, smallest), std::min(last, char32_t{CodePoints::kLast}));
      if (first < smallest) {
        for (Way& way : rest) way.first += smallest - first, way.last += smallest - first;
      }
      rest = without_surrogates(rest, first);
      if (rest.empty()) continue;
      out_.add_edge(from, static_cast<uint8_t>(lead), static_cast<uint8_t>(lead), continuation(rest, count));
    }
  }

  static Ways without_surrogates(const Ways& ways, char32_t base) {
    if (base > 0xDFFF || base + 0xFFF < 0xD800) return ways;
    Ways out;
    for (const Way& way : ways) {
      const char32_t first = way.first + base, last = way.last + base;
      if (first < 0xD800) out.push_back({way.first, std::min(last, char32_t{0xD7FF}) - base, way.to});
      if (last > 0xDFFF) out.push_back({std::max(first, char32_t{0xE000}) - base, way.last, way.to});
    }
    return out;
  }

  // Before `count` continuation bytes that spell a number for which `ways` says where it leads.
  int32_t continuation(const Ways& ways, int count) {
    if (count == 0) return body(ways.front().to);
    const auto [known, is_new] = continuations_.try_emplace({ways, count}, 0);
    if (!is_new) return known->second;
    const int32_t state = out_.add_state(budget_);
    known->second = state;
    const int bits = 6 * (count - 1);
    for (char32_t digit = 0; digit < 64; ++digit) {
      const Ways rest = inside(ways, digit << bits, ((digit + 1) << bits) - 1);
      if (rest.empty()) continue;
      const auto byte = static_cast<uint8_t>(0x80 + digit);
      out_.add_edge(state, byte, byte, continuation(rest, count - 1));
    }
    return state;
  }

  int32_t body(int32_t text_state) const { return bodies_[static_cast<size_t>(text_state)]; }

  const TextAutomaton& text_;
  Budget& budget_;
  ByteAutomaton out_;
  std::vector<int32_t> bodies_;  // of a state of the text automaton
  std::map<Ways, int32_t> escapes_;
  std::map<std::pair<Ways, int>, int32_t> continuations_;
};

}  // namespace

ByteAutomaton string_lexeme(const TextAutomaton& text, Budget& budget) { return StringLexeme(text, budget).run(); }

}  // namespace r1v
