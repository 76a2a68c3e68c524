// Who may ask: API keys out of a file that holds only their hashes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace r1v {

struct ApiKey {
  std::string name;
  std::string sha256;           // of the key, hexadecimal
  int64_t max_concurrency = 0;  // requests at work at a time; 0 = no limit
};

/// SHA-256 in lower-case hexadecimal: what `printf %s KEY | sha256sum` prints.
std::string key_hash(std::string_view key);

class KeyRing {
 public:
  /// One key a line: "NAME SHA256 [MAX_CONCURRENCY]"; empty lines and lines that start with '#' are skipped.
  /// Warns where others than the owner may write the file. throws InputError: file, line, what is wrong; no keys.
  static KeyRing read(const std::filesystem::path& file);
  /// throws InputError: a name twice, a hash twice, no hash.
  explicit KeyRing(std::vector<ApiKey> keys);

  /// The key whose hash this text has. Takes the same time whichever it is, and whether or not there is one.
  const ApiKey* find(std::string_view key) const;
  const std::vector<ApiKey>& keys() const { return keys_; }

 private:
  std::vector<ApiKey> keys_;
};

}  // namespace r1v
