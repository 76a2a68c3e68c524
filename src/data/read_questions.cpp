// One line, one question; every epoch an order of its own.
#include "data/read_questions.h"

#include <numeric>

#include "base/error.h"
#include "base/file.h"
#include "base/rng.h"
#include "data/read_sft.h"

namespace r1v {
namespace {

/// A gold answer may be written as a number.
std::string gold_answer(const Json& line, const std::string& where) {
  if (!line.contains("answer") || line["answer"].is_null()) {
    throw InputError(cat(where, ": no \"answer\"; a question needs one, or nothing can be judged"));
  }
  const Json& answer = line["answer"];
  if (answer.is_number()) return dump_json(answer);
  if (!answer.is_string()) {
    throw InputError(cat(where, ": \"answer\" is ", answer.type_name(), ", expected a string or a number"));
  }
  const std::string text = answer.get<std::string>();
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) throw InputError(cat(where, ": \"answer\" is empty"));
  return text;
}

void expect_open_question(const Json& request, const std::string& where) {
  const Json& messages = request["messages"];
  if (messages.empty()) throw InputError(cat(where, ": \"messages\" is empty; expected a question"));
  const std::string place = cat(where, " messages[", messages.size() - 1, "]");
  if (!messages.back().is_object()) throw InputError(cat(place, ": no object; expected {\"role\", \"content\"}"));
  const std::string role = json_string(messages.back(), "role", place);
  if (role != "user" && role != "tool") {
    throw InputError(cat(place, ": the last message is of \"", printable(role), "\"; expected the user's question"));
  }
}

/// Pictures are opened when their question is asked, which may be hours later: that they are there is seen at once.
void expect_pictures(const Json& request, const std::filesystem::path& root) {
  for (const Json& message : request["messages"]) {
    if (!message.is_object() || !message.value("content", Json()).is_array()) continue;
    for (const Json& part : message["content"]) {
      if (!part.is_object() || !part.contains("path") || !part["path"].is_string()) continue;
      resolve_below(root, part["path"].get<std::string>());  // throws where there is none
    }
  }
}

}  // namespace

QuestionData::QuestionData(const Renderer& renderer, QuestionDataOptions options)
    : renderer_(renderer), options_(std::move(options)), lines_(options_.lines.files) {
  if (lines_.size() == 0) {
    throw InputError(
        cat(options_.lines.files.front().string(), ": no questions; expected JSON lines, see docs/formats.md"));
  }
  for (int64_t index = 0; index < lines_.size(); ++index) {
    try {
      expect_pictures(parse(index).second, root(index));
    } catch (const InputError& error) {
      refuse(index, error);
    }
  }
}

Json QuestionData::line(int64_t index) const { return parse_json(lines_.text(index), lines_.where(index)); }

std::filesystem::path QuestionData::root(int64_t index) const {
  const std::filesystem::path folder = lines_.file(index).parent_path();
  return options_.lines.images_root.value_or(folder.empty() ? std::filesystem::path(".") : folder);
}

std::pair<Question, Json> QuestionData::parse(int64_t index) const {
  const std::string where = lines_.where(index);
  const Json json = line(index);
  if (!json.is_object()) throw InputError(cat(where, ": found ", json.type_name(), ", expected an object"));
  Question question{.index = index};
  if (json.contains("id")) question.id = json["id"];
  question.answer = gold_answer(json, where);
  question.kind = json_string_or(json, "kind", "", where);
  question.source = json_string_or(json, "source", "", where);
  if (options_.check) options_.check(question.answer, question.kind);
  Json request = sft_request(json, where);
  expect_open_question(request, where);
  request["add_generation_prompt"] = true;
  return {std::move(question), std::move(request)};
}

Question QuestionData::render(int64_t index) const {
  auto [question, request] = parse(index);
  const PictureAccess access{.root = root(index).string(), .restrict_to_root = true};
  question.conversation = parse_conversation(request, access, lines_.where(index));
  question.prompt = renderer_.render(question.conversation, options_.thinking);
  return std::move(question);
}

/// Stops with the line's place, or counts the line.
void QuestionData::refuse(int64_t index, const std::exception& error) {
  if (options_.lines.bad_lines == BadLines::stop) {
    const std::string where = lines_.where(index), message = error.what();
    throw InputError(message.starts_with(where) ? message : cat(where, ": ", message));
  }
  bad_.insert(index);
}

std::optional<Question> QuestionData::read(int64_t index) {
  if (bad_.contains(index) || too_long_.contains(index)) return std::nullopt;
  try {
    Question question = render(index);
    const auto tokens = static_cast<int64_t>(question.prompt.input_ids.size());
    if (options_.lines.max_length == 0 || tokens <= options_.lines.max_length) return question;
    too_long_.insert(index);
  } catch (const InputError& error) {
    refuse(index, error);
  }
  return std::nullopt;
}

int64_t QuestionOrder::index_at(int64_t place) {
  const int64_t epoch = place / data_.size();
  if (order_ == Order::as_written) return place % data_.size();
  if (epoch != shuffled_epoch_) {
    shuffled_.resize(static_cast<size_t>(data_.size()));
    std::iota(shuffled_.begin(), shuffled_.end(), int64_t{0});
    Rng(mix_seed(seed_, static_cast<uint64_t>(epoch))).shuffle(shuffled_);
    shuffled_epoch_ = epoch;
  }
  return shuffled_[static_cast<size_t>(place % data_.size())];
}

std::vector<Question> QuestionOrder::next(int64_t count) {
  std::vector<Question> questions;
  for (int64_t left_out = 0; static_cast<int64_t>(questions.size()) < count;) {
    std::optional<Question> question = data_.read(index_at(place_++));
    left_out = question ? 0 : left_out + 1;
    if (question) questions.push_back(std::move(*question));
    if (left_out >= data_.size()) {
      throw InputError(cat("--data: no usable question among ", data_.size(), ": ", data_.num_bad(), " bad lines, ",
                           data_.num_too_long(), " prompts longer than --max-length"));
    }
  }
  return questions;
}

Json QuestionOrder::position() const {
  return {{"place", place_},
          {"questions", data_.size()},
          {"lines", data_.digest()},
          {"seed", seed_},
          {"shuffle", order_ == Order::shuffled ? "on" : "off"}};
}

void QuestionOrder::restore(const Json& position) {
  Json expected = QuestionOrder::position();
  const int64_t place = json_int(position, "place", "question order");
  expected["place"] = place;
  // A checkpoint from before there was a digest is accepted: its number of questions and their order are compared.
  if (!position.contains("lines")) expected.erase("lines");
  if (place < 0 || position != expected) {
    throw InputError(cat("the checkpoint's questions were in the order ", dump_json(position), ", now it is ",
                         dump_json(expected),
                         "; resume with the same --data, --seed and --shuffle, or start anew with another --out"));
  }
  place_ = place;
}

}  // namespace r1v
