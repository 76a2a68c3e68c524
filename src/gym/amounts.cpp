// Wording, answers and worked steps for questions about named amounts.
#include "gym/amounts.h"

#include <algorithm>

#include "base/error.h"
#include "gym/solution.h"
#include "gym/things.h"
#include "gym/words.h"

namespace r1v {

namespace {

using Phrasings = std::vector<std::string>;

Phrasings read_phrasings(Topic topic, const std::string& a) {
  switch (topic) {
    case Topic::fruit:
      return {cat("How many ", a, " were sold?"), cat("What number of ", a, " was sold?")};
    case Topic::people:
      return {cat("How many points does ", a, " have?"), cat("What is the score of ", a, "?")};
    case Topic::days:
      return {cat("How many visitors came on ", a, "?"), cat("What is the number for ", a, "?")};
  }
  return {};
}

Phrasings difference_phrasings(Topic topic, const std::string& a, const std::string& b) {
  switch (topic) {
    case Topic::fruit:
      return {cat("How many more ", a, " than ", b, " were sold?"),
              cat("How many fewer ", b, " than ", a, " were sold?")};
    case Topic::people:
      return {cat("How many more points does ", a, " have than ", b, "?"),
              cat("By how many points is ", a, " ahead of ", b, "?")};
    case Topic::days:
      return {cat("How many more visitors came on ", a, " than on ", b, "?"),
              cat("How many fewer visitors came on ", b, " than on ", a, "?")};
  }
  return {};
}

Phrasings pair_phrasings(Topic topic, const std::string& a, const std::string& b) {
  switch (topic) {
    case Topic::fruit:
      return {cat("How many ", a, " and ", b, " were sold together?"),
              cat("What is the total of ", a, " and ", b, "?")};
    case Topic::people:
      return {cat("How many points do ", a, " and ", b, " have together?"),
              cat("What is the total of ", a, " and ", b, "?")};
    case Topic::days:
      return {cat("How many visitors came on ", a, " and ", b, " together?"),
              cat("What is the total of ", a, " and ", b, "?")};
  }
  return {};
}

Phrasings total_phrasings(Topic topic) {
  switch (topic) {
    case Topic::fruit:
      return {"How many were sold in total?", "How many pieces of fruit were sold altogether?"};
    case Topic::people:
      return {"How many points are there in total?", "How many points do they have altogether?"};
    case Topic::days:
      return {"How many visitors came in total?", "How many visitors came on all days together?"};
  }
  return {};
}

Phrasings extreme_phrasings(Topic topic, bool most) {
  switch (topic) {
    case Topic::fruit:
      return {cat("Which fruit was sold ", most ? "most?" : "least?"),
              cat("What was sold ", most ? "most often?" : "least often?")};
    case Topic::people:
      return {cat("Who has the ", most ? "most points?" : "fewest points?"),
              cat("Whose score is the ", most ? "highest?" : "lowest?")};
    case Topic::days:
      return {cat("On which day did the ", most ? "most" : "fewest", " visitors come?"),
              cat("Which day has the ", most ? "highest" : "lowest", " number?")};
  }
  return {};
}

std::vector<std::string> label_pool(Topic topic, size_t longest, Rng& rng) {
  std::vector<std::string> pool;
  switch (topic) {
    case Topic::fruit:
      pool.assign(kFruits.begin(), kFruits.end());
      break;
    case Topic::people:
      pool.assign(kNames.begin(), kNames.end());
      break;
    case Topic::days:
      return {kShortDays.begin(), kShortDays.end()};
  }
  std::erase_if(pool, [&](const std::string& word) { return word.size() > longest; });
  rng.shuffle(pool);
  return pool;
}

/// Everything about the question but its words.
struct Plan {
  const char* ask;  // the name in the scene
  Phrasings phrasings;
  std::vector<size_t> of;
};

void finish(Draft& draft, const Amounts& amounts, const Plan& plan, const std::string& steps) {
  draft.task.scene["ask"] = plan.ask;
  draft.task.scene["of"] = plan.of;
  draft.task.transcript = amounts.text();
  draft.task.solution = cat("I see ", amounts.text(), ". ", steps, ". So ", draft.task.answer, ".");
}

void ask_read(Draft& draft, const Amounts& amounts, size_t a) {
  const int value = amounts.values[a];
  draft.ask(read_phrasings(amounts.topic, amounts.labels[a]), value);
  finish(draft, amounts, {"read", {}, {a}}, cat(amounts.labels[a], ": ", value));
  for (size_t i = 0; i < amounts.size(); ++i)
    draft.slip(amounts.values[i], cat("read ", amounts.labels[i], " instead"));
  draft.slip(value + 1, "misread by one");
}

void ask_difference(Draft& draft, const Amounts& amounts, size_t a, size_t b) {
  if (amounts.values[a] < amounts.values[b]) std::swap(a, b);
  const int x = amounts.values[a], y = amounts.values[b];
  draft.ask(difference_phrasings(amounts.topic, amounts.labels[a], amounts.labels[b]), x - y);
  finish(draft, amounts, {"difference", {}, {a, b}},
         cat(amounts.labels[a], " ", x, ", ", amounts.labels[b], " ", y, ": ", subtract_steps(x, y)));
  draft.slip(x, "forgot to subtract");
  draft.slip(x + y, "added instead of subtracting");
  if (x % 10 < y % 10) draft.slip(x - y + 10, "forgot the borrow");
  draft.slip(x - y + 1, "misread one value by one");
}

void ask_sum(Draft& draft, const Amounts& amounts, const Plan& plan) {
  std::vector<int> numbers;
  int sum = 0;
  std::vector<std::string> named;
  for (const size_t i : plan.of) {
    numbers.push_back(amounts.values[i]);
    named.push_back(cat(amounts.labels[i], " ", amounts.values[i]));
    sum += amounts.values[i];
  }
  draft.ask(plan.phrasings, sum);
  finish(draft, amounts, plan, cat(plan.of.size() == 2 ? join(named) + ": " : "", sum_steps(numbers)));
  draft.slip(sum - numbers.back(), "left out the last value");
  if (sum >= 20) draft.slip(sum - 10, "forgot a carry");
  draft.slip(sum + 1, "misread one value by one");
  draft.slip(*std::ranges::max_element(numbers), "gave the largest value");
}

void ask_extreme(Draft& draft, const Amounts& amounts, bool most) {
  const auto largest = std::ranges::max_element(amounts.values), smallest = std::ranges::min_element(amounts.values);
  const auto chosen = static_cast<size_t>((most ? largest : smallest) - amounts.values.begin());
  const auto opposite = static_cast<size_t>((most ? smallest : largest) - amounts.values.begin());
  draft.ask(extreme_phrasings(amounts.topic, most), "word", amounts.labels[chosen]);
  finish(draft, amounts, {most ? "most" : "least", {}, {chosen}},
         cat(most ? "The largest is " : "The smallest is ", amounts.values[chosen], ": ", amounts.labels[chosen]));
  draft.slip(amounts.labels[opposite], most ? "took the smallest" : "took the largest");
  for (size_t i = 0; i < amounts.size(); ++i) draft.slip(amounts.labels[i], "took another one");
  if (amounts.size() >= 4 && draft.chance(0.2)) draft.offer_options({});
}

}  // namespace

std::string Amounts::text() const {
  std::vector<std::string> parts;
  for (size_t i = 0; i < size(); ++i) parts.push_back(cat(labels[i], " ", values[i]));
  return join(parts);
}

Json Amounts::json() const { return {{"labels", labels}, {"values", values}}; }

Amounts choose_amounts(Draft& draft, const AmountLimits& limits) {
  Amounts amounts;
  const int topic = draft.number(0, 3);  // fruit twice as often
  amounts.topic = topic == 0 ? Topic::people : topic == 1 ? Topic::days : Topic::fruit;
  amounts.labels = label_pool(amounts.topic, limits.longest_label, draft.rng);
  R1V_CHECK(amounts.labels.size() >= static_cast<size_t>(limits.count), "too few labels for ", limits.count,
            " amounts");
  amounts.labels.resize(static_cast<size_t>(limits.count));
  std::vector<int> values;
  for (int value = limits.low; value <= limits.high; value += limits.step) values.push_back(value);
  draft.rng.shuffle(values);
  amounts.values.assign(values.begin(), values.begin() + limits.count);
  return amounts;
}

void ask_amounts(Draft& draft, const Amounts& amounts) {
  std::vector<size_t> order;
  for (size_t i = 0; i < amounts.size(); ++i) order.push_back(i);
  draft.rng.shuffle(order);
  const size_t a = order[0], b = order[1];
  std::vector<size_t> all = order;
  std::ranges::sort(all);
  const int kind = draft.number(0, 9);
  if (kind <= 2) return ask_read(draft, amounts, a);
  if (kind <= 5) return ask_difference(draft, amounts, a, b);
  if (kind == 6)
    return ask_sum(draft, amounts,
                   {"pair", pair_phrasings(amounts.topic, amounts.labels[a], amounts.labels[b]), {a, b}});
  if (kind == 7) return ask_sum(draft, amounts, {"total", total_phrasings(amounts.topic), all});
  ask_extreme(draft, amounts, kind == 8);
}

}  // namespace r1v
