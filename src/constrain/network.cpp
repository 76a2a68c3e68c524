// Putting positions together, and dropping those that lead nowhere.
#include "constrain/network.h"

#include <algorithm>

namespace r1v {
namespace {

using Kind = Network::Edge::Kind;

// Heights level by level: at level n, positions that need n levels of containers at the most.
class Heights {
 public:
  explicit Heights(Network& network) : network_(network), before_(network.positions.size()) {
    network_.heights.assign(network_.positions.size(), Network::kNever);
    for (size_t from = 0; from < network_.positions.size(); ++from) {
      for (const auto& edge : network_.positions[from]) add_before(static_cast<int32_t>(from), edge);
    }
  }

  void run(int32_t max_height) {
    for (int32_t height = 0; height <= max_height && !open_.empty(); ++height) settle(height);
  }

 private:
  struct Before {
    int32_t from = 0;
    int32_t container = -1;  // that has to be finished on the way
  };

  void add_before(int32_t from, const Network::Edge& edge) {
    if (edge.kind == Kind::close || edge.kind == Kind::end) {
      open_.push_back(from);
      return;
    }
    before_[static_cast<size_t>(edge.to)].push_back({from, edge.kind == Kind::open ? edge.what : -1});
    if (edge.kind == Kind::open) users_[start_of(edge.what)].push_back({from, edge.to});
  }

  int32_t start_of(int32_t container) const { return network_.containers[static_cast<size_t>(container)].start; }
  int32_t& height_of(int32_t position) { return network_.heights[static_cast<size_t>(position)]; }

  void settle(int32_t height) {
    std::vector<int32_t> later;
    while (!open_.empty()) {
      const int32_t position = open_.back();
      open_.pop_back();
      if (height_of(position) != Network::kNever) continue;
      height_of(position) = height;
      for (const Before& before : before_[static_cast<size_t>(position)]) {
        const bool is_ready = before.container < 0 || height_of(start_of(before.container)) < height;
        if (is_ready) open_.push_back(before.from);
      }
      // What opens this container can use it one level up.
      const auto users = users_.find(position);
      if (users == users_.end()) continue;
      for (const User& user : users->second) waiting_.push_back(user);
    }
    for (const User& user : waiting_) {
      if (height_of(user.to) != Network::kNever) later.push_back(user.from);
    }
    std::erase_if(waiting_, [&](const User& user) { return height_of(user.to) != Network::kNever; });
    open_ = std::move(later);
  }

  struct User {
    int32_t from = 0;
    int32_t to = 0;
  };
  Network& network_;
  std::vector<std::vector<Before>> before_;
  std::map<int32_t, std::vector<User>> users_;  // of the start of a container
  std::vector<User> waiting_;                   // the container is ready, the rest of the way is not yet
  std::vector<int32_t> open_;
};

}  // namespace

int32_t Network::add_position(Budget& budget) {
  budget.spend(1);
  positions.emplace_back();
  return static_cast<int32_t>(positions.size()) - 1;
}

int32_t Network::add_container(uint8_t open, Budget& budget) {
  containers.push_back({.start = add_position(budget), .open = open});
  return static_cast<int32_t>(containers.size()) - 1;
}

int32_t Network::add_lexeme(const ByteAutomaton& automaton, LexemeInfo info) {
  info.start = static_cast<int32_t>(lexeme_states.size());
  info.size = static_cast<int32_t>(automaton.states.size());
  for (const auto& state : automaton.states) {
    lexeme_states.push_back(state);
    if (info.is_counted) info.most_needed = std::max<int64_t>(info.most_needed, state.needed);
    for (auto& edge : lexeme_states.back().edges) edge.to += info.start;
    lexeme_of_state.push_back(static_cast<int32_t>(lexemes.size()));
  }
  lexemes.push_back(info);
  return info.start;
}

int32_t Network::add_free_key(const ByteAutomaton& automaton) {
  ByteAutomaton unfinished = automaton;
  for (auto& state : unfinished.states) {
    std::erase_if(state.edges,
                  [&](const auto& edge) { return automaton.states[static_cast<size_t>(edge.to)].accepts; });
  }
  const auto size = static_cast<int32_t>(automaton.states.size());
  const int32_t start = add_lexeme(unfinished, {.is_key = true, .is_free_key = true, .settled_shift = size});
  add_lexeme(automaton, {.is_key = true, .is_free_key = true});
  return start;
}

void Network::prune(int32_t max_height) {
  Heights(*this).run(max_height);
  const auto is_dead = [&](const Edge& edge) {
    if (edge.kind == Kind::close || edge.kind == Kind::end) return false;
    const bool is_dead_container =
        edge.kind == Kind::open &&
        heights[static_cast<size_t>(containers[static_cast<size_t>(edge.what)].start)] >= max_height;
    return is_dead_container || heights[static_cast<size_t>(edge.to)] == kNever;
  };
  for (auto& edges : positions) std::erase_if(edges, is_dead);
}

}  // namespace r1v
