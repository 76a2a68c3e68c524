// std::regex for judges in tests; patterns of users never reach it.
#pragma once

// GCC 12 takes std::regex's own moves for uses of uninitialised memory when sanitizers are on (GCC bug 105562).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <regex>
