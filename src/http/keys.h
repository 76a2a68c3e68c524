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

class KeyRing {
 public:
  /// TOML: [[key]] name = "...", sha256 = "...", max_concurrency = 4. throws InputError: file, line, what is wrong.
  static KeyRing read(const std::filesystem::path& file);
  explicit KeyRing(std::vector<ApiKey> keys);

  /// The key whose hash this text has. Takes the same time whichever it is, and whether or not there is one.
  const ApiKey* find(std::string_view key) const;
  const std::vector<ApiKey>& keys() const { return keys_; }

 private:
  std::vector<ApiKey> keys_;
};

}  // namespace r1v
