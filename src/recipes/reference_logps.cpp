// One forward pass over the data, and a file with a key.
#include "recipes/reference_logps.h"

#include <c10/core/GradMode.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/log.h"
#include "base/rng.h"
#include "io/safetensors.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace r1v {
namespace {

constexpr double kSecondsBetweenLines = 30.0;
constexpr const char* kName = "reference_logps";

uint64_t mix_bytes(uint64_t hash, const at::Tensor& tensor) {
  const at::Tensor flat = tensor.detach().to(at::kCPU).contiguous();
  return digest_bytes(hash, {static_cast<const char*>(flat.const_data_ptr()), flat.nbytes()});
}

}  // namespace

std::string ReferenceKey::difference(const Json& other, const std::string& where) const {
  std::string text;
  const auto compare = [&](const char* key, const std::string& mine, const char* option) {
    if (json_string(other, key, where) != mine) text += cat(text.empty() ? "" : ", ", option);
  };
  compare("weights", weights, "--model (or --reference)");
  compare("data", data, "--data or --max-length");
  compare("dtype", dtype, "--dtype");
  return text;
}

ReferenceKey ReferenceKey::with_data(const LineData& other) const {
  return {.weights = weights, .data = digest_text(other.fingerprint()), .dtype = dtype};
}

ReferenceKey reference_key(Module& policy, const LineData& data, at::ScalarType dtype) {
  uint64_t hash = 0;
  policy.walk([&](const std::string& name, at::Tensor& weight) {
    hash = mix_bytes(mix_seed(hash, cat(name, shape_text(weight.sizes()), dtype_name(weight.scalar_type()))), weight);
  });
  return {.weights = digest_text(hash), .data = digest_text(data.fingerprint()), .dtype = dtype_name(dtype)};
}

std::optional<at::Tensor> compute_reference_logps(const PairNetwork& policy, const LineData& data,
                                                  LoaderOptions options, const std::atomic<bool>& stop) {
  const at::NoGradGuard no_gradients;
  options.order = Order::as_written;
  at::Tensor logps_N2 = at::full({data.size(), 2}, std::numeric_limits<double>::quiet_NaN(), at::kDouble);
  Loader loader(data, options);
  double said_s = monotonic_s();
  int64_t done = 0;
  while (const auto batch = loader.next()) {
    if (stop) return std::nullopt;
    std::vector<int64_t> lines;
    for (const PairNote& pair : batch->pairs) lines.push_back(pair.line);
    logps_N2.index_copy_(0, at::tensor(lines), answer_logps(policy, *batch).sums_P2);
    done += std::ssize(lines);
    if (monotonic_s() - said_s < kSecondsBetweenLines) continue;
    said_s = monotonic_s();
    log_info(cat("reference: ", done, " of ", data.size(), " pairs"));
  }
  return logps_N2;
}

void write_reference_logps(const std::filesystem::path& path, const at::Tensor& logps_N2, const ReferenceKey& key) {
  write_safetensors(path, {{kName, logps_N2}}, {{"key", dump_json(key.json())}});
}

std::optional<at::Tensor> read_reference_logps(const std::filesystem::path& path, const ReferenceKey& key) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const SafetensorsFile file(path);
  const auto found = file.metadata().find("key");
  if (found == file.metadata().end() || found->second != dump_json(key.json())) return std::nullopt;
  return file.tensor(kName).clone();
}

at::Tensor reference_of(const at::Tensor& logps_N2, const PackedBatch& batch) {
  std::vector<int64_t> lines;
  for (const PairNote& pair : batch.pairs) lines.push_back(pair.line);
  const at::Tensor rows_P2 = logps_N2.index_select(0, at::tensor(lines));
  R1V_CHECK(!rows_P2.isnan().any().item<bool>(), "a pair without reference log-probabilities");
  return rows_P2;
}

}  // namespace r1v
