#!/usr/bin/env bash
# Everything a change must pass: set-up, build, all tests. Ends with CTest's own summary.
# Foreign clients and browsers against the server have labels of their own, which .ci/run runs after these.
set -euo pipefail
cd "$(dirname "$0")"
scripts/setup.sh --gym
cmake --preset release >/dev/null
cmake --build --preset release
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} # two tests at a time, one thread each: waiting threads spin
ctest --test-dir build/release --output-on-failure -j2 -LE 'clients|browser' "$@"
