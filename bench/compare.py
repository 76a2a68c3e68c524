#!/usr/bin/env python3
"""Compares a run of `r1v bench` (and of other programs on the same work) with kept ratios.

  r1v bench --shape qwen2.5-0.5b --weights int8 --measure limits,decode,prefill,batch8 > run.jsonl
  python3 bench/compare.py run.jsonl                      # table; exit status 1 where a ratio got worse
  python3 bench/compare.py run.jsonl --write              # keeps the ratios of this run in bench/baseline.json

Figures differ from machine to machine, ratios much less. Two kinds are kept:
  share   what a figure is of the machine's own limit, as r1v measured it in the same run ("share" in its lines)
  peers   a figure over that of another program of the same run (lines with another "peer"): above 1 is better than it
A run may hold several lines of one figure (rounds): the median of all their repetitions counts. Lines of other programs
come from any script that prints {"peer", "variant", "measure", "value", "unit"}, see bench/README.md.
"""
import argparse
import json
import pathlib
import statistics
import sys

BASELINE = pathlib.Path(__file__).parent / "baseline.json"
SMALLER_IS_BETTER = {"s", "of first", "MB"}
# Programs name their formats differently; a figure of r1v is set beside those of the same width.
WIDTH = {"float32": 32, "float32-plain": 32, "f32": 32, "fp32": 32, "fp32-sdpa": 32, "fp32-eager": 32, "bfloat16": 16,
         "bfloat16-plain": 16, "bf16": 16, "f16": 16, "fp16": 16, "bf16-sdpa": 16, "int8": 8, "int8dyn": 8, "q8_0": 8,
         "int4": 4, "q4_0": 4, "q4_k_m": 4}


def read_run(paths):
    """{(peer, variant, measure): {"values": [...], "shares": [...], "unit": ...}}, the machine's limits left out."""
    figures = {}
    for path in paths:
        with (sys.stdin if path == "-" else open(path)) as file:
            for number, text in enumerate(file, 1):
                if not text.startswith("{"):
                    continue
                try:
                    line = json.loads(text)
                    key = (line["peer"], line["variant"], line["measure"])
                    value = line["value"]
                except (ValueError, KeyError) as error:
                    sys.exit(f"{path} line {number}: not a figure ({error}); expected the lines of `r1v bench --json`")
                if value is None or key[0] == "limit":
                    continue
                figure = figures.setdefault(key, dict(values=[], shares=[], unit=line.get("unit", "")))
                figure["values"] += line.get("all") or [value]
                if "share" in line:
                    figure["shares"].append(line["share"])
    return figures


def ratios_of(figures):
    """{"decode int8 share": 0.8, "decode int8 / llama.cpp q8_0": 1.4, ...}; larger is better in all of them."""
    ratios = {}
    for (peer, variant, measure), ours in figures.items():
        if peer != "r1v":
            continue
        value = statistics.median(ours["values"])
        if ours["shares"]:
            ratios[f"{measure} {variant} share"] = statistics.median(ours["shares"])
        if measure == "second_question":
            ratios[f"{measure} {variant} first / second"] = 1 / value
        for (other, form, same), theirs in figures.items():
            if other == "r1v" or same != measure or WIDTH.get(form) != WIDTH.get(variant):
                continue
            ratio = value / statistics.median(theirs["values"])
            ratios[f"{measure} {variant} / {other} {form}"] = 1 / ratio if ours["unit"] in SMALLER_IS_BETTER else ratio
    return ratios


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", nargs="+", help="files of JSON lines; - is standard input")
    parser.add_argument("--baseline", type=pathlib.Path, default=BASELINE)
    parser.add_argument("--tolerance", type=float, default=0.1, help="how much worse a ratio may be: 0.1 is 10 %%")
    parser.add_argument("--write", action="store_true", help="keep this run's ratios; those it has not measured stay")
    options = parser.parse_args()
    figures = read_run(options.run)
    ratios = ratios_of(figures)
    if not ratios:
        sys.exit("no figure of r1v with a ratio in this run; was `--measure` only limits?")
    kept = json.loads(options.baseline.read_text()) if options.baseline.exists() else {}
    worse = []
    width = max(len(name) for name in ratios)
    print(f"{'ratio (larger is better)':<{width}}  {'now':>8}  {'kept':>8}")
    for name, ratio in sorted(ratios.items()):
        old = kept.get(name)
        change = f"{100 * (ratio / old - 1):+6.1f} %" if old else "     new"
        is_worse = old is not None and ratio < old * (1 - options.tolerance)
        print(f"{name:<{width}}  {ratio:8.3f}  {old if old is not None else float('nan'):8.3f}  {change}"
              f"{'  WORSE' if is_worse else ''}")
        if is_worse:
            worse.append(name)
    if options.write:
        kept.update({name: round(ratio, 4) for name, ratio in ratios.items()})
        options.baseline.write_text(json.dumps(dict(sorted(kept.items())), indent=1) + "\n")
        print(f"kept in {options.baseline}")
        return
    if worse:
        sys.exit(f"worse by more than {100 * options.tolerance:.0f} %: " + "; ".join(worse))


if __name__ == "__main__":
    main()
