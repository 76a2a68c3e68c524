// Prompts in, completions out: many requests through one model.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/request.h"
#include "engine/sampling_params.h"

namespace r1v {

enum class KvFormat;  // kernels/paged_kv.h

class R1vModel;
class Renderer;
struct Prompt;

struct GenerateRequest {
  const Prompt* prompt = nullptr;  // stays alive until the result is there
  SamplingParams sampling;
  StreamCallback on_piece;                          // may be empty
  const std::atomic<bool>* is_cancelled = nullptr;  // read before every pass; when set all samples end as cancelled
  /// Read before every token; when set, samples that still think close their thinking with the next one and answer, as
  /// if their budget ended there (finish: budget).
  const std::atomic<bool>* ends_thinking = nullptr;
  ProgressCallback on_progress;  // may be empty
  uint64_t cache_salt = 0;       // requests find only what others of the same salt left in the caches
  bool fails_alone = false;      // what goes wrong at one of its tokens ends it, not all (GenerateResult::failure)
};

struct GenerateResult {
  std::vector<Completion> completions;  // sampling.n of them
  Usage usage;                          // completion and thinking tokens are summed over the samples
  Timing timing;                        // the tower and prompt passes it took part in; first token to last
  std::string failure;                  // why the request failed alone; its samples end as cancelled then
};

struct EngineOptions {
  int64_t max_batch = 32;             // samples under way together
  int64_t pass_tokens = 512;          // rows a pass: one for every sample under way, the rest for prompts and drafts
  std::optional<KvFormat> kv_format;  // of a packed network's keys and values, else float32; plain ones keep their own
  int64_t kv_memory_bytes = 0;        // for keys and values; 0 = half of what is free
  bool caches_prefixes = true;        // a beginning that was read before, pictures included, is not computed again
  int64_t prefix_cache_bytes = 0;     // of beginnings that nobody reads at the moment; 0 = all that kv_memory leaves
  int64_t picture_cache_bytes = int64_t{256} << 20;  // of pictures that no request uses at the moment
  int64_t draft_tokens = 0;  // guesses a row, by looking back in the text: pays where answers repeat their prompt
  const R1vModel* draft_model = nullptr;  // makes the guesses instead, but for prompts with pictures; same tokenizer
};

/// What an engine has done so far.
struct EngineCounts {
  int64_t passes = 0;
  int64_t rows = 0;           // through the network
  int64_t cached_tokens = 0;  // of prompts: not computed again
  int64_t tower_passes = 0;   // in which a picture was encoded
  int64_t preemptions = 0;    // samples that lost their blocks and were read again
  int64_t drafts = 0;         // guessed tokens
  int64_t drafts_accepted = 0;
};

/// Borrows the model and the renderer (tokenizer, eos and control ids). One thread drives it. The model's weights stay
/// as they are while it lives: what was read before is used again.
class Engine {
 public:
  /// throws InputError when the memory for keys and values holds no conversation, or for options out of range.
  Engine(const R1vModel& model, const Renderer& renderer, const EngineOptions& options = {});
  ~Engine();

  /// Answers all requests, batched; results in the order of the requests. A packed network gives the same tokens for
  /// the same seed in any company: alone, in a batch, preempted, from the cache, with drafts. A plain one does so up to
  /// float rounding.
  /// throws InputError as `add` does, before anything is generated.
  std::vector<GenerateResult> generate(const std::vector<GenerateRequest>& requests);
  GenerateResult generate(const GenerateRequest& request);

  /// The same for callers that feed a running batch: add, step while there is work, take what is finished.
  /// Returns the request's number. max_tokens is cut to what the context leaves after the prompt.
  /// throws InputError: a parameter out of range; an empty prompt or one that fills the context; pictures that do not
  /// fit prompt or model; a thinking budget that leaves no token for the answer within max_tokens; a prompt and an
  /// answer whose keys and values can never fit into the memory.
  size_t add(const GenerateRequest& request);
  /// throws what `add` would throw; for any thread, whatever the engine does meanwhile.
  void check(const GenerateRequest& request) const;
  /// One pass through the model; false when there is nothing left to do.
  /// throws InputError when the model gives no finite logits (but for requests that fail alone); whatever it throws,
  /// all requests are forgotten.
  bool step();
  std::optional<std::pair<size_t, GenerateResult>> take_finished();

  const EngineCounts& counts() const;
  int64_t kv_blocks() const;
  int64_t kv_blocks_used() const;  // by requests; the others hold nothing, or what the cache keeps
  /// What the engine's invariants (invariants.h) find wrong: nothing, or there is a bug in it.
  std::vector<std::string> violations() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace r1v
