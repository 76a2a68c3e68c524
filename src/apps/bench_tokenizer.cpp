// Token 256 + 256 a + b is token a followed by byte b: every one is new, and made by one merge.
#include "apps/bench_tokenizer.h"

#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "text/vocabulary.h"

namespace r1v {

int64_t first_control_id(int64_t vocab_size) { return vocab_size - 293; }

std::string bench_tokenizer(int64_t vocab_size) {
  constexpr int64_t kBytes = 256;
  std::vector<std::string> tokens;
  std::string vocabulary, merges;  // written out: a Json object looks at all its keys for every new one
  for (int64_t id = 0; id < first_control_id(vocab_size); ++id) {
    if (id < kBytes) {
      tokens.push_back(alphabet_from_bytes(std::string(1, static_cast<char>(id))));
    } else {
      const std::string& left = tokens[static_cast<size_t>((id - kBytes) / kBytes)];
      const std::string& right = tokens[static_cast<size_t>((id - kBytes) % kBytes)];
      merges += cat(merges.empty() ? "" : ",", dump_json(left + " " + right));
      tokens.push_back(left + right);
    }
    vocabulary += cat(id == 0 ? "" : ",", dump_json(tokens.back()), ":", id);
  }
  Json added = Json::array();
  for (const char* content : {"<|endoftext|>", "<|im_start|>", "<|im_end|>", "<img>", "</img>", "<IMG_CONTEXT>"}) {
    const int64_t id = first_control_id(vocab_size) + static_cast<int64_t>(added.size());
    added.push_back({{"id", id}, {"content", content}, {"special", true}, {"normalized", false}});
  }
  const Json rest = {{"added_tokens", added},
                     {"normalizer", nullptr},
                     {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}}},
                     {"decoder", {{"type", "ByteLevel"}}}};
  const std::string head = dump_json(rest);
  return cat(head.substr(0, head.size() - 1), R"(,"model":{"type":"BPE","vocab":{)", vocabulary, R"(},"merges":[)",
             merges, "]}}");
}

}  // namespace r1v
