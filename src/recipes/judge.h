// Who says which of two answers is better, and who writes a better one: the gym's oracle, a model, a server.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/sampling_params.h"
#include "recipes/pairs_lines.h"

namespace r1v {

class R1vModel;
class Renderer;

enum class Better { first, second, equal, unknown };

/// Two answers to the question of a line.
struct Match {
  const PairsLine* line = nullptr;
  std::string first, second;
};

/// `error` says why there is no verdict or rewrite although there should be one (a server that fails).
struct JudgedMatch {
  Better better = Better::unknown;  // unknown: the judge had its say and it was no verdict
  std::string error;
};
struct Rewrite {
  std::optional<std::string> answer;  // none: the judge has nothing better
  std::string error;
};

/// What a judge can rate.
enum class Criterion {
  sample,       // the line with its chosen answer, as something to learn from: 0 to 5
  quality,      // the question: grammar, coherence: 0 to 10, as all that follow
  difficulty,   // the knowledge that it asks for
  reasoning,    // the steps that it takes
  necessity,    // of the pictures
  integration,  // of text and pictures
};
/// Exactly one of them is there; `error` says why there is no value.
struct Rating {
  std::optional<double> value;
  std::string error;
};

class Judge {
 public:
  virtual ~Judge() = default;
  /// One rating a line, in order.
  virtual std::vector<Rating> ratings(std::span<const PairsLine* const> lines, Criterion criterion) = 0;
  /// One verdict a match, in order.
  virtual std::vector<JudgedMatch> verdicts(std::span<const Match> matches) = 0;
  /// One better answer a line, in order, in the form of its chosen answer.
  virtual std::vector<Rewrite> rewrites(std::span<const PairsLine* const> lines) = 0;
};

/// Decides by the line's "answer" (verify/verify.h), then by its "transcript" (fewer false words in what an answer
/// reads off the picture), then, where both are right, by length (half as long again is too long). Rates by the line's
/// "level" from 1 to 5: a wrong solution is worth 0, a right one its level; difficulty and reasoning twice the level;
/// questions are well put (10), and pictures where there are any are needed (10).
std::unique_ptr<Judge> make_gym_judge();

struct EndpointJudgeOptions {
  std::string url;      // "http://host:port/v1"
  std::string model;    // as the server calls it
  std::string api_key;  // empty = none
  double timeout_s = 120;
  int64_t attempts = 5;  // with growing pauses between them
  double first_pause_s = 1;
  int64_t concurrency = 4;  // requests at a time
  int64_t max_tokens = 2048;
};
/// Any server of OpenAI's chat completions; pictures are sent as data URLs. What has no verdict or rating in it is
/// asked for again. The judge's calls throw InputError when requests in a row get no reply at all: the server is gone,
/// and that is no line's fault. throws InputError: a bad URL or value.
std::unique_ptr<Judge> make_endpoint_judge(const EndpointJudgeOptions& options);

/// A model of this program; model and renderer must live longer.
std::unique_ptr<Judge> make_model_judge(const R1vModel& model, const Renderer& renderer,
                                        const SamplingParams& sampling);

}  // namespace r1v
