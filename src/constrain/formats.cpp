// Patterns of formats: everything they let through is valid; where a standard allows more, the pattern says so.
#include "constrain/formats.h"

#include <map>

namespace r1v {
namespace {

// RFC 3339 5.6 and appendix C: months have their days, 29 February comes in leap years alone. There is no year 0.
std::string date() {
  const std::string year = "(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)";
  const std::string leap_year = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)";
  const std::string day_31 = "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])";
  const std::string day_30 = "(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)";
  const std::string february = "02-(?:0[1-9]|1[0-9]|2[0-8])";
  return "(?:" + year + "-(?:" + day_31 + "|" + day_30 + "|" + february + ")|" + leap_year + "-02-29)";
}

// RFC 3339 full-time without leap seconds, at most six digits of a fraction.
std::string time() {
  const std::string hours = "(?:[01][0-9]|2[0-3])";
  return hours + ":[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,6})?(?:Z|[+-]" + hours + ":[0-5][0-9])";
}

// RFC 1123: at most eight labels of at most 30 characters, so that the whole stays under 253.
std::string hostname() {
  const std::string label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,28}[A-Za-z0-9])?";
  return label + "(?:\\." + label + "){0,7}";
}

// RFC 5321 with a dot-string of at most three atoms of at most 20 characters, and a host of at least two labels.
std::string email() {
  const std::string atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,20}";
  const std::string label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,28}[A-Za-z0-9])?";
  return atom + "(?:\\." + atom + "){0,2}@" + label + "(?:\\." + label + "){1,4}";
}

std::string ipv4() {
  const std::string octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
  return octet + "(?:\\." + octet + "){3}";
}

// RFC 4291 2.2, forms 1 and 2: eight groups, or "::" in place of at least one.
std::string ipv6() {
  const std::string group = "[0-9A-Fa-f]{1,4}";
  std::string out = "(?:" + group + "(?::" + group + "){7}";
  for (int before = 0; before <= 7; ++before) {
    const auto groups = [&](int count) { return group + "(?::" + group + "){0," + std::to_string(count - 1) + "}"; };
    // `before` groups exactly, then "::", then up to 7 - before groups.
    std::string front;
    for (int i = 0; i < before; ++i) front += (i > 0 ? ":" : "") + group;
    out += "|" + front + "::";
    if (before < 7) out += "(?:" + groups(7 - before) + ")?";
  }
  return out + ")";
}

// RFC 3339 appendix A, at most four digits a number.
std::string duration() {
  const std::string n = "[0-9]{1,4}";
  const std::string minutes = n + "M(?:" + n + "S)?";
  const std::string time = "T(?:" + n + "H(?:" + minutes + ")?|" + minutes + "|" + n + "S)";
  const std::string days = n + "D";
  const std::string months = n + "M(?:" + days + ")?";
  const std::string date = "(?:" + n + "Y(?:" + months + ")?|" + months + "|" + days + ")";
  return "P(?:" + date + "(?:" + time + ")?|" + time + "|" + n + "W)";
}

// RFC 3986 without IP literals in brackets.
std::string uri() {
  const std::string plain = "[A-Za-z0-9._~!$&'()*+,;=-]";
  const std::string encoded = "%[0-9A-Fa-f]{2}";
  const std::string pchar = "(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|" + encoded + ")";
  const std::string query = "(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|" + encoded + ")*";
  const std::string authority =
      "(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|" + encoded + ")*@)?(?:" + plain + "|" + encoded + ")*(?::[0-9]{0,5})?";
  const std::string absolute = "/(?:" + pchar + "+(?:/" + pchar + "*)*)?";
  const std::string path =
      "(?://" + authority + "(?:/" + pchar + "*)*|" + absolute + "|" + pchar + "+(?:/" + pchar + "*)*)?";
  return "[A-Za-z][A-Za-z0-9+.-]*:" + path + "(?:\\?" + query + ")?(?:#" + query + ")?";
}

const std::map<std::string_view, std::string>& formats() {
  static const std::map<std::string_view, std::string> kFormats = {
      {"date", date()},
      {"time", time()},
      {"date-time", date() + "T" + time()},
      {"duration", duration()},
      {"email", email()},
      {"hostname", hostname()},
      {"ipv4", ipv4()},
      {"ipv6", ipv6()},
      {"uri", uri()},
      {"uuid", "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"},
  };
  return kFormats;
}

}  // namespace

std::string pattern_of_format(std::string_view format) {
  const auto found = formats().find(format);
  return found == formats().end() ? "" : "^(?:" + found->second + ")$";
}

std::string supported_formats() {
  std::string names;
  for (const auto& [name, pattern] : formats()) {
    if (!names.empty()) names += ", ";
    names += name;
  }
  return names;
}

}  // namespace r1v
