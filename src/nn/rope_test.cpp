// Rotary angles at long positions, against transformers.
#include "nn/rope.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/json.h"

namespace r1v {
namespace {

/// The frequencies kept in the file: every seventh.
void expect_angles(const Json& expected, const at::Tensor& found_TK, const char* name) {
  for (int64_t t = 0; t < static_cast<int64_t>(expected.size()); ++t) {
    const Json& row = expected[static_cast<size_t>(t)];
    for (int64_t k = 0; k < static_cast<int64_t>(row.size()); ++k) {
      // An angle of 131071 in float32 is off by 2^-8; what both round alike stays equal.
      EXPECT_NEAR(found_TK[t][7 * k].item<double>(), row[static_cast<size_t>(k)].get<double>(), 1e-5)
          << name << " position " << t << " frequency " << 7 * k;
    }
  }
}

TEST(Rope, TurnsLongPositionsAsTransformersDoes) {
  const Json golden = read_json_file(std::filesystem::path(R1V_SOURCE_DIR) / "tests/golden/yarn_positions.json");
  const at::Tensor positions = at::tensor(golden.at("positions").get<std::vector<int64_t>>());
  const YarnConfig yarn{.factor = 4.0, .original_max_position = 32768};
  for (const char* name : {"plain", "yarn"}) {
    const bool stretches = name == std::string("yarn");
    const Rope rope(128, 1e6, stretches ? std::optional(yarn) : std::nullopt);
    const RopeTable table = rope.table(positions);
    expect_angles(golden.at(name).at("cos"), table.cos_TK, name);
    expect_angles(golden.at(name).at("sin"), table.sin_TK, name);
    // and where the table of all positions is made once
    const RopeTable known = rows_of(rope.table(at::arange(131072)), positions, {});
    expect_angles(golden.at(name).at("cos"), known.cos_TK, name);
    expect_angles(golden.at(name).at("sin"), known.sin_TK, name);
  }
}

}  // namespace
}  // namespace r1v
