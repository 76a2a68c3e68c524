// One answer's way through a schema: a stack of open containers, and the tokens that may come next.
#include "constrain/grammar.h"

#include <algorithm>
#include <mutex>
#include <string>

#include "base/error.h"
#include "constrain/compile_schema.h"
#include "constrain/network_grammar.h"
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
  Network network;
  std::shared_ptr<const TokenTrie> trie;
  size_t most_kept_bytes = 0;
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
    frames_.push_back({.state = machine.settled(machine.start(), kDeepestDocument)});
    may_end_ = machine.state(frames_[0].state).may_end;
  }

  std::span<const uint64_t> allowed() override {
    const std::lock_guard lock(shared_->mutex);
    move_to_fresh_findings();
    const TokenMasks::Mask& mask = findings_->masks.mask(frames_.back().state);
    const Machine::State& top = findings_->machine.state(frames_.back().state);
    const bool has_rivals = top.is_in_free_key && !frames_.back().keys.empty();
    if (mask.exits.empty() && !has_rivals) return mask.words;  // the mask lives as long as findings_
    words_ = mask.words;
    for (const TokenMasks::Exit& exit : mask.exits) add_outside(exit, frames_.size() - 1);
    if (has_rivals) remove_repeated_keys();
    return words_;
  }

  void accept(int64_t id) override {
    R1V_CHECK(shared_->trie->has(id), "token ", id);
    const std::lock_guard lock(shared_->mutex);
    for (const char byte : shared_->trie->bytes(id)) take(static_cast<uint8_t>(byte), id);
    Machine& machine = findings_->machine;
    const auto room = kDeepestDocument - static_cast<int32_t>(frames_.size()) + 1;
    frames_.back().state = machine.settled(frames_.back().state, room);
    may_end_ = frames_.size() == 1 && machine.state(frames_.back().state).may_end;
  }

  bool may_end() const override { return may_end_; }

 private:
  struct Frame {
    int32_t state = 0;
    std::vector<std::string> keys = {};  // that were written, between their quotes
  };

  void move_to_fresh_findings() {
    const std::shared_ptr<Findings> fresh = shared_->fresh();
    if (fresh == findings_) return;
    for (Frame& frame : frames_) frame.state = fresh->machine.intern(findings_->machine.state(frame.state));
    findings_ = fresh;
  }

  // Tokens that go on behind the end of container number `top`.
  void add_outside(const TokenMasks::Exit& exit, size_t top) {
    R1V_CHECK(top > 0);
    const int32_t state = findings_->machine.after_close(frames_[top - 1].state, exit.closed, exit.room);
    const TokenMasks::Piece& piece = findings_->masks.piece(exit.node, state);
    for (const int32_t id : piece.tokens) {
      words_[static_cast<size_t>(id) / 64] |= uint64_t{1} << (static_cast<uint32_t>(id) % 64);
    }
    for (const TokenMasks::Exit& further : piece.exits) add_outside(further, top - 1);
  }

  void remove_repeated_keys() {
    const std::vector<TokenTrie::Node>& nodes = shared_->trie->nodes();
    for (const std::string& used : frames_.back().keys) {
      if (!used.starts_with(key_)) continue;
      const int64_t found = shared_->trie->find(0, used.substr(key_.size()) + '"');
      if (found < 0) continue;
      for (auto i = static_cast<size_t>(found); i < nodes[static_cast<size_t>(found)].end; ++i) {
        const int32_t id = nodes[i].token;
        if (id >= 0) words_[static_cast<size_t>(id) / 64] &= ~(uint64_t{1} << (static_cast<uint32_t>(id) % 64));
      }
    }
  }

  void take(uint8_t byte, int64_t id) {
    using Kind = Machine::Step::Kind;
    Machine& machine = findings_->machine;
    const int32_t before = frames_.back().state;
    const bool was_in_key = machine.state(before).is_in_key;
    const Machine::Step step = machine.step(before, byte);
    R1V_CHECK(step.kind != Kind::dead, "token ", id, " was not allowed");
    if (step.kind == Kind::open) {
      frames_.push_back({.state = step.what});
    } else if (step.kind == Kind::close) {
      R1V_CHECK(frames_.size() > 1);
      const int32_t room = Machine::room_outside(machine.state(before).room);
      frames_.pop_back();
      frames_.back().state = machine.after_close(frames_.back().state, step.what, room);
    } else {
      frames_.back().state = step.what;
      follow_key(was_in_key, machine.state(step.what).is_in_key, byte);
    }
  }

  void follow_key(bool was_in_key, bool is_in_key, uint8_t byte) {
    if (!was_in_key) {
      key_.clear();  // its opening quote, if anything
    } else if (is_in_key) {
      key_ += static_cast<char>(byte);
    } else {
      auto& keys = frames_.back().keys;
      R1V_CHECK(std::find(keys.begin(), keys.end(), key_) == keys.end(), "a key comes twice");
      keys.push_back(key_);
    }
  }

  std::shared_ptr<Shared> shared_;
  std::shared_ptr<Findings> findings_;
  std::vector<Frame> frames_;  // the document, and every container that is open
  std::string key_;            // so far
  std::vector<uint64_t> words_;
  bool may_end_ = false;
};

class SchemaGrammar final : public Grammar {
 public:
  SchemaGrammar(Network network, std::shared_ptr<const TokenTrie> trie, size_t most_kept_bytes)
      : shared_(std::make_shared<Shared>()) {
    shared_->network = std::move(network);
    shared_->trie = std::move(trie);
    shared_->most_kept_bytes = most_kept_bytes;
  }
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
