// Merges on their way from a file's texts to a table of ids.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/bpe.h"
#include "text/vocabulary.h"

namespace r1v {

/// Merges are collected first and looked up afterwards, so that the memory each look-up will touch can be asked for
/// some look-ups ahead: the tables are larger than the caches and loading would otherwise wait for memory most of the
/// time. All methods throw InputError: not two tokens, tokens that the vocabulary lacks.
class MergeList {
 public:
  /// `where` names the source and outlives the list.
  explicit MergeList(const std::string& where) : where_(where) {}

  /// Both in the byte alphabet.
  void add(std::string_view left, std::string_view right);
  /// "left right" with one space, the older form.
  void add(std::string_view line);
  void resolve(const Vocabulary& vocabulary, MergeTable& merges) const;

 private:
  std::string_view part(size_t i) const;
  [[noreturn]] void unknown(std::string_view text) const;
  int64_t find(const Vocabulary& vocabulary, std::string_view bytes) const;

  const std::string& where_;
  std::string bytes_;         // left, right, left, right, ... of all merges
  std::vector<size_t> ends_;  // of each part in bytes_
  std::string scratch_;
};

}  // namespace r1v
