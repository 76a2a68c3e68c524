// What goes into the engine and what comes out. Torch-free.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/sampling_params.h"

namespace r1v {

/// budget: the thinking was cut, by its budget or from outside, and the answer then ended by itself.
enum class FinishReason { stop, length, budget, loop, cancelled };
const char* finish_reason_name(FinishReason reason);

/// A token and what the network thought of it: nats of its own distribution, before temperature, penalties and bans.
struct TokenReport {
  struct Alternative {
    int64_t id = 0;
    double logprob = 0.0;
  };
  int64_t id = 0;
  double logprob = 0.0;
  bool is_thinking = false;      // its tags included
  std::vector<Alternative> top;  // likeliest first
};

/// One sampled continuation.
struct Completion {
  std::string text;      // thinking and answer as generated
  std::string thinking;  // without tags
  std::string answer;
  std::vector<int64_t> ids;
  std::vector<double> logprobs;      // of the tempered, unfiltered distribution, one an id
  std::vector<TokenReport> reports;  // where top_logprobs asks for them
  int64_t thinking_tokens = 0;
  FinishReason finish = FinishReason::stop;
};

struct Usage {
  int64_t prompt_tokens = 0;
  int64_t image_tokens = 0;
  int64_t cached_tokens = 0;  // of the prompt's, those that were not computed again
  int64_t completion_tokens = 0;
  int64_t thinking_tokens = 0;
};

/// How far a prompt has been read. A beginning that the caches hold counts as read.
struct AnswerProgress {
  int64_t pictures = 0, pictures_done = 0;
  int64_t prompt_tokens = 0, prompt_tokens_done = 0;
};

struct Timing {
  double vision_s = 0.0;
  double prefill_s = 0.0;
  double decode_s = 0.0;
};

/// Called with each new piece of text; sample tells which of the n. Return false to stop that sample (finish:
/// cancelled).
struct StreamPiece {
  size_t sample = 0;
  std::string thinking;
  std::string answer;
  std::vector<TokenReport> reports;  // of the tokens since the last piece, where asked for
  int64_t tokens = 0;                // of this sample so far
  int64_t thinking_tokens = 0;       // of these
};
using StreamCallback = std::function<bool(const StreamPiece&)>;
/// Called after each pass that read something of the prompt.
using ProgressCallback = std::function<void(const AnswerProgress&)>;

}  // namespace r1v
