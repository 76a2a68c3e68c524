// Which parameters learn: parts of the network, frozen or trained, and their float32 masters.
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "tensor/module.h"

namespace r1v {

enum class NetworkPart { vision, projector, language, value_head };

/// "mlp1." and "visual.merger." -> projector, "vision_model." and the rest of "visual." -> vision, "v_head." -> value
/// head, everything else -> language.
NetworkPart part_of(const std::string& parameter_name);
const char* part_name(NetworkPart part);
/// Each name may hold several, separated by commas; "none" alone is no part. throws InputError for names other than
/// vision, projector, language.
std::vector<NetworkPart> parse_parts(const std::vector<std::string>& names);

/// One parameter that learns. `master` is what the optimizer moves, always float32. Where the model computes in
/// float32 the two are one tensor; otherwise `*slot` is a copy in the compute dtype, refreshed after every step.
struct TrainedParameter {
  std::string name;
  NetworkPart part = NetworkPart::language;
  at::Tensor* slot = nullptr;
  at::Tensor master;
};

/// Whether the loss reads the vocabulary head; one that it does not read is a constant, too.
enum class OutputHead { used, unused };

/// Gives the trained parameters memory of their own (checkpoints are mapped read-only) and makes them leaves that want
/// gradients; frozen ones become constants in the compute dtype. A frozen tower therefore records no graph.
/// frozen_layers  the embeddings and so many first layers of the language model are constants, too.
/// Where the language model has low-rank additions (LoRA) those learn and everything else of it is constant.
/// throws InputError when nothing is left to train.
std::vector<TrainedParameter> make_trainable(Module& model, const std::vector<NetworkPart>& frozen,
                                             at::ScalarType compute_dtype = at::kFloat,
                                             OutputHead output_head = OutputHead::used, int64_t frozen_layers = 0);

/// Adds the gradients of reduced-precision copies to their masters' and drops them; nothing to do in float32.
void collect_gradients(const std::vector<TrainedParameter>& parameters);
/// Writes the masters into the copies that the model computes with; nothing to do in float32.
void refresh_copies(const std::vector<TrainedParameter>& parameters);

/// While it lives the model's weights are the masters themselves: what is saved then is float32 to the last bit,
/// whatever the model computes in.
class MastersInPlace final {
 public:
  explicit MastersInPlace(const std::vector<TrainedParameter>& parameters);
  ~MastersInPlace();
  MastersInPlace(const MastersInPlace&) = delete;
  MastersInPlace& operator=(const MastersInPlace&) = delete;

 private:
  const std::vector<TrainedParameter>& parameters_;
  std::vector<at::Tensor> copies_;
};

/// The masters, in order.
std::vector<at::Tensor> masters(const std::vector<TrainedParameter>& parameters);

}  // namespace r1v
