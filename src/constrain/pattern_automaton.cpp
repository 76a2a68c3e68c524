// A pattern's tree becomes a nondeterministic automaton (Thompson), then a deterministic one (sets of states).
#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/error.h"
#include "constrain/text_automaton.h"

namespace r1v {
namespace {

struct NfaState {
  enum class Kind : uint8_t { skip, characters, begin, end, accept } kind = Kind::skip;
  int32_t set = -1;  // characters
  int32_t to = -1;
  int32_t other = -1;  // skip: a second way
};
using Kind = NfaState::Kind;

// States are made from the back to the front: every part is told what follows it.
class Nfa {
 public:
  Nfa(const Pattern& pattern, Budget& budget) : pattern_(pattern), budget_(budget) {
    accept_ = add({.kind = Kind::accept});
    const int32_t found = build(pattern.root, accept_);
    start_ = add({.to = found});
    states_[static_cast<size_t>(start_)].other =
        add({.kind = Kind::characters, .set = set_id(CodePoints::all()), .to = start_});
  }
  const NfaState& at(int32_t state) const { return states_[static_cast<size_t>(state)]; }
  size_t size() const { return states_.size(); }
  int32_t start() const { return start_; }
  int32_t accept() const { return accept_; }
  const std::vector<CodePoints>& sets() const { return sets_; }

 private:
  int32_t add(NfaState state) {
    budget_.spend(1);
    states_.push_back(state);
    return static_cast<int32_t>(states_.size()) - 1;
  }

  int32_t set_id(const CodePoints& set) {
    const auto [it, is_new] = set_ids_.try_emplace(set, static_cast<int32_t>(sets_.size()));
    if (is_new) sets_.push_back(set);
    return it->second;
  }

  int32_t build(int node_index, int32_t next) {
    budget_.spend(1);
    const PatternNode& node = pattern_.nodes[static_cast<size_t>(node_index)];
    switch (node.kind) {
      case PatternNode::Kind::characters:
        return add({.kind = Kind::characters, .set = set_id(node.characters), .to = next});
      case PatternNode::Kind::begin:
        return add({.kind = Kind::begin, .to = next});
      case PatternNode::Kind::end:
        return add({.kind = Kind::end, .to = next});
      case PatternNode::Kind::repeat:
        return repeat(node, next);
      case PatternNode::Kind::sequence:
        for (auto child = node.children.rbegin(); child != node.children.rend(); ++child) next = build(*child, next);
        return next;
      case PatternNode::Kind::choice:
        break;
    }
    int32_t either = build(node.children.back(), next);
    for (size_t i = node.children.size() - 1; i-- > 0;)
      either = add({.to = build(node.children[i], next), .other = either});
    return either;
  }

  int32_t repeat(const PatternNode& node, int32_t next) {
    int32_t from = next;
    if (node.most == Pattern::kNoLimit) {
      from = add({.other = next});
      const int32_t body = build(node.children[0], from);
      states_[static_cast<size_t>(from)].to = body;
    } else {
      for (int64_t i = node.least; i < node.most; ++i) from = add({.to = build(node.children[0], from), .other = next});
    }
    for (int64_t i = 0; i < node.least; ++i) from = build(node.children[0], from);
    return from;
  }

  const Pattern& pattern_;
  Budget& budget_;
  std::vector<NfaState> states_;
  std::vector<CodePoints> sets_;
  std::map<CodePoints, int32_t> set_ids_;
  int32_t start_ = 0;
  int32_t accept_ = 0;
};

struct HashOfStates {
  size_t operator()(const std::vector<int32_t>& states) const {
    uint64_t hash = 1469598103934665603u;
    for (const int32_t state : states) hash = (hash ^ static_cast<uint32_t>(state)) * 1099511628211u;
    return hash;
  }
};

class SubsetConstruction {
 public:
  SubsetConstruction(const Nfa& nfa, Budget& budget) : nfa_(nfa), budget_(budget), seen_(nfa.size(), 0) {
    find_classes();
    moves_.resize(out_.num_classes());
  }

  TextAutomaton run() {
    state_of({nfa_.start()}, true);
    for (size_t state = 0; state < sets_.size(); ++state) expand(state);
    return trimmed(out_);
  }

 private:
  void find_classes() {
    std::vector<char32_t> starts{0};
    for (const CodePoints& set : nfa_.sets()) {
      for (const CodePointRange& range : set.ranges()) {
        starts.push_back(range.first);
        if (range.last < CodePoints::kLast) starts.push_back(range.last + 1);
      }
    }
    std::sort(starts.begin(), starts.end());
    starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
    out_.starts = starts;
    for (const CodePoints& set : nfa_.sets()) {
      auto& classes = classes_of_set_.emplace_back();
      for (const CodePointRange& range : set.ranges()) {
        size_t k = static_cast<size_t>(std::lower_bound(starts.begin(), starts.end(), range.first) - starts.begin());
        for (; k < starts.size() && starts[k] <= range.last; ++k) classes.push_back(static_cast<uint32_t>(k));
      }
    }
  }

  // What can be reached without a character. ^ is passed at the start of the text alone, $ only if asked for.
  std::vector<int32_t> closure(std::vector<int32_t> open, bool is_start, bool passes_end) {
    ++round_;
    std::vector<int32_t> reached;
    while (!open.empty()) {
      const int32_t state = open.back();
      open.pop_back();
      if (state < 0 || seen_[static_cast<size_t>(state)] == round_) continue;
      seen_[static_cast<size_t>(state)] = round_;
      const NfaState& at = nfa_.at(state);
      if (at.kind == Kind::skip || (at.kind == Kind::begin && is_start) || (at.kind == Kind::end && passes_end)) {
        open.push_back(at.to);
        open.push_back(at.other);
      } else if (at.kind != Kind::begin) {
        reached.push_back(state);
      }
    }
    std::sort(reached.begin(), reached.end());
    return reached;
  }

  bool has_accept(const std::vector<int32_t>& states) const {
    return std::binary_search(states.begin(), states.end(), nfa_.accept());
  }

  int32_t state_of(const std::vector<int32_t>& kernel, bool is_start) {
    std::vector<int32_t> set = closure(kernel, is_start, false);
    const bool is_found = has_accept(set);
    if (is_found) set = {nfa_.accept()};  // found: whatever follows is right
    const auto known = ids_.find(set);
    if (known != ids_.end()) return known->second;
    const auto id = static_cast<int32_t>(sets_.size());
    budget_.spend(1 + static_cast<int64_t>(set.size() / 64 + out_.num_classes() / 32));
    out_.accepts.push_back(is_found || has_accept(closure(set, is_start, true)));
    out_.next.resize(out_.next.size() + out_.num_classes(), TextAutomaton::kDead);
    if (!is_start) ids_.emplace(set, id);  // the start knows that nothing came before
    sets_.push_back(std::move(set));
    return id;
  }

  void expand(size_t state) {
    const size_t row = state * out_.num_classes();
    if (has_accept(sets_[state])) {
      std::fill_n(out_.next.begin() + static_cast<ptrdiff_t>(row), out_.num_classes(), static_cast<int32_t>(state));
      return;
    }
    for (auto& move : moves_) move.clear();
    for (const int32_t from : sets_[state]) {
      const NfaState& at = nfa_.at(from);
      if (at.kind != Kind::characters) continue;
      for (const uint32_t k : classes_of_set_[static_cast<size_t>(at.set)]) moves_[k].push_back(at.to);
    }
    for (size_t k = 0; k < moves_.size(); ++k) {
      if (moves_[k].empty()) continue;
      const int32_t to = k > 0 && moves_[k] == moves_[k - 1] ? out_.next[row + k - 1] : state_of(moves_[k], false);
      out_.next[row + k] = to;
    }
  }

  const Nfa& nfa_;
  Budget& budget_;
  TextAutomaton out_;
  std::vector<std::vector<uint32_t>> classes_of_set_;
  std::vector<std::vector<int32_t>> moves_;  // of a class
  std::vector<std::vector<int32_t>> sets_;   // of a state of the result
  std::unordered_map<std::vector<int32_t>, int32_t, HashOfStates> ids_;
  std::vector<uint32_t> seen_;
  uint32_t round_ = 0;
};

}  // namespace

TextAutomaton text_with_pattern(const Pattern& pattern, Budget& budget) {
  const Nfa nfa(pattern, budget);
  return SubsetConstruction(nfa, budget).run();
}

}  // namespace r1v
