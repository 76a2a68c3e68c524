#!/usr/bin/env python3
"""Mixed preference optimization of a tiny network in plain PyTorch; judge of src/recipes/mpo_test.cpp.

  python tests/golden/make_mpo.py          writes tests/golden/mpo/curves.json (pairs: reward/; network, pictures: sft/)
  python tests/golden/make_mpo.py --trl    writes tests/golden/mpo/trl.json: what TRL 1.16.0's own loss says of given numbers

Needs torch 2.13.0, transformers 5.23.0, pillow; --trl also trl 1.16.0. Each conversation is rendered and run by itself,
the reference policy is a second network. Three forms: InternVL's (delta: a running mean of all rewards, one update a
step), TRL 0.10's (one update a micro-batch) with LLaMA-Factory's mean over sequences, TRL 0.29's (no delta).
"""
import copy
import json
import os
import sys
from collections import defaultdict
from types import SimpleNamespace

import torch
from torch.nn.functional import log_softmax, logsigmoid

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "mpo")
STEPS, BATCH, ACCUMULATION = 6, 2, 2
LEARNING_RATE, DECAY, WARMUP, MAX_NORM, BETA = 2e-3, 0.05, 2, 1.0, 0.3
WEIGHTS = (0.8, 0.2, 1.0)
FORMS = {"step": ("step", "tokens"), "micro-batch": ("micro-batch", "sequences"), "off": ("off", "tokens")}


class RunningMoments:
    """TRL 0.10.1 trl/trainer/utils.py, for one number at a time and one process."""

    def __init__(self):
        self.mean, self.count = 0.0, 1e-24

    def update(self, x):
        total = self.count + 1
        self.mean += (x - self.mean) / total
        self.count = total


def answer_logps(model, line, answer):
    """Log-probability of every token of the answer and of the end token behind it."""
    import make_reward
    from make_sft import read_pixels
    ids = make_reward.conversation(line, answer)[:-1]  # without the newline behind <|im_end|>
    tokens = len(answer.encode()) + 1
    extra = {}
    if "images" in line:
        extra = dict(pixel_values=torch.stack([read_pixels(os.path.basename(p)) for p in line["images"]]))
    logits = model(input_ids=torch.tensor([ids]), use_cache=False, **extra).logits[0, -tokens - 1:-1]
    return log_softmax(logits, -1).gather(1, torch.tensor(ids[-tokens:])[:, None])[:, 0]


def losses(model, reference, lines):
    """Rewards of both answers of every pair; the chosen ones' log-probabilities by token."""
    rewards, chosen = [], []
    for line in lines:
        pair = []
        for key in ("chosen", "rejected"):
            logps = answer_logps(model, line, line[key])
            with torch.no_grad():
                base = answer_logps(reference, line, line[key]).sum()
            pair.append(BETA * (logps.sum() - base))
            if key == "chosen":
                chosen.append(logps)
        rewards.append(torch.stack(pair))
    return torch.stack(rewards), chosen


def train(model, lines, delta_form, sft_mean):
    from make_sft import decays
    from transformers import get_cosine_schedule_with_warmup
    reference = copy.deepcopy(model)
    trained = [(n, p) for n, p in model.named_parameters() if "vision_tower" not in n]
    for name, parameter in model.named_parameters():
        parameter.requires_grad_("vision_tower" not in name)
    optimizer = torch.optim.AdamW([dict(params=[p for n, p in trained if decays(n) == d], weight_decay=DECAY if d else 0.0)
                                   for d in (True, False)], lr=LEARNING_RATE, betas=(0.9, 0.98), eps=1e-8)
    schedule = get_cosine_schedule_with_warmup(optimizer, WARMUP, STEPS)
    delta, place, curve = RunningMoments(), 0, []
    for _ in range(STEPS):
        batches = []
        while len(batches) < ACCUMULATION and place < len(lines):
            batches.append(lines[place:place + BATCH])
            place += BATCH
        place %= len(lines)
        found = [losses(model, reference, batch) for batch in batches]  # all graphs at once: no second pass
        deltas = []
        if delta_form == "step":
            delta.update(float(torch.cat([r for r, _ in found]).mean().detach()))
        for rewards, _ in found:
            if delta_form == "micro-batch":
                delta.update(float(rewards.mean().detach()))
            deltas.append(delta.mean)
        pairs = sum(len(r) for r, _ in found)
        preference = sum(-logsigmoid(r[:, 0] - r[:, 1]).sum() for r, _ in found) / pairs
        quality = sum(-(logsigmoid(r[:, 0] - d) + logsigmoid(-(r[:, 1] - d))).sum() for (r, _), d in zip(found, deltas)) / pairs
        chosen = [logps for _, batch in found for logps in batch]
        generation = -torch.cat(chosen).mean() if sft_mean == "tokens" else -torch.stack([c.mean() for c in chosen]).mean()
        loss = WEIGHTS[0] * preference + WEIGHTS[1] * quality + WEIGHTS[2] * generation
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_([p for _, p in trained], MAX_NORM)
        rewards = torch.cat([r for r, _ in found]).detach()
        curve.append({"loss": float(loss.detach()), "loss/preference": float(preference.detach()), "loss/quality": float(quality.detach()),
                      "loss/generation": float(generation.detach()), "rewards/chosen": float(rewards[:, 0].mean()),
                      "rewards/rejected": float(rewards[:, 1].mean()), "rewards/accuracies": float((rewards[:, 0] > rewards[:, 1]).float().mean()),
                      "delta": delta.mean, "grad_norm": float(norm), "learning_rate": schedule.get_last_lr()[-1]})
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        print(curve[-1])
    return curve


def make_curves():
    import make_network
    from make_network import HERE, build, joint_config, language_config, load
    from make_sft import IMAGE_TOKEN
    make_network.IMAGE_TOKEN = IMAGE_TOKEN
    config = joint_config("6B", language_config(vocab_size=264, tie_word_embeddings=True))
    lines = [json.loads(line) for line in open(os.path.join(HERE, "reward", "pairs.jsonl"))]
    curves = {}
    for name, form in FORMS.items():
        network = build(config)
        load(network, config)
        curves[name] = train(network, lines, *form)
    return curves


def ask_trl():
    """DPOTrainer._compute_loss on made-up log-probabilities: a model that returns them, a trainer with its settings only."""
    from trl import DPOTrainer
    torch.manual_seed(7)
    tokens = torch.tensor([5, 2, 4, 6, 3, 3])  # of three chosen answers, then of three rejected ones
    mask = (torch.arange(7)[None] < tokens[:, None] + 1).long()
    mask[:, 0] = 0  # one token of prompt
    logps = -4 * torch.rand(6, 6, dtype=torch.float64) * mask[:, 1:]
    reference = logps.sum(1) + torch.randn(6, dtype=torch.float64)
    outputs = SimpleNamespace(log_probs=logps.requires_grad_(), entropy=logps, mean_logits=logps, is_top1=logps > -1)
    trainer = SimpleNamespace(aux_loss_enabled=False, ld_alpha=None, precompute_ref_logps=True, f_divergence_type="reverse_kl",
                              loss_types=["sigmoid", "bco_pair", "sft"], loss_weights=list(WEIGHTS), beta=BETA, label_smoothing=0.0,
                              use_weighting=False, _tp_size=1, _total_train_tokens=0, _metrics=defaultdict(lambda: defaultdict(list)),
                              model=SimpleNamespace(training=True), accelerator=SimpleNamespace(gather_for_metrics=lambda x: x, gather=lambda x: x, device="cpu"))

    class Policy:
        training = True

        def __call__(self, **_):
            return outputs
    inputs = dict(input_ids=torch.ones(6, 7, dtype=torch.long), attention_mask=torch.ones(6, 7, dtype=torch.long), completion_mask=mask,
                  ref_chosen_logps=reference[:3], ref_rejected_logps=reference[3:])
    loss = DPOTrainer._compute_loss(trainer, Policy(), inputs, return_outputs=False)
    (slope,) = torch.autograd.grad(loss, logps)
    sums = (logps * mask[:, 1:]).sum(1)
    return dict(beta=BETA, weights=WEIGHTS, policy=sums.view(2, 3).T.tolist(), reference=reference.view(2, 3).T.tolist(),
                chosen_tokens=tokens[:3].tolist(), loss=float(loss.detach()), slope=slope[:, 0].view(2, 3).T.tolist())


if __name__ == "__main__":
    torch.set_num_threads(1)
    os.makedirs(OUT, exist_ok=True)
    name, value = ("trl.json", ask_trl()) if "--trl" in sys.argv else ("curves.json", make_curves())
    with open(os.path.join(OUT, name), "w") as file:
        json.dump(value, file)
