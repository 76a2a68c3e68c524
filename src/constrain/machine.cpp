// Steps are found once and kept.
#include "constrain/machine.h"

#include <algorithm>

#include "base/error.h"

namespace r1v {
namespace {
using Kind = Network::Edge::Kind;
}  // namespace

size_t Machine::Hash::operator()(const std::vector<int32_t>& words) const {
  uint64_t hash = 0x9E3779B97F4A7C15u;
  for (const int32_t word : words) {
    hash = (hash ^ static_cast<uint32_t>(word)) * 0xFF51AFD7ED558CCDu;
    hash ^= hash >> 32;
  }
  return hash;
}

Machine::Machine(const Network& network, int64_t longest_token, int64_t most_opens)
    : network_(network), longest_token_(longest_token), seen_(network.positions.size(), 0) {
  int32_t highest = 0;
  for (const int32_t height : network.heights) {
    if (height != Network::kNever) highest = std::max(highest, height);
  }
  far_room_ = highest + static_cast<int32_t>(most_opens);
  find_byte_classes();
}

// Bytes that every lexeme and every position treats alike share a column.
void Machine::find_byte_classes() {
  bool is_start[257] = {true};
  for (const auto& state : network_.lexeme_states) {
    for (const auto& edge : state.edges) is_start[edge.first] = is_start[edge.last + 1] = true;
  }
  for (const char byte : {'{', '}', '[', ']', ',', ':'}) {
    is_start[static_cast<uint8_t>(byte)] = is_start[static_cast<uint8_t>(byte) + 1] = true;
  }
  for (int byte = 0; byte < 256; ++byte) {
    num_classes_ += is_start[byte] ? 1 : 0;
    class_of_byte_[byte] = static_cast<uint8_t>(num_classes_ - 1);
  }
}

bool Machine::fits(int32_t position, int32_t room) const {
  const int32_t height = network_.heights[static_cast<size_t>(position)];
  return height != Network::kNever && (room == kFar || height <= room);
}

int32_t Machine::start() {
  ++round_;
  reached_.clear();
  const int32_t room = kFar;
  add_position(network_.containers[0].start, room);
  return id_of_reached(room);
}

void Machine::add_lexeme(int32_t lexeme_state, int32_t position, int32_t count, int32_t room) {
  const auto& state = network_.lexeme_states[static_cast<size_t>(lexeme_state)];
  if (state.accepts) add_position(position, room);
  if (!state.edges.empty()) reached_.push_back({lexeme_state, position, count});
}

void Machine::add_position(int32_t first, int32_t room) {
  std::vector<int32_t> open{first};
  while (!open.empty()) {
    const int32_t position = open.back();
    open.pop_back();
    if (seen_[static_cast<size_t>(position)] == round_ || !fits(position, room)) continue;
    seen_[static_cast<size_t>(position)] = round_;
    bool has_bytes = false;
    for (const auto& edge : network_.positions[static_cast<size_t>(position)]) {
      if (edge.kind == Kind::skip) {
        open.push_back(edge.to);
      } else if (edge.kind != Kind::lexeme) {
        has_bytes = true;
      } else if (fits(edge.to, room)) {
        const auto& state = network_.lexeme_states[static_cast<size_t>(edge.what)];
        if (state.accepts) open.push_back(edge.to);
        reached_.push_back({edge.what, edge.to, 0});
      }
    }
    if (has_bytes) reached_.push_back({-1, position, 0});
  }
}

int32_t Machine::id_of_reached(int32_t room) {
  State state{.items = std::move(reached_), .room = room};
  reached_.clear();
  return intern(std::move(state));
}

int32_t Machine::intern(State state) {
  std::sort(state.items.begin(), state.items.end());
  state.items.erase(std::unique(state.items.begin(), state.items.end()), state.items.end());
  std::vector<int32_t> key{state.room};
  for (const Item& item : state.items) key.insert(key.end(), {item.lexeme, item.position, item.count});
  const auto known = ids_.find(key);
  if (known != ids_.end()) return known->second;
  for (const Item& item : state.items) {
    if (item.lexeme >= 0) {
      const LexemeInfo& info = network_.lexeme_at(item.lexeme);
      if (!info.is_key || item.lexeme == info.start) continue;
      state.is_in_key = true;
      state.is_in_free_key = state.is_in_free_key || info.is_free_key;
    } else {
      for (const auto& edge : network_.positions[static_cast<size_t>(item.position)]) {
        state.may_end = state.may_end || edge.kind == Kind::end;
      }
    }
  }
  const auto id = static_cast<int32_t>(states_.size());
  num_bytes_ += num_classes_ * sizeof(int32_t) + 2 * key.size() * sizeof(int32_t) + sizeof(State) + 96;
  ids_.emplace(std::move(key), id);
  states_.push_back(std::move(state));
  cells_.resize(cells_.size() + num_classes_, kUnknown);
  return id;
}

void Machine::step_lexeme(const Item& item, uint8_t byte, int32_t room) {
  const auto& edges = network_.lexeme_states[static_cast<size_t>(item.lexeme)].edges;
  const auto edge =
      std::find_if(edges.begin(), edges.end(), [&](const auto& way) { return way.first <= byte && byte <= way.last; });
  if (edge == edges.end()) return;
  int32_t count = item.count;
  const LexemeInfo& info = network_.lexeme_at(item.lexeme);
  if (info.is_counted) {
    const auto& to = network_.lexeme_states[static_cast<size_t>(edge->to)];
    if (to.accepts && count < info.least) return;
    if (to.ends_character && item.lexeme != info.start) ++count;
    if (count + to.needed > info.most) return;
    if (to.accepts) count = 0;
  }
  add_lexeme(edge->to, item.position, count, room);
}

Machine::Step Machine::find_step(int32_t id, uint8_t byte) {
  // A copy: interning moves states.
  const State from = states_[static_cast<size_t>(id)];
  ++round_;
  reached_.clear();
  std::vector<int32_t> opened, closed;
  for (const Item& item : from.items) {
    if (item.lexeme >= 0) {
      step_lexeme(item, byte, from.room);
      continue;
    }
    for (const auto& edge : network_.positions[static_cast<size_t>(item.position)]) {
      if (edge.byte != byte) continue;
      if (edge.kind == Kind::byte) add_position(edge.to, from.room);
      if (edge.kind == Kind::close) closed.push_back(edge.what);
      if (edge.kind == Kind::open && fits(edge.to, from.room)) opened.push_back(edge.what);
    }
  }
  Step step;
  if (!reached_.empty()) {
    R1V_CHECK(opened.empty() && closed.empty(), "byte ", int{byte});
    step = {Step::Kind::stay, id_of_reached(from.room)};
  } else if (!closed.empty()) {
    R1V_CHECK(opened.empty(), "byte ", int{byte});
    step = {Step::Kind::close, intern_closed(std::move(closed))};
  } else if (!opened.empty() && from.room != 0) {
    const int32_t room = from.room == kFar ? kFar : from.room - 1;
    ++round_;
    for (const int32_t container : opened)
      add_position(network_.containers[static_cast<size_t>(container)].start, room);
    if (!reached_.empty()) step = {Step::Kind::open, id_of_reached(room)};
  }
  cells_[static_cast<size_t>(id) * num_classes_ + class_of_byte_[byte]] = encoded(step);
  return step;
}

int32_t Machine::intern_closed(std::vector<int32_t> containers) {
  std::sort(containers.begin(), containers.end());
  containers.erase(std::unique(containers.begin(), containers.end()), containers.end());
  const auto [known, is_new] = closed_ids_.try_emplace(containers, static_cast<int32_t>(closed_.size()));
  if (is_new) closed_.push_back(std::move(containers));
  return known->second;
}

int32_t Machine::after_close(int32_t below, int32_t closed, int32_t room) {
  const std::vector<int32_t> key{below, closed, room};
  const auto known = after_close_.find(key);
  if (known != after_close_.end()) return known->second;
  const std::vector<Item> items = states_[static_cast<size_t>(below)].items;
  const std::vector<int32_t>& done = closed_[static_cast<size_t>(closed)];
  ++round_;
  reached_.clear();
  for (const Item& item : items) {
    if (item.lexeme >= 0) continue;
    for (const auto& edge : network_.positions[static_cast<size_t>(item.position)]) {
      const bool is_open = edge.kind == Kind::open && std::binary_search(done.begin(), done.end(), edge.what);
      if (is_open) add_position(edge.to, room);
    }
  }
  R1V_CHECK(!reached_.empty(), "nothing follows a container that was opened");
  num_bytes_ += 128;
  return after_close_[key] = id_of_reached(room);
}

int32_t Machine::settled(int32_t id, int32_t room) {
  if (room >= far_room_) room = kFar;
  State state = states_[static_cast<size_t>(id)];
  bool is_new = state.room != room;
  state.room = room;
  for (Item& item : state.items) {
    if (item.lexeme < 0) continue;
    const LexemeInfo& info = network_.lexeme_at(item.lexeme);
    if (info.settled_shift == 0 || item.lexeme == info.start) continue;
    item.lexeme += info.settled_shift;
    is_new = true;
  }
  return is_new ? intern(std::move(state)) : id;
}

int32_t Machine::mask_state(int32_t id) {
  State state = states_[static_cast<size_t>(id)];
  bool is_new = false;
  for (Item& item : state.items) {
    if (item.lexeme < 0) continue;
    const LexemeInfo& info = network_.lexeme_at(item.lexeme);
    if (!info.is_counted) continue;
    // Within one token neither bound comes in reach, or only the lower one is behind.
    const bool is_below = item.count + longest_token_ < info.least;
    const bool is_between = item.count >= info.least && item.count + longest_token_ + info.most_needed < info.most;
    if (is_below) item.count = 0;
    if (is_between) item.count = static_cast<int32_t>(info.least);
    is_new = is_new || is_below || is_between;
  }
  return is_new ? intern(std::move(state)) : id;
}

}  // namespace r1v
