// Rounds of tasks drawn in parallel, written in order.
#include "gym/export.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <exception>
#include <fstream>
#include <mutex>
#include <thread>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "gym/families.h"
#include "gym/preference.h"
#include "gym/siblings.h"
#include "gym/solution.h"
#include "gym/split.h"

namespace r1v {

namespace {

constexpr int64_t kBucket = 1000;  // tasks a picture folder

std::string name_of(ExportFormat format) {
  switch (format) {
    case ExportFormat::sft:
      return "sft";
    case ExportFormat::transcripts:
      return "transcripts";
    case ExportFormat::questions:
      return "questions";
    case ExportFormat::preferences:
      return "preferences";
  }
  R1V_CHECK(false, "unknown export format");
}

/// "pictures/012/012345.png"; a second picture of a task is "012345b.png".
std::string picture_path(int64_t task_number, size_t picture) {
  char text[64];
  std::snprintf(text, sizeof text, "pictures/%03lld/%06lld", static_cast<long long>(task_number / kBucket),
                static_cast<long long>(task_number));
  return cat(text, picture ? std::string(1, static_cast<char>('a' + picture)) : "", ".png");
}

double tenth(double value) { return std::round(value * 10) / 10; }

/// Per picture a list of [kind, label, color, cx, cy, width, height, value].
Json marks_json(const Task& task) {
  Json pictures = Json::array();
  for (const GymPicture& picture : task.pictures) {
    Json marks = Json::array();
    for (const Mark& mark : picture.marks) {
      marks.push_back(Json::array({mark.kind, mark.label, mark.color, tenth(mark.cx), tenth(mark.cy), tenth(mark.width),
                                   tenth(mark.height), mark.value}));
    }
    pictures.push_back(marks);
  }
  return pictures;
}

Json picture_paths(const Task& task, int64_t task_number) {
  Json paths = Json::array();
  for (size_t i = 0; i < task.pictures.size(); ++i) {
    paths.push_back(picture_path(task_number, i));
  }
  return paths;
}

Json message(const std::string& role, const Json& content) { return {{"role", role}, {"content", content}}; }

/// "<image>" once a picture, then the question.
std::string user_text(const Task& task, const std::string& question) {
  std::string text;
  for (size_t i = 0; i < task.pictures.size(); ++i) {
    text += "<image>\n";
  }
  return text + question;
}

Json user_parts(const Task& task, int64_t task_number) {
  Json parts = Json::array();
  for (size_t i = 0; i < task.pictures.size(); ++i) {
    parts.push_back({{"type", "image"}, {"path", picture_path(task_number, i)}});
  }
  parts.push_back({{"type", "text"}, {"text", task.question}});
  return parts;
}

Json preference_line(const Task& task, const ExportOptions& options, int64_t task_number, Siblings& siblings) {
  Rng rng(mix_seed(mix_seed(options.seed, "preference"), static_cast<uint64_t>(task_number)));
  const PreferenceKind kind = preference_kind(options, task_number, !task.pictures.empty());
  Json pair = preference_pair(task, kind, siblings, rng);
  Json line = {{"messages", Json::array({message("user", user_text(task, pair["question"]))})},
               {"images", picture_paths(task, task_number)}};
  pair.erase("question");
  line.update(pair);
  return line;
}

Json format_line(const Task& task, const ExportOptions& options, int64_t task_number, Siblings& siblings) {
  switch (options.format) {
    case ExportFormat::sft:
      return {{"messages", Json::array({message("user", user_text(task, task.question)),
                                        message("assistant", assistant_text(task))})},
              {"images", picture_paths(task, task_number)}};
    case ExportFormat::transcripts: {
      const std::string read = task.transcript.empty() || task.pictures.empty() ? "" : task.transcript + "\n";
      return {{"messages",
               Json::array({message("user", read + task.question), message("assistant", assistant_text(task))})}};
    }
    case ExportFormat::questions:
      return {{"id", cat(task.family, "/", task.level, "/", name_of(options.split), "/", task_number)},
              {"messages", Json::array({message("user", user_parts(task, task_number))})},
              {"answer", task.answer},
              {"kind", task.kind},
              {"source", cat("gym/", task.family)}};
    case ExportFormat::preferences:
      return preference_line(task, options, task_number, siblings);
  }
  R1V_CHECK(false, "unknown export format");
}

void write_task(const ExportOptions& options, int64_t task_number, Siblings& siblings, std::string& line) {
  const Task task = exported_task(options, task_number);
  for (size_t i = 0; i < task.pictures.size() && options.format != ExportFormat::transcripts; ++i) {
    write_file_atomic(options.out / picture_path(task_number, i), encode_png(task.pictures[i].picture));
  }
  line = dump_json(export_line(task, options, task_number, siblings)) + "\n";
}

/// Draws and writes the pictures of tasks first .. first + lines.size() - 1 and fills in their lines.
void write_round(const ExportOptions& options, int64_t first, Siblings& siblings, std::vector<std::string>& lines) {
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      for (size_t i = next++; i < lines.size(); i = next++) {
        write_task(options, first + static_cast<int64_t>(i), siblings, lines[i]);
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
      next = lines.size();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int64_t i = 0; i < options.threads; ++i) {
      threads.emplace_back(work);
    }
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
}

}  // namespace

ExportFormat export_format_of_name(const std::string& name) {
  for (const ExportFormat format :
       {ExportFormat::sft, ExportFormat::transcripts, ExportFormat::questions, ExportFormat::preferences}) {
    if (name == name_of(format)) {
      return format;
    }
  }
  throw InputError(
      cat("unknown format \"", printable(name), "\"; expected sft, transcripts, questions or preferences"));
}

PreferenceKind preference_kind_of_name(const std::string& name) {
  for (const PreferenceKind kind : {PreferenceKind::wrong, PreferenceKind::rambling, PreferenceKind::hallucination}) {
    if (name == name_of(kind)) {
      return kind;
    }
  }
  throw InputError(
      cat("unknown kind of preference \"", printable(name), "\"; expected wrong, rambling or hallucination"));
}

std::string name_of(PreferenceKind kind) {
  return kind == PreferenceKind::wrong ? "wrong" : kind == PreferenceKind::rambling ? "rambling" : "hallucination";
}

std::vector<const TaskFamily*> find_families(const std::vector<std::string>& names) {
  std::vector<const TaskFamily*> found;
  for (const TaskFamily& family : gym_families()) {
    if (names.empty()) {
      found.push_back(&family);
    }
  }
  for (const std::string& name : names) {
    const auto& all = gym_families();
    const auto family = std::ranges::find(all, name, [](const TaskFamily& one) { return std::string(one.name); });
    if (family == all.end()) {
      throw InputError(cat("there is no family \"", printable(name), "\"; `r1v gym list` names them all"));
    }
    found.push_back(&*family);
  }
  return found;
}

Task exported_task(const ExportOptions& options, int64_t task_number) {
  const auto number = static_cast<uint64_t>(task_number);
  const TaskFamily& family = *options.families[number % options.families.size()];
  const uint64_t turn = number / options.families.size();
  const int level = options.levels[turn % options.levels.size()];
  const uint64_t index = turn / options.levels.size();
  Task task = make_task(family, options.split, index, level, options.seed, options.digits);
  if (options.pictures == ExportPictures::shuffled) {
    constexpr uint64_t kFarAway = 1'000'000'007;  // an index that no export reaches
    task.pictures = make_task(family, options.split, index + kFarAway, level, options.seed, options.digits).pictures;
  } else if (options.pictures == ExportPictures::grey) {
    for (GymPicture& picture : task.pictures) {
      std::ranges::fill(picture.picture.rgb, uint8_t{128});
      picture.marks.clear();
    }
  }
  return task;
}

Json export_line(const Task& task, const ExportOptions& options, int64_t task_number, Siblings& siblings) {
  Json line = format_line(task, options, task_number, siblings);
  line["family"] = task.family;
  line["level"] = task.level;
  if (options.with_scene) {
    line["transcript"] = task.transcript;
    line["scene"] = task.scene;
    line["marks"] = marks_json(task);
  }
  return line;
}

std::filesystem::path export_tasks(const ExportOptions& options) {
  R1V_CHECK(!options.families.empty() && !options.levels.empty() && options.threads > 0, "nothing to export");
  const bool drawn = options.format != ExportFormat::transcripts;
  for (int64_t bucket = 0; bucket * kBucket < (drawn ? options.count : 1); ++bucket) {
    std::error_code error;
    const std::filesystem::path folder =
        drawn ? (options.out / picture_path(bucket * kBucket, 0)).parent_path() : options.out;
    std::filesystem::create_directories(folder, error);
    if (error) {
      throw InputError(cat("cannot make the folder ", folder.string(), ": ", error.message()));
    }
  }
  const std::filesystem::path path = options.out / (name_of(options.format) + ".jsonl");
  const std::filesystem::path unfinished = path.string() + ".part";
  std::ofstream out(unfinished, std::ios::binary);
  Siblings siblings(options);
  constexpr int64_t kRound = 512;
  for (int64_t first = 0; first < options.count; first += kRound) {
    std::vector<std::string> lines(static_cast<size_t>(std::min(kRound, options.count - first)));
    write_round(options, first, siblings, lines);
    for (const std::string& line : lines) {
      out << line;
    }
    if ((first / kRound) % 20 == 19) {
      log_info(cat("gym: ", first + static_cast<int64_t>(lines.size()), " of ", options.count, " tasks"));
    }
  }
  out.close();
  if (!out) {
    throw InputError(cat("cannot write ", unfinished.string(), "; is the disk full?"));
  }
  std::filesystem::rename(unfinished, path);
  return path;
}

}  // namespace r1v
