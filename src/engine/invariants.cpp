// Every rule once, told from the state alone.
#include "engine/invariants.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"

namespace r1v {
namespace {

using Found = std::vector<std::string>;

const KvBlocks::Snapshot::Table* table_of(const KvBlocks::Snapshot& blocks, int64_t sequence) {
  const auto found = std::ranges::find(blocks.tables, sequence, &KvBlocks::Snapshot::Table::sequence);
  return found == blocks.tables.end() ? nullptr : &*found;
}

std::vector<int64_t> counted_uses(const KvBlocks::Snapshot& blocks, Found& found) {
  std::vector<int64_t> uses(blocks.uses.size());
  for (const auto& table : blocks.tables) {
    for (const int32_t block : table.blocks) ++uses.at(static_cast<size_t>(block));
    if (std::set(table.blocks.begin(), table.blocks.end()).size() != table.blocks.size()) {
      found.push_back(cat("sequence ", table.sequence, " has a block twice"));
    }
    const auto room = static_cast<int64_t>(table.blocks.size()) * blocks.block_tokens;
    if (table.stored < 0 || table.stored > room) {
      found.push_back(cat("sequence ", table.sequence, " stores ", table.stored, " tokens in room for ", room));
    }
  }
  return uses;
}

const char* name_of(const std::optional<int64_t>& sample) { return sample ? "sample" : "prompt"; }

void check_rows(const StepPart& part, const KvBlocks::Snapshot& blocks, std::set<std::pair<int32_t, int64_t>>& written,
                Found& found) {
  const auto* table = table_of(blocks, part.kv);
  if (table == nullptr || table->stored != part.first) {
    found.push_back(cat("a part of request ", part.request, " does not go on where its sequence ends"));
    return;
  }
  const int64_t width = blocks.block_tokens;
  if (static_cast<int64_t>(table->blocks.size()) * width < part.first + part.count) {
    found.push_back(cat("a part of request ", part.request, " has no room"));
    return;
  }
  for (int64_t token = part.first; token < part.first + part.count; ++token) {
    const int32_t block = table->blocks[static_cast<size_t>(token / width)];
    if (written.emplace(block, token % width).second) continue;
    found.push_back(cat("row ", token % width, " of block ", block, " is written twice"));
  }
}

}  // namespace

std::vector<std::string> block_violations(const KvBlocks::Snapshot& blocks) {
  Found found;
  const std::vector<int64_t> uses = counted_uses(blocks, found);
  std::vector<int64_t> listed(uses.size());
  for (const int32_t block : blocks.free) {
    ++listed.at(static_cast<size_t>(block));
    if (blocks.is_kept[static_cast<size_t>(block)]) found.push_back(cat("block ", block, " is free and kept"));
  }
  for (const int32_t block : blocks.idle) {
    ++listed.at(static_cast<size_t>(block));
    if (!blocks.is_kept[static_cast<size_t>(block)]) found.push_back(cat("block ", block, " is idle but not kept"));
  }
  for (size_t block = 0; block < uses.size(); ++block) {
    if (uses[block] != blocks.uses[block]) {
      found.push_back(cat("block ", block, " counts ", blocks.uses[block], " uses but has ", uses[block]));
    }
    const int64_t places = listed[block] + (uses[block] > 0 ? 1 : 0);
    if (places != 1) found.push_back(cat("block ", block, places == 0 ? " is lost" : " is free and used"));
  }
  return found;
}

std::vector<std::string> cache_violations(const Scheduler::Snapshot& state) {
  Found found;
  for (size_t block = 0; block < state.is_cached.size(); ++block) {
    if (state.is_cached[block] != state.blocks.is_kept[block])
      found.push_back(cat("block ", block, " is kept or cached, not both"));
    const std::optional<int32_t> parent = state.parents[block];
    if (parent && !state.is_cached[static_cast<size_t>(*parent)]) {
      found.push_back(cat("block ", block, " follows on the forgotten block ", *parent));
    }
  }
  for (const auto& table : state.blocks.tables) {
    for (size_t i = 0; i < table.blocks.size(); ++i) {
      const auto block = static_cast<size_t>(table.blocks[i]);
      if (!state.is_cached[block]) continue;
      const std::optional<int32_t>& parent = state.parents[block];
      const bool fits = i == 0 ? !parent : parent && *parent == table.blocks[i - 1];
      if (!fits) found.push_back(cat("sequence ", table.sequence, " uses block ", block, " out of its chain"));
    }
  }
  return found;
}

std::vector<std::string> runner_violations(const Scheduler::Snapshot& state) {
  Found found;
  int64_t live = 0;
  std::set<int64_t> held;
  for (const auto& runner : state.runners) {
    if (runner.sample) ++live;
    if (!runner.kv) continue;
    if (!held.insert(*runner.kv).second) found.push_back(cat("two hold sequence ", *runner.kv));
    const auto* table = table_of(state.blocks, *runner.kv);
    if (table == nullptr) {
      found.push_back(cat("a ", name_of(runner.sample), " of request ", runner.request, " holds no table"));
    } else if (table->stored > runner.tokens - (runner.sample ? 1 : 0)) {
      found.push_back(cat("a ", name_of(runner.sample), " of request ", runner.request, " stores ", table->stored,
                          " tokens of ", runner.tokens, " known"));
    }
  }
  if (live > state.limits.max_batch) found.push_back(cat(live, " samples are live"));
  for (const auto& table : state.blocks.tables) {
    if (!held.contains(table.sequence)) found.push_back(cat("nobody holds sequence ", table.sequence));
  }
  return found;
}

std::vector<std::string> plan_violations(const StepPlan& plan, const Scheduler::Snapshot& state) {
  Found found;
  if (plan.rows() > state.limits.pass_rows()) found.push_back(cat("a pass of ", plan.rows(), " rows"));
  std::set<std::pair<int32_t, int64_t>> written;
  for (const StepPart& part : plan.parts) {
    check_rows(part, state.blocks, written, found);
    const auto owner = std::ranges::find_if(state.runners, [&](const auto& runner) {
      return runner.request == part.request && runner.sample == part.sample;
    });
    if (owner == state.runners.end() || owner->kv != part.kv) {
      found.push_back(cat("a part for nobody of request ", part.request));
    } else if (part.wants_logits != (part.first + part.count - part.drafts == owner->tokens)) {
      found.push_back(cat("request ", part.request, " gets logits before its end, or none there"));
    }
    if (part.count < 1 || part.drafts < 0 || part.drafts >= part.count) found.push_back("a part without a token");
  }
  // A prompt that is read holds its blocks for samples to come and has nothing
  // to do.
  const auto oldest = std::ranges::find_if(state.runners, [&](const auto& runner) {
    const auto* table = runner.kv ? table_of(state.blocks, *runner.kv) : nullptr;
    return runner.sample || table == nullptr || table->stored < runner.tokens;
  });
  if (oldest == state.runners.end()) return found;
  const bool moves = std::ranges::any_of(plan.parts, [&](const StepPart& part) {
    return part.request == oldest->request && part.sample == oldest->sample;
  });
  if (!moves) found.push_back(cat("the oldest, request ", oldest->request, ", stands still"));
  return found;
}

std::vector<std::string> violations(const Scheduler::Snapshot& state) {
  Found all = block_violations(state.blocks);
  for (const Found& more : {cache_violations(state), runner_violations(state)}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

}  // namespace r1v
