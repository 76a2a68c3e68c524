// Guesses of a second, smaller model with the same tokenizer: greedy, on keys and values of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/block_store.h"
#include "engine/kv_blocks.h"
#include "models/r1v.h"

namespace r1v {

struct DraftRunnerLimits {
  int64_t pass_tokens = 512;  // rows a pass
  int64_t num_blocks = 0;     // of kKvBlockTokens tokens
};

/// One text that is guessed on. Texts are read once: what a name's text shared with it the last time is not read again.
struct DraftTask {
  int64_t name = 0;
  std::vector<int64_t> text;   // ids, no pictures
  std::vector<int64_t> guess;  // out: empty as long as the text is not read
};

class DraftRunner {
 public:
  /// Borrows the model.
  DraftRunner(const R1vModel& model, const DraftRunnerLimits& limits);

  /// Up to `tokens` guesses for each. One pass reads what is new of all texts, up to the limit, the first ones first;
  /// then a pass a token. Where blocks run out there is no guess.
  void guess(std::span<DraftTask> tasks, int64_t tokens);
  void forget(int64_t name);

 private:
  struct Part {
    DraftTask* task = nullptr;
    std::vector<int64_t> ids;  // behind what is stored
    bool is_whole = false;     // the text is read with it
  };
  std::vector<Part> new_parts(std::span<DraftTask> tasks);
  bool add_room(int64_t name, int64_t count);
  /// The likeliest next token behind each part.
  std::vector<int64_t> run(std::span<const Part> parts);

  const R1vModel& model_;
  DraftRunnerLimits limits_;
  KvBlocks blocks_;
  std::unique_ptr<BlockStore> store_;
  std::unordered_map<int64_t, std::vector<int64_t>> stored_;  // ids, by name
};

}  // namespace r1v
