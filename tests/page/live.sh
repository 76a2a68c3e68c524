#!/usr/bin/env bash
# The page against a live server with the shipped models: live.sh R1V NODE SHOTS
set -euo pipefail
r1v=$1 node=$2 shots=$3
here=$(dirname "$0")
work=$(mktemp -d)
"$r1v" serve --port 0 >"$work/address" 2>"$work/log" &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" || true; rm -rf "$work"' EXIT
for ((i = 0; i < 150; ++i)); do
  grep -q 'ready at' "$work/log" && break
  sleep 0.2
done
url=$(head -1 "$work/address")
if [ -z "$url" ]; then
  echo "the server did not start:" && cat "$work/log"
  exit 1
fi
"$node" "$here/live_test.mjs" "$url" --shots "$shots"
