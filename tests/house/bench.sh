#!/usr/bin/env bash
# r1v bench on a tiny shape: every figure is a JSON line with a number above zero; the ratios are compared.
#   bench.sh PROGRAM       from the root of the repository
set -uo pipefail
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0
"$program" bench --shape tiny --folder "$folder/shape" --reps 2 --threads 1 \
  --measure limits,load,decode,decode1k,prefill,batch3,image2,second_question >"$folder/run.jsonl" 2>"$folder/log" || {
  echo "status $?:"; cat "$folder/log"; failed=1
}
python3 - "$folder/run.jsonl" <<'PY' || failed=1
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
assert all(list(line)[:3] == ["peer", "variant", "measure"] and line["value"] > 0 for line in lines), lines
ours = {line["measure"]: line for line in lines if line["peer"] == "r1v"}
assert list(ours) == ["load", "decode", "decode1k", "prefill", "batch3", "image2", "second_question"], list(ours)
assert all(len(line["all"]) == 2 for line in ours.values()), ours
assert all(0 < ours[name]["share"] for name in ("decode", "prefill", "batch3", "image2")), ours
assert {"mem_read", "fma_fp32"} <= {line["measure"] for line in lines if line["peer"] == "limit"}, lines
PY
python3 bench/compare.py "$folder/run.jsonl" --baseline "$folder/kept.json" --write >"$folder/log" || { cat "$folder/log"; failed=1; }
python3 bench/compare.py "$folder/run.jsonl" --baseline "$folder/kept.json" >"$folder/log" || { cat "$folder/log"; failed=1; }
sed -i 's/: .*[0-9]/: 1e9/' "$folder/kept.json" # everything was better once
python3 bench/compare.py "$folder/run.jsonl" --baseline "$folder/kept.json" >"$folder/log" 2>&1 && { echo "nothing got worse:"; cat "$folder/log"; failed=1; }
# the kept checkpoint is used again; a measure that the model has no part for is left out, not an error
"$program" bench --model models/r1v-mini --measure image1 --reps 1 --threads 1 >/dev/null 2>"$folder/log" || { cat "$folder/log"; failed=1; }
"$program" bench --shape tiny --folder "$folder/shape" --measure decode --reps 1 --threads 1 2>/dev/null | grep -q '"decode"' || { echo "no second run"; failed=1; }
exit $failed
