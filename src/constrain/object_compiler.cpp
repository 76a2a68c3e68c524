// Objects: properties in the order of the schema, optional ones left out or not, then keys of the answer's own.
#include "base/error.h"
#include "constrain/value_compiler.h"

namespace r1v {

void ValueCompiler::fill_object(int32_t container, const Conjunction& flat) {
  const std::vector<std::string> names = rules_.property_names(flat);
  std::vector<Property> properties;
  for (const std::string& name : names) {
    budget_.spend(1 + static_cast<int64_t>(names.size() / 1024));
    const ValueForm& value = form(rules_.property(flat, name));
    properties.push_back({name, value, rules_.is_required(flat, name)});
  }
  fill_properties(container, properties, free_keys(flat, names));
}

void ValueCompiler::fill_literal_object(int32_t container, const Json& literal) {
  std::vector<Property> properties;
  for (const auto& [name, value] : literal.items()) properties.push_back({name, form_of_literal(value), true});
  fill_properties(container, properties, {});
}

// Two rows of positions say which property may come next: `first` while none is written, `more` after a comma.
void ValueCompiler::fill_properties(int32_t container, const std::vector<Property>& properties,
                                    const std::vector<FreeKeys>& free) {
  const int32_t before_end = position();
  close(before_end, '}', container);
  int32_t more = position(), after = position();
  for (const FreeKeys& keys : free) add_member(more, keys.lexeme, keys.form, after);
  int32_t first = position();
  for (const FreeKeys& keys : free) add_member(first, keys.lexeme, keys.form, after);
  network_.add_edge(first, {.kind = Kind::skip, .to = before_end});
  bool may_end = true;
  // From the last property to the first: `after` stands behind the value of the one before.
  for (size_t i = properties.size() + 1; i-- > 0;) {
    const int32_t comma = position();
    add_byte(after, ',', comma);
    add_space(comma, more);
    if (may_end) add_space(after, before_end);
    if (i == 0) break;  // nothing is before the first
    const Property& property = properties[i - 1];
    const int32_t key =
        lexeme("key " + property.name, literal_lexeme({dump_json(property.name)}, budget_), {.is_key = true});
    const int32_t more_before = position(), first_before = position(), member = position();
    add_member(member, key, property.form, after);
    for (const auto& [from, next] : {std::pair(more_before, more), std::pair(first_before, first)}) {
      network_.add_edge(from, {.kind = Kind::skip, .to = member});
      if (!property.is_required) network_.add_edge(from, {.kind = Kind::skip, .to = next});
    }
    may_end = may_end && !property.is_required;
    more = more_before;
    first = first_before;
    after = position();
  }
  add_space(network_.containers[static_cast<size_t>(container)].start, first);
}

void ValueCompiler::add_member(int32_t from, int32_t key, const ValueForm& form, int32_t to) {
  if (form.is_empty()) return;
  const int32_t after_key = position(), colon = position(), value = position();
  network_.add_edge(from, {.kind = Kind::lexeme, .what = key, .to = after_key});
  add_byte(after_key, ':', colon);
  network_.add_edge(colon, {.kind = one_space_ < 0 ? Kind::skip : Kind::lexeme, .what = one_space_, .to = value});
  add_value(value, form, to);
}

std::vector<ValueCompiler::FreeKeys> ValueCompiler::free_keys(const Conjunction& flat,
                                                              const std::vector<std::string>& names) {
  std::vector<FreeKeys> out;
  const std::vector<std::string> patterns = rules_.key_patterns(flat);
  const size_t count = patterns.size() + (rules_.invites_more_keys(flat) ? 1 : 0);
  for (size_t i = 0; i < count; ++i) {
    const ValueForm& value = form(rules_.free_property(flat, i < patterns.size() ? patterns[i] : ""));
    if (value.is_empty()) continue;
    const std::optional<int32_t> key = free_key_lexeme(names, patterns, i);
    if (key) out.push_back({*key, value});
  }
  return out;
}

// Keys that match pattern number `pattern` (one past the last: none of them) and are no property's name.
std::optional<int32_t> ValueCompiler::free_key_lexeme(const std::vector<std::string>& names,
                                                      const std::vector<std::string>& patterns, size_t pattern) {
  std::string description = cat("free ", pattern);
  for (const std::string& text : names) description += cat(" ", text.size(), ":", text);
  description += " /";
  for (const std::string& text : patterns) description += cat(" ", text.size(), ":", text);
  if (const auto known = lexemes_.find(description); known != lexemes_.end()) return known->second;
  const bool is_rest = pattern == patterns.size();
  TextAutomaton keys = is_rest ? any_text() : rules_.text({.patterns = {patterns[pattern]}});
  if (!names.empty()) keys = without(keys, text_among(names, budget_), budget_);
  for (size_t i = 0; i < patterns.size(); ++i) {
    const TextAutomaton& other = rules_.text({.patterns = {patterns[i]}});
    if (is_rest) {
      keys = without(keys, other, budget_);
    } else if (i != pattern && !both(keys, other, budget_).is_empty()) {
      throw InputError(cat("JSON schema at ", printable(budget_.pointer(), 200), ": a key may match both \"",
                           printable(patterns[pattern]), "\" and \"", printable(patterns[i]),
                           "\" of patternProperties; make them exclude each other"));
    }
  }
  if (keys.is_empty()) return std::nullopt;
  if (!keys.never_runs_out()) {
    if (is_rest) return std::nullopt;
    throw InputError(cat("JSON schema at ", printable(budget_.pointer(), 200), ": the pattern \"",
                         printable(patterns[pattern]),
                         "\" of patternProperties leaves a limited number of keys, which ",
                         "could run out as none may come twice; name them in properties or use + or * at its end"));
  }
  return lexemes_[description] = network_.add_free_key(string_lexeme(keys, budget_));
}

}  // namespace r1v
