// Lines of numbers, and a progress line that suits where stderr goes.
#include "train/meter.h"

#include <cstdio>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

constexpr double kBarEvery_s = 0.2;    // on a terminal
constexpr double kLineEvery_s = 20.0;  // elsewhere

void drop_later_lines(const fs::path& path, int64_t last_step) {
  if (!fs::exists(path)) return;
  const std::string text = read_file(path);
  std::string kept;
  size_t begin = 0;
  for (size_t end = text.find('\n'); end != std::string::npos; begin = end + 1, end = text.find('\n', begin)) {
    const std::string line = text.substr(begin, end - begin);
    if (json_int(parse_json(line, path.string()), "step", path.string()) <= last_step) kept += line + "\n";
  }
  write_file_atomic(path, kept);  // also forgets a last line that was cut short
}

std::string duration_text(double seconds) {
  const auto total = static_cast<int64_t>(seconds);
  char text[32];
  std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", static_cast<long long>(total / 3600),
                static_cast<long long>(total / 60 % 60), static_cast<long long>(total % 60));
  return text;
}

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

}  // namespace

Meter::Meter(const fs::path& run, int64_t first_step, int64_t total_steps)
    : first_step_(first_step), total_steps_(total_steps), start_s_(monotonic_s()), events_(run) {
  drop_later_lines(run / "metrics.jsonl", first_step);
  metrics_.open(run / "metrics.jsonl", std::ios::app);
  log_.open(run / "log.txt", std::ios::app);
  if (!metrics_ || !log_) throw InputError(cat(run.string(), ": cannot write; is the run folder writable?"));
}

void Meter::write(const Json& values) {
  metrics_ << dump_json(values) + "\n" << std::flush;
  std::vector<std::pair<std::string, float>> scalars;
  for (const auto& [name, value] : values.items()) {
    if (name != "step" && value.is_number()) scalars.emplace_back("train/" + name, value.get<float>());
  }
  events_.write(json_int(values, "step", "metrics"), scalars);
  show(values);
}

void Meter::show(const Json& values) {
  const double now_s = monotonic_s();
  const int64_t step = json_int(values, "step", "metrics");
  const bool bar = stderr_is_terminal();
  const bool last = step == total_steps_;
  if (!last && step != first_step_ + 1 && now_s - last_line_s_ < (bar ? kBarEvery_s : kLineEvery_s)) return;
  last_line_s_ = now_s;
  const double left_s = (now_s - start_s_) / static_cast<double>(std::max<int64_t>(1, step - first_step_)) *
                        static_cast<double>(total_steps_ - step);
  std::string line = cat("step ", step, "/", total_steps_);
  for (const auto& [name, value] : values.items()) {
    if (name != "step" && value.is_number()) line += " " + name + " " + short_number(value.get<double>());
  }
  line += " left " + duration_text(left_s);
  log_ << line << "\n" << std::flush;
  if (!bar) return log_info(line);
  std::fprintf(stderr, "\r\033[K%s%s", line.c_str(), last ? "\n" : "");
  bar_open_ = !last;
}

void Meter::say(const std::string& message) {
  log_ << message << "\n" << std::flush;
  if (bar_open_) std::fputc('\n', stderr);
  bar_open_ = false;
  log_info(message);
}

}  // namespace r1v
