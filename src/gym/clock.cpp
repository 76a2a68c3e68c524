// Clock faces: read the time, add or subtract minutes, and the time between two clocks.
#include <array>
#include <cmath>
#include <numbers>

#include "base/error.h"
#include "gym/draft.h"
#include "gym/families.h"
#include "gym/solution.h"

namespace r1v {

namespace {

/// A time on a twelve-hour clock; hour 1..12.
struct Time {
  int hour = 12, minute = 0;

  std::string text() const { return cat(hour, minute < 10 ? ":0" : ":", minute); }
  int minutes() const { return hour % 12 * 60 + minute; }
};

Time time_at(int minutes) {
  const int within = ((minutes % 720) + 720) % 720;
  return {within / 60 == 0 ? 12 : within / 60, within % 60};
}

Time choose_time(Draft& draft) {
  const int hour = draft.number(1, 12);
  switch (draft.task.level) {
    case 1:
      return {hour, draft.chance(0.5) ? 0 : 30};
    case 2:
      return {hour, 15 * draft.number(0, 3)};
    default:
      return {hour, 5 * draft.number(0, 11)};
  }
}

Point on_face(Point center, double radius, double turns) {
  const double angle = 2 * std::numbers::pi * turns;
  return {center.x + radius * std::sin(angle), center.y - radius * std::cos(angle)};
}

void draw_numbers(Canvas& canvas, Draft& draft, Point center, double radius, const TextStyle& style) {
  const int level = draft.task.level;
  const int step = level <= 2 || draft.chance(0.4) ? 1 : draft.chance(0.6) ? 3 : 12;
  for (int hour = 1; hour <= 12; ++hour) {
    canvas.line(on_face(center, radius - 1, hour / 12.0), on_face(center, radius - 5, hour / 12.0), style.paint,
                hour % 3 ? 1 : 2);
    if (hour % step == 0) canvas.text(std::to_string(hour), on_face(center, radius - 12, hour / 12.0), style);
  }
}

void draw_hand(Canvas& canvas, Point center, double length, double turns, const Paint& paint, double line_width,
               const char* kind, int value) {
  const Point tip = on_face(center, length, turns);
  canvas.line(center, tip, paint, line_width);
  Mark mark = place(kind, on_face(center, 0.7 * length, turns), 12, 12, value);
  mark.color = paint.name;
  canvas.mark(mark);
}

void draw_clock(Draft& draft, const Time& time) {
  const int level = draft.task.level;
  Canvas canvas(112, 112, paper(draft.rng, level));
  const double radius = level <= 2 ? 54 : draft.rng.uniform(46, 54);
  const Point center = {56 + draft.rng.uniform(-1, 1) * (54 - radius), 56 + draft.rng.uniform(-1, 1) * (54 - radius)};
  const Paint dark = ink(draft.rng, level);
  const Paint hour_paint = level <= 2 ? paint("red") : dark, minute_paint = level <= 2 ? paint("blue") : dark;
  canvas.fill_circle(center, radius, paint("white"));
  canvas.stroke_circle(center, radius - 1, dark, 2);
  draw_numbers(canvas, draft, center, radius, {.size = 13, .font = pick_font(draft.rng, level), .paint = dark});
  draw_hand(canvas, center, 0.66 * radius, time.minute / 60.0, minute_paint, 3, "minute_hand", time.minute);
  draw_hand(canvas, center, 0.4 * radius, time.minutes() / 720.0, hour_paint, 5.5, "hour_hand", time.hour);
  canvas.fill_circle(center, 4, dark);
  draft.task.pictures.push_back(canvas.finish(draft.rng, level));
}

/// "short hand past 7, long hand at 3" (on the hour: "at 7").
std::string hands(const Time& time) {
  const std::string long_hand = cat("long hand at ", time.minute == 0 ? 12 : time.minute / 5);
  return cat("short hand ", time.minute == 0 ? "at " : "past ", time.hour, ", ", long_hand);
}

/// "short hand past 7, long hand at 3: 3*5=15, so 7:15"
std::string reading(const Time& time) {
  const std::string minutes = time.minute == 0 ? "0 minutes" : cat(time.minute / 5, "*5=", time.minute);
  return cat(hands(time), ": ", minutes, ", so ", time.text());
}

void ask_time(Draft& draft, const Time& time) {
  draft.ask({"What time is it?", "What time does the clock show?", "Read the clock.",
             "Which time is shown? Write it as hour:minutes."},
            "word", time.text());
  draft.task.solution = cat("I see ", reading(time), ".");
  draft.slip(Time{time.hour % 12 + 1, time.minute}.text(), "took the next hour");
  draft.slip(time_at(time.minutes() - 60).text(), "took the hour before");
  draft.slip(Time{time.minute == 0 ? 12 : (time.minute / 5 + 11) % 12 + 1, time.hour % 12 * 5}.text(),
             "mixed up the hands");
  draft.slip(time_at(time.minutes() + 5).text(), "misread the minutes");
  if (draft.chance(0.2))
    draft.offer_options({time_at(time.minutes() + 30).text(), time_at(time.minutes() + 150).text()});
}

/// Minutes to the next full hour, or the time some minutes later.
void ask_later(Draft& draft, const Time& time) {
  const int delay = 5 * draft.number(2, draft.task.level == 3 ? 6 : 10);
  const Time later = time_at(time.minutes() + delay);
  draft.ask({cat("What time is it ", delay, " minutes later?"), cat("Which time will it be in ", delay, " minutes?")},
            "word", later.text());
  const int minute = time.minute + delay;
  const std::string over = minute >= 60 ? cat(". ", minute, "-60=", minute - 60, ", next hour") : "";
  draft.task.solution = cat("I see ", reading(time), ". ", time.minute, "+", delay, ": ", add_steps(time.minute, delay),
                            over, ". So ", later.text(), ".");
  draft.task.scene["later"] = delay;
  draft.slip(time.text(), "forgot to add the minutes");
  draft.slip(time_at(time.minutes() + delay + 5).text(), "misread the minutes");
  draft.slip(time_at(time.minutes() + delay + 60).text(), "took the next hour");
  draft.slip(time_at(time.minutes() - delay).text(), "went back instead of forward");
}

void ask_between(Draft& draft, const Time& first, const Time& second) {
  const int from = first.minutes(), to = second.minutes() < from ? second.minutes() + 720 : second.minutes();
  draft.ask({"The second clock shows a later time. How many minutes after the first?",
             "How many minutes pass from the first clock to the second?"},
            to - from);
  const int hours = to / 60 - from / 60;
  const std::string sum = hours == 0 ? subtract_steps(second.minute, first.minute)
                                     : cat(60 * hours, "+", second.minute, "=", 60 * hours + second.minute, ", ",
                                           60 * hours + second.minute, "-", first.minute, ": ",
                                           subtract_steps(60 * hours + second.minute, first.minute));
  draft.task.solution = cat("I see first ", reading(first), "; second ", reading(second), ". Hours between: ", hours,
                            ". ", sum, ". So ", to - from, ".");
  draft.task.scene["second"] = second.text();
  draft.slip(to - from + 60, "counted one hour too many");
  if (to - from > 60) draft.slip(to - from - 60, "counted one hour too few");
  draft.slip(to - from + 5, "misread the minutes");
}

}  // namespace

Task make_clock(uint64_t seed, int level, Split) {
  Draft draft("clock", seed, level);
  const Time time = choose_time(draft);
  draft.task.scene = {{"time", time.text()}};
  draw_clock(draft, time);
  if (level == 5 && draft.chance(0.6)) {
    const Time second = time_at(time.minutes() + 5 * draft.number(3, 30));
    draw_clock(draft, second);
    ask_between(draft, time, second);
    draft.task.transcript = cat(hands(time), "; ", hands(second));
  } else {
    draft.task.transcript = hands(time);
    level >= 3 && draft.chance(0.5) ? ask_later(draft, time) : ask_time(draft, time);
  }
  return draft.task;
}

}  // namespace r1v
