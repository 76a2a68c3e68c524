#!/usr/bin/env bash
# From the policy of docs/claims.md to the shipped r1v-mini and its judge: more questions, those that it answers worst more
# often, then pairs of its own answers. Run again to go on where it stopped.
#   scripts/finish_mini.sh RUN MODEL     MODEL: the last stage of scripts/train_mini.sh
# About two and a half hours of one core. Needs `scripts/setup.sh --gym`.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
[ $# -eq 2 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
mkdir -p "$1"
run=$(cd "$1" && pwd)
model=$2
r1v=${R1V:-$root/r1v}

make() { # NAME FORMAT OPTIONS...
  [ -e "$run/$1/$2.jsonl" ] || "$r1v" gym make --out "$run/$1" --format "$2" --levels 1,2 "${@:3}"
}
again() { [ -d "$run/$1/checkpoints" ] && echo --resume || true; }
last() { find "$run/$1/checkpoints" -maxdepth 1 -name 'step-*' | sort -V | tail -1; }

# 1. Questions, the families that it answers worst more often; the tower learns, too.
sft() { # NAME MODEL STEPS LEARNING_RATE VISION_LEARNING_RATE SEED DATA...
  # shellcheck disable=SC2046
  "$r1v" train sft --out "$run/$1" --model "$2" --max-steps "$3" --learning-rate "$4" --vision-learning-rate "$5" --seed "$6" \
    --data "${@:7}" --eval-data "$run/dev/sft.jsonl" --batch-size 40 --lr-scheduler linear --warmup-steps 50 --weight-decay 0.05 \
    --adam-beta2 0.98 --dtype auto --weight-average 0.99 --eval-steps 350 --save-steps 350 $(again "$1")
}
make dev sft --split dev --count 1000 --seed 43
make all-1 sft --split train --count 48000 --seed 41
make weak-1 sft --split train --count 36000 --seed 42 --families \
  angles,read_text,relation,shaded_fraction,count_objects,compare_two,bar_chart,line_chart,map_path,grid_points,text_compare,triangle_measure,balance_puzzle
sft sft-1 "$model" 2100 6e-4 2e-4 7 "$run/all-1/sft.jsonl" "$run/weak-1/sft.jsonl"
make all-2 sft --split train --count 52000 --seed 51
make weak-2 sft --split train --count 52000 --seed 52 --families \
  angles,bar_chart,clock,compare_two,count_objects,handwritten_sum,handwritten_digit,line_chart,read_text,relation,shaded_fraction,what_is_there,text_compare
sft sft-2 "$(last sft-1)" 2600 7e-4 2.5e-4 8 "$run/all-2/sft.jsonl" "$run/weak-2/sft.jsonl"
# Questions without pictures again, and sums as people type them, with spaces.
make all-3 sft --split train --count 8000 --seed 61
make text transcripts --split train --count 3000 --seed 62
make sums sft --split train --count 2000 --seed 63 --families text_arithmetic
sed -E 's#"content":"([A-Z][a-z ]*)([0-9]+)([-+*/])([0-9]+)#"content":"\1\2 \3 \4#' "$run/sums/sft.jsonl" > "$run/sums/spaced.jsonl"
sft sft-3 "$(last sft-2)" 320 2e-4 1e-4 9 "$run/all-3/sft.jsonl" "$run/text/transcripts.jsonl" "$run/sums/spaced.jsonl"
policy=$(last sft-3)

# 2. The judge: right over wrong among the policy's own answers.
"$root/scripts/judge_mini.sh" "$run" "$policy"

echo "the model: $policy"
