// Looks up the tokens of every merge and of what it makes.
#include "text/merge_list.h"

#include "base/error.h"

namespace r1v {

void MergeList::add(std::string_view left, std::string_view right) {
  for (const std::string_view part : {left, right}) {
    if (!bytes_from_alphabet(part, scratch_)) unknown(part);
    bytes_ += scratch_;
    ends_.push_back(bytes_.size());
  }
}

void MergeList::add(std::string_view line) {
  const size_t space = line.find(' ');
  if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos) {
    throw InputError(
        cat(where_, ": merge ", ends_.size() / 2, " is \"", printable(line), "\", expected two tokens and one space"));
  }
  add(line.substr(0, space), line.substr(space + 1));
}

void MergeList::resolve(const Vocabulary& vocabulary, MergeTable& merges) const {
  constexpr size_t kAhead = 16;
  merges.reserve(ends_.size() / 2);
  std::vector<int64_t> ids(ends_.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    if (i + kAhead < ids.size()) vocabulary.prefetch(part(i + kAhead));
    ids[i] = find(vocabulary, part(i));
  }
  for (size_t i = 0; i < ids.size(); i += 2) {
    if (i + kAhead < ids.size()) merges.prefetch(ids[i + kAhead], ids[i + kAhead + 1]);
    const std::string_view joined(part(i).data(), part(i).size() + part(i + 1).size());
    // Tokens are usually numbered in the order of their merges, 256 bytes first: a guess saves most look-ups.
    const auto guess = static_cast<int64_t>(i / 2 + 256);
    const bool is_guess = vocabulary.has(guess) && vocabulary.bytes(guess) == joined;
    const int64_t id = is_guess ? guess : find(vocabulary, joined);
    merges.add(ids[i], ids[i + 1], {static_cast<uint32_t>(i / 2), static_cast<int32_t>(id)});
  }
}

std::string_view MergeList::part(size_t i) const {
  const size_t begin = i == 0 ? 0 : ends_[i - 1];
  return std::string_view(bytes_).substr(begin, ends_[i] - begin);
}

void MergeList::unknown(std::string_view text) const {
  throw InputError(cat(where_, ": a merge names \"", printable(text), "\", which is not in the vocabulary"));
}

int64_t MergeList::find(const Vocabulary& vocabulary, std::string_view bytes) const {
  const int64_t id = vocabulary.find(bytes);
  if (id < 0) unknown(alphabet_from_bytes(bytes));
  return id;
}

}  // namespace r1v
