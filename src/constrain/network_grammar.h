// A compiled schema and a vocabulary: the grammar of both.
#pragma once

#include <memory>

#include "constrain/grammar.h"
#include "constrain/network.h"

namespace r1v {

/// most_kept_bytes  of states and masks that were found; beyond, they are thrown away and found anew.
/// throws InputError: a byte that a string may need is no token.
std::shared_ptr<const Grammar> grammar_of_network(Network network, std::shared_ptr<const TokenTrie> tokens,
                                                  size_t most_kept_bytes = size_t{48} << 20);

}  // namespace r1v
