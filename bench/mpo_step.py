#!/usr/bin/env python3
"""Time and peak memory of a mixed preference optimization step: r1v against TRL's DPOTrainer, same pairs, same losses, same run.

  python bench/mpo_step.py --r1v build/release/src/apps/r1v [--shape small|vocab152k] [--steps 5] [--rounds 3] [--threads 2] [--only r1v|trl]

Needs torch 2.13.0, transformers 5.23.0, trl 1.16.0. Float32, AdamW, clipping; every weight learns; 16 (vocab152k: 4)
pairs a step whose answers have 128 tokens each behind a question of 256, what a picture of one tile takes. TRL runs
loss_type [sigmoid, bco_pair, sft] at 0.8/0.2/1.0 and r1v the same without delta (`--delta off`). r1v computes the
reference's log-probabilities before the first step, which is not counted; TRL does so in every step ("trl", its
default), or before the first too ("trl-precomputed", which it refuses for pictures). Wall time of whole steps after the
first; nothing else may run meanwhile.
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
SHAPES = {  # hidden, layers, heads, kv heads, intermediate, vocabulary, pairs a step, question, answer
    "tiny": (32, 1, 2, 1, 64, 300, 2, 8, 8),
    "small": (256, 4, 4, 2, 1024, 4096, 16, 256, 128),
    "vocab152k": (512, 4, 8, 2, 2048, 151936, 4, 256, 128),
}


def make(folder, shape, steps):
    hidden, layers, heads, kv, inner, vocab, pairs, question, answer = shape
    config = dict(architectures=["Qwen2ForCausalLM"], model_type="qwen2", hidden_size=hidden, num_hidden_layers=layers,
                  num_attention_heads=heads, num_key_value_heads=kv, intermediate_size=inner, vocab_size=vocab,
                  hidden_act="silu", max_position_embeddings=4096, rms_norm_eps=1e-6, rope_theta=1e6,
                  tie_word_embeddings=True, use_sliding_window=False, torch_dtype="float32", eos_token_id=258)
    (folder / "config.json").write_text(json.dumps(config))
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(GOLDEN / name, folder)
    rng = random.Random(1)

    def text(length):  # the tokenizer knows bytes only: a letter is a token
        return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(length))

    with open(folder / "pairs.jsonl", "w") as file:
        for _ in range(pairs * steps):
            prompt = [dict(role="user", content=text(question))]
            file.write(json.dumps(dict(messages=prompt, chosen=text(answer), rejected=text(answer))) + "\n")


def loop(folder, pairs, steps, threads, precompute):
    """The peer; runs in a process of its own."""
    os.environ.update(ACCELERATE_USE_CPU="true", HF_HUB_OFFLINE="1", WANDB_MODE="disabled")
    import torch
    from datasets import Dataset
    from transformers import AutoConfig, PreTrainedTokenizerFast, Qwen2ForCausalLM, TrainerCallback
    from trl import DPOConfig, DPOTrainer
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    start = folder + "/start"  # TRL reads the reference from the folder that the policy came from
    Qwen2ForCausalLM._from_config(AutoConfig.from_pretrained(folder), dtype=torch.float32).save_pretrained(start)
    model = Qwen2ForCausalLM.from_pretrained(start, attn_implementation="sdpa", dtype=torch.float32)
    settings = json.load(open(folder + "/tokenizer_config.json"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=folder + "/tokenizer.json", eos_token=settings["eos_token"],
                                        pad_token=settings["pad_token"], chat_template=settings["chat_template"])
    rows = [json.loads(line) for line in open(folder + "/pairs.jsonl")]
    data = Dataset.from_list([dict(prompt=r["messages"], chosen=[dict(role="assistant", content=r["chosen"])],
                                   rejected=[dict(role="assistant", content=r["rejected"])]) for r in rows])
    begins, ends = [], []

    class Clock(TrainerCallback):
        def on_step_begin(self, *_, **__):
            begins.append(time.perf_counter())

        def on_step_end(self, *_, **__):
            ends.append(time.perf_counter())

    config = DPOConfig(output_dir=folder + "/trl", per_device_train_batch_size=pairs, max_steps=steps, learning_rate=1e-5, beta=0.1,
                       loss_type=["sigmoid", "bco_pair", "sft"], loss_weights=[0.8, 0.2, 1.0], precompute_ref_log_probs=precompute,
                       max_length=4096, bf16=False, fp16=False, use_cpu=True, gradient_checkpointing=False, report_to=[],
                       save_strategy="no", logging_steps=1000, optim="adamw_torch_fused", disable_tqdm=True)
    trainer = DPOTrainer(model=model, args=config, train_dataset=data, processing_class=tokenizer, callbacks=[Clock()])
    trainer.train()
    print("SECONDS " + json.dumps([e - b for b, e in zip(begins, ends)][1:]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--r1v", required=True)
    parser.add_argument("--shape", default="small", choices=SHAPES)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", choices=("r1v", "trl"))
    options = parser.parse_args()
    shape = SHAPES[options.shape]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make(folder, shape, options.steps + 1)

        def ours():
            shutil.rmtree(folder / "run", ignore_errors=True)
            words = {"model": name, "data": f"{name}/pairs.jsonl", "out": f"{name}/run", "initialize": 1, "batch-size": shape[6],
                     "max-steps": options.steps + 1, "learning-rate": 1e-5, "warmup-ratio": 0, "weight-decay": 0, "freeze": "vision",
                     "delta": "off", "threads": options.threads, "save-dtype": "float32", "dtype": "float32"}
            command = [options.r1v, "train", "mpo", *[word for key, value in words.items() for word in ("--" + key, str(value))]]
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            assert status == 0, command
            lines = [json.loads(line) for line in open(folder / "run/metrics.jsonl")][1:]
            return [line["pairs"] / line["pairs_per_s"] for line in lines], usage.ru_maxrss / 1024

        def theirs(precompute):
            command = [sys.executable, __file__, "--loop", name, str(shape[6]), str(options.steps + 1), str(options.threads), str(int(precompute))]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            output = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            assert status == 0, command
            found = [line for line in output.splitlines() if line.startswith("SECONDS ")]
            return json.loads(found[0][8:]), usage.ru_maxrss / 1024

        peers = {"r1v": ours, "trl": lambda: theirs(False), "trl-precomputed": lambda: theirs(True)}
        results = {peer: [] for peer in peers if options.only is None or peer.startswith(options.only)}
        for _ in range(options.rounds):
            for peer, values in results.items():
                values.append(peers[peer]())
        for peer, values in results.items():
            seconds = [second for steps, _ in values for second in steps]
            print(json.dumps(dict(shape=options.shape, peer=peer, s_per_step=round(statistics.median(seconds), 4),
                                  pairs_per_s=round(shape[6] / statistics.median(seconds), 1), least=round(min(seconds), 4),
                                  most=round(max(seconds), 4), peak_mb=round(max(peak for _, peak in values)))), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--loop"]:
        loop(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]), sys.argv[6] == "1")
    else:
        main()
