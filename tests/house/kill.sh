#!/usr/bin/env bash
# Every recipe, killed again and again: the run that goes on each time ends with the bytes of the run that was left alone.
#   kill.sh PROGRAM [KILLS] [METHOD...]      from the root of the repository; 3 kills of each when not said
set -euo pipefail
program=$(realpath "$1") kills=${2:-3}
methods=("${@:3}")
[ ${#methods[@]} -gt 0 ] || methods=(sft reward mpo align tower grpo iterate distill)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export OMP_NUM_THREADS=1
RANDOM=7
gym() { "$program" gym make --families coins,text_arithmetic --levels 1 --count 24 --with-scene --out "$work/$1" --format "$1" > /dev/null 2>&1; }
gym sft; gym questions; gym preferences
sft=$work/sft/sft.jsonl questions=$work/questions/questions.jsonl pairs=$work/preferences/preferences.jsonl

options() { # METHOD: a run of a few seconds
  local steps="--max-steps 8 --save-steps 1 --keep-checkpoints 2 --batch-size 4 --dtype float32"
  case $1 in
    sft) echo "--data $sft $steps" ;;
    align) echo "--data $sft $steps --gradient-accumulation 1" ;;
    tower) echo "--data $sft $steps" ;;
    reward | mpo) echo "--data $pairs $steps" ;;
    grpo) echo "--data $questions $steps --preset r1v2 --reward-weights 1,0.2 --freeze none --num-generations 4 --max-completion-length 40
                --learning-rate 1e-4" ;;
    iterate) echo "--data $sft $steps --gradient-accumulation 1 --thresholds 2,4 --round-steps 3 --rewards judge --judge gym
                   --max-completion-length 40" ;;
    distill) echo "--data $sft --judge gym --max-completion-length 60 --dtype float32" ;;
  esac
}
run() { # FOLDER METHOD: from where the folder is
  local resume=
  [ ! -d "$work/$1" ] || resume=--resume
  # shellcheck disable=SC2046
  exec "$program" train "$2" --out "$work/$1" --threads 1 --seed 3 $(options "$2") $resume > "$work/$1.log" 2>&1
}
result() { # FOLDER METHOD: what the run has made
  if [ "$2" = distill ]; then cat "$work/$1/distilled.jsonl"; else
    cat "$(find "$work/$1/checkpoints" -maxdepth 1 -name 'step-*' | sort -V | tail -1)"/model*.safetensors
  fi | sha256sum
}
failed=0
for method in "${methods[@]}"; do
  begin=$(date +%s%N)
  (run "whole-$method" "$method") || { tail -3 "$work/whole-$method.log"; exit 1; }
  took_ms=$((($(date +%s%N) - begin) / 1000000))
  killed=0 finished=0
  while [ $killed -lt "$kills" ]; do
    (run "killed-$method" "$method") & victim=$!
    sleep "$(awk -v ms=$((RANDOM % (took_ms + 1))) 'BEGIN { print ms / 1000 }')"
    if kill -KILL $victim 2>/dev/null; then killed=$((killed + 1)); else finished=$((finished + 1)); fi
    wait $victim 2>/dev/null || true
    if [ $finished -gt 0 ]; then # at its end: once more from nothing
      [ "$(result "killed-$method" "$method")" = "$(result "whole-$method" "$method")" ] || break
      rm -rf "$work/killed-$method"; finished=0
    fi
  done
  (run "killed-$method" "$method") || { tail -3 "$work/killed-$method.log"; failed=1; continue; }
  if [ "$(result "killed-$method" "$method")" = "$(result "whole-$method" "$method")" ]; then
    echo "$method: killed $killed times, the same bytes"
  else
    echo "$method: killed $killed times, and ends elsewhere"; failed=1
  fi
done
exit $failed
