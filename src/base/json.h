// JSON for the whole program: the only file that includes nlohmann's header.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace r1v {

/// Keys keep the order in which they were written or read.
using Json = nlohmann::ordered_json;

/// Parses one JSON document. `where` names the source in messages (a path, "stdin line 3").
/// throws InputError: invalid JSON or UTF-8, deeper than 128 levels.
Json parse_json(std::string_view text, const std::string& where);
Json read_json_file(const std::filesystem::path& path);

/// Field access that names what was wrong: `where` and the key, the type found and the type expected.
/// The two-argument forms throw InputError when the key is missing; the others return the fallback (also for null).
const Json& json_at(const Json& object, const std::string& key, const std::string& where);
std::string json_string(const Json& object, const std::string& key, const std::string& where);
int64_t json_int(const Json& object, const std::string& key, const std::string& where);
double json_number(const Json& object, const std::string& key, const std::string& where);
bool json_bool(const Json& object, const std::string& key, const std::string& where);
std::string json_string_or(const Json& object, const std::string& key, std::string fallback, const std::string& where);
int64_t json_int_or(const Json& object, const std::string& key, int64_t fallback, const std::string& where);
double json_number_or(const Json& object, const std::string& key, double fallback, const std::string& where);
bool json_bool_or(const Json& object, const std::string& key, bool fallback, const std::string& where);

/// Serialises on one line; invalid UTF-8 is replaced by U+FFFD rather than thrown at the caller.
std::string dump_json(const Json& value);
std::string dump_json_pretty(const Json& value);

}  // namespace r1v
