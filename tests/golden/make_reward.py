#!/usr/bin/env python3
"""Ten steps of reward model training of a tiny network in plain PyTorch, in two stages; judge of src/recipes/reward_test.cpp.

  python tests/golden/make_reward.py        writes tests/golden/reward/ (pairs and curves; network, tokenizer and pictures: sft/)

Needs torch 2.13.0, transformers 5.23.0, pillow. Each conversation is rendered and run by itself. The head and its place (last
hidden state, last token) are TRL 0.16.1's, the loss is Bradley-Terry with TRL 1.16's margin and centering terms. In the
second curve a score also has OWN times the log-likelihood of the answer up to its <|im_end|>, and the better answers' mean
cross-entropy is learnt with weight SFT.
"""
import json
import os

import torch
from torch.nn.functional import logsigmoid
from transformers import get_cosine_schedule_with_warmup

import make_network
import make_sft
from make_network import HERE, build, joint_config, language_config, load, weight
from make_sft import IMAGE_TOKEN, SLOTS, decays, read_pixels

STEPS, SECOND_STEPS, BATCH, ACCUMULATION = 6, 4, 2, 2
LEARNING_RATE, SECOND_RATE, DECAY, WARMUP, MAX_NORM, CENTERING = 2e-3, 5e-4, 0.05, 2, 1.0, 0.01
OWN, SFT = 0.25, 0.1
IM_START, IM_END, IMG, IMG_END = 257, 258, 259, 260
OUT = os.path.join(HERE, "reward")
WORDS = ["two red stars", "three", "a cat?", "it is seven, I think", "no", "yes, yes, yes", "42", "blue on the left"]


def pairs():
    lines = []
    for i in range(8):
        line = dict(messages=[dict(role="user", content=f"question {i}" if i % 3 else f"<image>\nquestion {i}")],
                    chosen=WORDS[i], rejected=WORDS[(i * 3 + 1) % 8], source="even" if i % 2 == 0 else "odd")
        if i % 3 == 0:
            line["images"] = [f"{i % 6}.png"]
        if i % 4 == 1:
            line["margin"] = 0.25 * i
        lines.append(line)
    return lines


def turn(role, ids):
    return [IM_START, *role.encode(), 10, *ids, IM_END, 10]


def conversation(line, answer):
    question = line["messages"][0]["content"]
    if "images" in line:
        question = question.removeprefix("<image>\n")
        user = [IMG, *[IMAGE_TOKEN] * SLOTS, IMG_END, 10, *question.encode()]
    else:
        user = list(question.encode())
    return turn("user", user) + turn("assistant", list(answer.encode()))


def judge(model, head, line, answer, own):
    """The score, and the mean log-probability of the answer's tokens."""
    extra = {}
    if "images" in line:
        extra = dict(pixel_values=torch.stack([read_pixels(os.path.basename(p)) for p in line["images"]]))
    ids = torch.tensor(conversation(line, answer))
    out = model(input_ids=ids[None], output_hidden_states=True, use_cache=False, **extra)
    end = len(ids) - 1  # behind <|im_end|>
    begin = end - 1 - len(answer.encode())
    logps = out.logits[0, begin - 1:end - 1].log_softmax(-1).gather(1, ids[begin:end, None])
    return head(out.hidden_states[-1][0, -1])[0] + own * logps.sum(), logps.mean()


def train(model, head, lines, own=0.0, sft=0.0):
    trained = [(n, p) for n, p in [*model.named_parameters(), *head.named_parameters()] if "vision_tower" not in n]
    for name, parameter in model.named_parameters():
        parameter.requires_grad_("vision_tower" not in name)
    optimizer = torch.optim.AdamW([dict(params=[p for n, p in trained if decays(n) == d], weight_decay=DECAY if d else 0.0)
                                   for d in (True, False)], lr=LEARNING_RATE, betas=(0.9, 0.98), eps=1e-8)
    curve = []
    for stage, (steps, rate, data) in enumerate([(STEPS, LEARNING_RATE, [l for l in lines if "images" in l]), (SECOND_STEPS, SECOND_RATE, lines)]):
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"] = rate
        schedule = get_cosine_schedule_with_warmup(optimizer, WARMUP, steps)
        place = 0
        for step in range(steps):
            # batches end with the epoch: a step takes up to ACCUMULATION of them
            chosen, batches = [], 0
            while batches < ACCUMULATION:
                if place >= len(data):
                    place = 0
                    if batches:
                        break
                chosen += data[place:place + BATCH]
                place += BATCH
                batches += 1
            loss = lead_sum = right = fluency = 0
            for line in chosen:
                better, mean = judge(model, head, line, line["chosen"], own)
                worse, _ = judge(model, head, line, line["rejected"], own)
                fluency = fluency + mean
                loss = loss - logsigmoid(better - worse - line.get("margin", 0.0)) + CENTERING * (better + worse) ** 2
                right += int(better > worse)
                lead_sum += float(better - worse)
            loss = loss / len(chosen)
            fluency = fluency / len(chosen)
            (loss - sft * fluency).backward()
            norm = torch.nn.utils.clip_grad_norm_([p for _, p in trained], MAX_NORM)
            curve.append(dict(stage=stage, sft_loss=float(-fluency.detach()), pairs=len(chosen), loss=float(loss.detach()), grad_norm=float(norm), accuracy=right / len(chosen),
                              margin=lead_sum / len(chosen), learning_rate=schedule.get_last_lr()[-1]))
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            print(curve[-1])
    return curve


if __name__ == "__main__":
    torch.set_num_threads(1)
    make_network.IMAGE_TOKEN = IMAGE_TOKEN
    os.makedirs(OUT, exist_ok=True)
    config = joint_config("6B", language_config(vocab_size=264, tie_word_embeddings=True))
    data = pairs()
    with open(os.path.join(OUT, "pairs.jsonl"), "w") as file:
        file.writelines(json.dumps(line) + "\n" for line in data)
    with open(os.path.join(OUT, "pictures.jsonl"), "w") as file:
        file.writelines(json.dumps(line) + "\n" for line in data if "images" in line)
    for name, extra in [("curve", {}), ("curve_likelihood", dict(own=OWN, sft=SFT))]:
        network = build(config)
        load(network, config)
        linear = torch.nn.Linear(32, 1)
        with torch.no_grad():
            linear.weight.copy_(weight("v_head.summary.weight", (1, 32)))
            linear.bias.copy_(weight("v_head.summary.bias", (1,)))
        with open(os.path.join(OUT, name + ".json"), "w") as file:
            json.dump(train(network, linear, data, **extra), file)
