#!/usr/bin/env python3
"""Reads GGUF files that `r1v` wrote with other people's readers, and compares with the checkpoint they came from.

Run with transformers==5.23.0, torch==2.13.0, gguf==0.19.0, accelerate==1.15.0, safetensors:
  python tests/parity/gguf_export.py --model models/r1v-mini --r1v path/to/r1v --gguf FILE [FILE ...]
For each file: gguf.GGUFReader reads it; every matrix equals gguf.quants.quantize of the checkpoint's, byte for byte,
or is close to it where that package cannot write the type; transformers loads it and its logits are those of r1v;
texts get the same ids from transformers' tokenizer and r1v's.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import gguf
import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

TEXTS = ["How many red circles are there?", "12 + 30 = 42, isn't it?", "<|im_start|>user\nhi<|im_end|>\n<think>\n"]
NAMES = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head",
         "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm", "attn_q": "self_attn.q_proj",
         "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
         "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj"}


def hugging_face_name(name):
    parts = name.split(".")
    if parts[0] == "blk":
        return f"model.layers.{parts[1]}.{NAMES[parts[2]]}.{parts[3]}"
    return f"{NAMES[parts[0]]}.{parts[1]}"


def source_weights(folder):
    weights = {}
    for path in sorted(folder.glob("model*.safetensors")):
        with safe_open(path, "pt") as file:
            for name in file.keys():
                weights[name.removeprefix("language_model.")] = file.get_tensor(name)
    return weights


def check_weights(reader, weights):
    largest = 0.0
    for tensor in reader.tensors:
        weight = weights[hugging_face_name(tensor.name)].float().numpy()
        if tensor.tensor_type.name.endswith("_K"):  # that package does not write: judge by the error of what it reads
            read = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
            error = np.sqrt(((read - weight) ** 2).mean() / (weight ** 2).mean())
            largest = max(largest, error)
            continue
        expected = gguf.quants.quantize(weight, tensor.tensor_type)
        if not np.array_equal(np.ascontiguousarray(expected).view(np.uint8).ravel(), tensor.data.view(np.uint8).ravel()):
            sys.exit(f"{tensor.name} ({tensor.tensor_type.name}) is not what gguf.quants.quantize makes")
    if largest > 0.1:
        sys.exit(f"a tensor's root mean square error is {largest:.3f} of its values', expected 0.1 at most")
    return f"{len(reader.tensors)} tensors equal" + (f" or off by {largest:.4f} at most" if largest else "")


def r1v(binary, command, request):
    done = subprocess.run([binary, *command], input=request, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def check_logits(path, binary, folder):
    model = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32).eval()
    ids = list(range(5, 900, 37))
    request, out = pathlib.Path(folder, "request.json"), pathlib.Path(folder, "trace.safetensors")
    request.write_text(json.dumps({"input_ids": ids}))
    r1v(binary, ["trace", "--model", str(path), "--request", str(request), "--out", str(out)], "")
    with torch.no_grad():
        expected = model(torch.tensor([ids])).logits[0]
    return ((load_file(out)["logits"] - expected).abs().max() / expected.abs().max()).item()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--r1v", required=True)
    parser.add_argument("--gguf", type=pathlib.Path, nargs="+", required=True)
    options = parser.parse_args()
    weights = source_weights(options.model)
    for path in options.gguf:
        count = check_weights(gguf.GGUFReader(path), weights)
        with tempfile.TemporaryDirectory() as folder:
            difference = check_logits(path, options.r1v, folder)
        tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
        for text in TEXTS:
            expected = tokenizer(text, add_special_tokens=False)["input_ids"]
            found = json.loads(r1v(options.r1v, ["tokenize", "--model", str(path), "--json"], text))["ids"]
            if found != expected:
                sys.exit(f"{path}: {text!r} is {found}, transformers says {expected}")
        print(f"{path.name}: {count}, logits within {difference:.1e} of their largest, ids equal")
        if difference > 1e-5:
            sys.exit(1)


if __name__ == "__main__":
    main()
