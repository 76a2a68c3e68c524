// Joins questions and answers by id and lets verify judge.
#include "gym/grade.h"

#include <cmath>
#include <cstdio>
#include <set>

#include "base/error.h"
#include "io/jsonl.h"
#include "verify/verify.h"

namespace r1v {

namespace {

/// "text" of `ask` (thinking, answer and box), else its "answer", else "boxed"; an error line counts as no answer.
std::string answer_text(const Json& line, const std::string& where) {
  for (const char* key : {"text", "answer", "boxed"}) {
    if (line.contains(key) && line.at(key).is_string()) {
      return line.at(key).get<std::string>();
    }
  }
  if (line.contains("error")) {
    return "";
  }
  throw InputError(cat(where, ": the answer has no \"text\"; expected what `r1v ask --json-lines` prints"));
}

std::map<std::string, std::string> read_answers(const std::filesystem::path& path) {
  std::map<std::string, std::string> answers;
  for_each_json_line(path, [&](const Json& line, int64_t number) {
    const std::string where = cat(path.string(), ":", number);
    const std::string id = json_string(line, "id", where);
    if (line.contains("error")) return;  // `ask` refused the question: it stays unanswered
    if (!answers.emplace(id, answer_text(line, where)).second) {
      throw InputError(cat(where, ": the id ", printable(id), " is there twice"));
    }
  });
  return answers;
}

void count(Score& score, bool right) {
  ++score.asked;
  score.right += right ? 1 : 0;
}

std::string cell_text(const Score& score) {
  if (score.asked == 0) {
    return "-";
  }
  const auto [low, high] = wilson_interval(score);
  char text[64];
  std::snprintf(text, sizeof text, "%5.1f [%4.1f,%5.1f] %lld", 100 * score.share(), 100 * low, 100 * high,
                static_cast<long long>(score.asked));
  return text;
}

std::string padded(const std::string& text, size_t width) {
  return text + std::string(width > text.size() ? width - text.size() : 1, ' ');
}

std::string claims_text(const ClaimRate& claims) {
  const auto [low, high] = claims.interval();
  const Score answers{.right = claims.answers_wrong(), .asked = claims.answers()};
  const auto [least, most] = wilson_interval(answers);
  char text[200];
  std::snprintf(text, sizeof text,
                "claims about the picture that are wrong: %.1f %% [%.1f, %.1f] of %lld; answers with one: %.1f %% "
                "[%.1f, %.1f] of %lld; %lld answers claim nothing\n",
                100 * claims.rate(), 100 * low, 100 * high, static_cast<long long>(claims.made()),
                100 * answers.share(), 100 * least, 100 * most, static_cast<long long>(claims.answers()),
                static_cast<long long>(claims.silent()));
  return text;
}

Json claims_json(const ClaimRate& claims) {
  const auto [low, high] = claims.interval();
  return {{"made", claims.made()},
          {"wrong", claims.wrong()},
          {"rate", claims.rate()},
          {"low", low},
          {"high", high},
          {"answers", claims.answers()},
          {"answers_wrong", claims.answers_wrong()},
          {"silent", claims.silent()}};
}

Json score_json(const Score& score) {
  const auto [low, high] = wilson_interval(score);
  return {{"right", score.right}, {"asked", score.asked}, {"share", score.share()}, {"low", low}, {"high", high}};
}

}  // namespace

std::pair<double, double> wilson_interval(double share, double size) {
  const double z = 1.959964;
  const double center = (share + z * z / (2 * size)) / (1 + z * z / size);
  const double half = z / (1 + z * z / size) * std::sqrt(share * (1 - share) / size + z * z / (4 * size * size));
  return {std::max(0.0, center - half), std::min(1.0, center + half)};
}

std::pair<double, double> wilson_interval(const Score& score) {
  if (score.asked == 0) {
    return {0, 1};
  }
  return wilson_interval(score.share(), static_cast<double>(score.asked));
}

GradeReport grade_answers(const std::filesystem::path& questions, const std::filesystem::path& answers) {
  std::map<std::string, std::string> given = read_answers(answers);
  std::set<std::string> known;
  GradeReport report;
  for_each_json_line(questions, [&](const Json& line, int64_t number) {
    const std::string where = cat(questions.string(), ":", number);
    const std::string id = json_string(line, "id", where), family = json_string(line, "family", where);
    const int level = static_cast<int>(json_int(line, "level", where));
    if (!known.insert(id).second) {
      throw InputError(cat(where, ": the id ", printable(id), " is there twice"));
    }
    const auto found = given.find(id);
    bool right = false;
    if (found == given.end()) {
      ++report.unanswered;
    } else {
      const AnswerKind kind = answer_kind(json_string_or(line, "kind", "any", where));
      const std::optional<bool> correct =
          verify_answer(json_string(line, "answer", where), found->second, kind).correct;
      right = correct.value_or(false);
      report.undecided += correct ? 0 : 1;
      const std::string transcript = json_string_or(line, "transcript", "", where);
      if (!transcript.empty()) {
        const Claims claims = count_claims(found->second, transcript);
        report.claims.add(claims);
        report.family_claims[family].add(claims);
      }
      given.erase(found);
    }
    for (Score* score :
         {&report.all, &report.levels[level], &report.families[family], &report.cells[{family, level}]}) {
      count(*score, right);
    }
  });
  if (!given.empty()) {
    throw InputError(cat(answers.string(), ": the answer ", printable(given.begin()->first),
                         " belongs to no question of ", questions.string()));
  }
  return report;
}

std::string GradeReport::table() const {
  constexpr size_t kName = 22, kCell = 26;
  std::string text = padded("family", kName);
  for (const auto& [level, score] : levels) {
    text += padded(cat("level ", level), kCell);
  }
  text += "all levels\n";
  for (const auto& [family, score] : families) {
    text += padded(family, kName);
    for (const auto& [level, unused] : levels) {
      const auto cell = cells.find({family, level});
      text += padded(cell == cells.end() ? "-" : cell_text(cell->second), kCell);
    }
    text += cell_text(score) + "\n";
  }
  text += padded("all families", kName);
  for (const auto& [level, score] : levels) {
    text += padded(cell_text(score), kCell);
  }
  text += cell_text(all) + "\n";
  return text + "per cent right [95 % Wilson interval] number asked" +
         (unanswered ? cat("; ", unanswered, " unanswered") : "") +
         (undecided ? cat("; ", undecided, " could not be judged and count as wrong") : "") + "\n" +
         (claims.made() + claims.silent() > 0 ? claims_text(claims) : "");
}

Json GradeReport::json() const {
  Json by_level = Json::object(), by_family = Json::object(), by_cell = Json::array();
  for (const auto& [level, score] : levels) {
    by_level[std::to_string(level)] = score_json(score);
  }
  for (const auto& [family, score] : families) {
    by_family[family] = score_json(score);
  }
  for (const auto& [key, score] : cells) {
    Json cell = {{"family", key.first}, {"level", key.second}};
    cell.update(score_json(score));
    by_cell.push_back(cell);
  }
  Json json = {{"all", score_json(all)}, {"levels", by_level},       {"families", by_family},
               {"cells", by_cell},       {"unanswered", unanswered}, {"undecided", undecided}};
  if (claims.made() + claims.silent() == 0) return json;
  json["claims"] = claims_json(claims);
  for (const auto& [family, rate] : family_claims) json["claims"]["families"][family] = claims_json(rate);
  return json;
}

}  // namespace r1v
