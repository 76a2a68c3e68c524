// Marks: U+E000, a letter (t = text, p = picture), a number, U+E001.
#include "prompt/protect.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"

namespace r1v {
namespace {

constexpr std::string_view kOpen = "\xEE\x80\x80";   // U+E000
constexpr std::string_view kClose = "\xEE\x80\x81";  // U+E001

std::string mark(char kind, size_t number) { return cat(kOpen, kind, number, kClose); }

}  // namespace

Protector::Protector(std::vector<std::string> tokens) : tokens_(std::move(tokens)) {
  tokens_.emplace_back(kOpen);
  tokens_.emplace_back(kClose);
  std::erase(tokens_, "");
}

size_t Protector::token_length_at(std::string_view text, size_t position) const {
  size_t longest = 0;
  for (const std::string& token : tokens_) {
    if (token.size() > longest && text.substr(position).starts_with(token)) longest = token.size();
  }
  return longest;
}

std::string Protector::protect(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const size_t length = token_length_at(text, i);
    if (length == 0) {
      out += text[i++];
      continue;
    }
    const std::string_view token = text.substr(i, length);
    auto known = index_.find(token);
    if (known == index_.end()) {
      known = index_.emplace(token, entries_.size()).first;
      entries_.emplace_back(token);
    }
    out += mark('t', known->second);
    i += length;
  }
  return out;
}

std::string Protector::picture_mark(size_t index) { return mark('p', index); }

void Protector::visit(std::string_view rendered, const Visitor& visitor) const {
  while (!rendered.empty()) {
    const size_t open = rendered.find(kOpen);
    if (open != 0) visitor.text(rendered.substr(0, open));
    if (open == std::string_view::npos) return;
    const size_t close = rendered.find(kClose, open);
    size_t number = 0;
    bool is_whole = close != std::string_view::npos && close > open + kOpen.size() + 1;
    if (is_whole) {
      const char* begin = rendered.data() + open + kOpen.size() + 1;
      const char* end = rendered.data() + close;
      is_whole = std::from_chars(begin, end, number).ptr == end;
    }
    const char kind = is_whole ? rendered[open + kOpen.size()] : '?';
    if (kind != 'p' && !(kind == 't' && number < entries_.size())) {
      throw InputError("the chat template cuts message contents into pieces in a way that breaks marked text or pictures");
    }
    if (kind == 'p') visitor.picture(number);
    else visitor.foreign(entries_[number]);
    rendered.remove_prefix(close + kClose.size());
  }
}

}  // namespace r1v
