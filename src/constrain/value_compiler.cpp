// Scalars become lexemes, objects and lists become containers.
#include "constrain/value_compiler.h"

#include "base/error.h"
#include "constrain/number_lexeme.h"

namespace r1v {
namespace {

bool accepts_nothing(const ByteAutomaton& automaton) {
  return automaton.states[0].edges.empty() && !automaton.states[0].accepts;
}

std::string name_of(const Conjunction& flat) {
  std::string name;
  for (const NodeId id : flat) name += std::to_string(id) + " ";
  return name;
}

std::string name_of(const std::optional<NumberBound>& bound) {
  if (!bound) return "any ";
  return cat(bound->value.is_negative ? "-" : "", bound->value.whole, ".", bound->value.fraction,
             bound->is_exclusive ? "x " : " ");
}

}  // namespace

ValueCompiler::ValueCompiler(SchemaRules& rules, Budget& budget, Spacing spacing) : rules_(rules), budget_(budget) {
  if (spacing == Spacing::none) return;
  line_space_ = network_.add_lexeme(line_space_lexeme(budget));
  one_space_ = network_.add_lexeme(one_space_lexeme(budget));
}

Network ValueCompiler::run(const Conjunction& all) {
  network_.add_container(0, budget_);
  const int32_t end = position();
  network_.add_edge(end, {.kind = Kind::end});
  add_value(network_.containers[0].start, form(all), end);
  while (!open_.empty()) {
    const Work work = std::move(open_.front());
    open_.pop_front();
    if (!work.flat.empty()) budget_.at(rules_.node(work.flat[0]).pointer);
    const bool is_object = network_.containers[static_cast<size_t>(work.container)].is_object();
    if (work.literal != nullptr) {
      is_object ? fill_literal_object(work.container, *work.literal)
                : fill_literal_array(work.container, *work.literal);
    } else {
      is_object ? fill_object(work.container, work.flat) : fill_array(work.container, work.flat);
    }
    rules_.check_one_ofs();
  }
  rules_.check_one_ofs();
  return std::move(network_);
}

const ValueForm& ValueCompiler::form(const Conjunction& all) {
  const auto known = forms_.find(all);
  if (known != forms_.end()) return known->second;
  ValueForm out;
  for (const Conjunction& flat : rules_.alternatives(all)) add_alternative(flat, out);
  return forms_[all] = std::move(out);
}

void ValueCompiler::add_alternative(const Conjunction& flat, ValueForm& out) {
  budget_.spend(1);
  const ValueRule rule = rules_.value_rule(flat);
  if (rule.literals) {
    add_literals(*rule.literals, out);
    return;
  }
  std::vector<std::string> words;
  if ((rule.types & types::kNull) != 0) words.push_back("null");
  if ((rule.types & types::kBoolean) != 0) words.insert(words.end(), {"false", "true"});
  if (!words.empty()) {
    out.lexemes.push_back(lexeme(cat("words ", words.size(), words[0]), literal_lexeme(words, budget_)));
  }
  if ((rule.types & types::kNumber) != 0) add_number(rule.number, out);
  if ((rule.types & types::kString) != 0) add_string(rule.text, out);
  if ((rule.types & types::kObject) != 0) {
    out.containers.push_back(container('{', "object " + name_of(flat), {.flat = flat}));
  }
  if ((rule.types & types::kArray) != 0) {
    out.containers.push_back(container('[', "array " + name_of(flat), {.flat = flat}));
  }
}

void ValueCompiler::add_literals(const std::vector<const Json*>& literals, ValueForm& out) {
  std::vector<std::string> scalars;
  std::string name = "literals";
  for (const Json* literal : literals) {
    const std::string text = dump_json(*literal);
    if (literal->is_structured()) {
      const char open = literal->is_object() ? '{' : '[';
      out.containers.push_back(container(static_cast<uint8_t>(open), "literal " + text, {.literal = literal}));
    } else {
      scalars.push_back(text);
      name += " " + text;
    }
  }
  if (!scalars.empty()) out.lexemes.push_back(lexeme(name, literal_lexeme(scalars, budget_)));
}

ValueForm ValueCompiler::form_of_literal(const Json& literal) {
  ValueForm out;
  add_literals({&literal}, out);
  return out;
}

void ValueCompiler::add_string(const StringRule& rule, ValueForm& out) {
  if (rule.most != Pattern::kNoLimit && rule.most < rule.least) return;
  std::string name = cat("string ", rule.least, " ", rule.most);
  for (const std::string& pattern : rule.patterns) name += cat(" ", pattern.size(), ":", pattern);
  if (const auto known = lexemes_.find(name); known != lexemes_.end()) {
    out.lexemes.push_back(known->second);
    return;
  }
  const bool is_plain = rule.is_plain();
  const ByteAutomaton automaton = is_plain ? any_string_lexeme(budget_) : string_lexeme(rules_.text(rule), budget_);
  LexemeInfo info{.is_counted = (is_plain && rule.least > 0) || rule.most != Pattern::kNoLimit};
  if (is_plain) info.least = rule.least;
  if (rule.most != Pattern::kNoLimit) info.most = rule.most;
  if (automaton.states[0].needed <= info.most) out.lexemes.push_back(lexeme(name, automaton, info));
}

void ValueCompiler::add_number(const NumberRule& rule, ValueForm& out) {
  const std::string name = cat("number ", rule.is_whole, " ", name_of(rule.least), name_of(rule.most), rule.multiple);
  const auto known = lexemes_.find(name);
  if (known != lexemes_.end()) {
    out.lexemes.push_back(known->second);
    return;
  }
  const ByteAutomaton automaton = number_lexeme(rule, budget_);
  if (!accepts_nothing(automaton)) out.lexemes.push_back(lexeme(name, automaton));
}

int32_t ValueCompiler::container(uint8_t open, const std::string& name, Work work) {
  const auto known = containers_.find(name);
  if (known != containers_.end()) return known->second;
  work.container = containers_[name] = network_.add_container(open, budget_);
  open_.push_back(std::move(work));
  return open_.back().container;
}

int32_t ValueCompiler::lexeme(const std::string& name, const ByteAutomaton& automaton, LexemeInfo info) {
  const auto [known, is_new] = lexemes_.try_emplace(name, 0);
  if (is_new) known->second = network_.add_lexeme(automaton, info);
  return known->second;
}

void ValueCompiler::add_value(int32_t from, const ValueForm& form, int32_t to) {
  budget_.spend(static_cast<int64_t>((form.lexemes.size() + form.containers.size()) / 4));
  for (const int32_t start : form.lexemes) network_.add_edge(from, {.kind = Kind::lexeme, .what = start, .to = to});
  for (const int32_t inner : form.containers) {
    const uint8_t byte = network_.containers[static_cast<size_t>(inner)].open;
    network_.add_edge(from, {.kind = Kind::open, .byte = byte, .what = inner, .to = to});
  }
}

void ValueCompiler::add_space(int32_t from, int32_t to) {
  const Kind kind = line_space_ < 0 ? Kind::skip : Kind::lexeme;
  network_.add_edge(from, {.kind = kind, .what = line_space_, .to = to});
}

void ValueCompiler::add_byte(int32_t from, char byte, int32_t to) {
  network_.add_edge(from, {.kind = Kind::byte, .byte = static_cast<uint8_t>(byte), .to = to});
}

void ValueCompiler::close(int32_t from, char byte, int32_t container) {
  network_.add_edge(from, {.kind = Kind::close, .byte = static_cast<uint8_t>(byte), .what = container});
}

}  // namespace r1v
