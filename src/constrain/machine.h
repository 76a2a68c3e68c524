// A network run over all its possibilities at once: sets of places become states when they are first reached.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "constrain/network.h"

namespace r1v {

/// Not for several threads at once.
class Machine {
 public:
  static constexpr int32_t kFar = -1;  // a room: the limit of nesting is too far away to matter

  struct Item {
    int32_t lexeme = -1;   // its state; -1 = between lexemes
    int32_t position = 0;  // then, or behind the lexeme
    int32_t count = 0;     // characters so far, where they are counted
    auto operator<=>(const Item&) const = default;
  };
  struct State {
    std::vector<Item> items;
    int32_t room = kFar;     // how many more containers may be opened inside each other
    bool is_in_key = false;  // behind its opening quote
    bool is_in_free_key = false;
    bool may_end = false;
  };
  struct Step {
    enum class Kind : uint8_t { dead, stay, open, close } kind = Kind::dead;
    int32_t what = 0;  // the next state; the first state inside; which containers were closed
  };

  /// longest_token, most_opens: of the vocabulary that is going to be asked about.
  Machine(const Network& network, int64_t longest_token, int64_t most_opens);

  int32_t start();
  Step step(int32_t state, uint8_t byte) {
    const int32_t cell = cells_[static_cast<size_t>(state) * num_classes_ + class_of_byte_[byte]];
    return cell == kUnknown ? find_step(state, byte) : decoded(cell);
  }
  /// The state of a container after one inside it was closed. room  of the result.
  int32_t after_close(int32_t below, int32_t closed, int32_t room);
  /// The same place at the beginning of a token, with `room` levels left.
  int32_t settled(int32_t state, int32_t room);
  /// A state from which the same tokens go on, and which more states share.
  int32_t mask_state(int32_t state);
  int32_t intern(State state);

  const State& state(int32_t id) const { return states_[static_cast<size_t>(id)]; }
  static int32_t room_outside(int32_t room) { return room == kFar ? kFar : room + 1; }
  size_t num_bytes() const { return num_bytes_; }

 private:
  static constexpr int32_t kUnknown = -1;
  static Step decoded(int32_t cell) { return {static_cast<Step::Kind>(cell & 3), cell >> 2}; }
  static int32_t encoded(Step step) { return step.what << 2 | static_cast<int32_t>(step.kind); }
  struct Hash {
    size_t operator()(const std::vector<int32_t>& words) const;
  };

  void find_byte_classes();
  Step find_step(int32_t state, uint8_t byte);
  void step_lexeme(const Item& item, uint8_t byte, int32_t room);
  void add_lexeme(int32_t lexeme_state, int32_t position, int32_t count, int32_t room);
  void add_position(int32_t position, int32_t room);
  bool fits(int32_t position, int32_t room) const;
  int32_t id_of_reached(int32_t room);
  int32_t intern_closed(std::vector<int32_t> containers);

  const Network& network_;
  int64_t longest_token_;
  int32_t far_room_ = 0;
  size_t num_classes_ = 0;
  uint8_t class_of_byte_[256] = {};
  std::vector<State> states_;
  std::vector<int32_t> cells_;  // [state * num_classes_ + class]
  std::unordered_map<std::vector<int32_t>, int32_t, Hash> ids_;
  std::vector<std::vector<int32_t>> closed_;
  std::unordered_map<std::vector<int32_t>, int32_t, Hash> closed_ids_;
  std::unordered_map<std::vector<int32_t>, int32_t, Hash> after_close_;
  size_t num_bytes_ = 0;

  // Of the step that is being found.
  std::vector<Item> reached_;
  std::vector<uint32_t> seen_;  // of a position: the round in which it was added
  uint32_t round_ = 0;
};

}  // namespace r1v
