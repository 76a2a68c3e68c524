// Questions joined with sampled answers; verify says which are right.
#include "recipes/pairs_make.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <unordered_map>

#include "base/error.h"
#include "base/rng.h"
#include "data/lines.h"
#include "recipes/pairs_lines.h"

namespace r1v {
namespace {

struct Question {
  Json line;
  std::vector<std::string> texts;  // sampled answers that came to an end
};

struct Questions {
  std::vector<Question> all;
  std::unordered_map<std::string, size_t> by_id;
};

/// Calls `visit` with every line; a bad one stops the work or is counted.
void for_each_line(const std::vector<std::filesystem::path>& files, bool skip_bad, int64_t& bad,
                   const std::function<void(const Json&, const std::string&)>& visit) {
  const LineIndex lines(files);
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
        questions.all.push_back({line, {}});
      });
  return questions;
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
      } else if (!text.empty()) {
        questions.all[question->second].texts.push_back(whole_answer(text));
      }
    }
  });
}

std::vector<JudgedSample> judge(const Question& question, const std::string& gold, PairsMakeCounts& counts) {
  const AnswerKind kind = answer_kind(json_string_or(question.line, "kind", "", ""));
  std::vector<JudgedSample> judged;
  for (const std::string& text : question.texts) {
    const Verdict verdict = verify_answer(gold, text, kind);
    if (!verdict.correct) {
      ++counts.no_verdict;
      continue;
    }
    ++(*verdict.correct ? counts.right : counts.wrong);
    judged.push_back({text, verdict.extracted, *verdict.correct});
  }
  return judged;
}

void count_question(const std::vector<JudgedSample>& samples, PairsMakeCounts& counts) {
  if (samples.empty()) return;
  const auto right = std::ranges::count_if(samples, &JudgedSample::right);
  ++(right == 0 ? counts.all_wrong : right == std::ssize(samples) ? counts.all_right : counts.mixed);
}

Json pair_line(const Json& question, const AnswerPair& pair, const char* source) {
  Json line = Json::object();
  for (const char* key : {"id", "messages", "images"}) {
    if (question.contains(key)) line[key] = question[key];
  }
  line["chosen"] = pair.chosen;
  line["rejected"] = pair.rejected;
  line["source"] = source;
  for (const char* key : {"answer", "kind", "family", "level", "transcript"}) {
    if (question.contains(key)) line[key] = question[key];
  }
  return line;
}

/// Right samples without repeated texts; wrong ones too, in rounds: one of each final answer, then a second, ...
std::vector<const JudgedSample*> different(const std::vector<JudgedSample>& samples, bool right, Rng& rng) {
  std::set<std::string> texts;
  std::vector<const JudgedSample*> found;
  for (const JudgedSample& sample : samples) {
    if (sample.right == right && texts.insert(sample.text).second) found.push_back(&sample);
  }
  rng.shuffle(found);
  if (right) return found;
  std::map<std::string, int64_t> seen;
  std::vector<std::pair<int64_t, const JudgedSample*>> rounds;
  for (const JudgedSample* sample : found) rounds.emplace_back(seen[sample->extracted]++, sample);
  std::ranges::stable_sort(rounds, {}, [](const auto& entry) { return entry.first; });
  for (size_t i = 0; i < found.size(); ++i) found[i] = rounds[i].second;
  return found;
}

void check_options(const PairsMakeOptions& options) {
  if (options.questions.empty() || options.answers.empty()) {
    throw InputError("--questions and --answers are both needed");
  }
  if (options.per_question < 0) throw InputError(cat("--per-question ", options.per_question, ": expected 0 or more"));
  if (options.concise != "on" && options.concise != "off") {
    throw InputError(cat("--concise: found \"", printable(options.concise), "\", expected on or off"));
  }
}

}  // namespace

std::string whole_answer(const std::string& text) {
  const bool opened = text.find("</think>") == std::string::npos || text.starts_with("<think>");
  return opened ? text : "<think>\n" + text;
}

std::vector<AnswerPair> right_wrong_pairs(const std::vector<JudgedSample>& samples, int64_t count, uint64_t seed) {
  Rng rng(seed);
  const auto rights = different(samples, true, rng), wrongs = different(samples, false, rng);
  std::vector<AnswerPair> pairs;
  for (size_t k = 0; k < rights.size() * wrongs.size() && std::ssize(pairs) < count; ++k) {
    const size_t wrong = k % wrongs.size(), right = (k / wrongs.size() + wrong) % rights.size();
    pairs.push_back({rights[right]->text, wrongs[wrong]->text});
  }
  return pairs;
}

std::vector<AnswerPair> concise_pairs(const std::vector<JudgedSample>& samples) {
  const JudgedSample *shortest = nullptr, *longest = nullptr;
  for (const JudgedSample& sample : samples) {
    if (!sample.right) continue;
    if (shortest == nullptr || sample.text.size() < shortest->text.size()) shortest = &sample;
    if (longest == nullptr || sample.text.size() > longest->text.size()) longest = &sample;
  }
  if (shortest == nullptr || 2 * longest->text.size() < 3 * shortest->text.size()) return {};
  return {{shortest->text, longest->text}};
}

std::string PairsMakeCounts::text() const {
  return cat("questions ", questions, ": all right ", all_right, ", all wrong ", all_wrong, ", mixed ", mixed,
             ", unanswered ", unanswered, ", without answer key ", without_gold, "\nsamples ", samples, ": right ",
             right, ", wrong ", wrong, ", no verdict ", no_verdict, ", cut off ", cut_off, "\npairs ",
             pairs + concise_pairs, ": right over wrong ", pairs, ", concise over long ", concise_pairs,
             "; bad lines left out ", bad_lines);
}

PairsMakeCounts make_pairs(const PairsMakeOptions& options) {
  check_options(options);
  PairsMakeCounts counts;
  LinesWriter writer(options.out);
  Questions questions = read_questions(options, counts);
  read_answers(options, questions, counts);
  const std::filesystem::path folder = folder_of(options.questions);
  for (const Question& question : questions.all) {
    ++counts.questions;
    const std::string gold = gold_of(question.line);
    if (question.texts.empty()) ++counts.unanswered;
    if (gold.empty()) ++counts.without_gold;
    if (gold.empty() || question.texts.empty()) continue;
    const std::vector<JudgedSample> samples = judge(question, gold, counts);
    count_question(samples, counts);
    const uint64_t seed = mix_seed(options.seed, question.line["id"].get_ref<const std::string&>());
    for (const AnswerPair& pair : right_wrong_pairs(samples, options.per_question, seed)) {
      writer.write(pair_line(question.line, pair, "policy"), folder);
      ++counts.pairs;
    }
    if (options.concise == "off") continue;
    for (const AnswerPair& pair : concise_pairs(samples)) {
      writer.write(pair_line(question.line, pair, "policy/concise"), folder);
      ++counts.concise_pairs;
    }
  }
  writer.finish();
  return counts;
}

}  // namespace r1v
