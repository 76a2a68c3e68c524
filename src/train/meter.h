// What a run tells while it runs: metrics.jsonl, TensorBoard events, log.txt and a line on the terminal.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/json.h"
#include "train/tensorboard.h"

namespace r1v {

/// The writer of one run folder. Not for several threads.
class Meter final {
 public:
  /// Continues the folder's files after `first_step` steps are done: lines of later steps, written by a run that ended
  /// before its next checkpoint, are dropped from metrics.jsonl.
  Meter(const std::filesystem::path& run, int64_t first_step, int64_t total_steps);

  /// The run has more steps than was known.
  void expect(int64_t total_steps) { total_steps_ = total_steps; }
  /// Adds one line to metrics.jsonl and its numbers to TensorBoard, and shows the most important on the terminal.
  /// `values` needs "step"; numbers only, in the order in which they are to be read.
  void write(const Json& values);
  /// A line for log.txt and stderr.
  void say(const std::string& message);

 private:
  void show(const Json& values);

  int64_t first_step_;
  int64_t total_steps_;
  double start_s_;
  double last_line_s_ = 0;
  bool bar_open_ = false;
  std::ofstream metrics_;
  std::ofstream log_;
  EventWriter events_;
};

}  // namespace r1v
