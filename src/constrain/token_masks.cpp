// One pass over the nodes below a place; what cannot follow is skipped with everything behind it.
#include "constrain/token_masks.h"

namespace r1v {

template <typename Take>
void TokenMasks::walk(int32_t node, int32_t state, std::vector<Exit>& exits, Take take) {
  using Kind = Machine::Step::Kind;
  const std::vector<TokenTrie::Node>& nodes = trie_.nodes();
  levels_.resize(static_cast<size_t>(trie_.longest()) + 1);
  opened_.clear();
  levels_[nodes[static_cast<size_t>(node)].depth] = {state, -1};
  const uint32_t end = nodes[static_cast<size_t>(node)].end;
  for (auto i = static_cast<uint32_t>(node) + 1; i < end;) {
    const TokenTrie::Node& at = nodes[i];
    const Level parent = levels_[at.depth - 1u];
    const Machine::Step step = machine_.step(parent.state, at.byte);
    Level here{step.what, parent.outside};
    if (step.kind == Kind::dead) {
      i = at.end;
      continue;
    }
    if (step.kind == Kind::open) {
      here.outside = static_cast<int32_t>(opened_.size());
      opened_.push_back(parent);
    } else if (step.kind == Kind::close) {
      const int32_t room = Machine::room_outside(machine_.state(parent.state).room);
      if (parent.outside < 0) {
        if (at.token >= 0) take(at.token);
        if (at.end > i + 1) exits.push_back({static_cast<int32_t>(i), step.what, room});
        i = at.end;
        continue;
      }
      const Level outside = opened_[static_cast<size_t>(parent.outside)];
      here = {machine_.after_close(outside.state, step.what, room), outside.outside};
    }
    if (at.token >= 0) take(at.token);
    levels_[at.depth] = here;
    ++i;
  }
}

const TokenMasks::Mask& TokenMasks::mask(int32_t state) {
  state = machine_.mask_state(state);
  const auto [known, is_new] = masks_.try_emplace(state);
  Mask& mask = known->second;
  if (!is_new) return mask;
  mask.words.assign(trie_.num_words(), 0);
  walk(0, state, mask.exits, [&](int32_t id) {
    mask.words[static_cast<size_t>(id) / 64] |= uint64_t{1} << (static_cast<uint32_t>(id) % 64);
  });
  num_bytes_ += mask.words.size() * sizeof(uint64_t) + mask.exits.size() * sizeof(Exit) + 96;
  return mask;
}

const TokenMasks::Piece& TokenMasks::piece(int32_t node, int32_t state) {
  const uint64_t key = static_cast<uint64_t>(static_cast<uint32_t>(node)) << 32 | static_cast<uint32_t>(state);
  const auto [known, is_new] = pieces_.try_emplace(key);
  Piece& piece = known->second;
  if (!is_new) return piece;
  walk(node, state, piece.exits, [&](int32_t id) { piece.tokens.push_back(id); });
  num_bytes_ += piece.tokens.size() * sizeof(int32_t) + piece.exits.size() * sizeof(Exit) + 96;
  return piece;
}

}  // namespace r1v
