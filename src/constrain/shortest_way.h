// How many bytes the shortest way out of a container takes, from every place of a network.
#pragma once

#include <cstdint>
#include <vector>

#include "constrain/machine.h"
#include "constrain/network.h"

namespace r1v {

/// Upper bounds: a key that no other of its object may repeat counts two characters more than the shortest, and limits
/// of nesting are not looked at (a schema whose shortest value is its deepest may come to its end too late).
class ShortestWay {
 public:
  explicit ShortestWay(const Network& network);

  /// To the end of the container, its closing byte included. From one of the places that may follow a byte of this way
  /// it is at least a byte less.
  int64_t bytes(const Machine::State& state) const;
  /// The same from behind a container that `byte` opened in `state`.
  int64_t bytes_behind(const Machine::State& state, uint8_t byte) const;

 private:
  void measure_lexemes();
  void measure_positions();
  int64_t lexeme_bytes(int32_t lexeme_state, int32_t count) const;
  int64_t edge_bytes(const Network::Edge& edge) const;

  const Network& network_;
  std::vector<int32_t> to_accept_;  // of a lexeme's state
  std::vector<int64_t> to_end_;     // of a position
};

}  // namespace r1v
