#!/usr/bin/env bash
# Wrong use of every command: one or two lines that name the cause, exit status 2, nothing on standard output.
set -uo pipefail
program=$1
failed=0
check() { # words that the message must hold, then the command line
  local expected=$1
  shift
  local out err status
  err=$(mktemp)
  out=$("$program" "$@" 2>"$err" </dev/null)
  status=$?
  if [ $status != 2 ] || [ -n "$out" ] || [ "$(wc -l <"$err")" -gt 2 ] || ! grep -q -- "$expected" "$err"; then
    echo "r1v $*: status $status, output '$out', message: $(head -c 400 "$err")"
    failed=1
  fi
  rm -f "$err"
}
empty=$(mktemp -d)
check "no command" nonsense
check "nonsense" ask --nonsense
check "$empty/none" ask --model "$empty/none" "How many?"
check "config.json" ask --model "$empty" "How many?"
check "$empty/none.png" ask --image "$empty/none.png" "How many?"
check "config.json" inspect --model "$empty"
check "tokenizer" tokenize --model "$empty"
check "out" train sft --data "$empty/none.jsonl"
check "out" train tower --data "$empty/none.jsonl"
check "$empty/none.png" preprocess "$empty/none.png"
check "out" gym make --count 1
echo "jsonn = true" >"$empty/config.toml"
check "jsonn" inspect --config "$empty/config.toml"
check "$empty/config.toml" train sft --data "$empty/none.jsonl" --out "$empty/config.toml"
check "--eval-data" train sft --data "$empty/none.jsonl" --out "$empty/run" --eval-steps 5
check "--adam-beta1" train sft --data "$empty/none.jsonl" --out "$empty/run" --adam-beta1 2
check "float32" train sft --data "$empty/none.jsonl" --out "$empty/run" --dtype float16
check "--max-tokens" ask --max-tokens "" "How many?"
check "value_head.safetensors" score --model models/r1v-mini
check "config.json" score --model "$empty"
check "65535" serve --port 70000
check "--api-keys" serve --host 0.0.0.0 --port 0
check "--tls-key" serve --port 0 --tls-certificate "$empty/none.pem"
check "value_head.safetensors" serve --port 0 --reward-model models/r1v-mini
check "$empty/none" serve --port 0 --model "$empty/none"
check "alice bob" serve --new-key "alice bob" --api-keys "$empty/keys"
check "value_head.safetensors" ask --best-of 2 --reward-model models/r1v-mini "How many?"
check "judge, vote or weighted" ask --best-of 2 --choose luck "How many?"
check "--best-of" ask --best-of 2 --n 3 "How many?"
check "$empty/none.json" ask --json-schema "$empty/none.json" "How many?"
echo '{"type":' >"$empty/broken.json"
check "$empty/broken.json" ask --json-schema "$empty/broken.json" "How many?"
echo '{"type":"array","uniqueItems":true}' >"$empty/unique.json"
check "uniqueItems.*json-schema.md" ask --json-schema "$empty/unique.json" "How many?"
check "--best-of" gym grade --questions "$empty/q" --answers "$empty/a" --best-of 0
check "--vision" assemble --out "$empty/out"
check "out" train reward --data "$empty/none.jsonl"
check "--margin" train reward --data "$empty/none.jsonl" --out "$empty/run" --margin perhaps
check "--to" quantize --model models/r1v-mini --out "$empty/out"
check "--type" quantize --model models/r1v-mini --out "$empty/out" --to int8 --type q4_k
check "pairs" pairs nonsense
check "--data" pairs dedupe --out "$empty/out.jsonl"
check "--questions" pairs make --out "$empty/out.jsonl"
check "gym, endpoint or model" pairs judge --judge luck
check "--judge endpoint" pairs judge --endpoint http://localhost/v1
check "--best-of" ask --choose vote "How many?"
check "--temperature" ask --best-of 2 --choose vote --greedy "How many?"
head -c 5000 tests/golden/gguf_qwen2.gguf >"$empty/cut.gguf"
check "truncated" inspect --model "$empty/cut.gguf"
check "truncated" ask --model "$empty/cut.gguf" "How many?"
check "--measure" bench --measure sleep
check "--reps" bench --reps 0
check "qwen2.5-0.5b" bench --shape huge
check "--weights int4" bench --shape qwen2.5-7b --measure limits
check "--shape" bench --folder "$empty/shape"
check "name one of them" bench --shape tiny --model "$empty"
echo "{}" >"$empty/config.json"
check "another model" bench --shape tiny --folder "$empty"
rm -rf "$empty"
exit $failed
