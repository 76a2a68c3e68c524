// Stand-ins are characters of the private-use plane 15, in three ranges.
#include "prompt/protect.h"

#include "base/error.h"
#include "text/unicode.h"

namespace r1v {
namespace {

constexpr char32_t kStandIns = 0xF0000;
constexpr char32_t kPictures = 0xF1000;
constexpr char32_t kReplies = 0xF5000;
constexpr char32_t kEnd = 0xF9000;

std::string mark(char32_t first, char32_t end, size_t index, const char* what) {
  if (index >= end - first) throw InputError(cat("more than ", end - first, " ", what, " in one conversation"));
  std::string out;
  append_utf8(first + static_cast<char32_t>(index), out);
  return out;
}

bool is_reserved(char32_t code) { return code >= kStandIns && code < kEnd; }

// Calls action(character, code) for every character; a byte that is not UTF-8 has code 0.
template <typename Action>
void for_each_character(std::string_view text, Action action) {
  while (!text.empty()) {
    const Utf8Step step = utf8_step(text.data(), text.data() + text.size());
    action(text.substr(0, step.length), step.status == Utf8Step::Status::valid ? step.code : 0);
    text.remove_prefix(step.length);
  }
}

std::string_view first_character(std::string_view text) {
  return text.substr(0, utf8_step(text.data(), text.data() + text.size()).length);
}

}  // namespace

Protector::Protector(const std::vector<AddedToken>& tokens) : finder_(tokens) {
  for (const AddedToken& token : tokens) {
    if (token.content.empty()) continue;
    const std::string first(first_character(token.content));
    const char32_t code = utf8_step(first.data(), first.data() + first.size()).code;
    const CharClass kind = char_table().char_class(code);
    if (token.special || kind == CharClass::other) is_first_[first] = true;
  }
}

void Protector::append_stand_in(std::string_view character, std::string& out) {
  auto known = numbers_.find(character);
  if (known == numbers_.end()) {
    known = numbers_.emplace(character, characters_.size()).first;
    characters_.emplace_back(character);
  }
  out += mark(kStandIns, kPictures, known->second, "different private-use characters");
}

std::string Protector::protect(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for_each_character(text, [&](std::string_view character, char32_t code) {
    if (is_reserved(code) || is_first_.contains(character)) {
      append_stand_in(character, out);
    } else {
      out += character;
    }
  });
  return out;
}

Json Protector::protect_json(const Json& value) {
  if (value.is_string()) return protect(value.get_ref<const std::string&>());
  Json out = value;
  if (value.is_array()) {
    for (Json& item : out) item = protect_json(item);
  } else if (value.is_object()) {
    out = Json::object();
    for (const auto& [key, item] : value.items()) out[protect(key)] = protect_json(item);
  }
  return out;
}

std::string Protector::protect_reply(std::string_view text) {
  static constexpr std::string_view kOpen = "<think>", kClose = "</think>";
  std::string out;
  while (!text.empty()) {
    const size_t tag = std::min(text.find(kOpen), text.find(kClose));
    out += protect(text.substr(0, tag));
    if (tag == std::string_view::npos) break;
    const std::string_view found = text.substr(tag).starts_with(kOpen) ? kOpen : kClose;
    out += found;
    text.remove_prefix(tag + found.size());
  }
  return out;
}

std::string Protector::picture_mark(size_t index) { return mark(kPictures, kReplies, index, "pictures"); }

std::string Protector::reply_mark(size_t index) { return mark(kReplies, kEnd, index, "messages"); }

std::vector<Protector::Piece> Protector::split(std::string_view rendered) const {
  std::vector<Piece> pieces;
  std::string plain;
  const auto flush = [&] {
    if (!plain.empty()) pieces.push_back({.text = std::exchange(plain, {})});
  };
  for (const AddedTokenFinder::Piece& found : finder_.split(rendered)) {
    if (found.id >= 0) {
      flush();
      pieces.push_back({.kind = Piece::Kind::token, .text = std::string(found.text), .token_id = found.id});
      continue;
    }
    for_each_character(found.text, [&](std::string_view character, char32_t code) {
      if (code >= kPictures && code < kReplies) {
        flush();
        pieces.push_back({.kind = Piece::Kind::picture, .picture_index = code - kPictures});
      } else if (is_reserved(code) && code - kStandIns < characters_.size()) {
        plain += characters_[code - kStandIns];
      } else {
        plain += character;
      }
    });
  }
  flush();
  return pieces;
}

}  // namespace r1v
