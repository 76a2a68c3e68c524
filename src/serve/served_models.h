// The models behind one server, by name.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/service.h"

namespace r1v {

/// Either answers or scores. What it points to outlives the server.
struct ServedModel {
  std::string name;
  Generator* generator = nullptr;
  Scorer* scorer = nullptr;
  int64_t created = 0;  // seconds since 1970
};

/// Filled while the server already listens; nothing is ever taken out.
class ServedModels {
 public:
  void add(ServedModel model);
  void set_ready() { is_ready_ = true; }
  bool is_ready() const { return is_ready_; }
  std::vector<ServedModel> list() const;
  /// "" = the first that answers. throws HttpError: 404 with the names that there are; 503 while loading.
  ServedModel generator(const std::string& name) const;
  /// param  the field that named it
  ServedModel scorer(const std::string& name, const std::string& param = "reward_model") const;

 private:
  mutable std::mutex mutex_;
  std::vector<ServedModel> models_;
  std::atomic<bool> is_ready_ = false;
};

}  // namespace r1v
