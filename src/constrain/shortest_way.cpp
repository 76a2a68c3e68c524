// Dijkstra's algorithm; a container costs what its own shortest way costs (Knuth 1977).
#include "constrain/shortest_way.h"

#include <algorithm>
#include <deque>
#include <queue>
#include <utility>

#include "base/error.h"

namespace r1v {
namespace {

using Kind = Network::Edge::Kind;

constexpr int64_t kNever = INT64_MAX / 4;
constexpr int64_t kKeySlack = 2;  // ninety characters twice: more keys than an object of a few kilobytes can hold

}  // namespace

ShortestWay::ShortestWay(const Network& network) : network_(network) {
  measure_lexemes();
  measure_positions();
}

void ShortestWay::measure_lexemes() {
  const auto& states = network_.lexeme_states;
  to_accept_.assign(states.size(), INT32_MAX / 2);
  std::vector<std::vector<int32_t>> before(states.size());
  std::deque<int32_t> open;
  for (size_t from = 0; from < states.size(); ++from) {
    for (const auto& edge : states[from].edges)
      before[static_cast<size_t>(edge.to)].push_back(static_cast<int32_t>(from));
    if (!states[from].accepts) continue;
    to_accept_[from] = 0;
    open.push_back(static_cast<int32_t>(from));
  }
  for (; !open.empty(); open.pop_front()) {
    const auto to = static_cast<size_t>(open.front());
    for (const int32_t from : before[to]) {
      int32_t& known = to_accept_[static_cast<size_t>(from)];
      if (known <= to_accept_[to] + 1) continue;
      known = to_accept_[to] + 1;
      open.push_back(from);
    }
  }
}

int64_t ShortestWay::lexeme_bytes(int32_t lexeme_state, int32_t count) const {
  const LexemeInfo& info = network_.lexeme_at(lexeme_state);
  // In its first token a free key cannot end: it does in the states that stand for it later.
  const int64_t bytes = to_accept_[static_cast<size_t>(lexeme_state + info.settled_shift)];
  const int64_t missing = info.is_counted ? std::max<int64_t>(0, info.least - count) : 0;
  return bytes + missing + (info.is_free_key ? kKeySlack : 0);
}

int64_t ShortestWay::edge_bytes(const Network::Edge& edge) const {
  if (edge.kind == Kind::end) return 0;
  if (edge.kind == Kind::close) return 1;
  const int64_t rest = to_end_[static_cast<size_t>(edge.to)];
  if (edge.kind == Kind::skip) return rest;
  if (edge.kind == Kind::byte) return 1 + rest;
  if (edge.kind == Kind::lexeme) return lexeme_bytes(edge.what, 0) + rest;
  const int32_t inside = network_.containers[static_cast<size_t>(edge.what)].start;
  return 1 + to_end_[static_cast<size_t>(inside)] + rest;
}

void ShortestWay::measure_positions() {
  const auto& positions = network_.positions;
  to_end_.assign(positions.size(), kNever);
  using Reached = std::pair<int64_t, int32_t>;
  std::priority_queue<Reached, std::vector<Reached>, std::greater<>> open;
  std::vector<std::vector<std::pair<int32_t, size_t>>> users(positions.size());  // (position, edge) that needs it
  const auto use = [&](int32_t needed, size_t from, size_t edge) {
    users[static_cast<size_t>(needed)].emplace_back(static_cast<int32_t>(from), edge);
  };
  std::vector<bool> is_known(positions.size());
  const auto reach = [&](int32_t from, const Network::Edge& edge) {
    const int64_t bytes = edge_bytes(edge);
    if (bytes < kNever && !is_known[static_cast<size_t>(from)]) open.emplace(bytes, from);
  };
  for (size_t from = 0; from < positions.size(); ++from) {
    for (size_t i = 0; i < positions[from].size(); ++i) {
      const Network::Edge& edge = positions[from][i];
      if (edge.kind == Kind::end || edge.kind == Kind::close) {
        reach(static_cast<int32_t>(from), edge);
        continue;
      }
      use(edge.to, from, i);
      if (edge.kind == Kind::open) use(network_.containers[static_cast<size_t>(edge.what)].start, from, i);
    }
  }
  while (!open.empty()) {
    const auto [bytes, position] = open.top();
    open.pop();
    const auto index = static_cast<size_t>(position);
    if (is_known[index]) continue;
    is_known[index] = true;
    to_end_[index] = bytes;
    for (const auto& [from, edge] : users[index]) reach(from, positions[static_cast<size_t>(from)][edge]);
  }
}

int64_t ShortestWay::bytes(const Machine::State& state) const {
  int64_t least = kNever;
  for (const Machine::Item& item : state.items) {
    const int64_t rest = to_end_[static_cast<size_t>(item.position)];
    least = std::min(least, item.lexeme < 0 ? rest : lexeme_bytes(item.lexeme, item.count) + rest);
  }
  return least;
}

int64_t ShortestWay::bytes_behind(const Machine::State& state, uint8_t byte) const {
  int64_t most = 0;  // which of several containers it was is told by its end only
  for (const Machine::Item& item : state.items) {
    if (item.lexeme >= 0) continue;
    for (const auto& edge : network_.positions[static_cast<size_t>(item.position)]) {
      if (edge.kind == Kind::open && edge.byte == byte) most = std::max(most, to_end_[static_cast<size_t>(edge.to)]);
    }
  }
  return most;
}

}  // namespace r1v
