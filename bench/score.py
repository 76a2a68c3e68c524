#!/usr/bin/env python3
"""What scoring eight answers to one picture question costs, in units of scoring one.

  python bench/score.py --r1v build/release/src/apps/r1v --model models/r1v-mini-reward --questions Q.jsonl --answers A.jsonl

Q: `r1v gym make --format questions`; A: `r1v ask --json-lines --n 8 --images-root DIR < Q.jsonl`. Runs `r1v score` over the same
questions with one answer each, with eight, and over a single line (start-up, which is taken off), interleaved; prints medians.
Nothing else may run on the machine.
"""
import argparse
import json
import os
import statistics
import subprocess
import time


def conversations(questions, answers, count, limit):
    for question in questions[:limit]:
        candidates = answers[question["id"]]
        for i in range(count):
            text = candidates[i]["text"]
            if "</think>" in text and not text.startswith("<think>"):
                text = "<think>\n" + text
            yield json.dumps(dict(id=f"{question['id']}#{i}", messages=question["messages"] + [dict(role="assistant", content=text)]))


def seconds(options, lines):
    start = time.perf_counter()
    out = subprocess.run([options.r1v, "score", "--model", options.model, "--images-root", os.path.dirname(options.questions) or ".",
                          "--threads", str(options.threads)], input="\n".join(lines) + "\n", text=True, capture_output=True, check=True)
    assert len(out.stdout.splitlines()) == len(lines)
    return time.perf_counter() - start


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for name in ("r1v", "model", "questions", "answers"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    with open(options.answers) as file:
        answers = {line["id"]: line["candidates"] for line in map(json.loads, file)}
    with open(options.questions) as file:
        questions = [q for q in map(json.loads, file) if q["id"] in answers and isinstance(q["messages"][0]["content"], list)
                     and any(part["type"] == "image" for part in q["messages"][0]["content"])]
    work = {"start": list(conversations(questions, answers, 1, 1)), "one": list(conversations(questions, answers, 1, options.limit)),
            "eight": list(conversations(questions, answers, 8, options.limit))}
    times = {name: [] for name in work}
    for _ in range(options.rounds):
        for name, lines in work.items():
            times[name].append(seconds(options, lines))
    median = {name: statistics.median(values) for name, values in times.items()}
    one, eight = median["one"] - median["start"], median["eight"] - median["start"]
    print(f"start-up {median['start']:.2f} s; one answer {1000 * one / options.limit:.1f} ms a question, eight {1000 * eight / options.limit:.1f} ms: "
          f"{eight / one:.2f} times")
