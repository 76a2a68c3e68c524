// One answer's way through a schema: a stack of open containers, and the tokens that may come next.
#include "constrain/grammar.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "constrain/compile_schema.h"
#include "constrain/network_grammar.h"
#include "constrain/shortest_way.h"
#include "constrain/token_masks.h"

namespace r1v {
namespace {

// What has been found about a grammar so far; grows while answers are written.
struct Findings {
  Findings(const Network& network, const TokenTrie& trie)
      : machine(network, trie.longest(), trie.most_opens()), masks(machine, trie) {}
  size_t num_bytes() const { return machine.num_bytes() + masks.num_bytes(); }
  Machine machine;
  TokenMasks masks;
};

// Shared by all places of a grammar.
struct Shared {
  Shared(Network compiled, std::shared_ptr<const TokenTrie> tokens, size_t most_bytes)
      : network(std::move(compiled)), way(network), trie(std::move(tokens)), most_kept_bytes(most_bytes) {}

  const Network network;
  const ShortestWay way;
  const std::shared_ptr<const TokenTrie> trie;
  const size_t most_kept_bytes;
  std::mutex mutex;
  std::shared_ptr<Findings> findings;  // under the mutex, and what it points to

  std::shared_ptr<Findings> fresh() {
    if (!findings || findings->num_bytes() > most_kept_bytes) findings = std::make_shared<Findings>(network, *trie);
    return findings;
  }
};

class SchemaPlace final : public Grammar::Place {
 public:
  explicit SchemaPlace(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {
    const std::lock_guard lock(shared_->mutex);
    findings_ = shared_->fresh();
    Machine& machine = findings_->machine;
    way_.frames.push_back({.state = machine.settled(machine.start(), kDeepestDocument)});
    may_end_ = machine.state(way_.frames[0].state).may_end;
  }

  std::span<const uint64_t> allowed() override {
    const std::lock_guard lock(shared_->mutex);
    move_to_fresh_findings();
    const TokenMasks::Mask& mask = findings_->masks.mask(way_.frames.back().state);
    const Machine::State& top = findings_->machine.state(way_.frames.back().state);
    const bool has_rivals = top.is_in_free_key && !way_.frames.back().keys.empty();
    if (mask.exits.empty() && !has_rivals) return mask.words;  // the mask lives as long as findings_
    words_ = mask.words;
    for (const TokenMasks::Exit& exit : mask.exits) add_outside(exit, way_.frames.size() - 1);
    if (has_rivals) remove_repeated_keys();
    return words_;
  }

  void accept(int64_t id) override {
    R1V_CHECK(shared_->trie->has(id), "token ", id);
    const std::lock_guard lock(shared_->mutex);
    R1V_CHECK(go_on(id), "token ", id, " was not allowed");
    may_end_ = can_end();
  }

  int64_t tokens_to_end() override {
    const std::lock_guard lock(shared_->mutex);
    const Way here = way_;
    const int64_t tokens = close(INT64_MAX);
    way_ = here;
    return tokens;
  }

  bool ends_within(int64_t tokens, int64_t id) override {
    const std::lock_guard lock(shared_->mutex);
    const Way here = way_;
    R1V_CHECK(go_on(id), "token ", id, " was not allowed");
    // A token is a byte at least; only where that much does not fit the tokens themselves are counted.
    const bool does = bytes_to_end() <= tokens || close(tokens) <= tokens;
    way_ = here;
    return does;
  }

  int64_t closing_token() override {
    const std::lock_guard lock(shared_->mutex);
    return first_token(closing_text());
  }

  bool may_end() const override { return may_end_; }

 private:
  struct Frame {
    int32_t state = 0;
    int64_t bytes_behind = 0;            // to the end of the document from behind this container
    std::vector<std::string> keys = {};  // that were written, between their quotes
  };
  struct Way {
    std::vector<Frame> frames;  // the document, and every container that is open
    std::string key;            // so far
  };

  void move_to_fresh_findings() {
    const std::shared_ptr<Findings> fresh = shared_->fresh();
    if (fresh == findings_) return;
    for (Frame& frame : way_.frames) frame.state = fresh->machine.intern(findings_->machine.state(frame.state));
    findings_ = fresh;
  }

  // Tokens that go on behind the end of container number `top`.
  void add_outside(const TokenMasks::Exit& exit, size_t top) {
    R1V_CHECK(top > 0);
    const int32_t state = findings_->machine.after_close(way_.frames[top - 1].state, exit.closed, exit.room);
    const TokenMasks::Piece& piece = findings_->masks.piece(exit.node, state);
    for (const int32_t id : piece.tokens) {
      words_[static_cast<size_t>(id) / 64] |= uint64_t{1} << (static_cast<uint32_t>(id) % 64);
    }
    for (const TokenMasks::Exit& further : piece.exits) add_outside(further, top - 1);
  }

  void remove_repeated_keys() {
    const std::vector<TokenTrie::Node>& nodes = shared_->trie->nodes();
    for (const std::string& used : way_.frames.back().keys) {
      if (!used.starts_with(way_.key)) continue;
      const int64_t found = shared_->trie->find(0, used.substr(way_.key.size()) + '"');
      if (found < 0) continue;
      for (auto i = static_cast<size_t>(found); i < nodes[static_cast<size_t>(found)].end; ++i) {
        const int32_t id = nodes[i].token;
        if (id >= 0) words_[static_cast<size_t>(id) / 64] &= ~(uint64_t{1} << (static_cast<uint32_t>(id) % 64));
      }
    }
  }

  /// false, and nowhere of use: the token does not follow.
  bool go_on(int64_t id) {
    for (const char byte : shared_->trie->bytes(id)) {
      if (!take(static_cast<uint8_t>(byte))) return false;
    }
    settle();
    return true;
  }

  void settle() {
    const auto room = kDeepestDocument - static_cast<int32_t>(way_.frames.size()) + 1;
    way_.frames.back().state = findings_->machine.settled(way_.frames.back().state, room);
  }

  bool take(uint8_t byte) {
    using Kind = Machine::Step::Kind;
    Machine& machine = findings_->machine;
    auto& frames = way_.frames;
    const int32_t before = frames.back().state;
    const bool was_in_key = machine.state(before).is_in_key;
    const Machine::Step step = machine.step(before, byte);
    if (step.kind == Kind::dead) return false;
    if (step.kind == Kind::open) {
      const int64_t behind = frames.back().bytes_behind + shared_->way.bytes_behind(machine.state(before), byte);
      frames.push_back({.state = step.what, .bytes_behind = behind});
    } else if (step.kind == Kind::close) {
      R1V_CHECK(frames.size() > 1);
      const int32_t room = Machine::room_outside(machine.state(before).room);
      frames.pop_back();
      frames.back().state = machine.after_close(frames.back().state, step.what, room);
    } else {
      frames.back().state = step.what;
      return follow_key(was_in_key, machine.state(step.what).is_in_key, byte);
    }
    return true;
  }

  /// false: the key comes twice.
  bool follow_key(bool was_in_key, bool is_in_key, uint8_t byte) {
    if (!was_in_key) {
      way_.key.clear();  // its opening quote, if anything
    } else if (is_in_key) {
      way_.key += static_cast<char>(byte);
    } else {
      auto& keys = way_.frames.back().keys;
      if (std::find(keys.begin(), keys.end(), way_.key) != keys.end()) return false;
      keys.push_back(way_.key);
    }
    return true;
  }

  bool can_end() const { return way_.frames.size() == 1 && findings_->machine.state(way_.frames.back().state).may_end; }

  int64_t bytes_to_end() const {
    const Frame& top = way_.frames.back();
    return shared_->way.bytes(findings_->machine.state(top.state)) + top.bytes_behind;
  }

  /// The bytes of a shortest way to an end.
  std::string closing_text() {
    const Way here = way_;
    std::string text;
    while (!can_end()) text += static_cast<char>(take_best_byte());
    way_ = here;
    return text;
  }

  uint8_t take_best_byte() {
    int best = -1;
    int64_t least = INT64_MAX;
    for (int byte = 0x20; byte < 0x100; ++byte) {  // control characters make nothing shorter
      const std::optional<int64_t> left = bytes_to_end_behind(static_cast<uint8_t>(byte));
      if (!left || *left >= least) continue;
      least = *left;
      best = byte;
    }
    R1V_CHECK(best >= 0 && take(static_cast<uint8_t>(best)), "no byte goes on");
    settle();
    return static_cast<uint8_t>(best);
  }

  /// None: this byte does not follow.
  std::optional<int64_t> bytes_to_end_behind(uint8_t byte) {
    using Kind = Machine::Step::Kind;
    Machine& machine = findings_->machine;
    const ShortestWay& way = shared_->way;
    const Frame& top = way_.frames.back();
    const Machine::Step step = machine.step(top.state, byte);
    if (step.kind == Kind::dead) return std::nullopt;
    if (step.kind == Kind::open) {
      const int64_t outside = way.bytes_behind(machine.state(top.state), byte) + top.bytes_behind;
      return way.bytes(machine.state(step.what)) + outside;
    }
    if (step.kind == Kind::close) {
      const Frame& outside = way_.frames[way_.frames.size() - 2];
      const int32_t room = Machine::room_outside(machine.state(top.state).room);
      const int32_t after = machine.after_close(outside.state, step.what, room);
      return way.bytes(machine.state(after)) + outside.bytes_behind;
    }
    const bool ends_key = machine.state(top.state).is_in_key && !machine.state(step.what).is_in_key;
    if (ends_key && std::ranges::find(top.keys, way_.key) != top.keys.end()) return std::nullopt;
    return way.bytes(machine.state(step.what)) + top.bytes_behind;
  }

  /// The longest token that `text` begins with and that may come.
  int64_t first_token(std::string_view text) {
    const TokenTrie& trie = *shared_->trie;
    std::vector<int32_t> found;  // the longest last
    int64_t node = 0;
    for (size_t i = 0; i < text.size() && node >= 0; ++i) {
      node = trie.find(static_cast<size_t>(node), text.substr(i, 1));
      const int32_t id = node < 0 ? -1 : trie.nodes()[static_cast<size_t>(node)].token;
      if (id >= 0) found.push_back(id);
    }
    const Way here = way_;
    for (bool does = false; !found.empty(); found.pop_back()) {
      does = go_on(found.back());
      way_ = here;
      if (does) return found.back();
    }
    R1V_CHECK(false, "no token goes on");
    return -1;
  }

  /// Writes a way to an end; how many tokens it took, or more than `most`.
  int64_t close(int64_t most) {
    int64_t tokens = 0;
    for (std::string text = closing_text(); !can_end() && tokens <= most; ++tokens) {
      if (text.empty()) text = closing_text();
      const int64_t id = first_token(text);
      R1V_CHECK(go_on(id));
      text.erase(0, shared_->trie->bytes(id).size());
    }
    return tokens;
  }

  std::shared_ptr<Shared> shared_;
  std::shared_ptr<Findings> findings_;
  Way way_;
  std::vector<uint64_t> words_;
  bool may_end_ = false;
};

class SchemaGrammar final : public Grammar {
 public:
  SchemaGrammar(Network network, std::shared_ptr<const TokenTrie> trie, size_t most_kept_bytes)
      : shared_(std::make_shared<Shared>(std::move(network), std::move(trie), most_kept_bytes)) {}
  std::unique_ptr<Place> begin() const override { return std::make_unique<SchemaPlace>(shared_); }

 private:
  std::shared_ptr<Shared> shared_;
};

// Whatever was written, there must be a token that goes on: all bytes that a string may need are tokens themselves.
void check_vocabulary(const TokenTrie& trie) {
  for (int byte = 0x20; byte < 0xF5; ++byte) {
    const bool is_needed = byte != 0xC0 && byte != 0xC1;
    const int64_t node = trie.find(0, std::string(1, static_cast<char>(byte)));
    if (!is_needed || (node >= 0 && trie.nodes()[static_cast<size_t>(node)].token >= 0)) continue;
    throw InputError(cat("this tokenizer has no token for byte ", byte, " alone, so answers cannot be constrained; ",
                         "expected a byte-level vocabulary, leave response_format out"));
  }
}

}  // namespace

std::shared_ptr<const Grammar> grammar_of_network(Network network, std::shared_ptr<const TokenTrie> tokens,
                                                  size_t most_kept_bytes) {
  check_vocabulary(*tokens);
  return std::make_shared<SchemaGrammar>(std::move(network), std::move(tokens), most_kept_bytes);
}

std::shared_ptr<const Grammar> grammar_of_schema(const Json& schema, std::shared_ptr<const TokenTrie> tokens,
                                                 const GrammarLimits& limits) {
  return grammar_of_network(compile_schema(schema, limits), std::move(tokens));
}

std::shared_ptr<const Grammar> grammar_of_object(std::shared_ptr<const TokenTrie> tokens) {
  return grammar_of_network(compile_any_object(), std::move(tokens));
}

}  // namespace r1v
