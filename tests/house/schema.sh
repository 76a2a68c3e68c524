#!/usr/bin/env bash
# `ask` under JSON schemas, and lines at whose tokens the model gives no numbers: the other lines are unharmed.
#   schema.sh PROGRAM       from the root of the repository
set -uo pipefail
program=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
expect() { # what, regular expression, text
  local text
  text=$(tr -d ' \n\t' <<<"$3")
  [[ $text =~ $2 ]] && return
  echo "$1: found $3"
  failed=1
}
form() { # a name: objects whose one key it is
  echo '{"type":"object","properties":{"'"$1"'":{"enum":[1,2,3]}},"required":["'"$1"'"],"additionalProperties":false}'
}
question() { # id, text, more fields
  echo '{"id":'"$1"',"messages":[{"role":"user","content":"'"$2"'"}]'"${3:-}"'}'
}
form apples >"$work/apples.json"

answer=$("$program" ask --no-thinking --json-schema "$work/apples.json" "What is 1 + 1?" 2>/dev/null)
expect "one answer" '^\{"apples":[123]\}$' "$answer"

lines=$({
  question 1 "What is 1 + 1?"
  question 2 "What is 1 + 1?" ',"json_schema":'"$(form pears)"
  question 3 "What is 1 + 1?" ',"json_schema":{"type":"array","uniqueItems":true}'
  question 4 "What is 1 + 1?" ',"json_schema":null'
} | "$program" ask --json-lines --temperature 1 --json-schema "$work/apples.json" 2>/dev/null)
[ $? = 2 ] || { echo "a bad schema in a line: another exit status than 2"; failed=1; }
expect "the file's schema" '^\{"id":1,.*"answer":"\{(\\n)*\\"apples\\":[123](\\n)*\}"' "$(sed -n 1p <<<"$lines")"
expect "a line's own" '^\{"id":2,.*"answer":"\{(\\n)*\\"pears\\":[123](\\n)*\}"' "$(sed -n 2p <<<"$lines")"
expect "a schema that is not supported" '^\{"id":3,"error":"stdinline3:.*uniqueItems' "$(sed -n 3p <<<"$lines")"
expect "null" '^\{"id":4,.*"answer":"\{(\\n)*\\"apples\\":[123](\\n)*\}"' "$(sed -n 4p <<<"$lines")"

# A checkpoint whose embedding of one token is NaN: bfloat16 rows of 256 numbers behind the header.
cp -rL models/r1v-mini "$work/model"
file=$(grep -l '"language_model.model.embed_tokens.weight"' "$work"/model/*.safetensors | head -1)
chmod u+w "$file"
header=$(od -An -tu8 -N8 "$file" | tr -d ' ')
begin=$(head -c $((header + 8)) "$file" | grep -ao '"language_model.model.embed_tokens.weight":{[^}]*}' | grep -o '"data_offsets":\[[0-9]*' | grep -o '[0-9]*$')
token=$(printf '7' | "$program" tokenize --model models/r1v-mini --json 2>/dev/null | grep -o '\[[0-9]*' | head -1 | tr -d '[')
head -c 512 /dev/zero | tr '\0' '\377' | dd of="$file" bs=1 seek=$((header + 8 + begin + token * 512)) conv=notrunc 2>/dev/null
lines=$({
  question 1 "What is 1 + 1?"
  question 2 "What is 7 + 1?"
  question 3 "What is 1 + 2?"
} | "$program" ask --json-lines --model "$work/model" --max-tokens 200 2>/dev/null)
[ $? = 2 ] || { echo "a line without numbers: another exit status than 2"; failed=1; }
expect "before it" '^\{"id":1,"thinking"' "$(sed -n 1p <<<"$lines")"
expect "the line itself" '^\{"id":2,"error":"stdinline2:.*finite' "$(sed -n 2p <<<"$lines")"
expect "behind it" '^\{"id":3,"thinking"' "$(sed -n 3p <<<"$lines")"
exit $failed
