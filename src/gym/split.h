// Train, dev and test tasks that never share their content.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gym/task.h"

namespace r1v {

/// "train", "dev", "test". throws InputError for other names.
Split split_of_name(std::string_view name);
std::string name_of(Split split);

/// The split to which a task's content (family, question and scene) belongs: one content in ten is test, one dev.
Split split_of_content(const Task& task);

/// The index-th task of a family, level and split. Seeds are drawn from (base_seed, family, level, split, index,
/// attempt) until the content belongs to the split, so no content is ever in two splits, whatever the base seeds.
/// digits    needed by families with make_with_digits. throws InputError when it is missing.
Task make_task(const TaskFamily& family, Split split, uint64_t index, int level, uint64_t base_seed,
               const DigitPool* digits = nullptr);

}  // namespace r1v
