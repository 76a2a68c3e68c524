// Checked access to the keys of a configuration file: every number has a range, every message names its key.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "base/json.h"

namespace r1v {

/// Inclusive.
template <typename Number>
struct Range {
  Number low;
  Number high;
};

/// One JSON object of a configuration; null counts as absent. All methods throw InputError naming file, key and range.
class ConfigFields {
 public:
  ConfigFields(const Json& object, std::string where);

  bool has(const std::string& key) const;
  int64_t integer(const std::string& key, Range<int64_t> range) const;
  int64_t integer_or(const std::string& key, int64_t fallback, Range<int64_t> range) const;
  double number(const std::string& key, Range<double> range) const;
  double number_or(const std::string& key, double fallback, Range<double> range) const;
  bool boolean_or(const std::string& key, bool fallback) const;
  std::string text_or(const std::string& key, const std::string& fallback) const;
  ConfigFields object(const std::string& key) const;
  /// Throws unless the key is absent or holds exactly this text.
  void require_text(const std::string& key, const std::string& expected) const;

  const Json& json() const { return *object_; }
  const std::string& where() const { return where_; }

 private:
  const Json* object_;
  std::string where_;
};

}  // namespace r1v
