// Walks a schema once: checks every keyword, numbers every schema, resolves $ref.
#include "constrain/schema_nodes.h"

#include <algorithm>

#include "base/error.h"
#include "constrain/schema_keywords.h"

namespace r1v {
namespace {

[[noreturn]] void refuse(const std::string& pointer, const std::string& what) {
  throw InputError(cat("JSON schema at ", printable(pointer, 200), ": ", what));
}

// Before anything recursive touches the schema.
void check_size(const Json& schema, const GrammarLimits& limits) {
  const int64_t most = 2 * limits.max_depth;  // a property costs two levels of JSON
  std::vector<std::pair<const Json*, int64_t>> open{{&schema, 0}};
  while (!open.empty()) {
    const auto [value, depth] = open.back();
    open.pop_back();
    if (depth > most) refuse("#", cat("it is nested deeper than ", limits.max_depth, " schemas"));
    if (!value->is_structured()) continue;
    for (const Json& child : *value) open.emplace_back(&child, depth + 1);
  }
  const size_t size = dump_json(schema).size();
  if (size > limits.max_schema_bytes) {
    refuse("#", cat("it has ", size, " bytes, at most ", limits.max_schema_bytes, " are read"));
  }
}

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  const char lower = static_cast<char>(digit | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// A fragment may be percent-encoded as in a URI.
std::string percent_decoded(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

class SchemaReader {
 public:
  SchemaReader(const GrammarLimits& limits, Budget& budget) : limits_(limits), budget_(budget) {}

  std::vector<SchemaNode> run(const Json& schema) {
    if (!schema.is_object() && !schema.is_boolean()) {
      refuse("#", cat("a schema is an object, true or false, found ", schema.type_name()));
    }
    read(schema, "#", 0);
    for (SchemaNode& node : nodes_) resolve(node);
    return std::move(nodes_);
  }

 private:
  NodeId read(const Json& schema, const std::string& pointer, int64_t depth) {
    if (depth > limits_.max_depth) refuse(pointer, cat("schemas nested deeper than ", limits_.max_depth));
    budget_.at(pointer);
    budget_.spend(1 + static_cast<int64_t>(pointer.size() / 64));  // pointers are kept
    const auto id = static_cast<NodeId>(nodes_.size());
    nodes_.push_back({.pointer = pointer, .json = &schema});
    ids_.emplace(pointer, id);
    if (!schema.is_object()) return id;
    for (const auto& [name, value] : schema.items()) {
      const std::string where = pointer_to(pointer, name);
      const Keyword* keyword = find_keyword(name);
      if (keyword == nullptr) refuse(where, cat("this keyword is not supported; supported are ", supported_keywords()));
      check_value(*keyword, value, where);
      read_children(id, *keyword, value, where, depth + 1);
    }
    return id;
  }

  static void check_value(const Keyword& keyword, const Json& value, const std::string& where) {
    if (keyword.name == "items" && value.is_array()) refuse(where, "a list of schemas is called prefixItems");
    const std::string expected = wrong_value(keyword, value);
    if (!expected.empty()) {
      refuse(where, cat("found ", value.type_name(), " ", printable(dump_json(value)), ", expected ", expected));
    }
    if (keyword.name == "uniqueItems" && value.get<bool>()) {
      refuse(where, "lists without repetition cannot be ensured; leave uniqueItems out and check the answer");
    }
  }

  void read_children(NodeId id, const Keyword& keyword, const Json& value, const std::string& where, int64_t depth) {
    if (keyword.kind == KeywordKind::schema) {
      const NodeId child = read(value, where, depth);
      (keyword.name == "items" ? node(id).items : node(id).additional_properties) = child;
    } else if (keyword.kind == KeywordKind::schemas) {
      for (size_t i = 0; i < value.size(); ++i) {
        const NodeId child = read(value[i], pointer_to(where, std::to_string(i)), depth);
        list_of(id, keyword.name).push_back(child);
      }
    } else if (keyword.kind == KeywordKind::schema_map) {
      for (const auto& [name, schema] : value.items()) {
        const NodeId child = read(schema, pointer_to(where, name), depth);
        if (keyword.name == "properties") node(id).properties.emplace_back(name, child);
        if (keyword.name == "patternProperties") node(id).pattern_properties.emplace_back(name, child);
      }
    }
  }

  std::vector<NodeId>& list_of(NodeId id, std::string_view keyword) {
    if (keyword == "allOf") return node(id).all_of;
    if (keyword == "anyOf") return node(id).any_of;
    return keyword == "oneOf" ? node(id).one_of : node(id).prefix_items;
  }

  SchemaNode& node(NodeId id) { return nodes_[static_cast<size_t>(id)]; }

  void resolve(SchemaNode& node) const {
    const Json* reference = node.find("$ref");
    if (reference == nullptr) return;
    const auto text = reference->get<std::string>();
    const auto target = ids_.find(percent_decoded(text));
    if (target == ids_.end()) {
      refuse(pointer_to(node.pointer, "$ref"), cat("\"", printable(text), "\" names no schema of this document; ",
                                                   "expected \"#\" or a pointer such as \"#/$defs/name\""));
    }
    node.reference = target->second;
  }

  const GrammarLimits& limits_;
  Budget& budget_;
  std::vector<SchemaNode> nodes_;
  std::map<std::string, NodeId> ids_;  // of a pointer
};

}  // namespace

const Json* SchemaNode::find(const std::string& keyword) const {
  if (!json->is_object()) return nullptr;
  const auto found = json->find(keyword);
  return found == json->end() ? nullptr : &*found;
}

std::string pointer_to(const std::string& pointer, const std::string& step) {
  std::string out = pointer + "/";
  for (const char c : step) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

std::vector<SchemaNode> read_schema(const Json& schema, const GrammarLimits& limits, Budget& budget) {
  check_size(schema, limits);
  return SchemaReader(limits, budget).run(schema);
}

}  // namespace r1v
