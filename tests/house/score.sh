#!/usr/bin/env bash
# Bad lines among good ones: each is refused with its reason, the others get their scores, the exit status is 2.
#   score.sh PROGRAM       from the root of the repository
set -uo pipefail
program=$1
model=$(mktemp -d)
trap 'rm -rf "$model"' EXIT
ln -s "$PWD"/models/r1v-mini/* "$model"

# A head of zeros for 256 hidden numbers, so that every answer scores 0: length of the header, header, 257 float32.
header='{"v_head.summary.weight":{"dtype":"F32","shape":[1,256],"data_offsets":[0,1024]},'
header+='"v_head.summary.bias":{"dtype":"F32","shape":[1],"data_offsets":[1024,1028]}}'
{
  printf "\\x$(printf %x ${#header})\\0\\0\\0\\0\\0\\0\\0"
  printf %s "$header"
  head -c 1028 /dev/zero
} >"$model/value_head.safetensors"

# Grey pictures: one pixel; 200 x 1; one whose header claims 40000 x 40000.
one=iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg==
thin=iVBORw0KGgoAAAANSUhEUgAAAMgAAAABCAAAAAC+1L4+AAAADElEQVR42mNoGCYAAEUSZAGerFrpAAAAAElFTkSuQmCC
huge=iVBORw0KGgoAAAANSUhEUgAAnEAAAJxACAAAAAB0Z1HZAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg==

picture() { echo '{"type":"image_url","image_url":{"url":"data:image/png;base64,'"$1"'"}},'; }
line() { # id, role of who asks, pictures in front of the question, answer
  echo '{"id":'"$1"',"messages":[{"role":"'"$2"'","content":['"$3"'{"type":"text","text":"How many?"}]},' \
    '{"role":"assistant","content":"'"$4"'"}]}'
}
found=$({
  line 1 user "" 3
  line 2 user "" " "
  line 3 narrator "" 3
  echo "no JSON"
  line 5 user "$(picture "$one")" 3
  line 6 user "$(picture "$thin")" 3
  line 7 user "$(picture "$huge")" 3
  line 8 user "$(picture "${one:0:60}")" 3
  echo '{"id":9,"messages":[{"role":"user","content":"How many?"}]}'
  line 10 user "" 3
  line 11 user "" 3 | sed 's/"content":"3"/"content":5/' # the question of the line before
} | "$program" score --model "$model" --threads 1 2>/dev/null)
status=$?
expected='1 "score":0.0
2 the answer to score is empty
3 "role" is "narrator"
null stdin line 4
5 "score":0.0
6 "score":0.0
7 claims 40000 x 40000 pixels
8 stdin line 8
9 the last message must be the assistant
10 "score":0.0
11 messages[1]: "content" is number'

failed=0
[ $status = 2 ] || { echo "status $status, expected 2"; failed=1; }
[ "$(wc -l <<<"$found")" = 11 ] || { echo "expected 11 lines, found:"; echo "$found"; failed=1; }
while IFS=' ' read -r id words <&3 && IFS= read -r out <&4; do
  out=${out//\\/}  # quotes inside a message
  [[ $out == "{\"id\":$id,"*"$words"* ]] || { echo "expected $id, $words; found $out"; failed=1; }
done 3<<<"$expected" 4<<<"$found"
exit $failed
