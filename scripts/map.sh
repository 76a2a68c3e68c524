#!/usr/bin/env bash
# The map of the house: every source file and the promise in its first line.
#   scripts/map.sh [ROOM]
set -euo pipefail
cd "$(dirname "$0")/.."
find "src/${1:-}" \( -name '*.h' -o -name '*.cpp' \) ! -name '*_test.cpp' | sort | while read -r file; do
  read -r line <"$file"
  printf '%-36s %s\n' "${file#src/}" "${line#// }"
done
