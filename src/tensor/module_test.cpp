#include "tensor/module.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

struct Leaf : Module {
  at::Tensor weight;
  Leaf() { parameter("weight", weight, {2, 3}); }
};

struct Tree : Module {
  Leaf left, right;
  Tree() {
    child("left", left);
    child("right", right);
  }
};

TEST(Module, WalkNamesParametersByTheirPathAndAssignmentReachesTheMember) {
  Tree tree;
  std::string names;
  tree.walk([&](const std::string& name, at::Tensor& tensor) {
    names += name + " ";
    tensor = at::ones(tensor.sizes());
  });
  EXPECT_EQ(names, "left.weight right.weight ");
  EXPECT_EQ(tree.right.weight.sum().item<float>(), 6.0f);
}

TEST(Module, WalkModulesVisitsParentsBeforeTheirChildren) {
  struct Grove : Module {
    Tree tree;
    Leaf leaf;
    Grove() {
      child("tree", tree);
      child("leaf", leaf);
    }
  } grove;
  std::string names;
  grove.walk_modules([&](const std::string& name, Module& module) {
    names += name + " ";
    EXPECT_EQ(dynamic_cast<Leaf*>(&module) != nullptr, name != "tree");
  });
  EXPECT_EQ(names, "tree tree.left tree.right leaf ");
}

}  // namespace
}  // namespace r1v
