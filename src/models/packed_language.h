// The Qwen2 language model for inference on the CPU: packed weights, paged keys and values, plain float32 rows.
//
// What it computes is Qwen2Body (models/qwen2.h) and the head, which stay its definition. What it adds is a promise: a
// token's hidden state depends, to the bit, on the sequence up to that token alone. It does not matter what else is in
// the pass, how a prompt was cut into passes, or on how many threads it ran.
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <vector>

#include "models/config.h"
#include "models/weight_reader.h"
#include "nn/rope.h"
#include "nn/token_plan.h"

namespace r1v {

class PackedLanguage {
 public:
  /// Whether this processor has the loops and the head width fits them.
  static bool fits(const LanguageConfig& config);

  /// `prefix` stands before "model.layers.0..." in the parameters' names.
  PackedLanguage(const LanguageConfig& config, const WeightReader& reader, const std::string& prefix,
                 const PackFormats& formats);

  /// Table rows of ids, which are within the vocabulary: float32 [T, D].
  at::Tensor embed(const at::Tensor& input_ids_T) const;
  /// embeds_TD float32 -> after the final norm [T, D]. With a paged store the new keys and values go there; without a
  /// store the spans are whole documents and nothing is kept.
  at::Tensor hidden(const at::Tensor& embeds_TD, const TokenPlan& plan) const;
  /// float32 [T, V].
  at::Tensor logits(const at::Tensor& hidden_TD) const;

  /// Bytes of the packed matrices, which every decoded token reads once.
  int64_t bytes() const;

 private:
  struct Layer {
    at::Tensor input_norm_D, post_norm_D;
    PackedWeight qkv, output, gate_up, down;
    at::Tensor qkv_bias;
  };
  struct Pass;
  void run_layer(size_t index, const Pass& pass) const;
  void attend(size_t index, const Pass& pass) const;
  RopeTable rope_rows(const at::Tensor& positions) const;

  LanguageConfig config_;
  Rope rope_;
  RopeTable known_;  // of positions 0, 1, 2, ..., for plain positions
  std::function<at::Tensor(const at::Tensor& ids_T)> embedding_;
  std::vector<Layer> layers_;
  at::Tensor final_norm_D_;
  PackedWeight head_;
};

}  // namespace r1v
