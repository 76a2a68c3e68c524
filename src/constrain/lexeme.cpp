// Any string, literals and white space.
#include "constrain/lexeme.h"

#include <algorithm>
#include <deque>
#include <map>

namespace r1v {
namespace {

constexpr int kMostSpaces = 32;  // of indentation
constexpr int kMostTabs = 8;

void add_bytes(ByteAutomaton& out, int32_t from, std::string_view bytes, int32_t to) {
  for (const char byte : bytes) out.add_edge(from, static_cast<uint8_t>(byte), static_cast<uint8_t>(byte), to);
}

void add_hex(ByteAutomaton& out, int32_t from, int first, int last, int32_t to) {
  for (int digit = first; digit <= last; ++digit) {
    if (digit < 10) {
      add_bytes(out, from, std::string(1, static_cast<char>('0' + digit)), to);
    } else {
      add_bytes(out, from, std::string(1, static_cast<char>('a' + digit - 10)), to);
      add_bytes(out, from, std::string(1, static_cast<char>('A' + digit - 10)), to);
    }
  }
}

// The characters of two bytes and more, from `body` to `body`.
void add_long_characters(ByteAutomaton& out, int32_t body, Budget& budget) {
  const int32_t one_more = out.add_state(budget), two_more = out.add_state(budget), three_more = out.add_state(budget);
  out.add_edge(one_more, 0x80, 0xBF, body);
  out.add_edge(two_more, 0x80, 0xBF, one_more);
  out.add_edge(three_more, 0x80, 0xBF, two_more);
  out.add_edge(body, 0xC2, 0xDF, one_more);
  out.add_edge(body, 0xE1, 0xEC, two_more);
  out.add_edge(body, 0xEE, 0xEF, two_more);
  out.add_edge(body, 0xF1, 0xF3, three_more);
  // Too long forms, surrogates and what lies beyond U+10FFFF are kept out by the second byte.
  const struct {
    uint8_t lead, first, last;
    int32_t to;
  } narrow[] = {{0xE0, 0xA0, 0xBF, one_more},
                {0xED, 0x80, 0x9F, one_more},
                {0xF0, 0x90, 0xBF, two_more},
                {0xF4, 0x80, 0x8F, two_more}};
  for (const auto& [lead, first, last, to] : narrow) {
    const int32_t second = out.add_state(budget);
    out.add_edge(body, lead, lead, second);
    out.add_edge(second, first, last, to);
  }
}

// \uXXXX; a high surrogate is followed by the escape of a low one, which never stands alone.
void add_hex_escapes(ByteAutomaton& out, int32_t after_u, int32_t body, Budget& budget) {
  int32_t left[4] = {body, 0, 0, 0};
  for (int i = 1; i < 4; ++i) add_hex(out, left[i] = out.add_state(budget), 0, 15, left[i - 1]);
  add_hex(out, after_u, 0, 12, left[3]);
  add_hex(out, after_u, 14, 15, left[3]);
  const int32_t after_d = out.add_state(budget);
  add_hex(out, after_u, 13, 13, after_d);
  add_hex(out, after_d, 0, 7, left[2]);
  int32_t high[6];
  for (int32_t& state : high) state = out.add_state(budget);
  add_hex(out, after_d, 8, 11, high[0]);
  add_hex(out, high[0], 0, 15, high[1]);
  add_hex(out, high[1], 0, 15, high[2]);
  add_bytes(out, high[2], "\\", high[3]);
  add_bytes(out, high[3], "u", high[4]);
  add_hex(out, high[4], 13, 13, high[5]);
  add_hex(out, high[5], 12, 15, left[2]);
}

}  // namespace

int32_t ByteAutomaton::add_state(Budget& budget, bool accepts) {
  budget.spend(1);
  states.push_back({.edges = {}, .accepts = accepts});
  return static_cast<int32_t>(states.size()) - 1;
}

void ByteAutomaton::add_edge(int32_t from, uint8_t first, uint8_t last, int32_t to) {
  auto& edges = states[static_cast<size_t>(from)].edges;
  if (!edges.empty() && edges.back().to == to && edges.back().last + 1 == first) {
    edges.back().last = last;
  } else {
    edges.push_back({first, last, to});
  }
}

void ByteAutomaton::count_needed() {
  std::vector<std::vector<int32_t>> before(states.size());
  std::deque<int32_t> open;  // by growing numbers
  for (size_t i = 0; i < states.size(); ++i) {
    for (const Edge& edge : states[i].edges) before[static_cast<size_t>(edge.to)].push_back(static_cast<int32_t>(i));
    states[i].needed = states[i].accepts ? 0 : INT32_MAX;
    if (states[i].accepts) open.push_back(static_cast<int32_t>(i));
  }
  while (!open.empty()) {
    const State& to = states[static_cast<size_t>(open.front())];
    const std::vector<int32_t>& sources = before[static_cast<size_t>(open.front())];
    open.pop_front();
    for (const int32_t source : sources) {
      const bool is_character = to.ends_character && source != 0;  // the opening quote is none
      const int32_t needed = to.needed + (is_character ? 1 : 0);
      if (states[static_cast<size_t>(source)].needed <= needed) continue;
      states[static_cast<size_t>(source)].needed = needed;
      is_character ? open.push_back(source) : open.push_front(source);
    }
  }
}

ByteAutomaton any_string_lexeme(Budget& budget) {
  ByteAutomaton out;
  const int32_t open = out.add_state(budget), body = out.add_state(budget), close = out.add_state(budget, true);
  out.states[static_cast<size_t>(body)].ends_character = true;
  const int32_t escape = out.add_state(budget), after_u = out.add_state(budget);
  add_bytes(out, open, "\"", body);
  add_bytes(out, body, "\"", close);
  out.add_edge(body, 0x20, 0x21, body);
  out.add_edge(body, 0x23, 0x5B, body);
  out.add_edge(body, 0x5D, 0x7F, body);
  add_bytes(out, body, "\\", escape);
  add_bytes(out, escape, "\"\\/bfnrt", body);
  add_bytes(out, escape, "u", after_u);
  add_long_characters(out, body, budget);
  add_hex_escapes(out, after_u, body, budget);
  out.count_needed();
  return out;
}

ByteAutomaton literal_lexeme(const std::vector<std::string>& texts, Budget& budget) {
  ByteAutomaton out;
  out.add_state(budget);
  std::map<std::pair<int32_t, char>, int32_t> children;
  for (const std::string& text : texts) {
    int32_t state = 0;
    for (const char byte : text) {
      const auto [child, is_new] = children.try_emplace({state, byte}, 0);
      if (is_new) {
        child->second = out.add_state(budget);
        add_bytes(out, state, std::string(1, byte), child->second);
      }
      state = child->second;
    }
    out.states[static_cast<size_t>(state)].accepts = true;
  }
  return out;
}

ByteAutomaton line_space_lexeme(Budget& budget) {
  ByteAutomaton out;
  const int32_t start = out.add_state(budget, true);
  add_bytes(out, start, " ", out.add_state(budget, true));
  const int32_t line = out.add_state(budget, true);
  add_bytes(out, start, "\n", line);
  for (const auto& [byte, most] : {std::pair(" ", kMostSpaces), std::pair("\t", kMostTabs)}) {
    int32_t from = line;
    for (int i = 0; i < most; ++i) {
      const int32_t to = out.add_state(budget, true);
      add_bytes(out, from, byte, to);
      from = to;
    }
  }
  return out;
}

ByteAutomaton one_space_lexeme(Budget& budget) {
  ByteAutomaton out;
  const int32_t start = out.add_state(budget, true);
  add_bytes(out, start, " ", out.add_state(budget, true));
  return out;
}

}  // namespace r1v
