#!/usr/bin/env bash
# The claims of the papers in miniature: from a policy (or from nothing) to a table. Run again to go on where it stopped.
#
#   recipes/reproduce.sh OUT [--claims grpo,buffer,...] [--seeds 1,2,3] [--policy DIR] [--judge DIR] [--from-nothing]
#                            [--size check|mini] [--threads N]
#
# Claims: swap iterate length grpo judge buffer mpo parts reward best-of (default: all, in this order).
# OUT/table.md is the table so far, OUT/progress.html what is done, under way and left, OUT/report.html the curves.
# Several may fill one OUT at once, each with its own seeds or claims; what both need is made by the one that comes first.
# --size check runs everything with a few steps, to see that it runs; its figures mean nothing.
# --from-nothing trains the policy and its judge first (scripts/train_mini.sh, scripts/judge_mini.sh: about ten hours on two cores).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
r1v=${R1V:-$root/r1v}
claims=swap,iterate,length,grpo,judge,buffer,mpo,parts,reward,best-of
seeds=1,2,3 policy=$root/models/r1v-mini judge=$root/models/r1v-mini-reward size=mini threads=0 from_nothing=
usage() { sed -n '2,13s/^# \{0,1\}//p' "$0"; exit 2; }
[ $# -ge 1 ] && [ "${1#-}" = "$1" ] || usage
out=$1; shift
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || [ "$1" = --from-nothing ] || { echo "reproduce.sh: $1 wants a value" >&2; usage; }
  case $1 in
    --from-nothing) from_nothing=yes; shift; continue ;;
    --claims) claims=$2 ;; --seeds) seeds=$2 ;; --policy) policy=$2 ;; --judge) judge=$2 ;;
    --size) size=$2 ;; --threads) threads=$2 ;;
    *) echo "reproduce.sh: unknown option $1" >&2; usage ;;
  esac
  shift 2
done
for claim in ${claims//,/ }; do
  grep -q "^claim_$claim() {" "$0" || { echo "reproduce.sh: there is no claim $claim" >&2; usage; }
done
mkdir -p "$out"/{done,logs,answers,runs,data}
out=$(cd "$out" && pwd)

# Sizes: steps of a policy run, of a supervised run, questions to learn from, to sample answers to, and to measure with.
case $size in
  check) rl_steps=2 parts_steps=2 mpo_steps=2 sft_steps=2 questions=64 sampled=32 test=32 samples=2 ;;
  mini) rl_steps=200 parts_steps=60 mpo_steps=60 sft_steps=150 questions=6000 sampled=2000 test=1152 samples=4 ;;
  *) echo "reproduce.sh: --size is check or mini, not $size" >&2; exit 2 ;;
esac

# ---- steps that are done once

alone() { # COMMAND...: one of these scripts at a time
  { flock 9; "$@"; } 9> "$out/alone.lock"
}

progress() { alone write_progress "$@"; } # NAME STATE: one line a step, and the page made of them
write_progress() {
  { grep -v "^$1	" "$out/progress.tsv" 2>/dev/null || true; printf '%s\t%s\t%s\n' "$1" "$2" "$(date +%H:%M:%S)"; } \
    > "$out/progress.new"
  mv "$out/progress.new" "$out/progress.tsv"
  awk -F '\t' 'BEGIN { print "<!doctype html><meta charset=utf-8><meta http-equiv=refresh content=20><title>reproduce</title>" \
      "<style>body{font:16px system-ui;margin:2em;color-scheme:light dark}td{padding:.1em 1em}.running{font-weight:bold}" \
      ".failed{color:#c33}</style><h1>The claims in miniature</h1><table>" }
    { print "<tr class=" $2 "><td>" $1 "<td>" $2 "<td>" $3 }
    END { print "</table><p><a href=table.md>table so far</a> <a href=report.html>curves</a>" }' \
    "$out/progress.tsv" > "$out/progress.html"
}

step() { # NAME COMMAND...; one that another script has begun is waited for
  local name=$1; shift
  [ -e "$out/done/$name" ] && return
  exec 8> "$out/done/.$name.lock"
  flock 8
  [ -e "$out/done/$name" ] && return
  progress "$name" running
  echo "reproduce: $name" >&2
  if "$@" > "$out/logs/$name.log" 2>&1 8>&-; then
    date > "$out/done/$name"
    progress "$name" done
  else
    progress "$name" failed
    echo "reproduce.sh: $name failed; its log: $out/logs/$name.log" >&2
    tail -5 "$out/logs/$name.log" >&2
    exit 1
  fi
}

last() { find "$out/runs/$1/checkpoints" -maxdepth 1 -name 'step-*' | sort -V | tail -1; }
train() { # METHOD NAME OPTIONS...
  local method=$1 name=$2 resume=; shift 2
  [ -d "$out/runs/$name" ] && resume=--resume
  # shellcheck disable=SC2086
  step "$name" "$r1v" train "$method" --out "$out/runs/$name" --threads "$threads" "$@" $resume
}
gym() { step "data-$1" "$r1v" gym make --out "$out/data/$1" "${@:2}"; }

ask() { # NAME MODEL OPTIONS...: answers to the test questions
  step "answers-$1" bash -c '"$0" ask --model "$1" --images-root "$2" --json-lines --max-tokens 256 "${@:4}" \
    < "$2/questions.jsonl" > "$3.new" && mv "$3.new" "$3"' "$r1v" "$2" "$out/data/test" "$out/answers/$1.jsonl" "${@:3}"
}
note() { alone write_note "$@"; } # CLAIM ROW SEED FIGURE VALUE
write_note() {
  { grep -v "^$1	$2	$3	$4	" "$out/figures.tsv" 2>/dev/null || true; printf '%s\t%s\t%s\t%s\t%s\n' "$@"; } > "$out/figures.new"
  mv "$out/figures.new" "$out/figures.tsv"
}
measure() { # CLAIM ROW SEED MODEL: accuracy, false claims and length on the test split
  local name=$1-${2// /_}-$3
  ask "$name" "$4" --greedy
  local graded; graded=$("$r1v" gym grade --questions "$out/data/test/questions.jsonl" --answers "$out/answers/$name.jsonl" --json)
  note "$1" "$2" "$3" accuracy "$(awk -v g="$graded" 'BEGIN { match(g, /"share":[0-9.]+/); print 100 * substr(g, RSTART + 8, RLENGTH - 8) }')"
  note "$1" "$2" "$3" tokens "$(grep -o '"completion_tokens":[0-9]*' "$out/answers/$name.jsonl" | awk -F: '{ s += $2 } END { print s / NR }')"
  # Share of what the answers claim to see that the scene contradicts; answers that claim nothing are no proof of anything.
  local claims; claims=$(sed -n 's/.*"claims":{"made":\([0-9]*\),"wrong":[0-9]*,"rate":\([0-9.e-]*\),.*/\1 \2/p' <<< "$graded")
  [ "${claims%% *}" = 0 ] || note "$1" "$2" "$3" false-claims "$(awk -v x="${claims##* }" 'BEGIN { print 100 * x }')"
}
measure_sampled() { # CLAIM ROW SEED MODEL: mean accuracy of answers drawn at temperature 1, which is what RL works on
  local name=$1-${2// /_}-sampled-$3
  ask "$name" "$4" --temperature 1 --seed "$3" --n "$samples"
  note "$1" "$2" "$3" sampled-accuracy "$("$r1v" gym grade --questions "$data/test/questions.jsonl" \
    --answers "$out/answers/$name.jsonl" --best-of "$samples" | awk -v n="$samples" '$1 == n { print $2 }')"
}
metric() { # RUN FIELD TIMES: mean over the last quarter of the steps
  awk -v field="\"$2\":" -v times="$3" '{ at = index($0, field); if (at) { v[++n] = substr($0, at + length(field)) + 0 } }
    END { from = int(n * 3 / 4) + 1; for (i = from; i <= n; ++i) s += v[i]; if (n) print times * s / (n - from + 1) }' "$out/runs/$1/metrics.jsonl"
}

# ---- what all claims share

if [ -n "$from_nothing" ]; then
  step policy-from-nothing "$root/scripts/train_mini.sh" "$out/mini" 20000
  policy=$(find "$out/mini/sft/checkpoints" -maxdepth 1 -name 'step-*' | sort -V | tail -1)
  step judge-from-nothing "$root/scripts/judge_mini.sh" "$out/mini" "$policy"
  judge=$(find "$out/mini/judge/checkpoints" -maxdepth 1 -name 'step-*' | sort -V | tail -1)
fi
levels=1,2
gym test --split test --format questions --levels $levels --count "$test" --seed 5 --with-scene
gym questions --split train --format questions --levels $levels --count "$questions" --seed 21 --with-scene
gym sft --split train --format sft --levels $levels --count "$questions" --seed 21 --with-scene
data=$out/data

sft() { # NAME MODEL STEPS LEARNING_RATE FILE OPTIONS...
  train sft "$1" --model "$2" --max-steps "$3" --learning-rate "$4" --data "$5" --batch-size 40 --lr-scheduler linear \
    --warmup-steps 10 --weight-decay 0.05 --dtype auto --save-steps 100 "${@:6}"
}
grpo() { # NAME MODEL SEED STEPS OPTIONS...
  train grpo "$1" --model "$2" --seed "$3" --data "$data/questions/questions.jsonl" --preset r1v2 --max-steps "$4" \
    --batch-size 16 --gradient-accumulation 2 --num-generations 8 --max-completion-length 256 --reward-weights "${reward_weights:-1,0.2}" \
    --learning-rate 1e-4 --warmup-steps 5 --lr-scheduler linear --weight-average 0.97 --save-steps 50 --dtype auto "${@:5}"
}

# ---- one function a claim

# R1V 1.0: a projector trained on a substitute language model works after the swap.
claim_swap() {
  gym text --split train --format transcripts --levels $levels --count $((questions * 4)) --seed 31
  # The substitute answers at once, the reasoning model thinks; both come from one base, as Qwen2.5-32B's two children do.
  # The base is the policy's language model, which has seen pictures through another projector: one that never saw any
  # stays below 20 % within these steps, and tells nothing.
  step data-direct bash -c 'mkdir -p "$2" && sed -E "s#<think>.*</think>#<think>\\\\n\\\\n</think>#" "$0" > "$1"' \
    "$data/text/transcripts.jsonl" "$data/direct/transcripts.jsonl" "$data/direct"
  step data-direct-pictures bash -c 'mkdir -p "$2" && sed -E "s#<think>.*</think>#<think>\\\\n\\\\n</think>#" "$0" > "$1"' \
    "$data/sft/sft.jsonl" "$data/sft/direct.jsonl" "$data/sft"
  local s=$1 direct=$data/direct/transcripts.jsonl thinks=$data/text/transcripts.jsonl
  sft "swap-substitute-$s" "$policy" "$sft_steps" 3e-4 "$direct" --freeze vision,projector --seed "$s"
  sft "swap-reasoning-$s" "$policy" "$sft_steps" 3e-4 "$thinks" --freeze vision,projector --seed "1$s"
  # A projector from nothing, in a network of random weights, goes under both.
  sft "swap-random-$s" "$policy" 1 0 "$direct" --initialize "$s" --freeze vision,projector --seed "$s"
  local part
  for part in substitute reasoning; do
    step "swap-assemble-$part-$s" "$r1v" assemble --vision "$policy" --projector "$(last "swap-random-$s")" \
      --language "$(last "swap-$part-$s")" --out "$out/runs/swap-$part-seeing-$s"
  done
  local common=(--batch-size 40 --gradient-accumulation 1 --learning-rate 4e-3 --dtype auto --save-steps 100 --seed "$s")
  train align "swap-align-$s" --model "$out/runs/swap-substitute-seeing-$s" --data "$data/sft/direct.jsonl" "${common[@]}" \
    --max-steps $((2 * sft_steps))
  measure swap "1 aligned on the substitute" "$s" "$(last "swap-align-$s")"
  step "swap-swapped-$s" "$r1v" assemble --vision "$policy" --projector "$(last "swap-align-$s")" \
    --language "$(last "swap-reasoning-$s")" --out "$out/runs/swap-swapped-$s"
  measure swap "2 swapped, untrained" "$s" "$out/runs/swap-swapped-$s"
  sft "swap-end-$s" "$out/runs/swap-swapped-$s" "$sft_steps" 2e-3 "$data/sft/sft.jsonl" --freeze vision,language --seed "$s"
  measure swap "3 swapped, projector tuned" "$s" "$(last "swap-end-$s")"
  train align "swap-control-$s" --model "$out/runs/swap-reasoning-seeing-$s" --data "$data/sft/sft.jsonl" "${common[@]}" \
    --max-steps $((3 * sft_steps))
  measure swap "control: projector from nothing on the reasoning model" "$s" "$(last "swap-control-$s")"
}

# R1V 1.0: rounds on the best lines and the last model's errors beat one pass over everything.
claim_iterate() {
  local s=$1
  local common=(--model "$policy" --data "$data/sft/sft.jsonl" --batch-size 40 --gradient-accumulation 1 --freeze none
    --dtype auto --max-completion-length 256 --seed "$s" --learning-rate 3e-4)
  local rounds=(--max-steps "$sft_steps" --thresholds 2,3,4,5 --round-steps $((sft_steps / 4)) --first-round-learning-rate 2e-4
    --round-learning-rate 1e-4 --eval-data "$data/test/questions.jsonl")
  # The gym's oracle rates by level, at most 2 here: from the second round on only errors are learnt. The reward model's
  # scores, cut into six parts, leave every round its lines.
  train iterate "iterate-rounds-$s" "${common[@]}" "${rounds[@]}" --rewards judge --judge gym
  measure iterate "rounds" "$s" "$(last "iterate-rounds-$s")"
  train iterate "iterate-scored-$s" "${common[@]}" "${rounds[@]}" --rewards reward-model --reward-model "$judge"
  measure iterate "rounds, rated by the reward model" "$s" "$(last "iterate-scored-$s")"
  train iterate "iterate-one-$s" "${common[@]}" --max-steps $((2 * sft_steps)) --thresholds "" --rewards judge --judge gym
  measure iterate "as many steps on everything" "$s" "$(last "iterate-one-$s")"
}

# R1V 1.0: chains as long as the question needs, at no loss.
claim_length() {
  local s=$1 penalty
  for penalty in on off; do
    train distill "length-$penalty-$s" --model "$policy" --data "$data/sft/sft.jsonl" --judge gym --penalty "$penalty" --seed "$s" \
      --max-completion-length 256
    sft "length-learnt-$penalty-$s" "$policy" "$sft_steps" 3e-4 "$out/runs/length-$penalty-$s/distilled.jsonl" --images-root "$data/sft" --seed "$s"
    measure length "penalty $penalty" "$s" "$(last "length-learnt-$penalty-$s")"
  done
}

# All papers: GRPO lifts accuracy.
claim_grpo() {
  measure grpo "before" "$1" "$policy"
  measure_sampled grpo "before" "$1" "$policy"
  grpo "grpo-$1" "$policy" "$1" "$rl_steps" --freeze none --sample-buffer on
  measure grpo "after" "$1" "$(last "grpo-$1")"
  measure_sampled grpo "after" "$1" "$(last "grpo-$1")"
}

# R1V2: rewards by rule, format and reward model together.
claim_judge() {
  claim_grpo "$1"
  reward_weights=1,0.2,1 grpo "judge-$1" "$policy" "$1" "$rl_steps" --freeze none --sample-buffer on --reward-model "$judge"
  measure judge "after, with the reward model" "$1" "$(last "judge-$1")"
  measure_sampled judge "after, with the reward model" "$1" "$(last "judge-$1")"
}

# R1V2: the Selective Sample Buffer keeps the share of samples that teach.
claim_buffer() {
  claim_grpo "$1"
  grpo "buffer-off-$1" "$policy" "$1" "$rl_steps" --freeze none --sample-buffer off
  measure buffer "without" "$1" "$(last "buffer-off-$1")"
  measure_sampled buffer "without" "$1" "$(last "buffer-off-$1")"
  measure buffer "with" "$1" "$(last "grpo-$1")"
  measure_sampled buffer "with" "$1" "$(last "grpo-$1")"
  note buffer "without" "$1" effective-share "$(metric "buffer-off-$1" effective_share_with_buffer 100)"
  note buffer "with" "$1" effective-share "$(metric "grpo-$1" effective_share_with_buffer 100)"
}

# R1V2 and Skywork-VL-Reward: MPO lowers hallucination and lifts accuracy; the better the reward model, the better MPO.
claim_mpo() {
  local s=$1 by
  step data-asked bash -c 'head -n "$0" "$1/questions.jsonl" > "$1/asked.jsonl"' "$sampled" "$data/questions"
  step "samples-$s" bash -c '"$0" ask --model "$1" --images-root "$2" --json-lines --max-tokens 256 --temperature 1 --seed "$4" \
    --best-of "$5" --reward-model "$6" < "$2/asked.jsonl" > "$3.new" && mv "$3.new" "$3"' \
    "$r1v" "$policy" "$data/questions" "$out/data/samples-$s.jsonl" "$s" "$samples" "$judge"
  measure mpo "before" "$s" "$policy"
  for by in random rule reward rule+reward; do
    step "pairs-$by-$s" "$r1v" pairs make --questions "$data/questions/asked.jsonl" --answers "$out/data/samples-$s.jsonl" \
      --by "$by" --per-question 2 --seed "$s" --out "$data/questions/pairs-$by-$s.jsonl"
    mpo "mpo-$by-$s" "$by" "$s" --freeze none
    measure mpo "pairs by $by" "$s" "$(last "mpo-$by-$s")"
  done
}
mpo() { # NAME BY SEED OPTIONS...
  train mpo "$1" --model "$policy" --data "$data/questions/pairs-$2-$3.jsonl" --max-steps "$mpo_steps" --batch-size 16 \
    --learning-rate 5e-5 --dtype auto --save-steps 50 --seed "$3" "${@:4}"
}

# R1V2: training the projector alone is best.
claim_parts() {
  local s=$1 row freeze
  while IFS='|' read -r row freeze; do
    grpo "parts-${row// /_}-$s" "$policy" "$s" "$parts_steps" --freeze "$freeze" --sample-buffer on
    measure parts "$row" "$s" "$(last "parts-${row// /_}-$s")"
  done <<< $'projector|vision,language\nprojector and tower|language\nprojector and language model|vision'
}

# Skywork-VL-Reward: the second stage keeps pictures and gains text.
claim_reward() {
  local s=$1 text=text_algebra,text_arithmetic,text_compare,text_sequence,text_units,text_word_problem
  local pictures; pictures=$("$r1v" gym list --json | grep -o '"name":"[a-z_]*"' | cut -d'"' -f4 | grep -v ^text_ | paste -sd,)
  gym "reward-pictures" --format preferences --levels $levels --families "$pictures" --count "$questions" --seed 41
  gym "reward-text" --format preferences --levels $levels --families $text --count $((questions / 2)) --seed 42
  gym "reward-test-pictures" --split test --format preferences --levels $levels --families "$pictures" --count "$test" --seed 43
  gym "reward-test-text" --split test --format preferences --levels $levels --families $text --count $((test / 2)) --seed 44
  local first=$data/reward-pictures/preferences.jsonl both=$data/reward-text/preferences.jsonl
  train reward "reward-$s" --model "$policy" --save-steps "$sft_steps" --keep-checkpoints 0 \
    --batch-size 32 --dtype auto --seed "$s" --data "$first" --max-steps "$sft_steps" --learning-rate 3e-4 \
    --second-data "$first" "$both" --second-steps "$sft_steps" --second-learning-rate 1e-4
  local stage kind
  for stage in 1 2; do
    for kind in pictures text; do
      pair_accuracy "after stage $stage" "$s" $kind "$out/runs/reward-$s/checkpoints/step-$((stage * sft_steps))"
    done
  done
}
pair_accuracy() { # ROW SEED KIND MODEL
  local name="grade-${1// /_}-$3-$2"
  step "$name" bash -c '"$0" pairs grade --json --model "$1" --data "$2" > "$3.new" && mv "$3.new" "$3"' \
    "$r1v" "$4" "$data/reward-test-$3/preferences.jsonl" "$out/answers/$name.json"
  note reward "$1" "$2" "$3" "$(awk '{ match($0, /"share":[0-9.]+/); print 100 * substr($0, RSTART + 8, RLENGTH - 8) }' "$out/answers/$name.json")"
}

# Skywork-VL-Reward: the best of N by the reward model, before and after reinforcement learning.
claim_best-of() {
  claim_grpo "$1"
  local s=$1 when model n rows
  for when in before after; do
    model=$policy; [ $when = before ] || model=$(last "grpo-$s")
    ask "best-of-$when-$s" "$model" --temperature 0.8 --seed "$s" --best-of 8 --reward-model "$judge"
    rows=$("$r1v" gym grade --questions "$data/test/questions.jsonl" --answers "$out/answers/best-of-$when-$s.jsonl" --best-of 1,2,4,8)
    for n in 1 2 4 8; do
      # columns: N, one, vote, judge, weighted, oracle, each with its interval in brackets
      set -- $(sed 's/\[[^]]*\]//g' <<< "$rows" | awk -v n=$n '$1 == n { print $3, $4, $5 }')
      note best-of "$when RL, best of $n" "$s" vote "$1"
      note best-of "$when RL, best of $n" "$s" judge "$2"
      note best-of "$when RL, best of $n" "$s" weighted "$3"
    done
  done
}

# ---- the table

table() { # mean over seeds and, from two seeds on, the half width of Student's 95 % interval
  awk -F '\t' 'BEGIN { split("12.71 4.30 3.18 2.78 2.57 2.45 2.36 2.31 2.26", t, " ")
      print "| claim | row | figure | mean | 95 % | seeds |"; print "|---|---|---|---|---|---|" }
    { key = $1 " | " $2 " | " $4; if (!(key in n)) order[++keys] = key; n[key]++; sum[key] += $5; square[key] += $5 * $5 }
    END { for (i = 1; i <= keys; ++i) { k = order[i]; m = sum[k] / n[k]; half = "-"
        if (n[k] > 1) { v = (square[k] - n[k] * m * m) / (n[k] - 1); if (v < 0) v = 0
          half = sprintf("+- %.1f", t[n[k] - 1 > 9 ? 9 : n[k] - 1] * sqrt(v / n[k])) }
        printf "| %s | %.1f | %s | %d |\n", k, m, half, n[k] } }' <(sort -t '	' -k1,2 -s "$out/figures.tsv") > "$out/table.md"
}

for seed in ${seeds//,/ }; do
  for claim in ${claims//,/ }; do
    declare -F "claim_$claim" > /dev/null || { echo "reproduce.sh: no claim \"$claim\"" >&2; usage; }
    "claim_$claim" "$seed"
    alone table
  done
done
runs=()
for run in "$out"/runs/*/metrics.jsonl; do runs+=("$(dirname "$run")"); done
"$r1v" report "${runs[@]}" --out "$out/report.html" --title "The claims in miniature"
cat "$out/table.md"
