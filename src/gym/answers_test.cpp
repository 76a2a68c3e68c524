// Answers worked out once more from the scene alone, by other code than the families'.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <sstream>

#include "base/error.h"
#include "gym/families.h"
#include "gym/gym_fixture.h"
#include "gym/split.h"

namespace r1v {
namespace {

std::string read_text_answer(const Json& scene, const std::string& question) {
  const size_t digit = question.find_first_of("123456789");
  return scene["lines"].at(static_cast<size_t>(question.at(digit) - '1')).get<std::string>();
}

std::string count_objects_answer(const Json& scene, const std::string&) {
  int count = 0;
  for (const Json& thing : scene["things"]) {
    const Json &colors = scene["wanted"]["colors"], &shape = scene["wanted"]["shape"];
    const bool color_fits = colors.empty() || std::ranges::count(colors, thing["color"]) > 0;
    count += color_fits && (shape == "" || shape == thing["shape"]);
  }
  return std::to_string(count);
}

/// The thing with this shape.
const Json& thing_named(const Json& scene, const std::string& shape) {
  for (const Json& thing : scene["things"]) {
    if (thing["shape"] == shape) return thing;
  }
  throw std::runtime_error("no " + shape);
}

Json neighbour(const Json& scene, const Json& thing, const std::string& way) {
  const int dx = way == "left" ? -1 : way == "right" ? 1 : 0, dy = way == "above" ? -1 : way == "below" ? 1 : 0;
  for (const Json& other : scene["things"]) {
    if (other["row"] == thing["row"].get<int>() + dy && other["column"] == thing["column"].get<int>() + dx)
      return other;
  }
  return nullptr;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

/// Reads "below the thing left of the star" from its end.
Json resolve_place(const Json& scene, const std::string& place) {
  std::vector<std::string> words = words_of(place);
  if (place == "the largest" || place == "the smallest") {
    for (const Json& thing : scene["things"]) {
      if (thing["size"] == (place == "the largest" ? "large" : "small")) return thing;
    }
  }
  if (place == "at the top" || place == "farthest left") return scene["things"].front();
  if (place == "at the bottom" || place == "farthest right") return scene["things"].back();
  if (words[0] == "between") {  // between the A and the B
    const Json &a = thing_named(scene, words[2]), &b = thing_named(scene, words[5]);
    for (const Json& thing : scene["things"]) {
      if (2 * thing["row"].get<int>() == a["row"].get<int>() + b["row"].get<int>() &&
          2 * thing["column"].get<int>() == a["column"].get<int>() + b["column"].get<int>()) {
        return thing;
      }
    }
  }
  Json thing = thing_named(scene, words.back());
  for (auto word = words.rbegin(); word != words.rend(); ++word) {
    if (*word == "left" || *word == "right" || *word == "above" || *word == "below")
      thing = neighbour(scene, thing, *word);
  }
  return thing;
}

std::string relation_answer(const Json& scene, const std::string&) {
  return resolve_place(scene, scene["place"])[scene["attribute"].get<std::string>()];
}

std::string what_is_there_answer(const Json& scene, const std::string&) {
  return scene["things"][scene["chosen"].get<size_t>()][scene["attribute"].get<std::string>()];
}

int apply(int a, const std::string& op, int b) { return op == "+" ? a + b : op == "-" ? a - b : a * b; }

std::string typeset_answer(const Json& scene, const std::string&) {
  int result = scene["numbers"][0];
  for (size_t i = 0; i < scene["ops"].size(); ++i) result = apply(result, scene["ops"][i], scene["numbers"][i + 1]);
  return std::to_string(result);
}

std::string handwritten_sum_answer(const Json& scene, const std::string&) {
  int result = scene["numbers"][0];
  for (size_t i = 1; i < scene["numbers"].size(); ++i) result = apply(result, scene["op"], scene["numbers"][i]);
  return std::to_string(result);
}

std::string handwritten_digit_answer(const Json& scene, const std::string&) {
  int number = 0;
  for (const Json& index : scene["samples"]) number = 10 * number + index.get<int>() / 500;  // 500 a class, in order
  return std::to_string(number);
}

/// Questions about labels and values, by their words.
std::string amounts_answer(const Json& labels, const std::vector<int>& values, const std::string& ask, const Json& of) {
  const auto value = [&](size_t i) { return values.at(of.at(i).get<size_t>()); };
  if (ask == "read") return std::to_string(value(0));
  if (ask == "difference" || ask == "change") return std::to_string(std::abs(value(0) - value(1)));
  if (ask == "pair") return std::to_string(value(0) + value(1));
  if (ask == "total") return std::to_string(std::accumulate(values.begin(), values.end(), 0));
  const bool most = ask == "most" || ask == "highest" || ask == "largest";
  const auto found = most ? std::ranges::max_element(values) : std::ranges::min_element(values);
  return labels.at(static_cast<size_t>(found - values.begin()));
}

std::string bar_chart_answer(const Json& scene, const std::string&) {
  return amounts_answer(scene["labels"], scene["values"], scene["ask"], scene["of"]);
}

std::string pie_chart_answer(const Json& scene, const std::string&) {
  const std::vector<int> percents = scene["percents"];
  const std::string ask = scene["ask"];
  const int total = std::accumulate(percents.begin(), percents.end(), 0);
  EXPECT_EQ(total, 100);
  if (ask == "hidden") return std::to_string(percents[scene["of"][0].get<size_t>()]);
  if (ask == "people") return std::to_string(scene["people"].get<int>() * percents[scene["of"][0].get<size_t>()] / 100);
  return amounts_answer(scene["names"], percents, ask, scene["of"]);
}

std::string line_chart_answer(const Json& scene, const std::string& question) {
  const std::string ask = scene["ask"];
  const std::vector<int> a = scene["lines"][0]["values"];
  const size_t day = scene["of"].empty() ? 0 : scene["of"][0].get<size_t>();
  if (scene["lines"].size() == 1) {
    if (ask == "value") return std::to_string(a[day]);
    if (ask == "trend") return a[day + 1] > a[day] ? "rise" : a[day + 1] < a[day] ? "fall" : "stay";
    return amounts_answer(scene["days"], a, ask, scene["of"]);
  }
  const std::vector<int> b = scene["lines"][1]["values"];
  if (ask == "value") {
    const bool first = question.find(scene["lines"][0]["color"].get<std::string>()) != std::string::npos;
    return std::to_string((first ? a : b)[day]);
  }
  if (ask == "gap") return std::to_string(std::abs(a[day] - b[day]));
  int above = 0, meetings = 0;
  std::string meeting;
  for (size_t i = 0; i < a.size(); ++i) {
    above += a[i] > b[i];
    if (a[i] == b[i]) ++meetings, meeting = scene["days"][i];
  }
  EXPECT_EQ(meetings, 1);
  return ask == "meet" ? meeting : std::to_string(above);
}

std::string table_answer(const Json& scene, const std::string& question) {
  if (scene.contains("labels")) return bar_chart_answer(scene, question);
  const std::string ask = scene["ask"];
  const std::vector<std::vector<int>> cells = scene["cells"];
  const std::vector<size_t> of = scene["of"];
  if (ask == "cell") return std::to_string(cells[of[0]][of[1]]);
  if (ask == "row_sum") return std::to_string(std::accumulate(cells[of[0]].begin(), cells[of[0]].end(), 0));
  if (ask == "difference") return std::to_string(cells[of[0]][of[2]] - cells[of[1]][of[2]]);
  size_t best = 0;
  for (size_t i = 0; i < cells.size(); ++i) best = cells[i][of[1]] > cells[best][of[1]] ? i : best;
  return scene["people"][best];
}

int minutes_of(const std::string& time) {
  const size_t colon = time.find(':');
  return std::stoi(time.substr(0, colon)) % 12 * 60 + std::stoi(time.substr(colon + 1));
}

std::string clock_answer(const Json& scene, const std::string&) {
  const int first = minutes_of(scene["time"]);
  if (scene.contains("second")) return std::to_string((minutes_of(scene["second"]) - first + 720) % 720);
  const int minutes = (first + (scene.contains("later") ? scene["later"].get<int>() : 0)) % 720;
  const std::string rest = cat(minutes % 60 < 10 ? "0" : "", minutes % 60);
  return cat(minutes / 60 == 0 ? 12 : minutes / 60, ":", rest);
}

using Solver = std::string (*)(const Json& scene, const std::string& question);

void expect_answers(const char* name, Solver solve) {
  const DigitPool pool(made_up_sheet(), "made up");
  const auto& families = gym_families();
  const auto family =
      std::ranges::find(families, std::string(name), [](const TaskFamily& one) { return std::string(one.name); });
  ASSERT_NE(family, families.end());
  for (int level = 1; level <= 5; ++level) {
    for (uint64_t i = 0; i < 60; ++i) {
      const Task task = make_task(*family, Split::train, i, level, 17, &pool);
      const std::string answer =
          task.kind == "choice" ? task.scene["options"][task.answer].get<std::string>() : task.answer;
      EXPECT_EQ(answer, solve(task.scene, task.question)) << task.question << " " << dump_json(task.scene);
    }
  }
}

TEST(Answers, CountObjects) { expect_answers("count_objects", count_objects_answer); }
TEST(Answers, Relation) { expect_answers("relation", relation_answer); }
TEST(Answers, WhatIsThere) { expect_answers("what_is_there", what_is_there_answer); }
TEST(Answers, BarChart) { expect_answers("bar_chart", bar_chart_answer); }
TEST(Answers, LineChart) { expect_answers("line_chart", line_chart_answer); }
TEST(Answers, PieChart) { expect_answers("pie_chart", pie_chart_answer); }
TEST(Answers, TableLookup) { expect_answers("table_lookup", table_answer); }
TEST(Answers, Clock) { expect_answers("clock", clock_answer); }
TEST(Answers, ReadText) { expect_answers("read_text", read_text_answer); }
TEST(Answers, TypesetSum) { expect_answers("typeset_sum", typeset_answer); }
TEST(Answers, HandwrittenDigit) { expect_answers("handwritten_digit", handwritten_digit_answer); }
TEST(Answers, HandwrittenSum) { expect_answers("handwritten_sum", handwritten_sum_answer); }

TEST(Answers, BarsAndHandsCarryTheirValues) {
  const auto& families = gym_families();
  for (const TaskFamily& family : families) {
    const std::string name = family.name;
    if (name != "bar_chart" && name != "clock") continue;
    for (uint64_t i = 0; i < 40; ++i) {
      const Task task = make_task(family, Split::train, i, 4, 2);
      for (const Mark& mark : task.pictures[0].marks) {
        if (mark.kind == "bar") {
          const std::vector<std::string> labels = task.scene["labels"];
          const auto at = std::ranges::find(labels, mark.label) - labels.begin();
          EXPECT_EQ(mark.value, task.scene["values"][static_cast<size_t>(at)].get<int>());
        } else if (mark.kind == "minute_hand") {
          EXPECT_EQ(mark.value, minutes_of(task.scene["time"]) % 60);
        }
      }
    }
  }
}

}  // namespace
}  // namespace r1v
