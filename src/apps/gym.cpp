// `r1v gym list | make | scan | grade`: tasks drawn by the program itself.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <thread>

#include "apps/commands.h"
#include "apps/default_model.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "gym/best_of.h"
#include "gym/export.h"
#include "gym/grade.h"
#include "gym/split.h"
#include "recipes/scan.h"

namespace r1v {

namespace {

std::filesystem::path default_digits() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  if (cache && *cache) {
    return std::filesystem::path(cache) / "r1v" / "digits.png";
  }
  return std::filesystem::path(home ? home : ".") / ".cache" / "r1v" / "digits.png";
}

struct ListOptions {
  bool json = false;
  void fields(auto& field) { field("json", json, "one JSON list instead of a table"); }
};

struct MakeOptions {
  std::filesystem::path out;
  std::string split = "train";
  std::string format = "sft";
  std::string families, levels = "1,2,3,4,5", kinds = "wrong,rambling,hallucination";
  int64_t count = 1000;
  uint64_t seed = 0;
  bool with_scene = false, grey = false, shuffle_pictures = false;
  std::filesystem::path digits = default_digits();
  int64_t threads = static_cast<int64_t>(std::thread::hardware_concurrency());
  void fields(auto& field) {
    field("out", out,
          "folder for pictures/ and the JSON lines; what it holds of an earlier run is written over, not cleared away");
    field("split", split, "train, dev or test; contents never overlap");
    field("format", format,
          "sft, transcripts (text in place of pictures), questions or preferences: the name of the .jsonl file too");
    field("families", families, "names with commas between; all when left out");
    field("levels", levels, "numbers from 1 to 5 with commas between");
    field(
        "kinds", kinds,
        "of preferences, with commas between: what is the matter with the rejected answer (a wrong result; it rambles "
        "to the right one; it claims to see what is not there)");
    field("count", count, "tasks altogether; families and levels take turns");
    field("seed", seed, "another seed gives other tasks of the same split");
    field("with-scene", with_scene, "adds scene, transcript and marks to every line");
    field("grey", grey, "control: plain grey pictures of the same size");
    field("shuffle-pictures", shuffle_pictures, "control: pictures of another task of the same family and level");
    field("digits", digits, "the sheet of handwritten digits (digits.png of Debian's opencv-doc)");
    field("threads", threads, "threads that draw");
  }
};

struct GradeOptions {
  std::filesystem::path questions, answers;
  std::string best_of;
  bool json = false;
  void fields(auto& field) {
    field("best-of", best_of,
          "numbers with commas between, as 1,2,4,8: how right the best of N candidates is, by vote, judge and oracle");
    field("questions", questions, "JSON lines written by `r1v gym make --format questions`");
    field("answers", answers, "JSON lines printed by `r1v ask --json-lines`");
    field("json", json, "one JSON document instead of a table");
  }
};

std::vector<std::string> split_commas(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, ',');) {
    if (!word.empty()) {
      words.push_back(word);
    }
  }
  return words;
}

std::vector<int> parse_levels(const std::string& text) {
  std::vector<int> levels;
  for (const std::string& word : split_commas(text)) {
    if (word.size() != 1 || word[0] < '1' || word[0] > '5') {
      throw InputError(
          cat("--levels: found \"", printable(word), "\", expected numbers from 1 to 5 with commas between"));
    }
    levels.push_back(word[0] - '0');
  }
  if (levels.empty()) {
    throw InputError("--levels: no level is named; expected numbers from 1 to 5 with commas between");
  }
  return levels;
}

std::vector<PreferenceKind> parse_kinds(const std::string& text) {
  std::vector<PreferenceKind> kinds;
  for (const std::string& word : split_commas(text)) kinds.push_back(preference_kind_of_name(word));
  if (kinds.empty()) throw InputError("--kinds: no kind is named; expected some of wrong,rambling,hallucination");
  return kinds;
}

/// Nothing false can be seen where there is no picture: text families are left out, or refused when they were named.
std::vector<const TaskFamily*> make_families(const MakeOptions& make) {
  std::vector<const TaskFamily*> families = find_families(split_commas(make.families));
  const std::vector<PreferenceKind> kinds = parse_kinds(make.kinds);
  const bool pictures_only =
      std::ranges::all_of(kinds, [](PreferenceKind kind) { return kind == PreferenceKind::hallucination; });
  if (export_format_of_name(make.format) != ExportFormat::preferences || !pictures_only) return families;
  for (const TaskFamily* family : families) {
    if (!family->has_picture && !make.families.empty()) {
      throw InputError(cat("--kinds hallucination: family ", family->name, " has no picture to see wrong things in"));
    }
  }
  std::erase_if(families, [](const TaskFamily* family) { return !family->has_picture; });
  return families;
}

std::vector<int64_t> parse_counts(const std::string& text) {
  std::vector<int64_t> counts;
  for (const std::string& word : split_commas(text)) {
    const bool is_number = word.size() <= 4 && word.find_first_not_of("0123456789") == std::string::npos;
    if (!is_number || std::stoll(word) < 1) {
      throw InputError(cat("--best-of: found \"", printable(word), "\", expected numbers from 1 with commas between"));
    }
    counts.push_back(std::stoll(word));
  }
  if (counts.empty()) throw InputError("--best-of: no number is named; expected for example 1,2,4,8");
  return counts;
}

int run_list(Args args) {
  const auto options = parse_options<ListOptions>("gym list", "names every family of tasks", args);
  Json list = Json::array();
  for (const TaskFamily& family : gym_families()) {
    list.push_back({{"name", family.name}, {"description", family.description}, {"has_picture", family.has_picture}});
    if (!options.json) {
      std::cout << family.name << std::string(std::max<size_t>(1, 22 - std::string(family.name).size()), ' ')
                << family.description << (family.has_picture ? "\n" : " (text only)\n");
    }
  }
  if (options.json) {
    std::cout << dump_json(list) << "\n";
  }
  return 0;
}

ExportOptions export_options(const MakeOptions& make) {
  if (make.out.empty()) {
    throw InputError("--out is missing: name the folder for the pictures and lines");
  }
  if (make.grey && make.shuffle_pictures) {
    throw InputError("--grey and --shuffle-pictures are two different controls; choose one");
  }
  if (make.count < 1 || make.threads < 1 || make.threads > 1024) {
    throw InputError(cat("--count ", make.count, " --threads ", make.threads,
                         ": both must be at least 1, and no more than 1024 threads"));
  }
  return {.out = make.out,
          .split = split_of_name(make.split),
          .format = export_format_of_name(make.format),
          .pictures = make.grey               ? ExportPictures::grey
                      : make.shuffle_pictures ? ExportPictures::shuffled
                                              : ExportPictures::drawn,
          .families = make_families(make),
          .levels = parse_levels(make.levels),
          .kinds = parse_kinds(make.kinds),
          .count = make.count,
          .seed = make.seed,
          .with_scene = make.with_scene,
          .threads = make.threads};
}

int run_make(Args args) {
  const auto make =
      parse_options<MakeOptions>("gym make", "draws tasks and writes them as pictures and JSON lines", args);
  ExportOptions options = export_options(make);
  std::optional<DigitPool> digits;
  for (const TaskFamily* family : options.families) {
    if (family->make_with_digits && !digits) {
      digits.emplace(read_digit_pool(make.digits));
      options.digits = &*digits;
    }
  }
  std::cout << export_tasks(options).string() << "\n";
  return 0;
}

int run_scan(Args args) {
  const auto options =
      parse_options("gym scan", "writes reading lessons for drawn pictures: every visual token said aloud", args,
                    ScanOptions{.model = default_model()});
  std::cout << write_scans(options).string() << "\n";
  return 0;
}

int run_grade(Args args) {
  const auto options = parse_options<GradeOptions>("gym grade", "scores answers by family and level", args);
  if (options.questions.empty() || options.answers.empty()) {
    throw InputError("--questions and --answers are both needed");
  }
  if (!options.best_of.empty()) {
    const BestOfReport report = grade_best_of(options.questions, options.answers, parse_counts(options.best_of));
    std::cout << (options.json ? dump_json(report.json()) + "\n" : report.table());
    return 0;
  }
  const GradeReport report = grade_answers(options.questions, options.answers);
  std::cout << (options.json ? dump_json(report.json()) + "\n" : report.table());
  return 0;
}

}  // namespace

int run_gym(Args args) {
  const std::string verb = args.empty() ? "" : args[0];
  if (verb == "list") return run_list(args.subspan(1));
  if (verb == "make") return run_make(args.subspan(1));
  if (verb == "scan") return run_scan(args.subspan(1));
  if (verb == "grade") return run_grade(args.subspan(1));
  const std::string usage = "usage: r1v gym list | make | scan | grade [options]; each takes --help";
  if (verb == "--help") throw HelpRequest{usage + "\n"};
  throw InputError(cat("gym: found \"", printable(verb), "\"; ", usage));
}

}  // namespace r1v
