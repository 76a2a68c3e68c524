// Vision-text integration: how deeply must question and picture be read together? Rules over the words of the question.
#pragma once

#include <string>

namespace r1v {

/// The patterns that the paper names. It asks GPT-4o to find them and gives no formula.
struct IntegrationPatterns {
  // deep
  bool asks_why = false;        // "why", or "how" of a manner, with a presupposition (the, again, still, after, ...)
  bool relates_things = false;  // a word of place between things, and at least two things named
  bool is_technical = false;    // two different technical terms
  // shallow
  bool asks_what = false;         // "what", "where", "which" or "who" with "is the", "are the", "was the", ...
  bool names_things = false;      // what is this, what colour or shape, name, identify, read
  bool needs_no_picture = false;  // neither a picture nor anything seen is spoken of
};

IntegrationPatterns find_patterns(const std::string& question);

/// 5, a third of 5 more for every deep pattern and less for every shallow one: 0 to 10.
double integration_score(const IntegrationPatterns& patterns);

}  // namespace r1v
