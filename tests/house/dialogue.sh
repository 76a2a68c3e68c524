#!/usr/bin/env bash
# A client of `ask --json-lines` that waits for each answer before it writes the next question gets both.
#   dialogue.sh PROGRAM       from the root of the repository
set -uo pipefail
program=$1
coproc asked { "$program" ask --greedy --max-tokens 40 --json-lines 2>/dev/null; }
pid=$asked_PID
for id in 1 2; do
  echo "{\"id\":$id,\"messages\":[{\"role\":\"user\",\"content\":\"What is 2 + 3?\"}]}" >&"${asked[1]}"
  if ! read -t 120 -r answer <&"${asked[0]}" || [[ $answer != "{\"id\":$id,"* ]]; then
    echo "question $id: expected its answer, found: ${answer:-nothing}"
    kill "$pid"
    exit 1
  fi
done
exec {asked[1]}>&-
wait "$pid"
