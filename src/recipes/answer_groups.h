// Several answers to one question through the network that learns: prompt and pictures once, answers behind them.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

#include "models/r1v.h"
#include "prompt/render.h"

namespace r1v {

/// One question and answers to it as token ids; none is empty.
struct AnswerGroup {
  const Prompt* prompt = nullptr;
  std::vector<std::span<const int64_t>> answers;

  int64_t answer_tokens() const;
  /// Rows that go through the network.
  int64_t rows() const { return static_cast<int64_t>(prompt->input_ids.size()) + answer_tokens(); }
};

/// R: the tokens of all answers of all groups, one after the other.
at::Tensor answer_ids(std::span<const AnswerGroup> groups);

/// The network with what a pass over groups needs.
struct GroupNetwork {
  const R1vModel& model;
  int64_t image_token_id = -1;
  at::ScalarType dtype = at::kFloat;
  bool recompute = false;

  /// [R, D] after the final norm: the rows from which each answer token is predicted, in the order of answer_ids.
  at::Tensor hidden(std::span<const AnswerGroup> groups) const;
};

}  // namespace r1v
