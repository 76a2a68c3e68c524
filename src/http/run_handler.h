// Runs a route's handler on a worker thread and turns what it throws into a reply.
#pragma once

#include <memory>

#include "http/exchange.h"
#include "http/outgoing.h"

namespace r1v {

/// Nothing is run for a client that has gone while its request waited. Throws nothing.
void run_handler(const HttpRoute& route, const std::shared_ptr<ServerExchange>& exchange);

}  // namespace r1v
