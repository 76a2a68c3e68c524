// Named parameters and the walk over them.
#include "tensor/module.h"

namespace r1v {

void Module::walk(const std::function<void(const std::string&, at::Tensor&)>& visit, const std::string& prefix) {
  for (const Entry& entry : entries_) {
    if (entry.parameter != nullptr)
      visit(prefix + entry.name, *entry.parameter);
    else
      entry.module->walk(visit, prefix + entry.name + ".");
  }
}

void Module::walk_modules(const std::function<void(const std::string&, Module&)>& visit, const std::string& prefix) {
  for (const Entry& entry : entries_) {
    if (entry.module == nullptr) continue;
    visit(prefix + entry.name, *entry.module);
    entry.module->walk_modules(visit, prefix + entry.name + ".");
  }
}

std::vector<std::pair<std::string, at::Tensor*>> Module::named_parameters() {
  std::vector<std::pair<std::string, at::Tensor*>> list;
  walk([&](const std::string& name, at::Tensor& tensor) { list.emplace_back(name, &tensor); });
  return list;
}

void Module::parameter(const std::string& name, at::Tensor& slot, at::IntArrayRef shape) {
  slot = at::empty(shape, at::TensorOptions().dtype(at::kFloat).device(at::kMeta));
  entries_.push_back({.name = name, .parameter = &slot});
}

void Module::child(const std::string& name, Module& module) { entries_.push_back({.name = name, .module = &module}); }

}  // namespace r1v
