#!/usr/bin/env bash
# `score` with the shipped judge: a line scores the same alone, among others and in any order.
#   company.sh PROGRAM       from the root of the repository
set -uo pipefail
program=$1
picture='{"type":"image","path":"examples/bar_chart.png"}'
question='{"type":"text","text":"How many more apples than pears were sold?"}'
asked() { # id, answer
  echo "{\"id\":\"$1\",\"messages\":[{\"role\":\"user\",\"content\":[$picture,$question]},{\"role\":\"assistant\",\"content\":\"$2\"}]}"
}
lines() {
  asked a '\\boxed{5}'
  asked b '\\boxed{9}'
  echo '{"id":"c","messages":[{"role":"user","content":"What is 2 + 3?"},{"role":"assistant","content":"\\boxed{5}"}]}'
  asked d 'Apples 12, pears 7. \\boxed{5}'
}
failed=0
together=$(lines | "$program" score 2>/dev/null) || failed=1
[ "$(sort -u <<<"$together" | wc -l)" = 4 ] || failed=1
[ "$(lines | tac | "$program" score 2>/dev/null | tac)" = "$together" ] || failed=1
for id in a b c d; do
  alone=$(lines | grep "\"id\":\"$id\"" | "$program" score 2>/dev/null)
  grep -qxF "$alone" <<<"$together" || failed=1
done
[ $failed = 0 ] || echo "scores change with their company: $together"
exit $failed
