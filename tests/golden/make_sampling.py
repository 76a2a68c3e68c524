"""Writes sampling.json: what transformers' logits processors keep of small rows of logits.

Pins: torch 2.13.0, transformers 5.23.0. Run: python tests/golden/make_sampling.py
Read by src/engine/logits_rules_test.cpp. Logits are multiples of 1/65536, so JSON carries them exactly; no two are
equal except in the cases about ties, because torch.sort orders equals as it pleases.
"""

import json
import pathlib

import torch
import transformers
from transformers.generation import logits_process

assert transformers.__version__.startswith("5.23"), transformers.__version__


def row(seed, size, scale):
    generator = torch.Generator().manual_seed(seed)
    logits = (torch.randn(size, generator=generator) * scale * 65536).round() / 65536
    assert logits.unique().numel() == size, seed
    return logits


def values(logits):
    # float32 written with enough digits to come back exactly; null is minus infinity
    return [None if x == float("-inf") else x for x in logits.tolist()]


def case(name, logits, steps, ids=()):
    scores = logits[None].clone()
    input_ids = torch.tensor([list(ids)], dtype=torch.long)
    for processor in steps:
        scores = processor(input_ids, scores)
    return {"name": name, "logits": values(logits), "ids": list(ids), "expected": values(scores[0])}


penalty = logits_process.RepetitionPenaltyLogitsProcessor
temperature = logits_process.TemperatureLogitsWarper
top_k = logits_process.TopKLogitsWarper
top_p = logits_process.TopPLogitsWarper
min_p = logits_process.MinPLogitsWarper

plain, wide, flat = row(1, 40, 2.0), row(2, 40, 8.0), row(3, 40, 0.1)
ties = torch.tensor([1.0, 3.0, 2.0, 3.0, 2.0, -1.0, 2.0, 0.0])

cases = []
for value in (1.05, 1.3, 0.8):
    made = case("penalty", plain, [penalty(value)], ids=[0, 3, 3, 7, 12, 39])
    cases.append(made | {"repetition_penalty": value})
for value in (0.6, 1.7, 0.05):
    cases.append(case("temperature", plain, [temperature(value)]) | {"temperature": value})
for value in (1, 5, 40, 100):
    cases.append(case("top-k", plain, [top_k(value)]) | {"top_k": value})
for value in (2, 3, 5):
    cases.append(case("top-k with ties", ties, [top_k(value)]) | {"top_k": value})
for logits, kind in ((plain, "plain"), (wide, "wide"), (flat, "flat")):
    for value in (0.05, 0.5, 0.8, 0.95, 0.999):
        cases.append(case(f"top-p {kind}", logits, [top_p(value)]) | {"top_p": value})
    for value in (0.02, 0.3, 1.0):
        cases.append(case(f"min-p {kind}", logits, [min_p(value)]) | {"min_p": value})
for seed in range(8):
    logits = row(100 + seed, 64, 3.0)
    steps = [penalty(1.05), temperature(0.6), top_k(20), top_p(0.95), min_p(0.05)]
    made = case("all in order", logits, steps, ids=[1, 2, 3, 5, 8, 13, 21, 34, 55])
    given = {"repetition_penalty": 1.05, "temperature": 0.6, "top_k": 20, "top_p": 0.95, "min_p": 0.05}
    cases.append(made | given)
for value in (0.6, 1.0):
    logprobs = torch.log_softmax(plain.double() / value, -1)
    cases.append({"name": "logprob", "logits": values(plain), "logprob_temperature": value,
                  "logprobs": [round(x, 12) for x in logprobs.tolist()]})

out = pathlib.Path(__file__).with_name("sampling.json")
out.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
print(out, len(cases), "cases", out.stat().st_size, "bytes")
