// `ask --json-lines`: a file of questions through one running batch.
#pragma once

#include <filesystem>
#include <optional>

#include "apps/answer_schemas.h"
#include "apps/best_of.h"
#include "apps/open_model.h"
#include "engine/sampling_params.h"

namespace r1v {

struct AskLinesOptions {
  SamplingParams sampling;  // its grammar is that of lines without one of their own
  bool thinking = true;
  std::optional<std::filesystem::path> images_root;  // when given, no picture outside it is opened
  const BestOf* best_of = nullptr;                   // chooses among several answers; null: the first is taken
  AnswerSchemas* schemas = nullptr;                  // compiles those of lines
};

/// Questions on stdin, one JSON object a line; answers on stdout in the same order as they are ready. A bad line, or
/// one at whose tokens the model gives no numbers, gives {"id":..., "error":...} and the rest goes on. Returns the exit
/// status: 0, 2 after such a line, 130 on Ctrl-C.
int ask_lines(const OpenModel& open, const AskLinesOptions& options);

}  // namespace r1v
