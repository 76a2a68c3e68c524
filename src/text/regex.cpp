// The only file that includes PCRE2.
#include "text/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/error.h"

namespace r1v {
namespace {

// Oniguruma, which the reference uses, counts U+0085 and not U+180E as white space; PCRE2 does both. Outside a class \S
// can be negated, inside one only \s can be spelled out.
std::string spell_out_space(std::string_view pattern) {
  static constexpr std::string_view kSpace = "\\x09-\\x0d\\x{85}\\p{Z}";
  std::string out;
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      const char next = pattern[++i];
      if (next == 's') {
        out += in_class ? std::string(kSpace) : cat("[", kSpace, "]");
      } else if (next == 'S' && !in_class) {
        out += cat("[^", kSpace, "]");
      } else {
        out += {c, next};
      }
      continue;
    }
    if (c == '[') in_class = true;
    if (c == ']') in_class = false;
    out += c;
  }
  return out;
}

std::string pcre2_message(int code) {
  PCRE2_UCHAR buffer[256];
  pcre2_get_error_message(code, buffer, sizeof buffer);
  return reinterpret_cast<const char*>(buffer);
}

struct MatchState {
  pcre2_match_data* data;
  pcre2_match_context* context;
  pcre2_jit_stack* stack;
  explicit MatchState(const pcre2_code* code)
      : data(pcre2_match_data_create_from_pattern(code, nullptr)),
        context(pcre2_match_context_create(nullptr)),
        stack(pcre2_jit_stack_create(32 << 10, 8 << 20, nullptr)) {
    R1V_CHECK(data != nullptr && context != nullptr && stack != nullptr, "out of memory in PCRE2");
    pcre2_set_match_limit(context, 10'000'000);  // steps of one match: a hostile pattern ends in an error
    pcre2_jit_stack_assign(context, nullptr, stack);
  }
  MatchState(const MatchState&) = delete;
  MatchState& operator=(const MatchState&) = delete;
  ~MatchState() {
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
    pcre2_jit_stack_free(stack);
  }
};

}  // namespace

struct Regex::Impl {
  std::string pattern;
  pcre2_code* code = nullptr;
  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { pcre2_code_free(code); }
};

Regex::Regex(std::string_view pattern, const std::string& where) : impl_(std::make_unique<Impl>()) {
  impl_->pattern = pattern;
  const std::string spelled = spell_out_space(pattern);
  int error = 0;
  PCRE2_SIZE offset = 0;
  impl_->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(spelled.data()), spelled.size(), PCRE2_UTF | PCRE2_UCP,
                              &error, &offset, nullptr);
  if (impl_->code == nullptr) {
    throw InputError(cat(where, ": regular expression \"", printable(pattern, 200),
                         "\" cannot be compiled: ", pcre2_message(error), " at byte ", offset));
  }
  pcre2_jit_compile(impl_->code, PCRE2_JIT_COMPLETE);  // without it matching is the same, only slower
}

Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

void Regex::split(std::string_view text, std::vector<const char*>& ends) const {
  const MatchState state(impl_->code);
  const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
  size_t done = 0;
  size_t from = 0;
  while (from < text.size()) {
    // The caller vouches for UTF-8; checking again for every match would be quadratic.
    const int found =
        pcre2_match(impl_->code, subject, text.size(), from, PCRE2_NO_UTF_CHECK, state.data, state.context);
    if (found == PCRE2_ERROR_NOMATCH) break;
    if (found < 0) {
      throw InputError(cat("regular expression \"", printable(impl_->pattern, 200),
                           "\" of the tokenizer failed: ", pcre2_message(found)));
    }
    const PCRE2_SIZE* span = pcre2_get_ovector_pointer(state.data);
    if (span[1] == span[0]) {  // an empty match cuts nothing; go on with the next character
      from = span[1] + 1;
      while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80) ++from;
      continue;
    }
    if (span[0] > done) ends.push_back(text.data() + span[0]);
    ends.push_back(text.data() + span[1]);
    done = from = span[1];
  }
  if (done < text.size()) ends.push_back(text.data() + text.size());
}

}  // namespace r1v
