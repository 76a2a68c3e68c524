// Every candidate is verified once; each N is then counting.
#include "gym/best_of.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "base/error.h"
#include "io/jsonl.h"
#include "verify/elect.h"

namespace r1v {
namespace {

struct Judged {
  std::vector<Candidate> candidates;
  std::vector<bool> right;
  AnswerKind kind = AnswerKind::any;
};

std::map<std::string, std::vector<Candidate>> read_candidates(const std::filesystem::path& path) {
  std::map<std::string, std::vector<Candidate>> all;
  for_each_json_line(path, [&](const Json& line, int64_t number) {
    const std::string where = cat(path.string(), ":", number);
    const Json& list = json_at(line, "candidates", where);
    std::vector<Candidate>& candidates = all[json_string(line, "id", where)];
    for (const Json& one : list.is_array() ? list : Json::array()) {
      Candidate& candidate = candidates.emplace_back(Candidate{.text = json_string(one, "text", where)});
      if (one.contains("score") && one.at("score").is_number()) candidate.score = one.at("score").get<double>();
    }
  });
  return all;
}

void count(Score& score, bool right) {
  ++score.asked;
  score.right += right ? 1 : 0;
}

void add(BestOfRow& row, const Judged& judged) {
  const size_t n = static_cast<size_t>(row.candidates);
  const auto first = std::span(judged.candidates).first(n);
  const auto is_right = [&](ElectionRule rule) { return judged.right[elect(first, rule, judged.kind)]; };
  bool any = false;
  for (size_t i = 0; i < n; ++i) {
    count(row.mean, judged.right[i]);
    any = any || judged.right[i];
  }
  count(row.oracle, any);
  count(row.vote, is_right(ElectionRule::vote));
  if (!std::ranges::all_of(first, [](const Candidate& candidate) { return candidate.score.has_value(); })) return;
  count(row.judge, is_right(ElectionRule::judge));
  count(row.weighted, is_right(ElectionRule::weighted));
}

std::string cell(const Score& score) {
  if (score.asked == 0) return "         -          ";
  const auto [low, high] = wilson_interval(score);
  char text[64];
  std::snprintf(text, sizeof text, "%6.1f [%4.1f,%5.1f] ", 100 * score.share(), 100 * low, 100 * high);
  return text;
}

}  // namespace

BestOfReport grade_best_of(const std::filesystem::path& questions, const std::filesystem::path& answers,
                           const std::vector<int64_t>& counts) {
  std::map<std::string, std::vector<Candidate>> given = read_candidates(answers);
  BestOfReport report;
  for (const int64_t n : counts) report.rows.push_back({.candidates = n});
  for_each_json_line(questions, [&](const Json& line, int64_t number) {
    const std::string where = cat(questions.string(), ":", number);
    const auto found = given.find(json_string(line, "id", where));
    const size_t needed = static_cast<size_t>(std::ranges::max(counts));
    if (found == given.end() || found->second.size() < needed) {
      throw InputError(cat(where, ": found ", found == given.end() ? 0 : found->second.size(),
                           " candidates for this question, expected ", needed, "; ask with --n ", needed));
    }
    Judged judged{.candidates = std::move(found->second),
                  .kind = answer_kind(json_string_or(line, "kind", "any", where))};
    const std::string gold = json_string(line, "answer", where);
    for (const Candidate& candidate : judged.candidates) {
      judged.right.push_back(verify_answer(gold, candidate.text, judged.kind).correct.value_or(false));
    }
    for (BestOfRow& row : report.rows) add(row, judged);
  });
  return report;
}

std::string BestOfReport::table() const {
  std::string text = "  N  one of them         by vote             by judge            by weighted vote    by oracle\n";
  for (const BestOfRow& row : rows) {
    char number[16];
    std::snprintf(number, sizeof number, "%3lld", static_cast<long long>(row.candidates));
    text += number;
    for (const Score* score : {&row.mean, &row.vote, &row.judge, &row.weighted, &row.oracle}) text += cell(*score);
    text += "\n";
  }
  return text + "per cent right [95 % Wilson interval]\n";
}

Json BestOfReport::json() const {
  Json list = Json::array();
  const auto share = [](const Score& score) { return score.asked == 0 ? Json() : Json(score.share()); };
  for (const BestOfRow& row : rows) {
    list.push_back({{"candidates", row.candidates},
                    {"one", share(row.mean)},
                    {"vote", share(row.vote)},
                    {"judge", share(row.judge)},
                    {"weighted", share(row.weighted)},
                    {"oracle", share(row.oracle)},
                    {"asked", row.oracle.asked}});
  }
  return list;
}

}  // namespace r1v
