// A few hundred tasks a cell, kept without their pictures.
#include "gym/siblings.h"

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "gym/split.h"

namespace r1v {

namespace {

constexpr uint64_t kSiblings = 256;

bool in_word(const std::string& text, size_t i) {
  const auto is_digit = [&](size_t at) {
    return at < text.size() && std::isdigit(static_cast<unsigned char>(text[at]));
  };
  if (std::isalnum(static_cast<unsigned char>(text[i]))) return true;
  if (text[i] == '.') return i > 0 && is_digit(i - 1) && is_digit(i + 1);
  return text[i] == '-' && is_digit(i + 1) && (i == 0 || !std::isalnum(static_cast<unsigned char>(text[i - 1])));
}

}  // namespace

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  bool inside = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool now = in_word(text, i);
    if (now && !inside) words.emplace_back();
    if (now) words.back() += text[i];
    inside = now;
  }
  return words;
}

size_t words_only_in(const std::vector<std::string>& one, const std::vector<std::string>& other) {
  std::vector<std::string> left = one, right = other, difference;
  std::ranges::sort(left);
  std::ranges::sort(right);
  std::ranges::set_difference(left, right, std::back_inserter(difference));
  return difference.size();
}

const std::vector<Sibling>& Siblings::of(const std::string& family, int level) {
  const std::lock_guard lock(mutex_);
  std::vector<Sibling>& cell = cells_[{family, level}];
  if (!cell.empty()) return cell;
  const TaskFamily& maker = *find_families({family}).front();
  const uint64_t seed = mix_seed(options_.seed, "siblings");
  for (uint64_t i = 0; i < kSiblings; ++i) {
    const Task task = make_task(maker, options_.split, i, level, seed, options_.digits);
    cell.push_back({task.question, task.answer, task.transcript, task.solution, words_of(task.transcript)});
  }
  return cell;
}

const Sibling* Siblings::same_answer(const Task& task, Rng& rng) {
  const std::vector<std::string> words = words_of(task.transcript), solution = words_of(task.solution);
  std::vector<const Sibling*> found;
  for (const Sibling& sibling : of(task.family, task.level)) {
    if (sibling.question == task.question && sibling.answer == task.answer && words_only_in(sibling.words, words) > 0 &&
        words_only_in(words_of(sibling.solution), solution) > 0) {
      found.push_back(&sibling);
    }
  }
  return found.empty() ? nullptr : rng.pick(found);
}

const Sibling* Siblings::nearest(const Task& task, Rng& rng) {
  const std::vector<std::string> words = words_of(task.transcript);
  std::vector<const Sibling*> found;
  size_t fewest = SIZE_MAX;
  for (const Sibling& sibling : of(task.family, task.level)) {
    const size_t claims = words_only_in(sibling.words, words),
                 differences = claims + words_only_in(words, sibling.words);
    if (claims == 0 || differences > fewest) continue;
    if (differences < fewest) found.clear();
    fewest = differences;
    found.push_back(&sibling);
  }
  return found.empty() ? nullptr : rng.pick(found);
}

}  // namespace r1v
