// A deeper network gives the numbers of the one it came from.
#include "models/expand.h"

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "models/golden_network.h"
#include "models/registry.h"

namespace r1v {
namespace {

TEST(Expand, NewLayersAddNothing) {
  const at::NoGradGuard no_grad;
  for (const char* name : {"network_r1v_6b", "qwen2_5_vl_text"}) {
    const GoldenNetwork golden(name, GoldenNetwork::File::whole_name);
    const auto model = load_model(golden.folder.path());
    const auto deeper = with_more_layers(*model, 2);
    EXPECT_EQ(deeper->config().language.num_layers, model->config().language.num_layers + 2);
    const at::Tensor ids = at::arange(10);
    const at::Tensor embeds = model->embed(ids, {}, -1);
    EXPECT_TRUE(at::equal(deeper->hidden(embeds, packed_plan({10})), model->hidden(embeds, packed_plan({10})))) << name;
    const TemporaryFolder saved;
    save_model(*deeper, saved.path(), {}, at::kFloat);  // config.json tells of the new depth
    EXPECT_EQ(load_model(saved.path())->named_parameters().size(), deeper->named_parameters().size());
  }
}

}  // namespace
}  // namespace r1v
