// Who is in the next pass, and where its keys and values stand: decided from
// counts and contents alone. Torch-free.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "engine/kv_blocks.h"
#include "engine/prefix_cache.h"
#include "engine/step_plan.h"
#include "engine/token_key.h"

namespace r1v {

struct SchedulerLimits {
  int64_t max_batch = 32;     // samples under way together
  int64_t pass_tokens = 512;  // rows a pass, at least max_batch + 1 of them
  int64_t num_blocks = 0;     // of keys and values
  int64_t block_tokens = 32;
  bool caches_prefixes = true;
  int64_t max_idle_blocks = INT64_MAX;  // that the cache keeps while untouched ones are left

  int64_t pass_rows() const { return std::max(pass_tokens, max_batch + 1); }
};

/// throws InputError when prompt and answer can never fit into the blocks.
void expect_room(const SchedulerLimits& limits, int64_t prompt_tokens, int64_t max_tokens);

struct ScheduledRequest {
  std::vector<TokenKey> prompt;
  int64_t samples = 1;
  int64_t max_tokens = 1;  // that a sample may add
};

/// First come, first served, by request and then by sample. In every pass
/// - each sample that has a last token to go on from gets one row (there are at
/// most max_batch, fewer than a pass has),
/// - the rows left over read prompts, the oldest first; a prompt is begun when
/// places are free for its samples,
/// - what is still left goes to drafts.
/// So decoding never waits for prompts, and a prompt waits for places and
/// blocks only. Samples of a prompt share its blocks and start one by one as
/// places allow (there may be more of them than places).
///
/// Blocks: when they run out, the youngest holder loses its own and is read
/// again later, before anybody younger begins; nothing is drawn anew. A
/// sequence begins only when all it has to read finds room. The oldest may take
/// the blocks of all others, and `add` refuses what would not fit even then: so
/// the oldest moves in every pass, and nobody waits for ever.
class Scheduler {
 public:
  explicit Scheduler(const SchedulerLimits& limits);

  /// The new request's number: 0, 1, 2, ...
  /// throws InputError when prompt and answer can never fit into the blocks.
  size_t add(ScheduledRequest request);

  /// The next pass. Blocks are reserved, and full ones promised to who else
  /// needs them: a plan must be carried out, or the scheduler forgotten.
  StepPlan plan();
  /// The planned pass has been made.
  void commit(const StepPlan& plan);

  /// A sample whose prompt is read and that has a place: it is live from now
  /// on, and its first token comes with `accept`.
  std::optional<SampleName> start_next();
  /// Tokens drawn for a live sample; of drafts stored by the last pass those
  /// stay that were drawn.
  void accept(const SampleName& name, std::span<const int64_t> ids);
  /// So many drafts for its next row would be welcome.
  void propose(const SampleName& name, int64_t drafts);
  /// A live sample is over.
  void finish(const SampleName& name);
  /// Forgets everything of a request that is not live.
  void drop(size_t request);

  bool has_work() const { return !requests_.empty(); }
  int64_t num_live() const { return num_live_; }
  int64_t blocks_used() const { return limits_.num_blocks - blocks_.num_available(); }
  std::span<const int32_t> table(int64_t kv) const { return blocks_.table(kv); }

  /// Everything a check wants to see.
  struct Snapshot {
    struct Runner {
      size_t request = 0;
      std::optional<int64_t> sample;
      std::optional<int64_t> kv;  // while it holds blocks
      int64_t tokens = 0;         // known
      size_t known_blocks = 0;    // of its table that the cache has
    };
    SchedulerLimits limits;
    KvBlocks::Snapshot blocks;
    std::vector<std::optional<int32_t>> parents;  // by block, of those in the cache
    std::vector<bool> is_cached;                  // by block
    std::vector<Runner> runners;                  // live samples and prompts, oldest first
  };
  Snapshot snapshot() const;

 private:
  struct Runner {
    std::optional<int64_t> kv;  // while it holds blocks
    size_t known_blocks = 0;    // of its table that the cache has
  };
  struct Sample : Runner {
    std::vector<int64_t> ids;
    int64_t proposed = 0;
  };
  struct Request : ScheduledRequest {
    Runner reading;  // the prompt's own sequence, while samples may still start
                     // from it
    bool is_read = false;
    int64_t next_sample = 0;
    std::map<int64_t, Sample> live;
  };
  /// A prompt comes after its samples: it is given up first.
  struct Turn {
    size_t request = 0;
    bool is_prompt = false;
    int64_t sample = 0;
    auto operator<=>(const Turn&) const = default;
  };

  void plan_decoding(StepPlan& plan);
  void plan_reading(StepPlan& plan);
  void plan_drafts(StepPlan& plan);
  bool read(const Turn& turn, StepPlan& plan);
  bool begin_reading(const Turn& turn, StepPlan& plan);
  bool make_room(const Turn& turn, int64_t kv, int64_t count, StepPlan& plan);
  void reserve(int64_t kv, int64_t count, StepPlan& plan);
  void remember(const Turn& turn, int64_t until);
  void let_go(const Turn& turn);
  void forget_if_over(size_t request);

  Runner& runner(const Turn& turn);
  int64_t stored(const Runner& runner) const { return runner.kv ? blocks_.stored(*runner.kv) : 0; }
  int64_t tokens(const Turn& turn) const;
  TokenKey key(const Turn& turn, int64_t token) const;
  std::vector<TokenKey> keys(const Turn& turn, int64_t begin, int64_t end) const;
  void hold(const Turn& turn, int64_t kv, size_t known_blocks);

  SchedulerLimits limits_;
  KvBlocks blocks_;
  PrefixCache cache_;
  size_t next_request_ = 0;
  int64_t next_kv_ = 0;
  int64_t num_live_ = 0;
  std::map<size_t, Request> requests_;  // that are not over
  std::set<Turn> holders_;              // of blocks
};

}  // namespace r1v
