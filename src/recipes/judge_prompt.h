// What a judge that reads is asked, and how its reply is understood. The same words for models and servers.
#pragma once

#include <string>

#include "base/json.h"
#include "recipes/judge.h"

namespace r1v {

/// One user message: the pictures of the question (as they stand in the line), the question, both answers, the task.
Json verdict_messages(const Match& match);
/// The same for a better answer than the chosen one.
Json rewrite_messages(const PairsLine& line);

/// One user message: pictures, question (and answer, where that is rated too), what to rate and on which scale.
Json rating_messages(const PairsLine& line, Criterion criterion);
/// The number behind the thinking: boxed, behind "rating", or all there is; "4", "4.5" or "4/5". none: something else,
/// or a number off the scale.
std::optional<double> parse_rating(const std::string& reply, Criterion criterion);
/// The same as a judge's rating: an error that shows the reply where there is no number.
Rating rating_of(const std::string& reply, Criterion criterion);

/// The last \boxed{1}, \boxed{2} or \boxed{equal} behind the thinking (or such a word after "verdict"); else unknown.
Better parse_verdict(const std::string& reply);
/// "" when there is one, else a sentence that shows the reply.
std::string trouble_with_verdict(const std::string& reply);
/// The reply as an answer of the chosen one's form: thinking kept only where the chosen answer thinks aloud too.
std::string parse_rewrite(const std::string& reply, const std::string& chosen);

}  // namespace r1v
