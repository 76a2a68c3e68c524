// A state in which all is well, and each rule broken by one change to it.
#include "engine/invariants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace r1v {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

/// Blocks of 2 tokens. Block 0 is cached and used by both sequences, block 1
/// cached behind it and idle, 2 and 3 are the sequences' own, 4 is free. Sample
/// 0 has 4 tokens, 3 of them stored; the prompt of request 1 has 3, 2 stored.
Scheduler::Snapshot sound() {
  Scheduler::Snapshot state{.limits = {.max_batch = 2, .pass_tokens = 4, .num_blocks = 5, .block_tokens = 2}};
  state.blocks.block_tokens = 2;
  state.blocks.uses = {2, 0, 1, 1, 0};
  state.blocks.is_kept = {true, true, false, false, false};
  state.blocks.free = {4};
  state.blocks.idle = {1};
  state.blocks.tables = {{.sequence = 10, .stored = 3, .blocks = {0, 2}},
                         {.sequence = 11, .stored = 2, .blocks = {0, 3}}};
  state.is_cached = {true, true, false, false, false};
  state.parents = {std::nullopt, 0, std::nullopt, std::nullopt, std::nullopt};
  state.runners = {{.request = 0, .sample = 0, .kv = 10, .tokens = 4, .known_blocks = 1},
                   {.request = 1, .sample = {}, .kv = 11, .tokens = 3, .known_blocks = 1}};
  return state;
}

StepPlan sound_plan() {
  return {.copies = {},
          .parts = {{.kv = 10, .request = 0, .sample = 0, .first = 3, .count = 1, .wants_logits = true},
                    {.kv = 11, .request = 1, .sample = {}, .first = 2, .count = 1, .wants_logits = true}},
          .preempted = {}};
}

TEST(Invariants, ASoundStateBreaksNone) {
  EXPECT_THAT(violations(sound()), IsEmpty());
  EXPECT_THAT(plan_violations(sound_plan(), sound()), IsEmpty());
}

TEST(Invariants, EveryBrokenRuleIsNamed) {
  using Change = std::function<void(Scheduler::Snapshot&)>;
  const std::vector<std::pair<const char*, Change>> changes = {
      {"block 0 counts 3 uses but has 2", [](auto& state) { state.blocks.uses[0] = 3; }},
      {"block 4 is lost", [](auto& state) { state.blocks.free.clear(); }},
      {"block 2 is free and used", [](auto& state) { state.blocks.free.push_back(2); }},
      {"block 4 is free and kept", [](auto& state) { state.blocks.is_kept[4] = true; }},
      {"block 1 is idle but not kept", [](auto& state) { state.blocks.is_kept[1] = false; }},
      {"has a block twice", [](auto& state) { state.blocks.tables[0].blocks = {0, 0}; }},
      {"stores 5 tokens in room for 4", [](auto& state) { state.blocks.tables[0].stored = 5; }},
      {"block 1 is kept or cached, not both", [](auto& state) { state.is_cached[1] = false; }},
      {"block 1 follows on the forgotten block 0", [](auto& state) { state.is_cached[0] = false; }},
      {"uses block 0 out of its chain", [](auto& state) { state.blocks.tables[0].blocks = {2, 0}; }},
      {"two hold sequence 10", [](auto& state) { state.runners[1].kv = 10; }},
      {"holds no table", [](auto& state) { state.runners[0].kv = 99; }},
      {"nobody holds sequence 11", [](auto& state) { state.runners[1].kv.reset(); }},
      {"stores 3 tokens of 3 known", [](auto& state) { state.runners[0].tokens = 3; }},
      {"1 samples are live", [](auto& state) { state.limits.max_batch = 0; }},
  };
  for (const auto& [complaint, change] : changes) {
    Scheduler::Snapshot state = sound();
    change(state);
    EXPECT_THAT(violations(state), Contains(HasSubstr(complaint)));
  }
}

TEST(Invariants, EveryBrokenRuleOfAPlanIsNamed) {
  using Change = std::function<void(StepPlan&)>;
  const std::vector<std::pair<const char*, Change>> changes = {
      {"a pass of 5 rows", [](auto& plan) { plan.parts[1].count = 4; }},
      {"does not go on where its sequence ends", [](auto& plan) { plan.parts[0].first = 2; }},
      {"has no room", [](auto& plan) { plan.parts[1].count = 3; }},
      {"is written twice", [](auto& plan) { plan.parts[1] = plan.parts[0]; }},
      {"a part for nobody", [](auto& plan) { plan.parts[1].request = 5; }},
      {"gets logits before its end, or none there", [](auto& plan) { plan.parts[0].wants_logits = false; }},
      {"a part without a token", [](auto& plan) { plan.parts[0].drafts = 1; }},
      {"the oldest, request 0, stands still", [](auto& plan) { plan.parts.erase(plan.parts.begin()); }},
  };
  for (const auto& [complaint, change] : changes) {
    StepPlan plan = sound_plan();
    change(plan);
    EXPECT_THAT(plan_violations(plan, sound()), Contains(HasSubstr(complaint)));
  }
}

}  // namespace
}  // namespace r1v
