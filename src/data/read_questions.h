// Questions with known answers, and the endless order in which a policy is asked them.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "data/line_data.h"
#include "data/lines.h"
#include "data/loader.h"
#include "prompt/render.h"

namespace r1v {

struct Question {
  int64_t index = 0;  // its line among all lines of the files
  Json id;            // null when the line has none
  std::string answer, kind, source;
  Conversation conversation;
  Prompt prompt;
};

struct QuestionDataOptions {
  LineDataOptions lines;  // max_length limits the prompt's tokens
  bool thinking = true;
  /// Refuses a question by an InputError without the place; may be empty. Called before pictures are read.
  std::function<void(const std::string& answer, const std::string& kind)> check;
};

/// Lines {"messages": [...], "images"?, "answer": text or number, "id"?, "kind"?, "source"?}; the question also as
/// ShareGPT or LLaVA ("conversations"). For one thread.
class QuestionData final {
 public:
  /// All that a line says is checked at once, and that its pictures are there; what they hold and its length when it is
  /// read: a long run is not to end at its last line. throws InputError like read().
  QuestionData(const Renderer& renderer, QuestionDataOptions options);

  int64_t size() const { return lines_.size(); }
  std::string digest() const { return lines_.digest(); }  // of the lines
  /// none: the prompt is longer than max_length, or the line is bad under BadLines::skip; both are counted once a line.
  /// throws InputError naming file, line and key under BadLines::stop.
  std::optional<Question> read(int64_t index);
  /// The line as it stands in the file, and the folder that its picture paths start from.
  Json line(int64_t index) const;
  std::filesystem::path root(int64_t index) const;

  int64_t num_bad() const { return static_cast<int64_t>(bad_.size()); }
  int64_t num_too_long() const { return static_cast<int64_t>(too_long_.size()); }

 private:
  /// A question without conversation and prompt, and the request that they are made of.
  std::pair<Question, Json> parse(int64_t index) const;
  Question render(int64_t index) const;
  void refuse(int64_t index, const std::exception& error);

  const Renderer& renderer_;
  QuestionDataOptions options_;
  LineIndex lines_;
  std::set<int64_t> bad_, too_long_;
};

/// Questions without end, in an order that the seed and the epoch alone decide.
class QuestionOrder final {
 public:
  QuestionOrder(QuestionData& data, Order order, uint64_t seed) : data_(data), order_(order), seed_(seed) {}

  /// The next `count` usable questions. throws InputError when a whole epoch holds none.
  std::vector<Question> next(int64_t count);
  int64_t epoch() const { return place_ / data_.size(); }

  /// Where the next call begins, for a checkpoint. restore() throws InputError when it does not fit the data.
  Json position() const;
  void restore(const Json& position);

 private:
  int64_t index_at(int64_t place);

  QuestionData& data_;
  Order order_;
  uint64_t seed_;
  int64_t place_ = 0;  // counts on over the epochs
  int64_t shuffled_epoch_ = -1;
  std::vector<int64_t> shuffled_;
};

}  // namespace r1v
