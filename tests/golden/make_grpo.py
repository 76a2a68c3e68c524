#!/usr/bin/env python3
"""Advantages, losses and gradients of a small hand-made batch under TRL's and verl's formulas; judge of src/train/{advantage,loss_grpo}_test.cpp.

  python tests/golden/make_grpo.py              writes tests/golden/grpo.json
  python tests/golden/make_grpo.py --check-trl  also runs TRL 1.16's own GRPOTrainer._compute_loss on the same batch and compares

Needs torch 2.13.0 (--check-trl: trl 1.16.0). Everything is float64 and padded [answers, tokens] with a mask, as both
trainers hold it; r1v packs. The formulas are restated from TRL 1.16 (trainer/grpo_trainer.py) and verl
(trainer/ppo/core_algos.py); the papers' presets are settings of these.
"""
import json
import os
import sys

import torch

torch.set_default_dtype(torch.float64)
HERE = os.path.dirname(os.path.abspath(__file__))
LENGTHS = [3, 1, 4, 2, 3, 5]  # two questions with three answers
GROUP, MAX_TOKENS = 3, 6
REWARDS = [2.0, 0.0, 1.0, 1.2, 0.2, 0.2]


def batch(far=False):
    """far: the reference is so far away that verl's limits hold the estimates of KL."""
    generator = torch.Generator().manual_seed(7)
    draw = lambda scale: torch.randn(len(LENGTHS), max(LENGTHS), generator=generator) * scale
    new = -1.5 + draw(0.5)
    old = new + draw(0.4)  # ratios from about 0.4 to 3
    ref = new + draw(0.6)
    old[3, 0] = new[3, 0] - 1.9  # a large ratio on a bad and on a good answer
    old[4, 1] = new[4, 1] - 2.3
    mask = torch.tensor([[1.0 if t < n else 0.0 for t in range(max(LENGTHS))] for n in LENGTHS])
    if far:
        ref[0, 1] = new[0, 1] + 3.0  # an estimate above 10
        ref[2, 2] = new[2, 2] + 25.0  # a difference above 20
    return new, old, ref, mask


def advantages(rewards, scale, epsilon):
    r = torch.tensor(rewards).view(-1, GROUP)
    centred = r - r.mean(1, keepdim=True)
    if scale == "group":
        return (centred / (r.std(1, keepdim=True) + epsilon)).flatten()
    if scale == "batch":
        return (centred / (r.std() + epsilon)).flatten()
    return centred.flatten()


def aggregate(loss, mask, mode):
    if mode in ("dapo", "token-mean"):
        return (loss * mask).sum() / mask.sum()
    if mode in ("grpo", "seq-mean-token-mean"):
        return ((loss * mask).sum(1) / mask.sum(1)).mean()
    if mode == "dr_grpo":
        return (loss * mask).sum() / (mask.size(0) * MAX_TOKENS)
    raise ValueError(mode)


def trl(new, old, ref, mask, adv, *, loss_type="dapo", low=0.2, high=0.2, delta=None, level="token", beta=0.0,
        bias_correction=True):
    ratio = new - old
    if level == "sequence":
        ratio = ((ratio * mask).sum(1) / mask.sum(1)).unsqueeze(1)
    ratio = ratio.exp()
    kl = (ref - new).exp() - (ref - new) - 1
    if bias_correction:
        kl = kl * ratio
    capped = ratio if delta is None else ratio.clamp(max=delta)
    a = adv.unsqueeze(1)
    loss = -torch.min(capped * a, ratio.clamp(1 - low, 1 + high) * a).expand_as(new)
    if beta:
        loss = loss + beta * kl
    return aggregate(loss, mask, loss_type)


def verl_kl(new, ref, kind):
    if kind == "k1":
        return new - ref
    if kind == "k2":
        return 0.5 * (new - ref) ** 2
    d = (ref - new).clamp(-20, 20)
    return (d.exp() - d - 1).clamp(-10, 10)


def verl(new, old, ref, mask, adv, *, agg="token-mean", low=0.2, high=0.2, c=3.0, kl=None, beta=0.0):
    ratio = (new - old).clamp(-20, 20).exp()
    a = adv.unsqueeze(1)
    clipped = torch.max(-a * ratio, -a * ratio.clamp(1 - low, 1 + high))
    loss = torch.where(a < 0, torch.min(-a * c, clipped), clipped)
    total = aggregate(loss, mask, agg)
    return total + beta * aggregate(verl_kl(new, ref, kl), mask, agg) if kl else total


def verl_gspo(new, old, ref, mask, adv, *, low, high):
    mean = (((new - old) * mask).sum(1) / mask.sum(1)).detach().unsqueeze(1)
    ratio = (new - new.detach() + mean).clamp(max=10.0).exp()
    a = adv.unsqueeze(1)
    return aggregate(torch.max(-a * ratio, -a * ratio.clamp(1 - low, 1 + high)), mask, "seq-mean-token-mean")


# name -> (advantage settings, formula, its settings, how r1v is told the same)
VERL = {"log_ratio_limit": 20.0, "dual_clip": 3.0, "kl_input_limit": 20.0, "kl_output_limit": 10.0}
CASES = {
    "trl": (("group", 1e-4), trl, {}, {}),
    "trl grpo": (("group", 1e-4), trl, dict(loss_type="grpo"), dict(loss_type="grpo")),
    "trl dr_grpo": (("none", 0.0), trl, dict(loss_type="dr_grpo"), dict(loss_type="dr_grpo")),
    "trl batch": (("batch", 1e-4), trl, {}, {}),
    "trl clip higher": (("group", 1e-4), trl, dict(high=0.28), dict(epsilon_high=0.28)),
    "trl two-sided": (("group", 1e-4), trl, dict(delta=1.5), dict(delta=1.5)),
    "trl gspo": (("group", 1e-4), trl, dict(loss_type="grpo", level="sequence", low=3e-4, high=4e-4),
                 dict(loss_type="grpo", level="sequence", epsilon_low=3e-4, epsilon_high=4e-4)),
    "trl gspo over tokens": (("group", 1e-4), trl, dict(level="sequence"), dict(level="sequence")),
    "trl kl": (("group", 1e-4), trl, dict(beta=0.04), dict(beta=0.04, kl_times_ratio=True)),
    "verl": (("group", 1e-6), verl, {}, VERL),
    "verl sequence mean": (("group", 1e-6), verl, dict(agg="seq-mean-token-mean"), VERL | dict(loss_type="grpo")),
    "verl k1": (("group", 1e-6), verl, dict(kl="k1", beta=0.1),
                VERL | dict(kl="k1", beta=0.1, kl_input_limit=0.0, kl_output_limit=0.0)),
    "verl k2": (("group", 1e-6), verl, dict(kl="k2", beta=0.1),
                VERL | dict(kl="k2", beta=0.1, kl_input_limit=0.0, kl_output_limit=0.0)),
    "verl k3": (("group", 1e-6), verl, dict(kl="k3", beta=0.001), VERL | dict(kl="k3", beta=0.001)),
    "verl gspo": (("group", 1e-6), verl_gspo, dict(low=0.1, high=0.1),
                  dict(loss_type="grpo", level="sequence", epsilon_low=0.1, epsilon_high=0.1)),
    "r1v1": (("group", 1e-4), trl, dict(loss_type="grpo", beta=0.04, bias_correction=False),
             dict(loss_type="grpo", beta=0.04)),
    "r1v2": (("group", 1e-4), trl, dict(loss_type="grpo"), dict(loss_type="grpo")),
    "r1v3": (("group", 1e-6), verl, {}, VERL),
}


def run(name):
    (scale, epsilon), formula, settings, told = CASES[name]
    new, old, ref, mask = batch(far=formula is verl)
    new.requires_grad_(True)
    adv = advantages(REWARDS, scale, epsilon)
    loss = formula(new, old, ref, mask, adv, **settings)
    loss.backward()
    assert new.grad[mask == 0].abs().max() == 0
    return dict(name=name, far=formula is verl, scale=scale, epsilon=epsilon, options=told, advantages=adv.tolist(), loss=loss.item(),
                gradient=new.grad[mask == 1].tolist())


def check_trl(case):
    """TRL's own code on the same batch; its trainer is stood in for by what the method reads."""
    from collections import defaultdict
    from types import SimpleNamespace

    from trl.trainer.grpo_trainer import GRPOTrainer
    _, formula, settings, _ = CASES[case["name"]]
    if formula is not trl:
        return
    new, old, ref, mask = batch()
    new.requires_grad_(True)
    accelerator = SimpleNamespace(num_processes=1, gather=lambda x: x, reduce=lambda x, reduction: x, sync_gradients=True)
    trainer = SimpleNamespace(
        _get_per_token_logps_and_entropies=lambda *a, **k: (new, torch.zeros_like(new), None), aux_loss_enabled=False,
        top_entropy_quantile=1.0, off_policy_mask_threshold=None, importance_sampling_level=settings.get("level", "token"),
        beta=settings.get("beta", 0.0), loss_type=settings.get("loss_type", "dapo"), epsilon_low=settings.get("low", 0.2),
        epsilon_high=settings.get("high", 0.2), model=SimpleNamespace(training=True), use_vllm=False, accelerator=accelerator,
        args=SimpleNamespace(delta=settings.get("delta"), use_bias_correction_kl=settings.get("bias_correction", True),
                             steps_per_generation=1),
        current_gradient_accumulation_steps=1, max_completion_length=MAX_TOKENS, _entropy_bonus_enabled=False,
        _metrics=dict(train=defaultdict(list), eval=defaultdict(list)))
    ids = torch.zeros(mask.shape, dtype=torch.long)
    inputs = dict(prompt_ids=ids[:, :1], prompt_mask=ids[:, :1] + 1, completion_ids=ids, completion_mask=mask,
                  advantages=torch.tensor(case["advantages"]), old_per_token_logps=old, ref_per_token_logps=ref,
                  num_items_in_batch=mask.sum())
    loss = GRPOTrainer._compute_loss(trainer, None, inputs)
    loss.backward()
    error = max(abs(loss.item() - case["loss"]), (new.grad[mask == 1] - torch.tensor(case["gradient"])).abs().max().item())
    print(f"{case['name']:24} TRL agrees within {error:.1e}")
    assert error < 1e-9


if __name__ == "__main__":
    new, old, ref, mask = batch()
    pick = lambda x: x[mask == 1].tolist()
    cases = [run(name) for name in CASES]
    if "--check-trl" in sys.argv:
        for case in cases:
            check_trl(case)
    with open(os.path.join(HERE, "grpo.json"), "w") as file:
        json.dump(dict(lengths=LENGTHS, group=GROUP, max_tokens=MAX_TOKENS, rewards=REWARDS, new=pick(new), old=pick(old),
                       reference=pick(ref), far_reference=pick(batch(far=True)[2]), cases=cases), file, indent=1)
