// One pass: a key of everything, then sketches of the texts among pairs with the same pictures.
#include "recipes/pairs_dedupe.h"

#include <cctype>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "base/file.h"
#include "base/rng.h"
#include "recipes/near_duplicates.h"

namespace r1v {
namespace {

/// Lower-case ASCII, white space joined.
std::string normal_text(const std::string& text) {
  std::string out;
  for (const unsigned char c : text) {
    const bool space = std::isspace(c) != 0;
    if (space && (out.empty() || out.back() == ' ')) continue;
    out += space ? ' ' : static_cast<char>(std::tolower(c));
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

/// Hashes of pictures by their paths: many pairs share a picture.
class PictureHashes {
 public:
  uint64_t of(const PairsLine& line, const Json& part) {
    const std::string type = json_string(part, "type", line.where);
    if (type != "image") return mix_seed(1, dump_json(part));  // a data URL holds its bytes
    const auto path = resolve_below(line.root, json_string(part, "path", line.where));
    const auto [found, is_new] = hashes_.try_emplace(path.string(), 0);
    if (is_new) {
      try {
        found->second = mix_seed(2, read_file(path));
      } catch (const InputError&) {
        hashes_.erase(found);
        throw;
      }
    }
    return found->second;
  }

 private:
  std::unordered_map<std::string, uint64_t> hashes_;
};

struct Keys {
  uint64_t pictures = 0, exact = 0, reversed = 0;
  std::string question, chosen, rejected;  // normalised
};

Keys keys_of(const PairsLine& line, PictureHashes& pictures) {
  Keys keys;
  for (const Json& message : line.parsed.request["messages"]) {
    keys.question += cat("\n", json_string(message, "role", line.where), ": ");
    const Json& content = json_at(message, "content", line.where);
    if (content.is_string()) keys.question += content.get<std::string>();
    for (const Json& part : content.is_array() ? content : Json::array()) {
      if (json_string(part, "type", line.where) == "text") {
        keys.question += json_string(part, "text", line.where);
      } else {
        keys.pictures = mix_seed(keys.pictures, pictures.of(line, part));
      }
    }
  }
  keys.question = normal_text(keys.question);
  keys.chosen = normal_text(line.parsed.chosen);
  keys.rejected = normal_text(line.parsed.rejected);
  const uint64_t asked = mix_seed(keys.pictures, keys.question);
  keys.exact = mix_seed(mix_seed(asked, keys.chosen), keys.rejected);
  keys.reversed = mix_seed(mix_seed(asked, keys.rejected), keys.chosen);
  return keys;
}

class Deduper {
 public:
  explicit Deduper(const PairsDedupeOptions& options) : options_(options), near_(options.threshold) {}

  bool count_and_keep(const Keys& keys, PairsDedupeCounts& counts) {
    if (keys.chosen == keys.rejected) return ++counts.ties, false;
    if (seen_.contains(keys.reversed)) return ++counts.reversed, false;
    if (!seen_.insert(keys.exact).second) return ++counts.exact, false;
    if (options_.threshold >= 1) return true;
    const std::vector<std::string> words =
        plain_words(keys.question + " [chosen] " + keys.chosen + " [rejected] " + keys.rejected);
    if (near_.seen(keys.pictures, sketch_of(words))) return ++counts.near, false;
    return true;
  }

 private:
  const PairsDedupeOptions& options_;
  std::unordered_set<uint64_t> seen_;
  NearDuplicates near_;
};

}  // namespace

std::string PairsDedupeCounts::text() const {
  return cat("pairs ", pairs, ": kept ", kept, ", ties ", ties, ", exact duplicates ", exact, ", reversed ", reversed,
             ", near duplicates ", near, "; bad lines left out ", bad_lines);
}

PairsDedupeCounts dedupe_pairs(const PairsDedupeOptions& options) {
  if (!(options.threshold > 0 && options.threshold <= 1)) {
    throw InputError(cat("--threshold ", options.threshold, ": expected more than 0 and at most 1"));
  }
  PairsReader reader(options.files);
  LinesWriter writer(options.files.out);
  PairsDedupeCounts counts;
  PictureHashes pictures;
  Deduper deduper(options);
  for (auto block = reader.next(1); !block.empty(); block = reader.next(1)) {
    try {
      const Keys keys = keys_of(block[0], pictures);
      if (deduper.count_and_keep(keys, counts)) write_pair(writer, options.files, block[0]);
    } catch (const InputError& error) {
      reader.refuse(block[0], error.what());
    }
  }
  reader.expect_some(reader.good(), "is a pair");
  writer.finish();
  counts.pairs = reader.good();
  counts.bad_lines = reader.bad();
  counts.kept = writer.count();
  return counts;
}

}  // namespace r1v
