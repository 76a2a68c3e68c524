// Answers of the text families, worked out once more from the scene by a small evaluator and by trying.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "gym/calculation.h"
#include "gym/families.h"

namespace r1v {
namespace {

/// Value of a term with + - * / brackets, the unknowns x and y, and products without a sign: "3x", "2(x+1)".
class Evaluator {
 public:
  Evaluator(std::string text, double x = 0, double y = 0) : text_(std::move(text)), x_(x), y_(y) {}

  double value() {
    const double result = sum();
    EXPECT_EQ(at_, text_.size()) << text_;
    return result;
  }

 private:
  char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  double sum() {
    double result = product();
    while (next() == '+' || next() == '-') result += text_[at_++] == '+' ? product() : -product();
    return result;
  }
  double product() {
    double result = atom();
    while (true) {
      if (next() == '*') {
        ++at_, result *= atom();
      } else if (next() == '/') {
        ++at_, result /= atom();
      } else if (next() == 'x' || next() == 'y' || next() == '(') {
        result *= atom();
      } else {
        return result;
      }
    }
  }
  double atom() {
    if (next() == 'x' || next() == 'y') return text_[at_++] == 'x' ? x_ : y_;
    if (next() == '(') {
      ++at_;
      const double inner = sum();
      ++at_;
      return inner;
    }
    size_t used = 0;
    const double number = std::stod(text_.substr(at_), &used);
    at_ += used;
    return number;
  }

  std::string text_;
  double x_, y_;
  size_t at_ = 0;
};

bool holds(const std::string& equation, double x, double y) {
  const size_t sign = equation.find('=');
  return std::abs(Evaluator(equation.substr(0, sign), x, y).value() -
                  Evaluator(equation.substr(sign + 1), x, y).value()) < 1e-9;
}

using Solver = std::string (*)(const Task& task);

void expect_answers(TaskMaker make, Solver solve) {
  for (int level = 1; level <= 5; ++level) {
    for (uint64_t seed = 0; seed < 60; ++seed) {
      const Task task = make(seed, level, Split::train);
      const std::string answer =
          task.kind == "choice" ? task.scene["options"][task.answer].get<std::string>() : task.answer;
      EXPECT_EQ(answer, solve(task)) << "level " << level << ": " << task.question << " " << dump_json(task.scene);
    }
  }
}

std::string arithmetic_answer(const Task& task) {
  return std::to_string(std::lround(Evaluator(task.scene["calculation"]).value()));
}

std::string algebra_answer(const Task& task) {
  const std::string equation = task.scene["equation"];
  const size_t link = equation.find(" and ");
  for (int x = 0; x <= 100; ++x) {
    for (int y = 0; y <= (link == std::string::npos ? 0 : 100); ++y) {
      const bool first = holds(equation.substr(0, link), x, y);
      if (first && (link == std::string::npos || holds(equation.substr(link + 5), x, y))) return std::to_string(x);
    }
  }
  return "none";
}

std::string compare_answer(const Task& task) {
  std::vector<std::string> texts = task.scene["numbers"];
  std::ranges::sort(texts, {}, [](const std::string& text) { return Evaluator(text).value(); });
  const std::string ask = task.scene["ask"];
  if (ask.ends_with("largest")) std::ranges::reverse(texts);
  return texts[ask.starts_with("second") ? 1 : 0];
}

std::string story_answer(const Task& task) {
  const std::vector<int> n = task.scene["numbers"];
  const std::string story = task.scene["story"];
  if (story == "gain") return std::to_string(n[0] + n[1]);
  if (story == "loss") return std::to_string(n[0] - n[1]);
  if (story == "groups") return std::to_string(n[0] * n[1]);
  if (story == "share") return std::to_string(n[0] / n[1]);
  if (story == "groups and loss") return std::to_string(n[0] * n[1] - n[2]);
  if (story == "times as many") return std::to_string(n[0] * (n[1] + 1));
  if (story == "more than") return std::to_string(2 * n[0] + n[1]);
  if (story == "change") return std::to_string(n[2] - n[0] * n[1]);
  if (story == "two prices") return std::to_string(n[0] * n[1] + n[2] * n[3]);
  EXPECT_EQ((n[0] * n[1] - n[2]) % n[3], 0) << "shares are whole";
  return std::to_string((n[0] * n[1] - n[2]) / n[3]);
}

std::string units_answer(const Task& task) {
  const Json& scene = task.scene;
  if (scene["ask"] == "distance") return std::to_string(scene["speed"].get<int>() * scene["half_hours"].get<int>() / 2);
  const auto small_ones = [](const std::string& unit) {  // in mm, g, cents or seconds
    const Json sizes = {{"mm", 1},    {"cm", 10},   {"dm", 100},    {"m", 1000},    {"km", 1000000}, {"g", 1},
                        {"kg", 1000}, {"cents", 1}, {"euros", 100}, {"seconds", 1}, {"minutes", 60}, {"hours", 3600}};
    return sizes[unit].get<int>();
  };
  const int factor = small_ones(scene["large"]) / small_ones(scene["small"]);
  if (scene["ask"] == "to large") return std::to_string(scene["count"].get<int>() / factor);
  if (scene["ask"] == "decimal") return std::to_string(scene["tenths"].get<int>() * factor / 10);
  return std::to_string(scene["count"].get<int>() * factor + scene.value("rest", 0) - scene.value("cut", 0));
}

TEST(TextAnswers, Arithmetic) { expect_answers(make_text_arithmetic, arithmetic_answer); }
TEST(TextAnswers, Algebra) { expect_answers(make_text_algebra, algebra_answer); }
TEST(TextAnswers, Compare) { expect_answers(make_text_compare, compare_answer); }
TEST(TextAnswers, WordProblem) { expect_answers(make_text_word_problem, story_answer); }
TEST(TextAnswers, Units) { expect_answers(make_text_units, units_answer); }

TEST(TextAnswers, SequencesAskForTheirGap) {
  const Task task = make_text_sequence(5, 1, Split::train);
  const Json& terms = task.scene["terms"];  // level 1: four terms with equal steps, the last one missing
  EXPECT_TRUE(terms[3].is_null());
  EXPECT_EQ(task.answer, std::to_string(2 * terms[2].get<int>() - terms[1].get<int>()));
  EXPECT_TRUE(task.question.ends_with("?")) << task.question;
}

/// Every "a+b=c" of a solution holds: each equation between two separators, without words.
TEST(TextAnswers, EveryEquationOfASolutionHolds) {
  for (const TaskFamily& family : gym_families()) {
    if (family.has_picture || std::string(family.name) == "text_algebra" || std::string(family.name) == "text_units")
      continue;
    for (int level = 1; level <= 5; ++level) {
      for (uint64_t seed = 0; seed < 30; ++seed) {
        const Task task = family.make(seed, level, Split::train);
        std::string clause;
        for (const char c : task.solution + ",") {
          const bool is_part = (c >= '0' && c <= '9') || std::string("+-*/()=.").find(c) != std::string::npos;
          if (is_part) {
            clause += c;
            continue;
          }
          while (clause.ends_with('.')) clause.pop_back();
          const size_t sign = clause.find('=');
          if (sign != std::string::npos && sign > 0 && sign + 1 < clause.size()) {
            EXPECT_TRUE(holds(clause, 0, 0)) << clause << " in " << task.solution;
          }
          clause.clear();
        }
      }
    }
  }
}

TEST(Calculation, FactsStandAloneAndTheRestIsWorkedInColumns) {
  EXPECT_EQ(worked_sum(5, 8), "5+8=13");
  EXPECT_EQ(worked_sum(50, 20), "50+20=70");
  EXPECT_EQ(worked_sum(52, 20), "52+20=72");                    // one busy column, no carry
  EXPECT_EQ(worked_sum(47, 38), "47+38: 7+8=15, 4+3+1=8: 85");  // 85 = 47 + 38
  EXPECT_EQ(worked_sum({20, 5, 50}), "20+5=25; 25+50=75");
  EXPECT_EQ(worked_difference(52, 38), "52-38: 12-8=4, 5-1-3=1: 14");
  EXPECT_EQ(worked_difference(3, 5), "3-5=-2");
  EXPECT_EQ(worked_product(47, 6), "47*6: 7*6=42, 4*6+4=28: 282");
  EXPECT_EQ(worked_product(20, 30), "20*30=600");
  EXPECT_EQ(worked_product(12, 13), "12*13: 13*10=130; 13*2: 3*2=6, 1*2=2: 26; 130+26=156");
  EXPECT_EQ(worked_quotient(24, 6), "24/6=4 because 4*6=24");
}

}  // namespace
}  // namespace r1v
