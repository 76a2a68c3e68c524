// Lists: so many items of their own, then any number of the same.
#include "constrain/value_compiler.h"

namespace r1v {

void ValueCompiler::fill_array(int32_t container, const Conjunction& flat) {
  const ItemsRule rule = rules_.items_rule(flat);
  const bool is_bounded = rule.most != Pattern::kNoLimit;
  // Written out one by one: as many as are counted.
  const int64_t counted = is_bounded ? rule.most : std::max(rule.least, static_cast<int64_t>(rule.prefix));
  std::vector<ValueForm> items;
  for (int64_t i = 0; i < counted; ++i) {
    budget_.spend(1);
    items.push_back(form(rules_.item(flat, static_cast<size_t>(i))));
    if (items.back().is_empty()) break;  // the list cannot be that long
  }
  const bool goes_on = !is_bounded && static_cast<int64_t>(items.size()) == counted;
  const ValueForm more = goes_on ? form(rules_.item(flat, rule.prefix)) : ValueForm{};
  fill_items(container, items, rule.least, goes_on ? &more : nullptr);
}

void ValueCompiler::fill_literal_array(int32_t container, const Json& literal) {
  std::vector<ValueForm> items;
  for (const Json& value : literal) items.push_back(form_of_literal(value));
  fill_items(container, items, static_cast<int64_t>(items.size()), nullptr);
}

void ValueCompiler::fill_items(int32_t container, const std::vector<ValueForm>& items, int64_t least,
                               const ValueForm* more) {
  const int32_t before_end = position();
  close(before_end, ']', container);
  int32_t before = position();  // an item
  add_space(network_.containers[static_cast<size_t>(container)].start, before);
  if (least == 0) network_.add_edge(before, {.kind = Kind::skip, .to = before_end});
  for (size_t i = 0; i < items.size(); ++i) {
    const int32_t after = position();
    add_value(before, items[i], after);
    before = add_item_end(after, before_end, static_cast<int64_t>(i) + 1 >= least);
  }
  if (more == nullptr) return;
  const int32_t after = position();
  add_value(before, *more, after);
  add_value(add_item_end(after, before_end, true), *more, after);
}

// Behind an item: the end, or a comma and the position before the next one, which is returned.
int32_t ValueCompiler::add_item_end(int32_t after, int32_t before_end, bool may_end) {
  const int32_t comma = position(), next = position();
  if (may_end) add_space(after, before_end);
  add_byte(after, ',', comma);
  add_space(comma, next);
  return next;
}

}  // namespace r1v
