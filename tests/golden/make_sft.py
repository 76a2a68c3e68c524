#!/usr/bin/env python3
"""Ten steps of supervised fine-tuning of a tiny network in plain PyTorch; judge of src/recipes/sft_test.cpp.

  python tests/golden/make_sft.py                 writes tests/golden/sft/ (no weights: both sides have the formula)
  python tests/golden/make_sft.py --weights DIR   also writes a folder with weights, for `r1v train sft --model DIR`

Needs torch 2.13.0, transformers 5.23.0, pillow. Network and weights: make_network.py. Samples are run one by one, so
that packing, labels, accumulation, clipping, schedule and optimizer are all judged by other code.
"""
import argparse
import json
import os
import shutil

import numpy as np
import torch
from PIL import Image
from torch.nn.functional import cross_entropy
from transformers import get_cosine_schedule_with_warmup

import make_network
from make_network import HERE, build, joint_config, language_config, load, numbers, shapes, weight
from make_tokenizer import PATTERN

IMAGE_TOKEN, SLOTS, STEPS, BATCH, ACCUMULATION = 261, 4, 10, 2, 2
LEARNING_RATE, VISION_RATE, DECAY, WARMUP, MAX_NORM = 2e-3, 5e-4, 0.05, 3, 1.0
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<img>", "</img>", "<IMG_CONTEXT>", "<think>", "</think>"]
TEMPLATE = ("{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
            "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")
SAMPLES = [(12, 1), (9, 0), (20, 2), (15, 0), (11, 1), (24, 1), (2, 0), (17, 1)]  # tokens without image slots, pictures
OUT = os.path.join(HERE, "sft")


def byte_alphabet():
    """GPT-2's printable stand-ins for the 256 bytes."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    moved = iter(range(256, 512))
    return [chr(b) if b in kept else chr(next(moved)) for b in range(256)]


def write_tokenizer():
    added = [dict(id=256 + i, content=c, single_word=False, lstrip=False, rstrip=False, normalized=False,
                  special=not c.endswith("think>")) for i, c in enumerate(SPECIAL)]
    split = dict(type="Split", pattern=dict(Regex=PATTERN), behavior="Isolated", invert=False)
    level = dict(type="ByteLevel", add_prefix_space=False, trim_offsets=False, use_regex=False)
    tokenizer = dict(version="1.0", truncation=None, padding=None, added_tokens=added, normalizer=dict(type="NFC"),
                     pre_tokenizer=dict(type="Sequence", pretokenizers=[split, level]), post_processor=level,
                     decoder=level,
                     model=dict(type="BPE", dropout=None, unk_token=None, continuing_subword_prefix="",
                                end_of_word_suffix="", fuse_unk=False, byte_fallback=False,
                                vocab={c: i for i, c in enumerate(byte_alphabet())}, merges=[]))
    write_json("tokenizer.json", tokenizer)
    write_json("tokenizer_config.json", dict(tokenizer_class="Qwen2Tokenizer", eos_token="<|im_end|>",
                                             pad_token="<|endoftext|>", chat_template=TEMPLATE))


def write_json(name, value):
    with open(os.path.join(OUT, name), "w") as file:
        json.dump(value, file, ensure_ascii=False)


def write_pictures():
    for i in range(6):
        pixels = ((numbers(f"picture {i}", 28, 28, 3) + 1) * 128).clamp(0, 255).byte().numpy()
        Image.fromarray(pixels).save(os.path.join(OUT, f"{i}.png"))


def read_pixels(name):
    rgb = np.asarray(Image.open(os.path.join(OUT, name)).convert("RGB"), dtype=np.float32) / 255
    pixels = (rgb - np.float32([0.485, 0.456, 0.406])) / np.float32([0.229, 0.224, 0.225])
    return torch.from_numpy(pixels).permute(2, 0, 1)


def make_samples():
    samples, pictures = [], 0
    for i, (length, count) in enumerate(SAMPLES):
        ids = ((numbers(f"ids {i}", length) + 1) / 2 * 256).long().tolist()
        ids = ids[:1] + [IMAGE_TOKEN] * (SLOTS * count) + ids[1:]
        scored = len(ids) - max(1, length // 2)
        labels = [-100] * scored + ids[scored:]
        samples.append(dict(input_ids=ids, labels=labels, images=[f"{pictures + k}.png" for k in range(count)]))
        pictures += count
    with open(os.path.join(OUT, "data.jsonl"), "w") as file:
        file.writelines(json.dumps(sample) + "\n" for sample in samples)
    return samples


def loss_sum(model, sample):
    extra = dict(pixel_values=torch.stack([read_pixels(p) for p in sample["images"]])) if sample["images"] else {}
    logits = model(input_ids=torch.tensor([sample["input_ids"]]), use_cache=False, **extra).logits[0]
    return cross_entropy(logits[:-1], torch.tensor(sample["labels"][1:]), ignore_index=-100, reduction="sum")


def decays(name):
    return not (name.endswith("bias") or "norm" in name)


def groups(model):
    for vision in (True, False):
        for decay in (True, False):
            chosen = [p for n, p in model.named_parameters() if ("vision_tower" in n) == vision and decays(n) == decay]
            yield dict(params=chosen, lr=VISION_RATE if vision else LEARNING_RATE, weight_decay=DECAY if decay else 0.0)


def train(model, samples):
    optimizer = torch.optim.AdamW(list(groups(model)), betas=(0.9, 0.98), eps=1e-8)
    schedule = get_cosine_schedule_with_warmup(optimizer, WARMUP, STEPS)
    curve = []
    for step in range(STEPS):
        per_step = BATCH * ACCUMULATION
        chosen = [samples[(step * per_step + k) % len(samples)] for k in range(per_step)]
        count = sum(label != -100 for sample in chosen for label in sample["labels"][1:])
        loss = sum(loss_sum(model, sample) for sample in chosen) / count
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), MAX_NORM)
        curve.append(dict(step=step + 1, loss=float(loss.detach()), grad_norm=float(norm), scored_tokens=count,
                          learning_rate=schedule.get_last_lr()[-1]))
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        print(curve[-1])
    return curve


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights")
    options = parser.parse_args()
    torch.set_num_threads(1)
    make_network.IMAGE_TOKEN = IMAGE_TOKEN
    os.makedirs(OUT, exist_ok=True)
    config = joint_config("6B", language_config(vocab_size=264, tie_word_embeddings=True))
    write_json("config.json", config)
    write_tokenizer()
    write_pictures()
    data = make_samples()
    network = build(config)
    load(network, config)
    write_json("curve.json", train(network, data))
    if options.weights:
        from safetensors.torch import save_file
        shutil.copytree(OUT, options.weights, dirs_exist_ok=True)
        tensors = {name: weight(name, shape) for name, shape in shapes(config).items()}
        save_file(tensors, os.path.join(options.weights, "model.safetensors"), metadata={"format": "pt"})
