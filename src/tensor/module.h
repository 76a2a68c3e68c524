// A tree of named parameters: what torch::nn::Module gives, without torch/torch.h (38 s a file).
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace r1v {

/// Base of every layer. Sub-modules are plain members registered in the constructor, so a Module is neither copied nor
/// moved; parameters bear the checkpoint's names, so loading is a walk over the tree.
class Module {
 public:
  Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  virtual ~Module() = default;

  /// Every parameter with its full dotted name ("model.layers.0.mlp.up_proj.weight"), in registration order, depth
  /// first. The reference stays valid while the module lives; assigning to it replaces the tensor.
  void walk(const std::function<void(const std::string& name, at::Tensor& parameter)>& visit,
            const std::string& prefix = "");

  /// Every sub-module with its dotted name ("model.layers.0.mlp.up_proj"), in the same order, parents first.
  void walk_modules(const std::function<void(const std::string& name, Module& module)>& visit,
                    const std::string& prefix = "");

  /// The parameters as a list.
  std::vector<std::pair<std::string, at::Tensor*>> named_parameters();

 protected:
  /// Declares a parameter of the given shape on the meta device: no memory until a checkpoint (or an initialiser)
  /// assigns it. `slot` must be a member of this module.
  void parameter(const std::string& name, at::Tensor& slot, at::IntArrayRef shape);
  void child(const std::string& name, Module& module);

 private:
  struct Entry {
    std::string name;
    at::Tensor* parameter = nullptr;  // exactly one of these two is set
    Module* module = nullptr;
  };
  std::vector<Entry> entries_;
};

}  // namespace r1v
