#!/usr/bin/env python3
"""What one verdict costs, beside Math-Verify on the same pairs.

  python -m venv /tmp/math-verify
  /tmp/math-verify/bin/pip install "math-verify[antlr4_13_2]==0.9.0" latex2sympy2_extended==1.11.0 sympy==1.14.0
  /tmp/math-verify/bin/python bench/verify.py --r1v build/release/src/apps/r1v

Pairs: tests/golden/verify_pairs.json. Rounds interleaved, one thread each. Math-Verify: parse gold, parse answer, verify, in a process
that has judged all pairs once (imports and caches are not counted). r1v: `r1v verify --json-lines` over the pairs many times over, with
JSON in and out, less the time of the same command on a single line. Prints JSON lines: microseconds a pair, and their ratio.
"""
import argparse
import importlib.metadata
import json
import logging
import pathlib
import statistics
import subprocess
import time

VERSIONS = {"math-verify": "0.9.0", "latex2sympy2_extended": "1.11.0", "sympy": "1.14.0"}
PAIRS = pathlib.Path(__file__).parent.parent / "tests/golden/verify_pairs.json"


def judge_with_math_verify(pairs):
    from math_verify import parse, verify

    start = time.perf_counter()
    verdicts = [bool(verify(parse(gold), parse(answer))) for gold, answer, _ in pairs]
    return (time.perf_counter() - start) / len(pairs), verdicts


def run(program, lines):
    start = time.perf_counter()
    out = subprocess.run([program, "verify", "--json-lines"], input=lines, text=True, capture_output=True, check=True)
    return time.perf_counter() - start, [json.loads(line)["correct"] for line in out.stdout.splitlines()]


def judge_with_r1v(program, pairs, times):
    lines = [json.dumps({"gold": gold, "answer": answer}) + "\n" for gold, answer, _ in pairs]
    start_up, _ = run(program, lines[0])
    seconds, verdicts = run(program, "".join(lines) * times)
    return (seconds - start_up) / (len(pairs) * times), verdicts[: len(pairs)]


def line(peer, values, **extra):
    print(json.dumps({"peer": peer, "variant": "1 thread", "measure": "verify_pair", "value": round(statistics.median(values) * 1e6, 3),
                      "unit": "us", "all": [round(value * 1e6, 3) for value in values], **extra}))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--r1v", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--times", type=int, default=50, help="how often r1v judges all pairs in a round")
    options = parser.parse_args()
    for name, version in VERSIONS.items():
        found = importlib.metadata.version(name)
        if found != version:
            raise SystemExit(f"found {name} {found}, expected {version}; see the top of this file")
    logging.disable(logging.CRITICAL)
    pairs = json.loads(PAIRS.read_text())
    judge_with_math_verify(pairs)
    theirs, ours = [], []
    for _ in range(options.rounds):
        seconds, their_verdicts = judge_with_math_verify(pairs)
        theirs.append(seconds)
        seconds, our_verdicts = judge_with_r1v(options.r1v, pairs, options.times)
        ours.append(seconds)
    line("math-verify", theirs, version=VERSIONS["math-verify"], pairs=len(pairs))
    line("r1v", ours, pairs=len(pairs), same_verdicts=sum(a == b for a, b in zip(our_verdicts, their_verdicts)),
         undecided=sum(verdict is None for verdict in our_verdicts))
    print(json.dumps({"measure": "verify_pair", "ratio": round(statistics.median(theirs) / statistics.median(ours), 1),
                      "unit": "times faster"}))


if __name__ == "__main__":
    main()
