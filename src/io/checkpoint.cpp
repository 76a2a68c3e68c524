// Which file holds which tensor of a checkpoint folder.
#include "io/checkpoint.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/json_reader.h"
#include "tensor/dtype.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSingleFile = "model.safetensors";
constexpr const char* kIndexFile = "model.safetensors.index.json";
constexpr size_t kMaxIndexBytes = 64'000'000;

// A shard must be a plain file name: an index comes with the model, and must not open files elsewhere.
bool is_plain_name(const std::string& file) {
  return file.ends_with(".safetensors") && file.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos;
}

// The object of tensor names and shard file names.
std::map<std::string, std::string> read_names(JsonReader& reader, const std::string& where) {
  std::map<std::string, std::string> shard_of;
  reader.enter_object();
  for (std::string_view key; reader.next_key(key);) {
    const std::string name(key);
    const std::string file(reader.string());
    if (!is_plain_name(file)) {
      throw InputError(cat(where, ": tensor \"", printable(name), "\" is placed in \"", printable(file),
                           "\"; expected the plain name of a .safetensors file in the same folder"));
    }
    if (!shard_of.emplace(name, file).second) {
      throw InputError(cat(where, ": tensor \"", printable(name), "\" is listed twice"));
    }
  }
  return shard_of;
}

std::map<std::string, std::string> read_weight_map(const fs::path& index_path) {
  const std::string where = index_path.string();
  const std::string text = read_file(index_path, kMaxIndexBytes);
  JsonReader reader(text, where);
  std::map<std::string, std::string> shard_of;
  reader.enter_object();
  for (std::string_view key; reader.next_key(key);) {
    if (key != "weight_map") {
      reader.raw();
    } else if (shard_of.empty()) {
      shard_of = read_names(reader, where);
    } else {
      throw InputError(cat(where, ": \"weight_map\" is there twice"));
    }
  }
  reader.end();
  if (shard_of.empty()) {
    throw InputError(cat(where, ": \"weight_map\" is missing or empty; expected tensor names and their shard files"));
  }
  return shard_of;
}

// Also false for names that the file system refuses (too long, not permitted).
bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

std::unique_ptr<SafetensorsFile> open_shard(const fs::path& folder, const std::string& file,
                                            const fs::path& index_path) {
  if (!is_there(folder / file)) {
    throw InputError(cat(folder.string(), ": shard ", printable(file), " is missing, but ",
                         index_path.filename().string(), " lists it; download the model again"));
  }
  return std::make_unique<SafetensorsFile>(folder / file);
}

}  // namespace

Checkpoint::Checkpoint(const fs::path& folder) : folder_(folder) {
  if (std::error_code error; !fs::is_directory(folder, error)) {
    throw InputError(cat(folder.string(), ": expected a checkpoint folder, found no folder"));
  }
  std::map<std::string, std::string> shard_of;
  if (is_there(folder / kSingleFile)) {
    shards_.push_back(std::make_unique<SafetensorsFile>(folder / kSingleFile));
  } else if (const fs::path index_path = folder / kIndexFile; is_there(index_path)) {
    shard_of = read_weight_map(index_path);
    std::set<std::string> files;
    for (const auto& [name, file] : shard_of) files.insert(file);
    for (const std::string& file : files) shards_.push_back(open_shard(folder, file, index_path));
  } else {
    throw InputError(cat(folder.string(), ": found neither ", kSingleFile, " nor ", kIndexFile,
                         "; --model takes the folder of a Hugging Face checkpoint with safetensors weights"));
  }
  for (const auto& shard : shards_) {
    for (const auto& [name, info] : shard->tensors()) {
      const auto [it, is_new] = where_.emplace(name, shard.get());
      if (!is_new) {
        throw InputError(cat(folder.string(), ": tensor \"", printable(name), "\" is in two shards, ",
                             it->second->path().filename().string(), " and ", shard->path().filename().string()));
      }
    }
  }
  for (const auto& [name, file] : shard_of) {
    const auto it = where_.find(name);
    if (it == where_.end() || it->second->path().filename() != file) {
      throw InputError(cat(folder.string(), ": ", kIndexFile, " places tensor \"", printable(name), "\" in ",
                           printable(file), ", which lacks it"));
    }
  }
}

std::vector<std::string> Checkpoint::names() const {
  std::vector<std::string> names;
  for (const auto& [name, file] : where_) names.push_back(name);
  return names;
}

const TensorInfo& Checkpoint::info(const std::string& name) const {
  const auto it = where_.find(name);
  if (it == where_.end()) throw InputError(cat(folder_.string(), ": tensor \"", printable(name), "\" is missing"));
  return it->second->tensors().at(name);
}

StoredTensor Checkpoint::stored(const std::string& name) const {
  const TensorInfo& found = info(name);
  return {.dtype = found.dtype,
          .shape = found.shape,
          .form = dtype_name(found.dtype),
          .bytes = static_cast<int64_t>(found.end - found.begin)};
}

at::Tensor Checkpoint::tensor(const std::string& name) const {
  const auto it = where_.find(name);
  if (it == where_.end()) throw InputError(cat(folder_.string(), ": tensor \"", printable(name), "\" is missing"));
  return it->second->tensor(name);
}

int64_t Checkpoint::total_bytes() const {
  int64_t total = 0;
  for (const auto& [name, file] : where_) {
    const TensorInfo& info = file->tensors().at(name);
    total += static_cast<int64_t>(info.end - info.begin);
  }
  return total;
}

}  // namespace r1v
