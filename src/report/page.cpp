// Fills page/page.html: {{title}}, {{policy}}, {{style}}, {{data}}, {{scripts}}.
#include "report/page.h"

#include "base/base64.h"
#include "base/error.h"
#include "report/page_files.h"

namespace r1v {
namespace {

std::string_view file_text(std::string_view name) {
  for (const PageFile& file : page_files()) {
    if (file.name == name) return file.text;
  }
  R1V_CHECK(false, "the page's file ", name, " was not built in");
}

// 'sha256-...' of a content security policy.
std::string policy_hash(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  return cat(" 'sha256-", encode_base64(bytes), "'");
}

std::string policy() {
  std::string styles, scripts;
  for (const PageFile& file : page_files()) {
    if (file.name.ends_with(".css")) styles += policy_hash(file.sha256);
    if (file.name.ends_with(".js")) scripts += policy_hash(file.sha256);
  }
  return cat("default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; style-src", styles,
             "; script-src", scripts);
}

std::string scripts() {
  std::string out;
  for (const PageFile& file : page_files()) {
    if (file.name.ends_with(".js")) out += cat("<script>", file.text, "</script>\n");
  }
  return out;
}

std::string filled(std::string_view place, const Json& data) {
  if (place == "title") return escape_html(data.at("title").get<std::string>());
  if (place == "policy") return policy();
  if (place == "style") return cat("<style>", file_text("page.css"), "</style>");
  if (place == "data") return script_json(data);
  if (place == "scripts") return scripts();
  R1V_CHECK(false, "page.html has an unknown place {{", place, "}}");
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string script_json(const Json& data) {
  std::string out;
  for (const char c : dump_json(data)) {
    if (c == '<') {
      out += "\\u003c";
    } else if (c == '>') {
      out += "\\u003e";
    } else if (c == '&') {
      out += "\\u0026";
    } else {
      out += c;
    }
  }
  return out;
}

std::string page_html(const Json& data) {
  const std::string_view page = file_text("page.html");
  std::string out;
  size_t at = 0;
  for (size_t open = page.find("{{"); open != std::string_view::npos; open = page.find("{{", at)) {
    const size_t close = page.find("}}", open);
    R1V_CHECK(close != std::string_view::npos, "a place of page.html is never closed");
    out += page.substr(at, open - at);
    out += filled(page.substr(open + 2, close - open - 2), data);
    at = close + 2;
  }
  out += page.substr(at);
  return out;
}

}  // namespace r1v
