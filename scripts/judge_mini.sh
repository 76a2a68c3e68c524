#!/usr/bin/env bash
# A judge like r1v-mini-reward for a policy of r1v-mini's shape: right over wrong among the policy's own answers, and the gym's
# pairs; its score holds the likelihood of its own language head. Run again to go on where it stopped.
#   scripts/judge_mini.sh RUN POLICY     the judge: the last step in RUN/judge/checkpoints
# About half an hour of one core. Needs `scripts/setup.sh --gym`.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
[ $# -eq 2 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
mkdir -p "$1"
run=$(cd "$1" && pwd)
policy=$2
r1v=${R1V:-$root/r1v}

make() { # NAME FORMAT OPTIONS...
  [ -e "$run/$1/$2.jsonl" ] || "$r1v" gym make --out "$run/$1" --format "$2" --levels 1,2 --split train "${@:3}"
}
make sampled questions --count 12000 --seed 906
make preferences preferences --count 6000 --seed 9
if ! [ -e "$run/sampled/pairs.jsonl" ]; then
  "$r1v" ask --model "$policy" --n 8 --temperature 0.9 --seed 6 --json-lines --max-tokens 256 --images-root "$run/sampled" \
    < "$run/sampled/questions.jsonl" > "$run/answers.new"
  mv "$run/answers.new" "$run/answers.jsonl"
  "$r1v" pairs make --questions "$run/sampled/questions.jsonl" --answers "$run/answers.jsonl" --by rule --per-question 3 \
    --out "$run/sampled/pairs.jsonl"
fi
resume=$([ -d "$run/judge/checkpoints" ] && echo --resume || true)
# shellcheck disable=SC2086
"$r1v" train reward --out "$run/judge" --model "$policy" --data "$run/sampled/pairs.jsonl" "$run/preferences/preferences.jsonl" \
  --own-likelihood 1 --sft-weight 1 --max-steps 400 --batch-size 32 --learning-rate 6e-5 --lr-scheduler linear --warmup-steps 10 \
  --adam-beta2 0.99 --weight-decay 0.01 --weight-average 0.98 --save-steps 200 --dtype auto --seed 1 $resume
