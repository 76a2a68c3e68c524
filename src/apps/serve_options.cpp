// Flags that do not go together are refused before a model is opened.
#include "apps/serve_options.h"

#include <sys/random.h>
#include <sys/stat.h>

#include <array>
#include <iostream>

#include "apps/version.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "http/keys.h"

namespace r1v {
namespace {

void check_range(const char* name, int64_t value, int64_t low, int64_t high) {
  if (value >= low && value <= high) return;
  throw InputError(cat("serve: --", name, " is ", value, ", expected ", low, " to ", high));
}

bool is_own_address(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

/// 32 random bytes as hexadecimal digits.
std::string random_key() {
  std::array<unsigned char, 32> bytes;
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw InputError("serve --new-key: the system gives no random bytes");
  }
  std::string key = "r1v-";
  for (const unsigned char byte : bytes) {
    key += "0123456789abcdef"[byte >> 4];
    key += "0123456789abcdef"[byte & 15];
  }
  return key;
}

}  // namespace

void check_flags(const ServeFlags& flags) {
  check_range("port", flags.port, 0, 65535);
  check_range("workers", flags.workers, 1, 256);
  check_range("max-waiting", flags.max_waiting, 1, 1 << 20);
  check_range("max-connections", flags.max_connections, 1, 1 << 20);
  check_range("prefix-cache", flags.prefix_cache, 1, 1 << 24);
  check_range("picture-cache", flags.picture_cache, 0, 1 << 24);
  check_range("max-pictures", flags.max_pictures, 0, 1024);
  check_range("max-n", flags.max_n, 1, kMaxSamples);
  check_range("max-answer-tokens", flags.max_answer_tokens, 0, int64_t{1} << 32);
  if (!(flags.max_seconds > 0) || !(flags.drain_seconds >= 0)) {
    throw InputError(cat("serve: --max-seconds is ", flags.max_seconds, " and --drain-seconds ", flags.drain_seconds,
                         "; expected more than 0, and 0 or more"));
  }
  if (flags.tls_certificate.empty() != flags.tls_key.empty()) {
    throw InputError("serve: --tls-certificate and --tls-key belong together; one of them is missing");
  }
  if (flags.open && !flags.api_keys.empty()) {
    throw InputError("serve: --open answers everybody and --api-keys asks for keys; leave one of them out");
  }
  if (!is_own_address(flags.host) && flags.api_keys.empty() && !flags.open) {
    throw InputError(cat("serve: on --host ", printable(flags.host), " other machines can ask; give --api-keys FILE ",
                         "(--new-key NAME makes one), or --open to answer everybody"));
  }
  if (!flags.media_root.empty() && !std::filesystem::is_directory(flags.media_root)) {
    throw InputError(
        cat("serve: --media-root: there is no folder \"", printable(flags.media_root.string(), 300), "\""));
  }
  for (const std::string& origin : flags.allow_origin) {
    const bool has_scheme = origin.starts_with("http://") || origin.starts_with("https://");
    if (has_scheme && origin.find_first_of(" /?#@", origin.find("//") + 2) == std::string::npos) continue;
    throw InputError(cat("serve: --allow-origin \"", printable(origin),
                         "\" is no origin; expected such as https://example.org:8080"));
  }
  if (flags.allow_http_media && flags.allow_media_host.empty()) {
    throw InputError("serve: --allow-http-media without --allow-media-host allows nothing; name the hosts");
  }
}

std::optional<std::filesystem::path> reward_folder(const ServeFlags& flags) {
  if (flags.reward_model == "none") return std::nullopt;
  if (flags.reward_model) {
    if (std::filesystem::is_directory(*flags.reward_model)) return std::filesystem::path(*flags.reward_model);
    throw InputError(cat("serve: --reward-model: there is no folder \"", printable(*flags.reward_model, 300), "\""));
  }
  const std::filesystem::path shipped = default_reward_model();
  const bool is_beside = flags.model.model == default_model() && std::filesystem::exists(shipped);
  return is_beside ? std::optional(shipped) : std::nullopt;
}

HttpServerOptions http_options(const ServeFlags& flags) {
  HttpServerOptions options;
  options.host = flags.host == "localhost" ? "127.0.0.1" : flags.host;
  options.port = static_cast<uint16_t>(flags.port);
  options.workers = flags.workers;
  options.tls_certificate = flags.tls_certificate;
  options.tls_key = flags.tls_key;
  options.max_connections = static_cast<size_t>(flags.max_connections);
  options.max_waiting = static_cast<size_t>(flags.max_waiting);
  options.allowed_origins = flags.allow_origin;
  options.allowed_hosts = flags.allow_host;
  return options;
}

ServeOptions serve_options(const ServeFlags& flags) {
  ServeOptions options;
  options.limits.max_pictures = flags.max_pictures;
  options.limits.max_n = flags.max_n;
  options.limits.max_seconds = flags.max_seconds;
  options.limits.default_max_tokens = flags.max_answer_tokens;
  options.fetch.allowed_hosts = flags.allow_media_host;
  options.fetch.allows_http = flags.allow_http_media;
  options.picture_root = flags.media_root;
  options.logs_prompts = flags.log_prompts;
  options.salts_by_key = flags.salt_by_key;
  const std::string lines = version_text();
  options.version = lines.substr(0, lines.find('\n'));
  return options;
}

void make_key(const ServeFlags& flags) {
  if (flags.api_keys.empty()) throw InputError("serve --new-key: name the file of keys with --api-keys");
  const std::string& name = *flags.new_key;
  const bool is_plain =
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == std::string::npos;
  if (name.empty() || name.size() > 64 || !is_plain) {
    throw InputError(cat("serve --new-key: \"", printable(name), "\" is no name; expected letters, digits, . _ -"));
  }
  std::string lines;
  if (std::filesystem::exists(flags.api_keys)) {
    const KeyRing ring = KeyRing::read(flags.api_keys);
    for (const ApiKey& key : ring.keys()) {
      if (key.name == name) {
        throw InputError(cat("serve --new-key: ", flags.api_keys.string(), " has a key named ", name, " already"));
      }
    }
    lines = read_file(flags.api_keys);
    if (!lines.empty() && !lines.ends_with('\n')) lines += '\n';
  }
  const std::string key = random_key();
  const mode_t before = ::umask(077);
  write_file_atomic(flags.api_keys, cat(lines, name, " ", key_hash(key), "\n"));
  ::umask(before);
  std::cout << key << "\n";
  log_info(cat("this key is shown once; its hash is in ", flags.api_keys.string()));
}

}  // namespace r1v
