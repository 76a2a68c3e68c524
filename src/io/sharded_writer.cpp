// Files get provisional names until their number is known.
#include "io/sharded_writer.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "io/safetensors.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

std::string five_digits(size_t number) {
  const std::string digits = std::to_string(number);
  return std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

}  // namespace

ShardedWriter::ShardedWriter(fs::path folder, int64_t shard_bytes)
    : folder_(std::move(folder)), shard_bytes_(shard_bytes) {}

fs::path ShardedWriter::part(size_t index) const { return folder_ / cat("part-", index, ".safetensors"); }

void ShardedWriter::add(const std::string& name, const at::Tensor& tensor) {
  const auto bytes = static_cast<int64_t>(tensor.nbytes());
  if (!held_.empty() && held_bytes_ + bytes > shard_bytes_) flush();
  held_.emplace_back(name, tensor);
  held_bytes_ += bytes;
  total_bytes_ += bytes;
}

void ShardedWriter::flush() {
  write_safetensors(part(written_.size()), held_, {{"format", "pt"}});
  written_.emplace_back();
  for (const auto& [name, tensor] : held_) written_.back().push_back(name);
  held_.clear();
  held_bytes_ = 0;
}

void ShardedWriter::finish() {
  if (!held_.empty() || written_.empty()) flush();
  if (written_.size() == 1) return fs::rename(part(0), folder_ / "model.safetensors");
  Json index = {{"metadata", {{"total_size", total_bytes_}}}, {"weight_map", Json::object()}};
  for (size_t i = 0; i < written_.size(); ++i) {
    const std::string file = cat("model-", five_digits(i + 1), "-of-", five_digits(written_.size()), ".safetensors");
    fs::rename(part(i), folder_ / file);
    for (const std::string& name : written_[i]) index["weight_map"][name] = file;
  }
  write_file_atomic(folder_ / "model.safetensors.index.json", dump_json_pretty(index) + "\n");
}

}  // namespace r1v
