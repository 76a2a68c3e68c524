// Products of automata: intersection, difference, least length; and questions about one.
#include "constrain/text_automaton.h"

#include <algorithm>
#include <unordered_map>

#include "text/unicode.h"

namespace r1v {
namespace {

constexpr int32_t kDead = TextAutomaton::kDead;

size_t class_of(const TextAutomaton& text, char32_t code) {
  return static_cast<size_t>(std::upper_bound(text.starts.begin(), text.starts.end(), code) - text.starts.begin()) - 1;
}

// Numbers pairs as they are met; each becomes a state of the result.
class Product {
 public:
  Product(std::vector<char32_t> starts, Budget& budget) : budget_(budget) { out_.starts = std::move(starts); }

  int32_t state_of(int64_t first, int64_t second, bool accepts) {
    const auto [it, is_new] = ids_.try_emplace((first + 1) << 32 | (second + 1), static_cast<int32_t>(pairs_.size()));
    if (is_new) {
      budget_.spend(1 + static_cast<int64_t>(out_.num_classes() / 32));
      pairs_.emplace_back(first, second);
      out_.accepts.push_back(accepts);
      out_.next.resize(out_.next.size() + out_.num_classes(), kDead);
    }
    return it->second;
  }
  size_t size() const { return pairs_.size(); }
  std::pair<int64_t, int64_t> pair(size_t state) const { return pairs_[state]; }
  void set_next(size_t state, size_t text_class, int32_t to) {
    out_.next[state * out_.num_classes() + text_class] = to;
  }
  const std::vector<char32_t>& starts() const { return out_.starts; }
  TextAutomaton result() const { return trimmed(out_); }

 private:
  Budget& budget_;
  TextAutomaton out_;
  std::unordered_map<int64_t, int32_t> ids_;
  std::vector<std::pair<int64_t, int64_t>> pairs_;
};

std::vector<char32_t> joined_starts(const TextAutomaton& one, const TextAutomaton& other) {
  std::vector<char32_t> starts;
  std::set_union(one.starts.begin(), one.starts.end(), other.starts.begin(), other.starts.end(),
                 std::back_inserter(starts));
  return starts;
}

// Texts of `one` for which being in `other` is `wanted`.
TextAutomaton product(const TextAutomaton& one, const TextAutomaton& other, bool wanted, Budget& budget) {
  Product pairs(joined_starts(one, other), budget);
  const auto state_of = [&](int32_t first, int32_t second) {
    if (first == kDead || (wanted && second == kDead)) return kDead;
    const bool in_other = second != kDead && other.accepts[static_cast<size_t>(second)] != 0;
    return pairs.state_of(first, second, one.accepts[static_cast<size_t>(first)] != 0 && in_other == wanted);
  };
  state_of(0, 0);
  for (size_t state = 0; state < pairs.size(); ++state) {
    const auto [first, second] = pairs.pair(state);
    for (size_t k = 0; k < pairs.starts().size(); ++k) {
      const char32_t code = pairs.starts()[k];
      const int32_t first_to = one.step(static_cast<int32_t>(first), class_of(one, code));
      const int32_t second_to =
          second == kDead ? kDead : other.step(static_cast<int32_t>(second), class_of(other, code));
      pairs.set_next(state, k, state_of(first_to, second_to));
    }
  }
  return pairs.result();
}

// Which states can reach one for which `is_goal` holds (itself included).
template <typename Goal>
std::vector<uint8_t> can_reach(const TextAutomaton& text, Goal is_goal) {
  std::vector<std::vector<int32_t>> before(text.num_states());
  std::vector<uint8_t> reached(text.num_states(), 0);
  std::vector<int32_t> open;
  for (size_t state = 0; state < text.num_states(); ++state) {
    int32_t last = kDead;
    for (size_t k = 0; k < text.num_classes(); ++k) {
      const int32_t to = text.step(static_cast<int32_t>(state), k);
      if (to != kDead && to != last) before[static_cast<size_t>(to)].push_back(static_cast<int32_t>(state));
      last = to;
    }
    if (!is_goal(state)) continue;
    reached[state] = 1;
    open.push_back(static_cast<int32_t>(state));
  }
  while (!open.empty()) {
    const auto state = static_cast<size_t>(open.back());
    open.pop_back();
    for (const int32_t from : before[state]) {
      if (reached[static_cast<size_t>(from)]++ == 0) open.push_back(from);
      reached[static_cast<size_t>(from)] = 1;
    }
  }
  return reached;
}

}  // namespace

bool TextAutomaton::is_empty() const {
  return accepts[0] == 0 && std::all_of(next.begin(), next.end(), [](int32_t to) { return to == kDead; });
}

bool TextAutomaton::matches(std::string_view text) const {
  int32_t state = 0;
  for (const char* at = text.data(); at != text.data() + text.size() && state != kDead;) {
    const Utf8Step character = utf8_step(at, text.data() + text.size());
    state = step(state, class_of(*this, character.code));
    at += character.length;
  }
  return state != kDead && accepts[static_cast<size_t>(state)] != 0;
}

bool TextAutomaton::never_runs_out() const {
  // Every state has a way on, so every way ends in a cycle.
  for (size_t state = 0; state < num_states(); ++state) {
    const auto row = next.begin() + static_cast<ptrdiff_t>(state * num_classes());
    if (std::all_of(row, row + static_cast<ptrdiff_t>(num_classes()), [](int32_t to) { return to == kDead; }))
      return false;
  }
  return true;
}

TextAutomaton any_text() { return {.starts = {0}, .next = {0}, .accepts = {1}}; }

TextAutomaton text_among(const std::vector<std::string>& texts, Budget& budget) {
  std::vector<char32_t> starts{0};
  std::vector<std::u32string> decoded;
  for (const std::string& text : texts) {
    auto& codes = decoded.emplace_back();
    for (const char* at = text.data(); at != text.data() + text.size();) {
      const Utf8Step step = utf8_step(at, text.data() + text.size());
      codes += step.code;
      starts.insert(starts.end(), {step.code, step.code + 1});
      at += step.length;
    }
  }
  std::sort(starts.begin(), starts.end());
  starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
  TextAutomaton trie{.starts = starts, .next = std::vector<int32_t>(starts.size(), kDead), .accepts = {0}};
  for (const std::u32string& codes : decoded) {
    size_t state = 0;
    for (const char32_t code : codes) {
      const size_t cell = state * trie.num_classes() + class_of(trie, code);
      if (trie.next[cell] == kDead) {
        budget.spend(1 + static_cast<int64_t>(trie.num_classes() / 32));
        trie.next[cell] = static_cast<int32_t>(trie.num_states());
        trie.accepts.push_back(0);
        trie.next.resize(trie.next.size() + trie.num_classes(), kDead);
      }
      state = static_cast<size_t>(trie.next[cell]);
    }
    trie.accepts[state] = 1;
  }
  return trie;
}

TextAutomaton both(const TextAutomaton& one, const TextAutomaton& other, Budget& budget) {
  return product(one, other, true, budget);
}

TextAutomaton without(const TextAutomaton& one, const TextAutomaton& other, Budget& budget) {
  return product(one, other, false, budget);
}

TextAutomaton at_least(int64_t least, const TextAutomaton& text, Budget& budget) {
  if (least <= 0) return text;
  Product pairs(text.starts, budget);
  const auto state_of = [&](int32_t state, int64_t length) {
    if (state == kDead) return kDead;
    const bool accepts = text.accepts[static_cast<size_t>(state)] != 0 && length >= least;
    return pairs.state_of(state, std::min(length, least), accepts);
  };
  state_of(0, 0);
  for (size_t i = 0; i < pairs.size(); ++i) {
    const auto [state, length] = pairs.pair(i);
    for (size_t k = 0; k < text.num_classes(); ++k) {
      pairs.set_next(i, k, state_of(text.step(static_cast<int32_t>(state), k), length + 1));
    }
  }
  return pairs.result();
}

TextAutomaton trimmed(const TextAutomaton& text) {
  const std::vector<uint8_t> lives = can_reach(text, [&](size_t state) { return text.accepts[state] != 0; });
  std::vector<int32_t> renumbered(text.num_states(), kDead);
  int32_t count = 0;
  for (size_t state = 0; state < text.num_states(); ++state) {
    if (lives[state] != 0 || state == 0) renumbered[state] = count++;
  }
  TextAutomaton out{.starts = text.starts, .next = {}, .accepts = {}};
  for (size_t state = 0; state < text.num_states(); ++state) {
    if (renumbered[state] == kDead) continue;
    out.accepts.push_back(text.accepts[state]);
    for (size_t k = 0; k < text.num_classes(); ++k) {
      const int32_t to = text.step(static_cast<int32_t>(state), k);
      out.next.push_back(to == kDead || lives[static_cast<size_t>(to)] == 0 ? kDead
                                                                            : renumbered[static_cast<size_t>(to)]);
    }
  }
  return out;
}

}  // namespace r1v
