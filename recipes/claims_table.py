#!/usr/bin/env python3
"""The rows of docs/claims.md from OUT/figures.tsv of recipes/reproduce.sh: recipes/claims_table.py OUT/figures.tsv

A cell is one seed. "difference" is the mean over the seeds of the last value minus the first (or what the row says), with the
95 % interval of Student's t for paired values.
"""
import collections
import math
import sys

STUDENT_T = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78, 6: 2.57, 7: 2.45, 8: 2.36}  # 97.5 %, by number of seeds

BEFORE, AFTER = ("grpo", "before"), ("grpo", "after")
JUDGED = ("judge", "after, with the reward model")
WITHOUT, WITH = ("buffer", "without"), ("buffer", "with")
PAIRS = {k: ("mpo", k if k == "before" else f"pairs by {k}") for k in ("before", "rule", "random", "reward", "rule+reward")}
PARTS = [("parts", k) for k in ("projector", "projector and tower", "projector and language model")]
SWAP = [("swap", k) for k in ("1 aligned on the substitute", "2 swapped, untrained", "3 swapped, projector tuned")]
CONTROL = ("swap", "control: projector from nothing on the reasoning model")
ONE, ROUNDS = ("iterate", "as many steps on everything"), ("iterate", "rounds")
SCORED = ("iterate", "rounds, rated by the reward model")
PENALTY = [("length", f"penalty {k}") for k in ("off", "on")]
STAGES = [("reward", f"after stage {k}") for k in (1, 2)]

# claim, row, settings, figure, pairs of settings to compare (default: last against first)
ROWS = [
    ("GRPO lifts accuracy", "drawn: before / after", [BEFORE, AFTER], "sampled-accuracy"),
    ("", "greedy: before / after", [BEFORE, AFTER], "accuracy"),
    ("", "tokens: before / after", [BEFORE, AFTER], "tokens"),
    ("", "wrong claims, %: before / after", [BEFORE, AFTER], "false-claims"),
    ("GRPO with rule, format and reward model", "drawn: before / rule and format / with the reward model",
     [BEFORE, AFTER, JUDGED], "sampled-accuracy", [(AFTER, JUDGED), (BEFORE, JUDGED)]),
    ("", "greedy", [BEFORE, AFTER, JUDGED], "accuracy", [(AFTER, JUDGED), (BEFORE, JUDGED)]),
    ("", "wrong claims, %", [BEFORE, AFTER, JUDGED], "false-claims", [(AFTER, JUDGED), (BEFORE, JUDGED)]),
    ("The Selective Sample Buffer keeps samples effective", "effective share, %: without / with", [WITHOUT, WITH], "effective-share"),
    ("", "drawn: without / with", [WITHOUT, WITH], "sampled-accuracy"),
    ("", "greedy: without / with", [WITHOUT, WITH], "accuracy"),
    ("MPO lifts accuracy", "before / pairs by rule", [PAIRS["before"], PAIRS["rule"]], "accuracy"),
    ("A better reward model, a better MPO", "by random / reward / rule+reward",
     [PAIRS["random"], PAIRS["reward"], PAIRS["rule+reward"]], "accuracy",
     [(PAIRS["before"], PAIRS[k]) for k in ("random", "reward", "rule+reward")]),
    ("MPO lowers hallucination", "wrong claims, %: before / rule / random / reward / rule+reward", list(PAIRS.values()), "false-claims",
     [(PAIRS["before"], PAIRS[k]) for k in ("rule", "rule+reward")]),
    ("Training the projector alone is best", "projector / and tower / and language model", PARTS, "accuracy", [(BEFORE, k) for k in PARTS]),
    ("", "wrong claims, %: before / projector / and tower / and language model", [BEFORE, *PARTS], "false-claims", [(BEFORE, k) for k in PARTS]),
    ("A projector trained on a substitute works after the swap", "aligned / swapped / tuned", SWAP, "accuracy",
     [(SWAP[0], SWAP[2]), (SWAP[2], CONTROL)]),
    ("", "trained from nothing on the reasoning model, as many steps", [CONTROL], "accuracy", []),
    ("Rounds with rising thresholds beat one pass", "rounds by level / by reward model / one pass of as many steps", [ROUNDS, SCORED, ONE], "accuracy",
     [(ONE, ROUNDS), (ONE, SCORED)]),
    ("", "wrong claims, %: the same", [ROUNDS, SCORED, ONE], "false-claims", [(ONE, ROUNDS), (ONE, SCORED)]),
    ("Adaptive length: shorter chains, no loss", "tokens: without / with the penalty", PENALTY, "tokens"),
    ("", "accuracy: without / with", PENALTY, "accuracy"),
    ("Stage 2 of the reward model keeps pictures and gains text", "pairs on pictures: after stage 1 / 2", STAGES, "pictures"),
    ("", "pairs on text: after stage 1 / 2", STAGES, "text"),
]
BEST_OF = ("vote", "judge")


def read_figures(path):
    figures = collections.defaultdict(dict)
    for line in open(path, encoding="utf-8"):
        claim, row, seed, figure, value = line.rstrip("\n").split("\t")
        figures[claim, row, figure][int(seed)] = float(value)
    return figures


def difference(values, base):
    seeds = sorted(values.keys() & base.keys())
    steps = [values[s] - base[s] for s in seeds]
    if not steps:
        return "-"
    mean = sum(steps) / len(steps)
    if len(steps) == 1:
        return f"{mean:+.1f}"
    half = STUDENT_T[len(steps)] * math.sqrt(sum((x - mean) ** 2 for x in steps) / (len(steps) - 1) / len(steps))
    return f"{mean:+.1f} [{mean - half:+.1f}, {mean + half:+.1f}]"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    figures = read_figures(sys.argv[1])
    seeds = sorted({seed for values in figures.values() for seed in values})

    def line(claim, row, settings, compared):
        cells = [" / ".join(f"{v[s]:.1f}" if s in v else "-" for v in settings) for s in seeds]
        if any(any(s in v for v in settings) for s in seeds):
            print("|", " | ".join([claim, row, *cells, ", ".join(difference(b, a) for a, b in compared)]), "|")

    print("|", " | ".join(["claim", "row", *(f"seed {s}" for s in seeds), "difference"]), "|")
    print("|" + "---|" * (len(seeds) + 3))
    for claim, row, settings, figure, *compared in ROWS:
        pairs = compared[0] if compared else [(settings[0], settings[-1])]
        line(claim, row, [figures[(*k, figure)] for k in settings], [(figures[(*a, figure)], figures[(*b, figure)]) for a, b in pairs])
    for when in ("before", "after"):
        chosen = [figures["best-of", f"{when} RL, best of 8", k] for k in BEST_OF]
        line("Best of 8 with the reward model" if when == "before" else "", f"{when} RL: vote / judge", chosen, [tuple(chosen)])


if __name__ == "__main__":
    main()
