// What must hold before and after every pass, as pure functions over snapshots:
// all that is wrong, in words. Torch-free.
#pragma once

#include <string>
#include <vector>

#include "engine/scheduler.h"

namespace r1v {

/// Reference counts are the tables' uses; a block is either free, idle or used;
/// nothing stands twice; what is stored has its blocks.
std::vector<std::string> block_violations(const KvBlocks::Snapshot& blocks);

/// Kept blocks are the cached ones; a cached block's parent is cached; who uses
/// a block uses its parent before it.
std::vector<std::string> cache_violations(const Scheduler::Snapshot& state);

/// Every table belongs to a holder and every holder has one; no more samples
/// than places; nothing is stored that is not known; with nobody there, no
/// block is used.
std::vector<std::string> runner_violations(const Scheduler::Snapshot& state);

/// The pass keeps its budget, goes on where the sequences end, writes no row
/// twice and none that another sequence holds, and moves the oldest. `state`:
/// after the plan was made, before it is carried out.
std::vector<std::string> plan_violations(const StepPlan& plan, const Scheduler::Snapshot& state);

/// All of them but the plan's.
std::vector<std::string> violations(const Scheduler::Snapshot& state);

}  // namespace r1v
