// A pull reader for large JSON files (vocabularies) of which a tree would cost too much time and memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace r1v {

/// Reads one document from front to back:
///   reader.enter_object();
///   while (reader.next_key(key)) { ... exactly one of string(), integer(), raw(), enter_...() ... }
/// Every method throws InputError (source, byte, found, expected) when the text is not what was asked for. Only text
/// that is read is checked for valid UTF-8; what raw() skips must go through parse_json to be trusted.
class JsonReader {
 public:
  /// `text` must outlive the reader; `where` names the source in messages.
  JsonReader(std::string_view text, std::string where);

  void enter_object();
  /// False at the end of the object. The key stays valid until the next call of next_key.
  bool next_key(std::string_view& key);
  void enter_array();
  /// False at the end of the array.
  bool next_element();
  /// Valid until the next call of string().
  std::string_view string();
  int64_t integer();
  /// Skips one value of any type and gives its text.
  std::string_view raw();
  /// First character of the value that comes next: '{', '[', '"', ...
  char peek();
  /// Expects that nothing but white space is left.
  void end();

 private:
  [[noreturn]] void fail(const std::string& expected) const;
  void skip_space();
  void expect(char wanted, const char* name);
  std::string_view read_string(std::string& scratch);
  void unescape(std::string& out);
  uint32_t hex4();
  void skip_string();

  std::string_view text_;
  std::string where_;
  size_t at_ = 0;
  bool fresh_ = false;  // just entered: no comma before the next element
  std::string key_scratch_;
  std::string value_scratch_;
};

}  // namespace r1v
