#!/usr/bin/env bash
# Trains r1v-mini from nothing, stage by stage; run again to go on where it stopped.
#   scripts/train_mini.sh RUN [STEPS]     STEPS of the last stage (default 20000: about ten hours on two cores)
# Needs the tokenizer and configuration in models/r1v-mini and `scripts/setup.sh --gym`.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
[ $# -ge 1 ] && [ "${1#-}" = "$1" ] || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2; }
run=$1
steps=${2:-20000}
r1v=$root/r1v
mkdir -p "$run/start"
cp "$root"/models/r1v-mini/*.json "$root"/models/r1v-mini/chat_template.jinja "$run/start/"
rm -f "$run"/start/model.safetensors.index.json

make() { [ -e "$run/$1/$2.jsonl" ] || "$r1v" gym make --out "$run/$1" --format "$2" --levels 1,2 "${@:3}"; }
scan() { [ -e "$run/$1/scan.jsonl" ] || "$r1v" gym scan --model "$run/start" --data "$run/$1/sft.jsonl"; }
make train sft --split train --count 200000 --seed 2 --with-scene
make hard sft --split train --count 60000 --seed 3 --with-scene \
  --families handwritten_digit,handwritten_sum,typeset_sum,read_text
make dev sft --split dev --count 2000 --seed 2 --with-scene
make text transcripts --split train --count 50000 --seed 4
scan train
scan hard

again() { [ -d "$run/$1/checkpoints" ] && echo --resume || true; }
last() { find "$run/$1/checkpoints" -maxdepth 1 -name 'step-*' | sort -V | tail -1; }
sft() { # NAME STEPS LEARNING_RATE SCHEDULE then options
  # shellcheck disable=SC2046
  "$r1v" train sft --eval-data "$run/dev/sft.jsonl" --out "$run/$1" --max-steps "$2" --batch-size 40 --learning-rate "$3" \
    --lr-scheduler "$4" --warmup-steps 50 --weight-decay 0.05 --adam-beta2 0.98 --dtype auto --weight-average 0.99 \
    --eval-steps 1000 --save-steps 500 "${@:5}" $(again "$1")
}

# 1. The eyes: every patch says which character, shape, colour and value it shows.
# shellcheck disable=SC2046
"$r1v" train tower --model "$run/start" --initialize 1 --data "$run/train/sft.jsonl" "$run/hard/sft.jsonl" \
  --eval-data "$run/dev/sft.jsonl" --out "$run/tower" --max-steps 6000 --batch-size 32 --learning-rate 1.5e-3 \
  --weight-average 0.995 --dtype auto $(again tower)

# 2. Reading: the language model says aloud what every visual token shows; the tower rests.
sft scan 1500 1.2e-3 constant --model "$(last tower)" --freeze vision --data "$run/train/scan.jsonl" "$run/hard/scan.jsonl"

# 3. Questions with pictures, and the same as text with the transcript in the picture's place.
sft sft "$steps" 1.1e-3 linear --model "$(last scan)" --freeze vision \
  --data "$run/train/sft.jsonl" "$run/hard/sft.jsonl" "$run/hard/scan.jsonl" "$run/text/transcripts.jsonl"
echo "the model: $(last sft)"
