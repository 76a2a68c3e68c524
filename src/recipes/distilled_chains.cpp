// Draw, judge, rewrite, write; the first and the third step keep what they did line by line.
#include "recipes/distilled_chains.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "recipes/growing_lines.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBlock = 64;

/// A chain worth keeping: right, and it came to an end by itself.
bool is_good(const Json& chain) {
  return !chain.contains("error") && chain.at("correct") == Json(true) && chain.at("finish") == Json("stop");
}

/// The line with another solution, in the plain layout, whatever layout it had.
Json with_solution(const TaskLines& lines, const TaskLine& line, const std::string& solution) {
  Json json = Json::object();
  for (const auto& [key, value] : line.json.items()) {
    constexpr std::array kRewritten = {"messages", "conversations", "image", "images", "system", "index", "distill"};
    if (std::ranges::find(kRewritten, key) == kRewritten.end()) json[key] = value;
  }
  TaskLine changed = line;
  changed.json = {{"index", line.index}, {"id", line.id}, {"messages", line.request["messages"]}};
  changed.json["messages"].push_back({{"role", "assistant"}, {"content", solution}});
  changed.json = lines.moved(changed);
  changed.json.update(json);
  if (!line.gold.empty() && !json.contains("answer")) changed.json["answer"] = line.gold;
  return changed.json;
}

class Distillation {
 public:
  Distillation(const TaskLines& lines, const ChainOptions& options, const ChainWork& work)
      : lines_(lines), options_(options), work_(work) {
    for (const int64_t index : lines.indexes()) {
      if (work.penalties.contains(index)) indexes_.push_back(index);
    }
  }

  std::optional<Json> run(const std::atomic<bool>& stop) {
    const fs::path summary = work_.folder / "summary.json";
    if (fs::exists(summary)) return read_json_file(summary);
    if (!draw(work_.folder / "chains.jsonl", options_.penalty != "off", chains_, stop)) return std::nullopt;
    if (options_.penalty == "both" && !draw(work_.folder / "plain_chains.jsonl", false, plain_, stop)) {
      return std::nullopt;
    }
    if (options_.wrong_chains == "rewrite" && !rewrite(stop)) return std::nullopt;
    write_distilled();
    const Json counted = summarize();
    write_file_atomic(summary, dump_json_pretty(counted) + "\n");
    return counted;
  }

 private:
  bool draw(const fs::path& file, bool with_penalty, std::map<int64_t, Json>& chains, const std::atomic<bool>& stop) {
    GrowingLines drawn(file);
    AnswerOptions answering{.sampling = {.temperature = options_.temperature,
                                         .top_p = options_.top_p,
                                         .seed = work_.seed,
                                         .max_tokens = options_.max_completion_length},
                            .skip_bad = work_.skip_bad};
    if (with_penalty) answering.penalty = [&](int64_t index) { return work_.penalties.at(index).penalty; };
    if (!answer_lines(work_.model, lines_, indexes_, answering, drawn, stop)) return false;
    chains = drawn.all();
    return true;
  }

  /// Wrong chains to the judge, in blocks.
  bool rewrite(const std::atomic<bool>& stop) {
    GrowingLines rewrites(work_.folder / "rewrites.jsonl");
    std::vector<TaskLine> block;
    for (const int64_t index : indexes_) {
      if (stop) return false;
      if (is_good(chains_.at(index)) || (rewrites.has(index) && !rewrites.at(index).contains("error"))) continue;
      TaskLine line = lines_.line(index);
      if (line.gold.empty()) continue;  // nobody could say whether the rewriting is right
      block.push_back(std::move(line));
      if (block.size() == kBlock) rewrite_block(block, rewrites);
    }
    if (!block.empty()) rewrite_block(block, rewrites);
    rewrites_ = rewrites.all();
    return true;
  }

  void rewrite_block(std::vector<TaskLine>& block, GrowingLines& rewrites) {
    std::vector<PairsLine> judged;
    for (const TaskLine& line : block) {
      const Json& chain = chains_.at(line.index);
      judged.push_back(line.judged(chain.contains("error") ? line.solution : json_string(chain, "text", line.where)));
    }
    std::vector<const PairsLine*> pointers;
    for (const PairsLine& line : judged) pointers.push_back(&line);
    const std::vector<Rewrite> written = work_.judge->rewrites(pointers);
    R1V_CHECK(written.size() == block.size(), "a rewrite a line");
    std::string first_error;
    for (size_t i = 0; i < block.size(); ++i) {
      const std::string& error = written[i].error;
      if (error.empty()) {
        const bool has_answer = written[i].answer && !written[i].answer->empty();
        rewrites.add(block[i].index, {{"id", block[i].id}, {"text", has_answer ? Json(*written[i].answer) : Json()}});
        continue;
      }
      const std::string placed = error.starts_with(block[i].where) ? error : cat(block[i].where, ": ", error);
      if (first_error.empty()) first_error = placed;
      if (work_.skip_bad) rewrites.add(block[i].index, {{"id", block[i].id}, {"error", placed}});
    }
    if (!work_.skip_bad && !first_error.empty()) throw InputError(first_error);  // with the good ones on disk
    block.clear();
  }

  struct Outcome {
    std::string solution, source;  // "" when the line is dropped; then source says why
  };

  Outcome outcome_of(const TaskLine& line) const {
    const Json& chain = chains_.at(line.index);
    if (is_good(chain)) return {json_string(chain, "text", line.where), "chain"};
    if (options_.wrong_chains == "original") {
      return line.solution.empty() ? Outcome{"", "without_solution"} : Outcome{line.solution, "original"};
    }
    if (options_.wrong_chains == "drop") return {"", "dropped"};
    if (line.gold.empty()) return {"", "without_answer"};
    const Json& rewrite = rewrites_.at(line.index);
    if (rewrite.contains("error")) return {"", "judge_failed"};
    if (rewrite.at("text").is_null()) return {"", "not_rewritten"};
    const std::string text = json_string(rewrite, "text", line.where);
    if (verify_answer(line.gold, text, answer_kind(line.kind)).correct != true) return {"", "rewritten_wrong"};
    return {text, "rewritten"};
  }

  void write_distilled() {
    LinesWriter writer(work_.folder / "distilled.jsonl");
    for (const int64_t index : indexes_) {
      const TaskLine line = lines_.line(index);
      const Outcome outcome = outcome_of(line);
      ++sources_[outcome.source];
      if (outcome.solution.empty()) continue;
      Json json = with_solution(lines_, line, outcome.solution);
      json["distill"] = work_.penalties.at(index).json();
      const Json& chain = chains_.at(index);
      for (const char* key : {"tokens", "thinking_tokens", "correct"}) {
        json["distill"][key] = chain.contains("error") ? Json() : chain.at(key);
      }
      json["distill"]["solution"] = outcome.source;
      writer.write(json);
    }
    writer.finish();
  }

  Json table(const std::map<int64_t, Json>& chains) const {
    std::map<std::string, AnswerCounts> levels;
    for (const int64_t index : indexes_) {
      const TaskLine line = lines_.line(index);
      const std::string level = line.json.contains("level") ? dump_json(line.json["level"]) : "none";
      levels["all"].add(chains.at(index));
      levels[level].add(chains.at(index));
    }
    Json json = Json::object();
    for (const auto& [level, counts] : levels) {
      const auto each = [&](int64_t sum) {
        return static_cast<double>(sum) / static_cast<double>(std::max<int64_t>(1, counts.answered()));
      };
      json[level] = {{"chains", counts.answered()},   {"accuracy", counts.accuracy()},
                     {"tokens", each(counts.tokens)}, {"thinking_tokens", each(counts.thinking_tokens)},
                     {"undecided", counts.undecided}, {"cut_off", counts.cut_off},
                     {"refused", counts.refused}};
    }
    return json;
  }

  Json summarize() const {
    Json json = {{"lines", lines_.size()}, {"unscored", lines_.size() - std::ssize(indexes_)}};
    json["solutions"] = sources_;
    json["images_root"] = lines_.common_root().string();
    json[options_.penalty == "off" ? "without_penalty" : "with_penalty"] = table(chains_);
    if (options_.penalty == "both") json["without_penalty"] = table(plain_);
    return json;
  }

  const TaskLines& lines_;
  const ChainOptions& options_;
  const ChainWork& work_;
  std::vector<int64_t> indexes_;
  std::map<int64_t, Json> chains_, plain_, rewrites_;
  std::map<std::string, int64_t> sources_;
};

}  // namespace

void check_chains(const ChainOptions& options) {
  if (options.penalty != "on" && options.penalty != "off" && options.penalty != "both") {
    throw InputError(cat("--penalty: found \"", printable(options.penalty), "\", expected on, off or both"));
  }
  if (options.wrong_chains != "rewrite" && options.wrong_chains != "original" && options.wrong_chains != "drop") {
    throw InputError(
        cat("--wrong-chains: found \"", printable(options.wrong_chains), "\", expected rewrite, original or drop"));
  }
  check_sampling(
      {.temperature = options.temperature, .top_p = options.top_p, .max_tokens = options.max_completion_length});
}

std::optional<Json> distill_chains(const TaskLines& lines, const ChainOptions& options, const ChainWork& work,
                                   const std::atomic<bool>& stop) {
  return Distillation(lines, options, work).run(stop);
}

}  // namespace r1v
