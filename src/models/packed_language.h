// The Qwen2 language model for inference on the CPU: packed weights, paged keys and values, plain float32 rows.
//
// What it computes is Qwen2Body (models/qwen2.h) and the head, which stay its definition. What it adds is a promise: a
// token's hidden state depends, to the bit, on the sequence up to that token alone. It does not matter what else is in
// the pass, how a prompt was cut into passes, or on how many threads it ran.
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <memory>
#include <string>
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

  using MatrixVisit = std::function<void(PackedWeight& packed, const std::vector<std::string>& parameters)>;
  /// Calls visit(packed, parameters) for every packed matrix; `parameters` are the names stacked in it.
  void each_matrix(const MatrixVisit& visit);
  /// Reads again, into the same memory, whatever holds a parameter that `changed`; float panels only.
  void refresh(const WeightReader& reader, const std::function<bool(const std::string& parameter)>& changed);
  /// Of positions 0, 1, 2, ...
  const std::shared_ptr<const RopeTable>& known_rope() const { return known_; }

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
  void read_vectors(const WeightReader& reader);
  std::string layer_prefix(size_t index) const;
  std::string head_name() const;
  void each_matrix_of(size_t index, const MatrixVisit& visit);

  LanguageConfig config_;
  std::string prefix_;
  std::shared_ptr<const RopeTable> known_;
  std::function<at::Tensor(const at::Tensor& ids_T)> embedding_;
  std::vector<Layer> layers_;
  at::Tensor final_norm_D_;
  PackedWeight head_;
};

}  // namespace r1v
