#!/usr/bin/env bash
# The questions of the README, asked of the shipped model: a right answer each.
#   readme.sh PROGRAM       from the root of the repository
set -uo pipefail
program=$1
failed=0
grep -E '^ {4}\./r1v ask .*"$' README.md | while read -r line; do
  picture=$(grep -oE 'examples/[a-z_]+\.png' <<<"$line")
  question=$(grep -oE '"[^"]+"' <<<"$line" | tr -d '"')
  case "$picture" in
    examples/bar_chart.png) gold='\boxed{5}' ;; # 8 apples, 3 pears, as the picture shows
    examples/clock.png) gold='\boxed{2:15}' ;;  # short hand past 2, long hand at 3
    *) echo "readme.sh does not know the right answer for $picture: $line"; exit 1 ;;
  esac
  answer=$("$program" ask --greedy --image "$picture" "$question" 2>/dev/null)
  if [[ $answer != *"$gold"* ]]; then
    echo "$line"
    echo "expected $gold, found: $answer"
    exit 1
  fi
done || failed=1
[ "$(grep -cE '^ {4}\./r1v ask .*"$' README.md)" -ge 1 ] || { echo "README.md asks nothing"; failed=1; }
exit $failed
