#!/usr/bin/env python3
"""Processor seconds and peak memory of a training step: r1v against the usual PyTorch loop, same shape, same run.

  python bench/train_step.py --r1v build/release/src/apps/r1v [--shape small|vocab4k|vocab152k] [--steps 5] [--rounds 2]

Needs torch 2.13.0 and transformers 5.23.0. One thread, float32, AdamW, clipping, whole documents of equal length (no
padding on either side, every token scored). Figures are processor time, which a busy machine disturbs less than wall
time, but caches and cores are still shared: compare medians of interleaved rounds. PyTorch's steps are timed inside the
process, after the first, because importing it costs more than they do; r1v's are a long run less a short one.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

GOLDEN = pathlib.Path(__file__).parent.parent / "tests/golden/sft"
SHAPES = {  # hidden, layers, heads, kv heads, intermediate, vocabulary, documents, tokens each
    "small": (256, 4, 4, 2, 704, 2048, 32, 100),
    "vocab4k": (512, 4, 8, 2, 2048, 4096, 4, 512),
    "vocab152k": (512, 4, 8, 2, 2048, 151936, 2, 512),
}


def make(folder, shape, batches):
    hidden, layers, heads, kv, inner, vocab, documents, length = shape
    config = dict(architectures=["Qwen2ForCausalLM"], model_type="qwen2", hidden_size=hidden, num_hidden_layers=layers,
                  num_attention_heads=heads, num_key_value_heads=kv, intermediate_size=inner, vocab_size=vocab,
                  hidden_act="silu", max_position_embeddings=4096, rms_norm_eps=1e-6, rope_theta=1e6,
                  tie_word_embeddings=True, use_sliding_window=False, torch_dtype="float32")
    (folder / "config.json").write_text(json.dumps(config))
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(GOLDEN / name, folder)
    rng = random.Random(1)
    with open(folder / "data.jsonl", "w") as file:
        for _ in range(documents * batches):
            ids = [rng.randrange(250) if vocab < 300 else rng.randrange(300, vocab) for _ in range(length)]
            file.write(json.dumps(dict(input_ids=ids, labels=ids)) + "\n")


def loop(folder, documents, steps):
    """The peer; runs in a process of its own."""
    import torch
    from transformers import AutoConfig, Qwen2ForCausalLM
    torch.set_num_threads(1)
    config = AutoConfig.from_pretrained(folder)
    model = Qwen2ForCausalLM._from_config(config, attn_implementation="sdpa", dtype=torch.float32)
    model.train()
    model.config.use_cache = False
    rows = [json.loads(line)["input_ids"] for line in open(folder + "/data.jsonl")]
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.01, fused=True)
    for step in range(steps):
        if step == 1:
            start = time.process_time()
        ids = torch.tensor([rows[(step * documents + k) % len(rows)] for k in range(documents)])
        model(input_ids=ids, labels=ids).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    print((time.process_time() - start) / (steps - 1))


def run(command):
    """Processor seconds, peak megabytes and output of one command."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                               env=os.environ | {"OMP_NUM_THREADS": "1"})
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, command
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--r1v", required=True)
    parser.add_argument("--shape", default="small", choices=SHAPES)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    shape = SHAPES[options.shape]
    documents, tokens = shape[6], shape[6] * shape[7]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make(folder, shape, options.steps + 1)

        def ours(dtype):
            def train(steps):
                shutil.rmtree(folder / "run", ignore_errors=True)
                options_of_run = {"model": name, "data": f"{name}/data.jsonl", "out": f"{name}/run", "initialize": 1,
                                  "batch-size": documents, "max-steps": steps, "weight-decay": 0.01, "threads": 1,
                                  "data-threads": 0, "save-dtype": "float32", "dtype": dtype}
                words = [word for key, value in options_of_run.items() for word in ("--" + key, str(value))]
                return run([options.r1v, "train", "sft", *words])
            short, long = train(1), train(1 + options.steps)
            return (long[0] - short[0]) / options.steps, long[1]

        def theirs():
            _, peak, output = run([sys.executable, __file__, "--loop", name, str(documents), str(1 + options.steps)])
            return float(output.split()[-1]), peak

        peers = {"r1v float32": lambda: ours("float32"), "pytorch float32": theirs, "r1v bfloat16": lambda: ours("bfloat16")}
        results = {peer: [] for peer in peers}
        for _ in range(options.rounds):
            for peer, step in peers.items():
                results[peer].append(step())
        for peer, values in results.items():
            seconds = statistics.median(value[0] for value in values)
            print(json.dumps(dict(shape=options.shape, peer=peer, cpu_s_per_step=round(seconds, 3),
                                  all=[round(value[0], 3) for value in values], tokens_per_cpu_s=round(tokens / seconds),
                                  peak_mb=round(max(value[1] for value in values)))), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--loop"]:
        loop(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        main()
