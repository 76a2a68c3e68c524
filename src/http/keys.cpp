// Keys are compared as hashes, each of them every time, so that time tells nothing.
#include "http/keys.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <set>
#include <sstream>

#include "base/error.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/log.h"

namespace r1v {
namespace {

constexpr size_t kHashDigits = 64;
constexpr int64_t kMaxConcurrency = 1'000'000;

void check(const ApiKey& key, const std::string& where) {
  const bool is_hash =
      key.sha256.size() == kHashDigits && key.sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!is_hash) {
    throw InputError(cat(where, ": '", printable(key.sha256),
                         "' is no SHA-256 in 64 lower-case hexadecimal digits; `printf %s KEY | ",
                         "sha256sum` makes one (the file holds hashes, never keys)"));
  }
  if (key.sha256 == key_hash("")) throw InputError(cat(where, ": this is the SHA-256 of no key at all"));
  if (key.max_concurrency < 0 || key.max_concurrency > kMaxConcurrency) {
    throw InputError(cat(where, ": at most ", key.max_concurrency, " requests at a time; expected 0 (no limit) to ",
                         kMaxConcurrency));
  }
}

ApiKey read_line(const std::string& line, const std::string& where) {
  std::istringstream words(line);
  ApiKey key;
  std::string rest;
  words >> key.name >> key.sha256;
  if (key.sha256.empty())
    throw InputError(cat(where, ": expected NAME SHA256 [MAX_CONCURRENCY], found '", printable(line), "'"));
  if (!(words >> std::ws).eof()) {
    words >> key.max_concurrency;
    if (words.fail() || (words >> rest)) {
      throw InputError(cat(where, ": expected a number of requests and nothing after it behind the hash"));
    }
  }
  check(key, where);
  return key;
}

}  // namespace

std::string key_hash(std::string_view key) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const bool is_done = EVP_Digest(key.data(), key.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1;
  R1V_CHECK(is_done && size * 2 == kHashDigits, "SHA-256 is not to be had");
  return hex_text({digest.data(), size});
}

KeyRing KeyRing::read(const std::filesystem::path& file) {
  using std::filesystem::perms;
  const std::string text = read_file(file, size_t{1} << 20);
  // Hashes of long random keys may be read; who may write the file may let himself in.
  const perms others = std::filesystem::status(file).permissions() & (perms::others_write | perms::group_write);
  if (others != perms::none) log_warning(cat(file.string(), " can be changed by others than its owner; chmod go-w it"));
  std::vector<ApiKey> keys;
  std::istringstream lines(text);
  std::string line;
  for (int64_t number = 1; std::getline(lines, line); ++number) {
    const size_t begin = line.find_first_not_of(" \t\r");
    if (begin == std::string::npos || line[begin] == '#') continue;
    keys.push_back(read_line(line, cat(file.string(), " line ", number)));
  }
  if (keys.empty())
    throw InputError(cat(file.string(), ": no key in it; expected lines NAME SHA256 [MAX_CONCURRENCY]"));
  try {
    return KeyRing(std::move(keys));
  } catch (const InputError& error) {
    throw InputError(cat(file.string(), ": ", error.what()));
  }
}

KeyRing::KeyRing(std::vector<ApiKey> keys) : keys_(std::move(keys)) {
  std::set<std::string> names, hashes;
  for (const ApiKey& key : keys_) {
    check(key, cat("key '", printable(key.name), "'"));
    if (!names.insert(key.name).second) throw InputError(cat("two keys are named '", printable(key.name), "'"));
    if (!hashes.insert(key.sha256).second)
      throw InputError(cat("key '", printable(key.name), "' has the hash of another key"));
  }
}

const ApiKey* KeyRing::find(std::string_view key) const {
  const std::string hash = key_hash(key);
  const ApiKey* found = nullptr;
  for (const ApiKey& candidate : keys_) {
    const bool is_it = CRYPTO_memcmp(candidate.sha256.data(), hash.data(), kHashDigits) == 0;
    found = is_it ? &candidate : found;
  }
  return found;
}

}  // namespace r1v
