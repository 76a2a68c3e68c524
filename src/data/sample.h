// One supervised sample and a packed batch of them: what files become on their way to a model.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tensor/picture_grid.h"

namespace r1v {

/// What a preference pair says beyond its tokens.
struct PairNote {
  int64_t line = -1;             // number of its line in the data
  int64_t chosen_tokens = 0;     // leading ids of the sample: the conversation with the better answer
  std::optional<double> margin;  // by how much it is better, where somebody said so
  std::string source;            // what it is measured under
};

/// A conversation ready to be learnt. T tokens, image tokens expanded.
struct Sample {
  std::vector<int64_t> input_ids;  // T
  std::vector<int64_t> labels;     // T; the token itself where it is scored, -100 elsewhere; not shifted
  at::Tensor pixels;               // float32, all pictures in order, as Prompt::pixels; undefined without
  std::vector<PictureGrid> grids;  // one a picture
  std::optional<PairNote> pair;    // two conversations one after the other, with the same pictures, held once
};

/// Samples one after the other, each a document of its own: no padding, and no token sees another sample.
struct PackedBatch {
  at::Tensor input_ids_T;          // int64
  at::Tensor targets_T;            // int64; the token that follows in the same document, -100 where it is not scored
  std::vector<int64_t> lengths;    // tokens of each document
  at::Tensor pixels;               // all pictures in order; undefined in a batch without
  std::vector<PictureGrid> grids;  // one a picture
  std::vector<int64_t> pictures;   // of each sample
  std::vector<PairNote> pairs;     // one a sample where they are pairs; then a sample has two documents
  int64_t num_targets = 0;         // scored tokens

  int64_t num_tokens() const { return input_ids_T.size(0); }
  int64_t num_samples() const { return static_cast<int64_t>(lengths.size()); }
};

}  // namespace r1v
