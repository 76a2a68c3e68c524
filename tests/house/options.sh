#!/usr/bin/env bash
# Every option of every command, compared with the kept list: an option changes only on purpose.
#   options.sh PROGRAM           compares with options.txt
#   options.sh PROGRAM --write   writes options.txt anew
set -euo pipefail
program=$1
list=$(dirname "$0")/options.txt
commands=("ask" "assemble" "bench" "chat" "gym list" "gym make" "gym scan" "gym grade" "inspect" "pairs cut" "pairs make" "pairs dedupe" "pairs judge" "pairs filter" "pairs rewrite" "pairs grade" "preprocess" "quantize" "render" "report" "score" "serve" "tokenize" "trace" "train align" "train distill" "train grpo" "train iterate" "train mpo" "train reward" "train sft" "train tower" "verify")
now=$(for command in "${commands[@]}"; do
  # shellcheck disable=SC2086
  "$program" $command --help | grep -oE '^ +(-[a-z],)?--[a-z0-9-]+' | grep -oE '\-\-[a-z0-9-]+' | sort -u | sed "s/^/$command /"
done)
if [ "${2:-}" = --write ]; then
  echo "$now" >"$list"
  exit
fi
diff "$list" <(echo "$now") || {
  echo "options changed; if on purpose: $0 $program --write, and an entry in CHANGELOG.md"
  exit 1
}
