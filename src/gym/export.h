// Tasks written to disk as pictures and JSON lines, in the formats that training and asking read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "gym/digits.h"
#include "gym/task.h"

namespace r1v {

enum class ExportFormat { sft, transcripts, questions, preferences };

/// "sft", "transcripts", "questions", "preferences". throws InputError for other names.
ExportFormat export_format_of_name(const std::string& name);

/// What is wrong with the rejected answer of a preference line: its result; it says too much on the way to the right
/// one; it claims something about the picture that is not so.
enum class PreferenceKind { wrong, rambling, hallucination };

/// "wrong", "rambling", "hallucination". throws InputError for other names.
PreferenceKind preference_kind_of_name(const std::string& name);
std::string name_of(PreferenceKind kind);

/// The controls: with pictures as drawn; plain grey ones of the same size; those of another task of family and level.
enum class ExportPictures { drawn, grey, shuffled };

struct ExportOptions {
  std::filesystem::path out;
  Split split = Split::train;
  ExportFormat format = ExportFormat::sft;
  ExportPictures pictures = ExportPictures::drawn;
  std::vector<const TaskFamily*> families;
  std::vector<int> levels;
  std::vector<PreferenceKind> kinds = {PreferenceKind::wrong, PreferenceKind::rambling, PreferenceKind::hallucination};
  int64_t count = 0;  // over all families and levels, which take turns
  uint64_t seed = 0;
  bool with_scene = false;  // adds scene, transcript and marks to every line
  int64_t threads = 1;
  const DigitPool* digits = nullptr;
};

class Siblings;

/// Families by their names; all of them when there are none. throws InputError naming an unknown one.
std::vector<const TaskFamily*> find_families(const std::vector<std::string>& names);

/// The task_number-th task of an export; the same whatever the number of threads.
Task exported_task(const ExportOptions& options, int64_t task_number);

/// One line. sft: messages, images; transcripts: the same as text alone, what is read off the pictures in their place;
/// questions: id, messages with picture paths, answer, kind, source; preferences:
/// messages, images and what preference_pair() gives but the question. All: family, level.
Json export_line(const Task& task, const ExportOptions& options, int64_t task_number, Siblings& siblings);

/// Writes <out>/pictures/NNN/*.png (not for transcripts) and <out>/<format>.jsonl. returns the path of the JSON lines.
/// throws InputError: the folder cannot be written.
std::filesystem::path export_tasks(const ExportOptions& options);

}  // namespace r1v
