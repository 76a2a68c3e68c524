#!/usr/bin/env python3
"""Time and peak memory of a GRPO step: r1v against TRL's GRPOTrainer, same network, same prompts, same sizes, same run.

  python bench/grpo_step.py --r1v build/release/src/apps/r1v [--steps 5] [--rounds 3] [--threads 2] [--only r1v|trl]

Needs torch 2.13.0, transformers 5.23.0, trl 1.16.0. 16 prompts of 64 tokens, 8 answers of 64 tokens each, one update, no KL
term, float32, AdamW; 4 layers, 256 wide, 4,096 rows of vocabulary, random weights. Both learn from every answer: r1v runs
with `--skip-flat off`, since a random network is never right and all of its groups are flat; TRL gets a reward that
differs. r1v's step holds sampling, verification and the update; wall time of whole steps after the first, nothing else
may run meanwhile.
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
PROMPTS, ANSWERS, QUESTION, LENGTH = 16, 8, 64, 64


def make(folder, steps):
    config = dict(architectures=["Qwen2ForCausalLM"], model_type="qwen2", hidden_size=256, num_hidden_layers=4, num_attention_heads=4,
                  num_key_value_heads=2, intermediate_size=1024, vocab_size=4096, hidden_act="silu", max_position_embeddings=4096,
                  rms_norm_eps=1e-6, rope_theta=1e6, tie_word_embeddings=True, use_sliding_window=False, torch_dtype="float32",
                  eos_token_id=258)
    (folder / "config.json").write_text(json.dumps(config))
    shutil.copy(GOLDEN / "tokenizer_config.json", folder)
    tokenizer = json.loads((GOLDEN / "tokenizer.json").read_text())  # bytes; a word for every other row of the vocabulary
    vocabulary = tokenizer["model"]["vocab"]
    first = 1 + max(*vocabulary.values(), *(token["id"] for token in tokenizer["added_tokens"]))
    vocabulary.update({f"word{i}": i for i in range(first, config["vocab_size"])})
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    rng = random.Random(1)
    with open(folder / "questions.jsonl", "w") as file:
        for i in range(PROMPTS * steps):
            text = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(QUESTION))  # a letter is a token
            file.write(json.dumps(dict(id=i, messages=[dict(role="user", content=text)], answer="1", kind="number")) + "\n")
    import torch
    from transformers import AutoConfig, Qwen2ForCausalLM
    torch.manual_seed(0)
    Qwen2ForCausalLM(AutoConfig.from_pretrained(folder)).save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)


def loop(folder, steps, threads):
    """The peer; runs in a process of its own."""
    os.environ.update(ACCELERATE_USE_CPU="true", HF_HUB_OFFLINE="1", WANDB_MODE="disabled")
    import torch
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast, TrainerCallback
    from trl import GRPOConfig, GRPOTrainer
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa")
    model.generation_config.eos_token_id = None
    model.config.eos_token_id = None
    settings = json.load(open(folder + "/tokenizer_config.json"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=folder + "/tokenizer.json", eos_token=settings["eos_token"],
                                        pad_token=settings["pad_token"], chat_template=settings["chat_template"])
    rows = [json.loads(line) for line in open(folder + "/questions.jsonl")]
    begins, ends, generated = [], [], []

    class Clock(TrainerCallback):
        def on_step_begin(self, *_, **__):
            begins.append(time.perf_counter())

        def on_step_end(self, *_, **__):
            ends.append(time.perf_counter())

    config = GRPOConfig(output_dir=folder + "/trl", per_device_train_batch_size=PROMPTS * ANSWERS, num_generations=ANSWERS,
                        max_completion_length=LENGTH, max_steps=steps, num_iterations=1, beta=0.0, learning_rate=1e-5, bf16=False,
                        fp16=False, use_cpu=True, gradient_checkpointing=False, report_to=[], save_strategy="no", logging_steps=1000,
                        temperature=1.0, disable_tqdm=True, shuffle_dataset=False, optim="adamw_torch_fused",
                        generation_kwargs={"min_new_tokens": LENGTH, "eos_token_id": None})
    trainer = GRPOTrainer(model=model, args=config, reward_funcs=lambda completions, **_: [float(sum(map(ord, str(c))) % 7) for c in completions],
                          train_dataset=Dataset.from_dict({"prompt": [row["messages"][0]["content"] for row in rows]}),
                          processing_class=tokenizer, callbacks=[Clock()])
    plain = trainer._generate

    def timed(*arguments, **named):
        begin = time.perf_counter()
        result = plain(*arguments, **named)
        generated.append(time.perf_counter() - begin)
        return result

    trainer._generate = timed
    trainer.train()
    print("SECONDS " + json.dumps([[e - b for b, e in zip(begins, ends)][1:], generated[1:]]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--r1v", required=True)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", choices=("r1v", "trl"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make(folder, options.steps + 1)

        def ours():
            shutil.rmtree(folder / "run", ignore_errors=True)
            words = {"model": name, "data": f"{name}/questions.jsonl", "out": f"{name}/run", "max-steps": options.steps + 1,
                     "batch-size": PROMPTS, "gradient-accumulation": 1, "num-generations": ANSWERS, "max-completion-length": LENGTH,
                     "skip-flat": "off", "shuffle": "off", "learning-rate": 1e-5, "pass-tokens": 4096, "threads": options.threads,
                     "save-dtype": "float32"}
            command = [options.r1v, "train", "grpo", *[word for key, value in words.items() for word in ("--" + key, str(value))]]
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            assert status == 0, command
            lines = [json.loads(line) for line in open(folder / "run/metrics.jsonl")][1:]
            assert min(line["completion_tokens"] for line in lines) > 0.98 * LENGTH, "answers ended early"
            assert max(line["logprob_difference_max"] for line in lines) == 0, "sampler and trainer differ"
            generate = [line["generate_s"] for line in lines]
            return [g + line["score_s"] + line["train_s"] for g, line in zip(generate, lines)], generate, usage.ru_maxrss / 1024

        def theirs():
            command = [sys.executable, __file__, "--loop", name, str(options.steps + 1), str(options.threads)]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            output = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            assert status == 0, command
            found = [line for line in output.splitlines() if line.startswith("SECONDS ")]
            return *json.loads(found[0][8:]), usage.ru_maxrss / 1024

        peers = {"r1v": ours, "trl": theirs}
        results = {peer: [] for peer in peers if options.only in (None, peer)}
        for _ in range(options.rounds):
            for peer, values in results.items():
                values.append(peers[peer]())
        for peer, values in results.items():
            steps = [second for seconds, _, _ in values for second in seconds]
            generate = [second for _, seconds, _ in values for second in seconds]
            print(json.dumps(dict(peer=peer, s_per_step=round(statistics.median(steps), 3), generate_s=round(statistics.median(generate), 3),
                                  least=round(min(steps), 3), most=round(max(steps), 3),
                                  peak_mb=round(max(peak for _, _, peak in values)))), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--loop"]:
        loop(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        main()
