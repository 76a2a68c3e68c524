// The table of commands.
#include <cstdio>

int main() {
  std::puts("r1v " R1V_VERSION);
  return 0;
}
