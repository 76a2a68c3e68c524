// The options of `r1v serve`, and what server and routes are told of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "apps/open_model.h"
#include "http/server.h"
#include "serve/routes.h"

namespace r1v {

struct ServeFlags {
  std::string host = "127.0.0.1";
  int64_t port = 8000;
  std::string name;
  std::optional<std::string> reward_model;
  std::filesystem::path api_keys;
  std::optional<std::string> new_key;
  bool open = false;
  std::filesystem::path tls_certificate, tls_key;
  std::vector<std::string> allow_origin, allow_host, allow_media_host;
  std::filesystem::path media_root;
  bool allow_http_media = false, log_prompts = false, salt_by_key = false;
  int64_t workers = 2, max_waiting = 512, max_connections = 1024;
  int64_t prefix_cache = 256, picture_cache = 64;
  int64_t max_pictures = 16, max_n = 16, max_answer_tokens = 0;
  double max_seconds = 600, drain_seconds = 30;
  ModelOptions model;
  EngineFlags engine;

  void fields(auto& field) {
    field("host", host, "address to listen on; others than this machine's own need --api-keys (or --open)");
    field("port", port, "TCP port; 0 takes a free one, which is printed");
    field("name", name, "what clients call the model; default: its folder's name");
    field("reward-model", reward_model,
          "a reward model for /v1/score and best_of, or none; default: the shipped one beside the shipped model");
    field("api-keys", api_keys, "file of keys, one a line: NAME SHA256 [REQUESTS AT A TIME]; see --new-key");
    field("new-key", new_key, "makes a key of this name, adds its hash to --api-keys, prints the key once and ends");
    field("open", open, "answers everybody without keys, on any address");
    field("tls-certificate", tls_certificate, "PEM file; with --tls-key the server speaks HTTPS");
    field("tls-key", tls_key, "PEM file of the certificate's private key");
    field("allow-origin", allow_origin, "origin of a web page elsewhere that may ask, such as https://example.org");
    field("allow-host", allow_host, "further names under which browsers may reach the server");
    field("allow-media-host", allow_media_host,
          "host from which pictures may be fetched, such as *.example.org; without any, only data URLs are taken");
    field("allow-http-media", allow_http_media, "pictures may come over http too, not https alone");
    field("media-root", media_root, "folder from which requests may name picture files; without it, none");
    field("log-prompts", log_prompts, "writes questions into the log; else they never are");
    field("salt-by-key", salt_by_key, "keys never share what the caches of prompts hold");
    field("workers", workers, "threads that read requests and cut pictures");
    field("max-waiting", max_waiting, "questions that wait for the model; more are told to come back (429)");
    field("max-connections", max_connections, "open connections");
    field("prefix-cache", prefix_cache, "MiB of keys and values kept of prompts that nobody asks about at the moment");
    field("picture-cache", picture_cache, "MiB of such pictures, encoded");
    field("max-pictures", max_pictures, "of one request");
    field("max-n", max_n, "answers of one request, best_of too");
    field("max-answer-tokens", max_answer_tokens,
          "of an answer whose request does not say; 0 = what the context leaves");
    field("max-seconds", max_seconds, "that one answer may take; then it ends where it is");
    field("drain-seconds", drain_seconds, "for answers under way when SIGTERM or Ctrl-C comes; a second one ends them");
    model.fields(field);
    engine.fields(field);
  }
};

/// throws InputError for values that do not go together or are out of range, before anything is opened.
void check_flags(const ServeFlags& flags);

/// The reward model's folder; none: nothing is scored.
std::optional<std::filesystem::path> reward_folder(const ServeFlags& flags);

HttpServerOptions http_options(const ServeFlags& flags);
ServeOptions serve_options(const ServeFlags& flags);

/// Makes a key, adds it to the file (created for its owner alone), and prints it. throws InputError: no file named, a
/// name that is there already, a file that cannot be written.
void make_key(const ServeFlags& flags);

}  // namespace r1v
