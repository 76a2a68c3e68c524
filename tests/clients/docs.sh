#!/usr/bin/env bash
# The curl examples of docs/serve.md, run in order against the server at $url: docs.sh FILE, from the repository's root
set -euo pipefail
examples=$(awk '/^```sh$/ {inside = 1; next} /^```$/ {inside = 0} inside' "$1")
[ "$(grep -c curl <<<"$examples")" -ge 10 ] || { echo "docs.sh: $1 holds fewer than 10 examples" >&2; exit 1; }
bash -euo pipefail -c "$examples" >/dev/null
