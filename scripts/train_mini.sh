#!/usr/bin/env bash
# Trains r1v-mini from nothing, stage by stage; run again to go on where it stopped.
#   scripts/train_mini.sh RUN [STEPS]     STEPS of the last stage (default 20000: about ten hours on two cores)
# Needs the tokenizer and configuration in models/r1v-mini and `scripts/setup.sh --gym`.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
run=$1
steps=${2:-20000}
r1v=$root/r1v
mkdir -p "$run/start"
cp "$root"/models/r1v-mini/*.json "$root"/models/r1v-mini/chat_template.jinja "$run/start/"
rm -f "$run"/start/model.safetensors.index.json

make() { [ -e "$run/$1/$2.jsonl" ] || "$r1v" gym make --out "$run/$1" --format "$2" --levels 1,2 "${@:3}"; }
make train sft --split train --count 200000 --seed 2 --with-scene
make dev sft --split dev --count 2000 --seed 2 --with-scene
make text transcripts --split train --count 100000 --seed 4

again() { [ -d "$run/$1/checkpoints" ] && echo --resume || true; }
last() { find "$run/$1/checkpoints" -maxdepth 1 -name 'step-*' | sort -V | tail -1; }

# 1. The eyes: every patch says which character, shape, colour and value it shows.
# shellcheck disable=SC2046
"$r1v" train tower --model "$run/start" --initialize 1 --data "$run/train/sft.jsonl" --eval-data "$run/dev/sft.jsonl" \
  --out "$run/tower" --max-steps 6000 --batch-size 32 --learning-rate 1.5e-3 --dtype auto $(again tower)

# 2. Questions with pictures, and the same as text with the transcript in the picture's place; the tower rests.
# shellcheck disable=SC2046
"$r1v" train sft --model "$(last tower)" --freeze vision --data "$run/train/sft.jsonl" "$run/text/transcripts.jsonl" \
  --eval-data "$run/dev/sft.jsonl" --out "$run/sft" --max-steps "$steps" --batch-size 40 --learning-rate 1.2e-3 \
  --lr-scheduler linear --warmup-steps 100 --weight-decay 0.05 --adam-beta2 0.98 --dtype auto --weight-average 0.998 \
  --eval-steps 1000 --save-steps 500 $(again sft)
echo "the model: $(last sft)"
