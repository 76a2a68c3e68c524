// A window of lines is cut and finished together; pairs are written in the order of the lines.
#include "recipes/pairs_cut.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>

#include "base/error.h"
#include "base/rng.h"
#include "data/preference_line.h"
#include "data/read_sft.h"
#include "models/r1v.h"
#include "prompt/supervised.h"
#include "recipes/on_off.h"
#include "recipes/pairs_lines.h"
#include "verify/verify.h"

namespace r1v {
namespace {

/// A question and a good answer to it.
struct GoodAnswer {
  Json request;  // of the question
  std::string text;
};

std::string text_of_message(const Json& message, const std::string& place) {
  const Json& content = json_at(message, "content", place);
  std::string text;
  if (content.is_string()) {
    text = content.get<std::string>();
  } else if (content.is_array()) {
    for (const Json& part : content) text += json_string(part, "text", place);
  } else {
    throw InputError(cat(place, ": \"content\" is ", content.type_name(), ", expected text"));
  }
  for (const char* key : kReasoningKeys) {
    const std::string thoughts = json_string_or(message, key, "", place);
    if (!thoughts.empty()) return cat("<think>\n", thoughts, "\n</think>\n\n", text);
  }
  return text;
}

GoodAnswer good_answer(const Json& line, const std::string& where) {
  if (line.is_object() && line.contains("chosen") && line.contains("rejected")) {
    PreferenceLine preference = parse_preference_line(line, where);
    return {.request = std::move(preference.request), .text = std::move(preference.chosen)};
  }
  GoodAnswer good{.request = sft_request(line, where)};
  Json& messages = good.request["messages"];
  if (!messages.empty() && messages.back().is_object() && messages.back().value("role", Json()) == "assistant") {
    good.text = text_of_message(messages.back(), cat(where, " messages[", messages.size() - 1, "]"));
    messages.erase(messages.size() - 1);
  } else {
    good.text = json_string_or(line, "solution", "", where);
  }
  if (good.text.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw InputError(cat(where,
                         ": no answer to cut; expected a message of the assistant at the end, \"chosen\" and "
                         "\"rejected\", or \"solution\""));
  }
  return good;
}

/// The question as text: no picture, and no marker where one stood.
void drop_pictures(Conversation& conversation) {
  for (Message& message : conversation.messages) {
    const auto is_picture = [](const Part& part) { return part.kind == Part::Kind::picture; };
    if (std::ranges::none_of(message.parts, is_picture)) continue;
    std::erase_if(message.parts, is_picture);
    for (Part& part : message.parts) {
      for (size_t at = 0; (at = part.text.find(kPictureMarker, at)) != std::string::npos;) {
        const bool ends_line = part.text.compare(at + kPictureMarker.size(), 1, "\n") == 0;
        part.text.erase(at, kPictureMarker.size() + (ends_line ? 1 : 0));
      }
    }
  }
  conversation.pictures.clear();
  conversation.picture_names.clear();
}

/// One line on its way to a pair.
struct Work {
  Json line;  // what will be written, without "rejected"
  std::filesystem::path folder;
  std::string gold;
  AnswerKind kind = AnswerKind::any;
  std::string kept;  // of the good answer
  Prompt prompt;     // without the picture, up to where the answer was cut
  std::optional<Completion> finish;
};

/// Fills in prompt and kept text. false: the answer has too few tokens to be cut.
bool cut(const Renderer& renderer, const Conversation& conversation, const std::string& good, double at, Work& work) {
  const SupervisedPrompt supervised = supervise(renderer, conversation);
  auto [begin, end] = last_answer(supervised.labels);
  while (end > begin && std::ranges::count(renderer.eos_ids(), supervised.input_ids[end - 1]) > 0) --end;
  const std::vector<int64_t> ids(supervised.input_ids.begin() + static_cast<ptrdiff_t>(begin),
                                 supervised.input_ids.begin() + static_cast<ptrdiff_t>(end));
  if (ids.size() < 2) return false;
  const std::string whole = renderer.tokenizer().decode(ids);
  if (!good.ends_with(whole)) throw InputError("the tokenizer changes the text of this answer; it cannot be cut");
  auto count = static_cast<size_t>(std::llround(at * static_cast<double>(ids.size())));
  count = std::clamp<size_t>(count, 1, ids.size() - 1);
  const auto text_of = [&] {
    return renderer.tokenizer().decode({ids.begin(), ids.begin() + static_cast<ptrdiff_t>(count)});
  };
  std::string kept = text_of();
  for (; count > 0 && !whole.starts_with(kept); kept = text_of()) --count;  // not inside a character
  if (count == 0) return false;
  // A <think> that the generation prompt opens is no token of the answer.
  work.kept = good.substr(0, good.size() - whole.size()) + kept;
  work.prompt.input_ids.assign(supervised.input_ids.begin(),
                               supervised.input_ids.begin() + static_cast<ptrdiff_t>(begin + count));
  work.prompt.text = renderer.tokenizer().decode(work.prompt.input_ids);
  const size_t opened = work.kept.rfind("<think>"), closed = work.kept.rfind("</think>");
  work.prompt.starts_thinking = opened != std::string::npos && (closed == std::string::npos || closed < opened);
  return true;
}

class CutRun {
 public:
  CutRun(const PairsCutOptions& options, const R1vModel& model, const Renderer& renderer, const EngineOptions& engine,
         const SamplingParams& sampling)
      : options_(options),
        renderer_(renderer),
        lines_(options.data),
        engine_(model, renderer, engine),
        sampling_(sampling),
        window_(static_cast<size_t>(2 * engine.max_batch)) {
    if (lines_.size() > 0) return;
    throw InputError(cat("--data: found no line in ", options.data.front().string(), ", expected good answers"));
  }

  PairsCutCounts run() {
    LinesWriter writer(options_.out);
    int64_t index = 0;
    while (true) {
      for (; index < lines_.size() && work_.size() < window_; ++index) start(index);
      if (work_.empty()) break;
      engine_.step();
      while (auto done = engine_.take_finished()) {
        asked_.extract(done->first).mapped()->finish = std::move(done->second.completions.front());
      }
      for (; !work_.empty() && work_.front().finish; work_.pop_front()) settle(work_.front(), writer);
    }
    writer.finish();
    return counts_;
  }

 private:
  void start(int64_t index) {
    ++counts_.lines;
    work_.emplace_back();
    try {
      if (read(index, work_.back())) return;
    } catch (const InputError& error) {
      const std::string where = lines_.where(index), message = error.what();
      if (!options_.skip_bad) throw InputError(message.starts_with(where) ? message : cat(where, ": ", message));
      ++counts_.bad_lines;
    }
    work_.pop_back();
  }

  /// false: counted, nothing to finish.
  bool read(int64_t index, Work& work) {
    const std::string where = lines_.where(index);
    const Json line = parse_json(lines_.text(index), where);
    const GoodAnswer good = good_answer(line, where);
    work.folder = folder_of(lines_.file(index));
    Json answered = good.request;
    answered["messages"].push_back({{"role", "assistant"}, {"content", good.text}});
    answered["add_generation_prompt"] = false;
    const PictureAccess access{.root = options_.images_root.value_or(work.folder.string()), .restrict_to_root = true};
    Conversation conversation = parse_conversation(answered, access, where);
    if (conversation.pictures.empty()) {
      ++counts_.without_picture;
      return false;
    }
    drop_pictures(conversation);
    work.kind = answer_kind(json_string_or(line, "kind", "", where));
    const bool number = line.contains("answer") && line["answer"].is_number();
    work.gold = number ? dump_json(line["answer"]) : json_string_or(line, "answer", "", where);
    if (work.gold.empty()) work.gold = extract_answer(good.text);
    if (!cut(renderer_, conversation, good.text, options_.at, work)) {
      ++counts_.too_short;
      return false;
    }
    work.line = line_of(line, good);
    SamplingParams sampling = sampling_;
    sampling.seed = mix_seed(sampling_.seed, static_cast<uint64_t>(index));
    asked_[engine_.add({.prompt = &work.prompt, .sampling = sampling})] = &work;
    return true;
  }

  static Json line_of(const Json& line, const GoodAnswer& good) {
    Json out = Json::object();
    if (line.contains("id")) out["id"] = line["id"];
    for (const char* key : {"messages", "tools", "template_kwargs"}) {
      if (good.request.contains(key)) out[key] = good.request[key];
    }
    out["chosen"] = good.text;
    out["rejected"] = "";
    out["source"] = "cut";
    for (const char* key : {"answer", "kind", "family", "level", "transcript"}) {
      if (line.contains(key)) out[key] = line[key];
    }
    return out;
  }

  void settle(Work& work, LinesWriter& writer) {
    const std::string rejected = work.kept + work.finish->text;
    const bool is_empty = work.finish->text.find_first_not_of(" \t\r\n") == std::string::npos;
    const auto is_right = [&]() -> std::optional<bool> {
      if (options_.skip_right == "off" || work.gold.empty()) return false;
      return verify_answer(work.gold, rejected, work.kind).correct;
    };
    if (work.finish->finish != FinishReason::stop) {
      ++counts_.cut_off;
    } else if (is_empty) {
      ++counts_.empty;
    } else if (rejected == work.line["chosen"]) {
      ++counts_.same;
    } else if (const std::optional<bool> right = is_right(); right != false) {
      ++(right.has_value() ? counts_.right : counts_.undecided);
    } else {
      work.line["rejected"] = rejected;
      options_.images_root ? writer.write(work.line) : writer.write(work.line, work.folder);
      ++counts_.pairs;
    }
  }

  const PairsCutOptions& options_;
  const Renderer& renderer_;
  const LineIndex lines_;
  Engine engine_;
  const SamplingParams sampling_;
  const size_t window_;
  std::deque<Work> work_;          // in the order of the lines
  std::map<size_t, Work*> asked_;  // by the engine's number; a deque does not move what it holds
  PairsCutCounts counts_;
};

void check(const PairsCutOptions& options) {
  if (options.data.empty()) throw InputError("--data is missing: name files of lines with good answers");
  if (!(options.at > 0 && options.at < 1)) {
    throw InputError(cat("--at: found ", options.at, ", expected a share above 0 and below 1"));
  }
  is_on("skip-right", options.skip_right);
}

}  // namespace

std::string PairsCutCounts::text() const {
  return cat("lines ", lines, ": without picture ", without_picture, ", too short ", too_short, ", bad ", bad_lines,
             "\nfinished ", cut_off + empty + same + right + undecided + pairs, ": cut off ", cut_off, ", empty ",
             empty, ", the same ", same, ", right all the same ", right, ", undecided ", undecided, "\npairs ", pairs);
}

PairsCutCounts cut_pairs(const PairsCutOptions& options, const R1vModel& model, const Renderer& renderer,
                         const EngineOptions& engine, const SamplingParams& sampling) {
  check(options);
  R1V_CHECK(sampling.n == 1, "one finish a line");
  return CutRun(options, model, renderer, engine, sampling).run();
}

}  // namespace r1v
