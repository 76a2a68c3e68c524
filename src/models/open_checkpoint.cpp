// The form is told by the path and by config.json.
#include "models/open_checkpoint.h"

#include "io/checkpoint.h"
#include "models/gguf_checkpoint.h"
#include "models/quantized_checkpoint.h"

namespace r1v {

std::unique_ptr<TensorSource> open_checkpoint(const std::filesystem::path& path) {
  if (is_gguf(path)) return std::make_unique<GgufCheckpoint>(path);
  auto files = std::make_unique<Checkpoint>(path);
  const std::filesystem::path config = path / "config.json";
  if (!std::filesystem::exists(config)) return files;
  const auto quantization = read_quantization_config(read_json_file(config), config.string());
  if (!quantization) return files;
  return std::make_unique<QuantizedCheckpoint>(std::move(files), *quantization);
}

}  // namespace r1v
