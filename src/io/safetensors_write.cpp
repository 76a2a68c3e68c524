// safetensors writer: header first, then tensor after tensor straight to the disk, renamed when complete.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/error.h"
#include "base/json.h"
#include "io/safetensors.h"
#include "io/safetensors_header.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;
using NamedTensor = std::pair<std::string, at::Tensor>;

// Widest elements first, so that every tensor starts aligned; otherwise the given order.
std::vector<const NamedTensor*> layout(const std::vector<NamedTensor>& tensors) {
  std::vector<const NamedTensor*> order;
  for (const NamedTensor& entry : tensors) {
    R1V_CHECK(entry.second.defined() && entry.second.layout() == at::kStrided, "tensor ", entry.first, " is not dense");
    order.push_back(&entry);
  }
  std::stable_sort(order.begin(), order.end(), [](const NamedTensor* a, const NamedTensor* b) {
    return a->second.element_size() > b->second.element_size();
  });
  return order;
}

// Length and JSON of the header, padded with spaces so that the data starts at a multiple of 8.
std::string header_bytes(const std::vector<const NamedTensor*>& order,
                         const std::map<std::string, std::string>& metadata) {
  std::map<std::string, bool> seen;
  std::string json = "{";
  if (!metadata.empty()) json += "\"__metadata__\":" + dump_json(Json(metadata)) + ",";
  size_t begin = 0;
  for (const NamedTensor* entry : order) {
    const auto& [name, tensor] = *entry;
    R1V_CHECK(name != "__metadata__" && seen.emplace(name, true).second, "tensor name \"", name, "\" is taken");
    const Json fields = {{"dtype", safetensors_dtype_name(tensor.scalar_type())},
                         {"shape", tensor.sizes().vec()},
                         {"data_offsets", {begin, begin + tensor.nbytes()}}};
    json += dump_json(Json(name)) + ":" + dump_json(fields) + ",";
    begin += tensor.nbytes();
  }
  if (json.back() == ',') json.pop_back();
  json += "}";
  json.resize((json.size() + 7) / 8 * 8, ' ');
  std::string length(8, '\0');
  for (size_t i = 0; i < 8; ++i) length[i] = static_cast<char>(json.size() >> (8 * i));
  return length + json;
}

}  // namespace

void write_safetensors(const fs::path& path, const std::vector<NamedTensor>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  const std::vector<const NamedTensor*> order = layout(tensors);
  const std::string header = header_bytes(order, metadata);
  const fs::path temporary = cat(path.string(), ".", ::getpid(), ".tmp");
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  out.write(header.data(), static_cast<std::streamsize>(header.size()));
  for (const NamedTensor* entry : order) {
    if (!out) break;
    const at::Tensor bytes = entry->second.detach().cpu().contiguous();  // one tensor at a time is copied, never all
    out.write(static_cast<const char*>(bytes.const_data_ptr()), static_cast<std::streamsize>(bytes.nbytes()));
  }
  out.close();
  std::error_code error;
  if (out) fs::rename(temporary, path, error);
  if (!out || error) {
    const std::string reason = error ? error.message() : std::strerror(errno);
    fs::remove(temporary, error);
    throw InputError(cat(path.string(), ": cannot write: ", reason));
  }
}

}  // namespace r1v
