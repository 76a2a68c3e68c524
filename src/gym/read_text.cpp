// Lines of printed words, numbers and signs: reading alone, with nothing to work out.
#include <algorithm>

#include "base/error.h"
#include "gym/draft.h"
#include "gym/families.h"
#include "gym/words.h"

namespace r1v {

namespace {

std::string pick_word(Draft& draft) {
  switch (draft.number(0, 2)) {
    case 0:
      return draft.rng.pick(kFruits);
    case 1:
      return draft.rng.pick(kNames);
    default:
      return draft.rng.pick(kShortDays);
  }
}

/// What stands in one line; the kinds are those that charts, tables, maps and sums print.
std::string pick_line(Draft& draft) {
  const int highest = draft.task.level <= 2 ? 99 : 999;
  switch (draft.number(0, 4)) {
    case 0:
      return std::to_string(draft.number(0, 999));
    case 1:
      return cat(draft.number(1, highest), draft.rng.pick(std::array<std::string, 3>{" + ", " - ", " x "}),
                 draft.number(1, highest));
    case 2:
      return cat(draft.rng.pick(kLetters), "-", draft.rng.pick(kLetters), " ", draft.number(1, highest));
    default:
      return cat(pick_word(draft), " ", draft.number(0, highest));
  }
}

void draw(Draft& draft, const std::vector<std::string>& lines) {
  const int level = draft.task.level;
  Canvas canvas(level <= 3 ? 112 : 224, 112, paper(draft.rng, level));
  const double band = canvas.height() / static_cast<double>(lines.size());
  const Font font = pick_font(draft.rng, level);
  const Paint pen = ink(draft.rng, level);
  for (size_t i = 0; i < lines.size(); ++i) {
    TextStyle style = {.size = std::min(draft.rng.uniform(14, 28), 0.75 * band), .font = font, .paint = pen};
    style.size = canvas.fitting_size(lines[i], style, canvas.width() - 8, 11);
    const double half = canvas.text_width(lines[i], style) / 2;
    const double slack_x = std::max(0.0, canvas.width() / 2.0 - half - 4),
                 slack_y = std::max(0.0, (band - style.size) / 2);
    canvas.text(lines[i],
                {canvas.width() / 2.0 + draft.rng.uniform(-slack_x, slack_x),
                 (static_cast<double>(i) + 0.5) * band + draft.rng.uniform(-slack_y, slack_y)},
                style);
  }
  draft.task.pictures.push_back(canvas.finish(draft.rng, level));
}

/// The text with one of its digits changed.
std::string misread(Draft& draft, std::string text) {
  std::vector<size_t> digits;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] >= '0' && text[i] <= '9') digits.push_back(i);
  }
  const size_t at = digits[static_cast<size_t>(draft.number(0, static_cast<int>(digits.size()) - 1))];
  text[at] = static_cast<char>('0' + (text[at] - '0' + draft.number(1, 9)) % 10);
  return text;
}

}  // namespace

Task make_read_text(uint64_t seed, int level, Split) {
  Draft draft("read_text", seed, level);
  std::vector<std::string> lines;
  for (int i = 0; i <= level; ++i) lines.push_back(pick_line(draft));
  draw(draft, lines);

  const int line = draft.number(1, static_cast<int>(lines.size()));
  const std::string& answer = lines[static_cast<size_t>(line - 1)];
  draft.task.scene = {{"lines", lines}, {"line", line}};
  draft.ask({cat("What is written in line ", line, "?"), cat("Read line ", line, " of the picture.")}, "word", answer);
  draft.task.transcript = join(lines, "; ");
  draft.task.solution = cat("I see ", draft.task.transcript, ". Line ", line, ": ", answer, ".");
  for (const std::string& other : lines) draft.slip(other, "took another line");
  draft.slip(misread(draft, answer), "misread a digit");
  draft.slip(misread(draft, answer), "misread a digit");
  return draft.task;
}

}  // namespace r1v
