#!/usr/bin/env bash
# r1v report from outside: one page out of healthy, damaged and hostile runs; errors with status 2. Where chromium is
# installed, the page also runs in it: everything drawn, nothing executed that came with the runs.
#   report.sh PROGRAM
set -euo pipefail
program=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
fail() { echo "report.sh: $*" >&2; exit 1; }

mkdir good bad empty
printf 'seed = 1\n' >good/options.toml
for step in $(seq 50); do echo "{\"step\":$step,\"reward\":0.$step,\"loss\":1.5}"; done >good/metrics.jsonl
bad='<img src=x onerror=document.title=1></script><script>document.title=2</script>'
{
  echo "{\"step\":1,\"$bad\":NaN,\"reward\":1}"
  echo nonsense
  printf '{"step":2,"rew'
} >bad/metrics.jsonl
echo "{\"step\":1,\"id\":\"$bad\",\"question\":\"$bad\",\"text\":\"$bad\",\"answer\":\"$bad\",\"reward\":2,\"accuracy\":0,\"format\":1,\"length\":9}" >bad/samples.jsonl

[ "$("$program" report good 2>/dev/null)" = good/report.html ] || fail "the page of one run belongs into its folder"
"$program" report good bad empty --out page.html --title "$bad" >/dev/null 2>messages
grep -q 'bad: metrics.jsonl: the last line is half written' messages || fail "a damaged run is not told of"
grep -qi '<img' page.html && fail "hostile text became markup"
grep -qE '(src|href)="[^#]' page.html && fail "the page asks for something outside of itself"

refuses() { # words of the message, then the arguments
  local words=$1 status=0
  shift
  "$program" report "$@" >/dev/null 2>messages || status=$?
  [ $status = 2 ] || fail "status $status for: $*"
  grep -q -- "$words" messages || fail "$(cat messages), expected words: $words"
}
refuses 'no run'
refuses 'missing does not exist' missing
refuses 'is no run folder' empty
refuses 'no --out' good bad
refuses 'named twice' good ./good --out page.html
refuses 'cannot' good --out missing/page.html
refuses '--samples' good --samples=-1

if ! command -v chromium >/dev/null; then
  echo "report.sh: no chromium here; the page did not run in a browser"
  exit 0
fi
timeout 60 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$work/profile" --virtual-time-budget=2000 \
  --dump-dom "file://$work/page.html" >dom.html 2>/dev/null || true
if [ ! -s dom.html ]; then
  echo "report.sh: chromium does not start here; the page did not run in a browser"
  exit 0
fi
grep -q 'data-charts="2"' dom.html || fail "the page did not start in the browser"
grep -q '<title>[12]</title>' dom.html && fail "hostile text was executed"
grep -q '<article' dom.html || fail "the browser shows no sample"
