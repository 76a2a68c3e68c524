// What a server asks of models that compute on a thread of their own. Torch-free; every method may be called from any
// thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/engine.h"
#include "prompt/conversation.h"
#include "text/tokenizer.h"

namespace r1v {

/// The queue is full: ask again in a while.
class OverloadedError : public InputError {
 public:
  OverloadedError(const std::string& message, double retry_s) : InputError(message), retry_after_s(retry_s) {}
  double retry_after_s;
};

/// The service closes: nothing new is taken.
class ClosingError : public InputError {
 public:
  using InputError::InputError;
};

/// A conversation to answer, or (where it has no messages) a text or ids to go on with.
struct ModelQuestion {
  Conversation conversation;
  std::string text;          // control tokens in it are plain text
  std::vector<int64_t> ids;  // every one known to the tokenizer, no picture slots
  bool thinking = true;
  int64_t max_tiles = 0;    // a picture; 0 = as the model is served
  uint64_t cache_salt = 0;  // questions with other salts never find what this one left in the caches
  SamplingParams sampling;
};

/// Hears of one question; on the compute thread, so every method returns at once and throws nothing.
class AnswerListener {
 public:
  virtual ~AnswerListener() = default;
  /// After each pass that read something of the prompt.
  virtual void on_progress(const AnswerProgress&) {}
  virtual void on_piece(const StreamPiece& piece) = 0;
  /// Exactly one of the two comes last.
  virtual void on_end(GenerateResult result) = 0;
  virtual void on_error(const std::string& message, bool is_their_fault) = 0;
};

/// A question under way, or conversations that are scored. Both calls take effect before the next pass and do nothing
/// once it is over.
class AnswerTicket {
 public:
  virtual ~AnswerTicket() = default;
  virtual void cancel() = 0;
  /// Every sample that is still thinking closes its thinking now and answers.
  virtual void end_thinking() = 0;
  virtual int64_t prompt_tokens() const = 0;
  virtual int64_t image_tokens() const = 0;
  virtual bool starts_thinking() const = 0;
};

/// What a server says of a model.
struct ServedModelFacts {
  std::string architecture;
  int64_t context = 0;  // tokens
  int64_t vocabulary = 0;
  bool sees = false;        // pictures
  SamplingParams defaults;  // of the checkpoint, where a request leaves them out
};

struct ServiceCounts {
  int64_t running = 0, waiting = 0;  // questions
  int64_t kv_blocks = 0, kv_blocks_used = 0;
  int64_t prompt_tokens = 0, completion_tokens = 0;  // ever
  int64_t scored = 0;
  EngineCounts engine;
};

struct RenderedPrompt {
  std::string text;
  std::vector<int64_t> ids;
};

/// A model that answers.
class Generator {
 public:
  virtual ~Generator() = default;
  /// Renders in the calling thread, then queues. throws InputError as Renderer::render and Engine::add do,
  /// OverloadedError when the queue is full, ClosingError when the service is closing.
  virtual std::shared_ptr<AnswerTicket> ask(ModelQuestion question, std::shared_ptr<AnswerListener> listener) = 0;
  virtual RenderedPrompt render(const Conversation& conversation, bool thinking) const = 0;
  virtual const Tokenizer& tokenizer() const = 0;
  virtual const ServedModelFacts& facts() const = 0;
  virtual ServiceCounts counts() const = 0;
};

struct ScoreResult {
  std::vector<double> scores;  // in order
  Usage usage;                 // of all conversations together; nothing is completed
};

/// Why there are no scores: the ticket was cancelled, the service ends, or what the message says, which is no fault of
/// who asked.
enum class NoScores { cancelled, closing, failed };

/// A model that judges: the last message of each conversation is the assistant's answer.
class Scorer {
 public:
  virtual ~Scorer() = default;
  /// Scores in order; exactly one of the two is called, on the compute thread: `done` with the scores, or `failed`.
  /// Neighbours that share their beginning share its cost. throws OverloadedError, ClosingError, InputError (rendering;
  /// message names the conversation).
  virtual std::shared_ptr<AnswerTicket> score(
      std::vector<Conversation> conversations, std::function<void(ScoreResult)> done,
      std::function<void(NoScores why, const std::string& message)> failed) = 0;
  virtual const ServedModelFacts& facts() const = 0;
  virtual ServiceCounts counts() const = 0;
};

}  // namespace r1v
