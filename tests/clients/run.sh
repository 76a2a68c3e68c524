#!/usr/bin/env bash
# A live server with keys, and one group of client tests against it: run.sh PROGRAM python|npm|schema|docs
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "$1")
export R1V_CLIENTS=${R1V_CLIENTS:-${XDG_CACHE_HOME:-$HOME/.cache}/r1v/clients}
if [ "$2" != docs ] && { ! [ -e "$R1V_CLIENTS/complete" ] || ! cmp -s "$here/requirements.txt" "$R1V_CLIENTS/requirements.txt" ||
  ! cmp -s "$here/package-lock.json" "$R1V_CLIENTS/package-lock.json"; }; then
  echo "the clients were not found in $R1V_CLIENTS (or are of another version); run scripts/setup.sh --clients" >&2
  exit 2
fi

scratch=$(mktemp -d)
server=
finish() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null && wait "$server" || true; fi
  rm -rf "$scratch"
}
trap finish EXIT

R1V_KEY=$("$program" serve --api-keys "$scratch/keys" --new-key clients 2>"$scratch/log")
export R1V_KEY
more=(--api-keys "$scratch/keys")
if [ "$2" = schema ]; then more+=(--max-answer-tokens 8 --max-seconds 5); fi
if [ "$2" = docs ]; then more=(); fi
"$program" serve --port 0 "${more[@]}" >"$scratch/url" 2>>"$scratch/log" &
server=$!
for _ in $(seq 300); do
  [ -s "$scratch/url" ] && break
  kill -0 "$server" 2>/dev/null || { cat "$scratch/log" >&2; exit 1; }
  sleep 0.1
done
R1V_URL=$(cat "$scratch/url")
export R1V_URL

cd "$here"
status=0
case $2 in
  python)
    "$R1V_CLIENTS/venv/bin/python" -W error::DeprecationWarning:support openai_test.py || status=$?
    "$R1V_CLIENTS/venv/bin/python" other_clients_test.py || status=$?
    ;;
  npm) "${R1V_NODE:-node}" --test npm_client.mjs || status=$? ;;
  docs) (cd ../.. && url=$R1V_URL tests/clients/docs.sh docs/serve.md) || status=$? ;;
  schema) "$R1V_CLIENTS/venv/bin/python" schema_test.py || status=$? ;;
esac
if ! kill -0 "$server" 2>/dev/null; then
  echo "the server is gone; its last words:" >&2
  status=1
fi
if [ "$status" != 0 ]; then tail -40 "$scratch/log" >&2; fi
exit "$status"
