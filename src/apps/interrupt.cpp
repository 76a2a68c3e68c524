// A signal handler can reach nothing but a global, hence the one here.
#include "apps/interrupt.h"

#include <unistd.h>

#include <csignal>

namespace r1v {
namespace {

std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may only touch lock-free atomics");

void on_interrupt(int) {
  if (interrupted.exchange(true)) ::_exit(kInterruptedStatus);
}

bool install() {
  struct sigaction action = {};
  action.sa_handler = on_interrupt;  // without SA_RESTART: a read from the terminal comes back
  return ::sigaction(SIGINT, &action, nullptr) == 0;
}

}  // namespace

std::atomic<bool>& interrupt_flag() {
  static const bool installed = install();
  static_cast<void>(installed);
  return interrupted;
}

}  // namespace r1v
