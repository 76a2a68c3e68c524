// Six ways of not coming to the point.
#include "gym/ramble.h"

#include <array>
#include <vector>

#include "base/error.h"

namespace r1v {

namespace {

using Sentences = std::vector<std::string>;

constexpr std::array kAgain = {"Wait, let me check again.",
                               "Hold on. Let me go over it once more.",
                               "But is that right? I will do it again.",
                               "Let me make sure.",
                               "Hmm, I should check this.",
                               "Just to be safe, once more."};
constexpr std::array kLook = {"Let me look at the picture once more.", "What did I see? Let me look again.",
                              "I will read it again.", "Back to the picture."};
constexpr std::array kFill = {"Hmm.",      "Okay.",       "Let me think.", "So far so good.", "That seems right.",
                              "Now what?", "Let me see.", "Yes."};
constexpr std::array kTakenBack = {"No, that is not right. Let me start again.", "Wait, that was a mistake. Again.",
                                   "Hmm, no. That cannot be. From the beginning."};
constexpr std::array kSure = {"So it is the same.", "Yes, the same again.", "Good, that agrees.", "It did not change."};

Sentences sentences_of(const std::string& text) {
  Sentences sentences;
  size_t begin = 0;
  for (size_t at = text.find(". "); at != std::string::npos; at = text.find(". ", begin)) {
    sentences.push_back(text.substr(begin, at + 1 - begin));
    begin = at + 2;
  }
  sentences.push_back(text.substr(begin));
  return sentences;
}

void append(Sentences& to, const Sentences& more) { to.insert(to.end(), more.begin(), more.end()); }

/// Some sentences twice or three times, at least one of them.
Sentences repeat_some(const Sentences& solution, Rng& rng) {
  const auto sure = static_cast<size_t>(rng.integer(0, static_cast<int64_t>(solution.size()) - 1));
  Sentences out;
  for (size_t i = 0; i < solution.size(); ++i) {
    const int64_t times = i == sure || rng.chance(0.4) ? rng.integer(2, 4) : 1;
    for (int64_t k = 0; k < times; ++k) out.push_back(solution[i]);
  }
  return out;
}

Sentences check_again(const Sentences& solution, Rng& rng) {
  Sentences out = solution;
  const int64_t times = rng.integer(1, 3);
  for (int64_t k = 0; k < times; ++k) {
    out.emplace_back(rng.pick(kAgain));
    append(out, solution);
    if (rng.chance(0.5)) out.emplace_back(rng.pick(kSure));
  }
  return out;
}

/// What was read, or the question, is restated before anything is done with it.
Sentences restate(const Task& task, const Sentences& solution, Rng& rng) {
  Sentences out;
  const int64_t times = rng.integer(1, 3);
  for (int64_t k = 0; k < times; ++k) {
    if (task.pictures.empty() || rng.chance(0.25)) {
      out.push_back(cat("The question is: ", task.question));
    } else {
      out.push_back(solution.front());
      out.emplace_back(rng.pick(kLook));
    }
  }
  append(out, solution);
  return out;
}

/// A wrong turn that is noticed.
Sentences detour(const Task& task, const Sentences& solution, Rng& rng) {
  const auto kept = static_cast<size_t>(rng.integer(1, static_cast<int64_t>(solution.size())));
  Sentences out(solution.begin(), solution.begin() + static_cast<ptrdiff_t>(kept));
  out.push_back(cat("So ", rng.pick(task.distractors).answer, "."));
  out.emplace_back(rng.pick(kTakenBack));
  append(out, solution);
  return out;
}

/// Stuck at the end.
Sentences loop_at_end(const Sentences& solution, Rng& rng) {
  Sentences out = solution;
  const int64_t times = rng.integer(3, 8);
  for (int64_t k = 0; k < times; ++k) out.push_back(solution.back());
  return out;
}

Sentences fill(const Sentences& solution, Rng& rng) {
  Sentences out;
  for (const std::string& sentence : solution) {
    const int64_t times = rng.integer(1, 2);
    for (int64_t k = 0; k < times; ++k) out.emplace_back(rng.pick(kFill));
    out.push_back(sentence);
  }
  out.emplace_back(rng.pick(kAgain));
  out.push_back(solution.back());
  return out;
}

}  // namespace

std::string ramble(const Task& task, Rng& rng) {
  Sentences thinking = sentences_of(task.solution);
  const int64_t styles = rng.chance(0.35) ? 2 : 1;
  for (int64_t k = 0; k < styles; ++k) {
    switch (rng.integer(0, 5)) {
      case 0:
        thinking = repeat_some(thinking, rng);
        break;
      case 1:
        thinking = check_again(thinking, rng);
        break;
      case 2:
        thinking = restate(task, thinking, rng);
        break;
      case 3:
        R1V_CHECK(!task.distractors.empty(), "family ", task.family, " has a task without distractors");
        thinking = detour(task, thinking, rng);
        break;
      case 4:
        thinking = loop_at_end(thinking, rng);
        break;
      default:
        thinking = fill(thinking, rng);
    }
  }
  std::string text;
  for (const std::string& sentence : thinking) text += (text.empty() ? "" : " ") + sentence;
  return text;
}

}  // namespace r1v
