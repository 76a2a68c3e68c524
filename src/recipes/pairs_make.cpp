// Questions joined with sampled answers; verify says which are right, a reward model how good they are.
#include "recipes/pairs_make.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <unordered_map>

#include "base/error.h"
#include "base/rng.h"
#include "data/lines.h"
#include "engine/reward_model.h"
#include "recipes/answer_scores.h"
#include "recipes/on_off.h"
#include "recipes/pairs_lines.h"
#include "verify/answer_reward.h"

namespace r1v {
namespace {

struct Answer {
  std::string text;
  std::optional<double> score;
};

struct Question {
  Json line;
  std::string where;
  std::vector<Answer> answers;  // sampled ones that came to an end
};

struct Questions {
  std::vector<Question> all;
  std::unordered_map<std::string, size_t> by_id;
};

/// Calls `visit` with every line; a bad one stops the work or is counted.
void for_each_line(const std::vector<std::filesystem::path>& files, bool skip_bad, int64_t& bad,
                   const std::function<void(const Json&, const std::string&)>& visit) {
  const LineIndex lines(files);
  if (lines.size() == 0) {
    throw InputError(cat(files.front().string(), ": found no line, expected JSON lines; see r1v pairs make --help"));
  }
  for (int64_t i = 0; i < lines.size(); ++i) {
    try {
      const Json line = parse_json(lines.text(i), lines.where(i));
      if (!line.is_object()) {
        throw InputError(cat(lines.where(i), ": found ", line.type_name(), ", expected an object"));
      }
      visit(line, lines.where(i));
    } catch (const InputError&) {
      if (!skip_bad) throw;
      ++bad;
    }
  }
}

/// The gold answer, which may be written as a number; "" when there is none.
std::string gold_of(const Json& line) {
  if (!line.contains("answer") || line["answer"].is_null()) return "";
  return line["answer"].is_number() ? dump_json(line["answer"]) : line["answer"].get<std::string>();
}

Questions read_questions(const PairsMakeOptions& options, PairsMakeCounts& counts) {
  Questions questions;
  for_each_line(
      {options.questions}, options.skip_bad, counts.bad_lines, [&](const Json& line, const std::string& where) {
        const std::string id = json_string(line, "id", where);
        if (!json_at(line, "messages", where).is_array()) throw InputError(cat(where, ": \"messages\" is no list"));
        if (line.contains("answer") && !line["answer"].is_number()) json_string_or(line, "answer", "", where);
        answer_kind(json_string_or(line, "kind", "", where));  // a kind that is none is refused here, with its place
        if (!questions.by_id.emplace(id, questions.all.size()).second) {
          throw InputError(cat(where, ": the id ", printable(id), " is there twice"));
        }
        questions.all.push_back({line, where, {}});
      });
  return questions;
}

std::optional<double> score_of(const Json& candidate, const std::string& where) {
  if (!candidate.contains("score") || candidate["score"].is_null()) return std::nullopt;
  const double score = json_number(candidate, "score", where);
  if (!std::isfinite(score)) throw InputError(cat(where, ": \"score\" is not finite"));
  return score;
}

void read_answers(const PairsMakeOptions& options, Questions& questions, PairsMakeCounts& counts) {
  for_each_line(options.answers, options.skip_bad, counts.bad_lines, [&](const Json& line, const std::string& where) {
    const auto question = questions.by_id.find(json_string(line, "id", where));
    if (question == questions.by_id.end()) {
      throw InputError(cat(where, ": no question has the id ", printable(json_string(line, "id", where))));
    }
    if (line.contains("error")) return;  // `ask` refused the question: it stays unanswered
    const Json alone = Json::array({line});
    const bool many = line.contains("candidates") && line["candidates"].is_array();
    for (const Json& candidate : many ? line["candidates"] : alone) {
      ++counts.samples;
      const std::string text = json_string(candidate, "text", where);
      if (json_string_or(candidate, "finish_reason", "stop", where) != "stop") {
        ++counts.cut_off;
      } else if (text.empty()) {
        ++counts.empty;
      } else {
        questions.all[question->second].answers.push_back({whole_answer(text), score_of(candidate, where)});
      }
    }
  });
}

JudgedSample judge_one(const Answer& answer, const std::string& gold, AnswerKind kind, PairsMakeCounts& counts) {
  JudgedSample sample{.text = answer.text, .is_judged = false, .score = answer.score};
  if (gold.empty()) {
    sample.extracted = extract_answer(answer.text);
    return sample;
  }
  const Verdict verdict = verify_answer(gold, answer.text, kind);
  sample.extracted = verdict.extracted;
  sample.is_judged = verdict.correct.has_value();
  sample.right = verdict.correct.value_or(false);
  ++(!sample.is_judged ? counts.no_verdict : sample.right ? counts.right : counts.wrong);
  return sample;
}

std::vector<JudgedSample> judge(const Question& question, const std::string& gold, const PairsMakeOptions& options,
                                PairsMakeCounts& counts) {
  const AnswerKind kind = answer_kind(json_string_or(question.line, "kind", "", ""));
  std::vector<JudgedSample> judged;
  for (const Answer& answer : question.answers) {
    judged.push_back(judge_one(answer, gold, kind, counts));
    if (options.format == "off" || check_format(answer.text, /*starts_in_thought=*/false).is_good) continue;
    judged.back().is_well_formed = false;
    ++counts.malformed;
  }
  return judged;
}

void count_question(const std::vector<JudgedSample>& samples, PairsMakeCounts& counts) {
  const auto judged = std::ranges::count_if(samples, &JudgedSample::is_judged);
  const auto right = std::ranges::count_if(samples, &JudgedSample::right);
  if (judged == 0) return;
  ++(right == 0 ? counts.all_wrong : right == judged ? counts.all_right : counts.mixed);
}

Json pair_line(const Json& question, const AnswerPair& pair, const std::string& source) {
  Json line = Json::object();
  for (const char* key : {"id", "messages", "images"}) {
    if (question.contains(key)) line[key] = question[key];
  }
  line["chosen"] = pair.chosen;
  line["rejected"] = pair.rejected;
  if (pair.chosen_score) line["chosen_score"] = *pair.chosen_score;
  if (pair.rejected_score) line["rejected_score"] = *pair.rejected_score;
  line["source"] = source;
  for (const char* key : {"answer", "kind", "family", "level", "transcript"}) {
    if (question.contains(key)) line[key] = question[key];
  }
  return line;
}

bool needs_scores(const PairsMakeOptions& options) { return options.by == "reward" || options.by == "rule+reward"; }

void score_samples(const Question& question, const std::filesystem::path& root, const AnswerScorer& score,
                   std::vector<JudgedSample>& samples) {
  if (score) {
    std::vector<std::string> texts;
    for (const JudgedSample& sample : samples) texts.push_back(sample.text);
    const std::vector<double> scores = score(question.line, root, question.where, texts);
    R1V_CHECK(scores.size() == samples.size(), "a score of every answer");
    for (size_t i = 0; i < samples.size(); ++i) samples[i].score = scores[i];
  }
  for (const JudgedSample& sample : samples) {
    if (sample.score) continue;
    throw InputError(cat(question.where, ": an answer to ", printable(question.line["id"].get<std::string>()),
                         " has no \"score\"; sample with `r1v ask --best-of K` or name a --reward-model"));
  }
}

std::vector<AnswerPair> choose_pairs(const Question& question, const std::vector<JudgedSample>& samples,
                                     const PairsMakeOptions& options, PairsMakeCounts& counts) {
  const uint64_t seed = mix_seed(options.seed, question.line["id"].get_ref<const std::string&>());
  if (options.by == "rule") return right_wrong_pairs(samples, options.per_question, seed);
  if (options.by == "random") return random_pairs(samples, options.per_question, seed);
  RewardPairs found =
      reward_pairs(samples, options.per_question,
                   {.threshold = options.threshold.value_or(0.0), .asks_verify = options.by == "rule+reward"});
  counts.close += found.close;
  counts.disagreed += found.disagreed;
  return std::move(found.pairs);
}

void check_options(const PairsMakeOptions& options) {
  if (options.questions.empty() || options.answers.empty()) {
    throw InputError("--questions and --answers are both needed");
  }
  const int64_t least = options.concise == "on" ? 0 : 1;  // 0: nothing but concise pairs
  if (options.per_question < least) {
    throw InputError(cat("--per-question: found ", options.per_question, ", expected at least ", least));
  }
  if (options.by != "rule" && options.by != "random" && !needs_scores(options)) {
    throw InputError(cat("--by: found \"", printable(options.by), "\", expected random, rule, reward or rule+reward"));
  }
  if (options.threshold && !needs_scores(options)) {
    throw InputError(cat("--threshold is about scores; --by ", options.by, " uses none"));
  }
  if (options.threshold && !(*options.threshold >= 0)) {
    throw InputError(cat("--threshold: found ", *options.threshold, ", expected 0 or more"));
  }
  is_on("format", options.format);
  is_on("concise", options.concise);
}

}  // namespace

std::string whole_answer(const std::string& text) {
  const bool opened = text.find("</think>") == std::string::npos || text.starts_with("<think>");
  return opened ? text : "<think>\n" + text;
}

AnswerScorer answer_scorer(const RewardModel& model) {
  return [&model](const Json& line, const std::filesystem::path& root, const std::string& where,
                  const std::vector<std::string>& texts) {
    const PictureAccess access{.root = root.string(), .restrict_to_root = true};
    const Json request = {{"messages", line["messages"]}};
    return score_answers(model, parse_conversation(request, access, where), texts);
  };
}

std::string PairsMakeCounts::text() const {
  const char* what = by == "rule" ? "right over wrong " : by == "random" ? "at random " : "best over worst ";
  const std::string scores =
      by == "reward" || by == "rule+reward"
          ? cat("; left out: ", close, " not far enough apart, ", disagreed, " where verify disagrees")
          : "";
  return cat("questions ", questions, ": all right ", all_right, ", all wrong ", all_wrong, ", mixed ", mixed,
             ", unanswered ", unanswered, ", without answer key ", without_gold, "\nsamples ", samples, ": right ",
             right, ", wrong ", wrong, ", no verdict ", no_verdict, ", cut off ", cut_off, ", empty ", empty,
             ", malformed ", malformed, "\npairs ", pairs + concise_pairs, ": ", what, pairs, ", concise over long ",
             concise_pairs, scores, "; bad lines left out ", bad_lines);
}

namespace {

/// One question's pairs to the file.
void pair_question(const Question& question, const PairsMakeOptions& options, const AnswerScorer& score,
                   LinesWriter& writer, PairsMakeCounts& counts) {
  ++counts.questions;
  const std::string gold = gold_of(question.line);
  if (question.answers.empty()) ++counts.unanswered;
  if (gold.empty()) ++counts.without_gold;
  const bool needs_gold = options.by == "rule" || options.by == "rule+reward";
  if ((gold.empty() && needs_gold) || question.answers.empty()) return;
  const std::filesystem::path folder = folder_of(options.questions);
  std::vector<JudgedSample> samples = judge(question, gold, options, counts);
  if (needs_scores(options)) score_samples(question, folder, score, samples);
  count_question(samples, counts);
  const std::string source = options.by == "rule" ? "policy" : "policy/" + options.by;
  for (const AnswerPair& pair : choose_pairs(question, samples, options, counts)) {
    writer.write(pair_line(question.line, pair, source), folder);
    ++counts.pairs;
  }
  if (options.concise == "off") return;
  for (const AnswerPair& pair : concise_pairs(samples)) {
    writer.write(pair_line(question.line, pair, "policy/concise"), folder);
    ++counts.concise_pairs;
  }
}

}  // namespace

PairsMakeCounts make_pairs(const PairsMakeOptions& options, const AnswerScorer& score) {
  check_options(options);
  PairsMakeCounts counts{.by = options.by};
  LinesWriter writer(options.out);
  Questions questions = read_questions(options, counts);
  read_answers(options, questions, counts);
  for (const Question& question : questions.all) {
    try {
      pair_question(question, options, score, writer, counts);
    } catch (const InputError&) {  // the reward model cannot read it
      if (!options.skip_bad) throw;
      ++counts.bad_lines;
    }
  }
  writer.finish();
  return counts;
}

}  // namespace r1v
