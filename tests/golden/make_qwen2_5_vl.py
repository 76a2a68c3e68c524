#!/usr/bin/env python3
"""Expected outputs of tiny Qwen2.5-VL networks, computed by transformers; judge of src/models/qwen2_5_vl_test.cpp.

  python tests/golden/make_qwen2_5_vl.py       writes tests/golden/qwen2_5_vl_*.safetensors (outputs only)

Needs torch 2.13.0, transformers 5.23.0, safetensors, numpy. Weights, pixels and ids come from make_network.py's formula,
under the names of published checkpoints. The cases' config.json are in the layout of transformers 4.51 and in the newer one.
"""
import json
import os

import torch
from safetensors.torch import save_file
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

from make_network import numbers, weight

HERE = os.path.dirname(os.path.abspath(__file__))
IMAGE_TOKEN, VISION_START, VISION_END, GREEDY_TOKENS = 95, 93, 94, 16
TEXT = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, intermediate_size=48,
            vocab_size=96, hidden_act="silu", max_position_embeddings=256, rms_norm_eps=1e-6, tie_word_embeddings=False,
            use_sliding_window=False)
MROPE = dict(rope_theta=1e6, rope_scaling=dict(type="mrope", mrope_section=[1, 2, 1]))
TOWER = dict(model_type="qwen2_5_vl", depth=3, hidden_size=32, hidden_act="silu", intermediate_size=40, num_heads=4, in_chans=3,
             out_hidden_size=32, patch_size=4, spatial_merge_size=2, temporal_patch_size=2, window_size=16,
             fullatt_block_indexes=[1])
JOINT = dict(architectures=["Qwen2_5_VLForConditionalGeneration"], model_type="qwen2_5_vl", image_token_id=IMAGE_TOKEN,
             vision_start_token_id=VISION_START, vision_end_token_id=VISION_END, torch_dtype="float32", vision_config=TOWER)
OLD = JOINT | TEXT | MROPE                                                      # transformers 4.51
NEW = JOINT | dict(text_config=TEXT | dict(model_type="qwen2_5_vl_text", rope_parameters=dict(
    rope_type="default", rope_theta=1e6, mrope_section=[1, 2, 1])), tie_word_embeddings=False)
# windows of 2 x 2 cells: 5 x 3 cells do not divide, 2 x 4 do, 1 x 1 is less than a window
CASES = {"pictures": (OLD, [(1, 10, 6), (1, 4, 8)]), "one_cell": (NEW, [(1, 2, 2)]), "text": (OLD, [])}


def reference(config):
    tower = {k: v for k, v in TOWER.items() if k not in ("model_type", "in_chans")}
    model = Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(
        text_config=TEXT | dict(rope_parameters=dict(rope_type="default", rope_theta=1e6, mrope_section=[1, 2, 1])),
        vision_config=tower | dict(in_channels=3), image_token_id=IMAGE_TOKEN, vision_start_token_id=VISION_START,
        vision_end_token_id=VISION_END, tie_word_embeddings=False, attn_implementation="eager")).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(weight(published(name), tuple(parameter.shape)))
    return model


def published(name):
    """The names of transformers 4.51, which the formula runs over."""
    return name.replace("model.visual.", "visual.").replace("model.language_model.", "model.")


def input_ids(grids):
    ids = [(7 * i) % 90 for i in range(5)]
    for t, h, w in grids:
        ids += [VISION_START] + [IMAGE_TOKEN] * (t * h * w // 4) + [VISION_END, 11, 12, 13]
    return torch.tensor(ids + [(5 * i + 3) % 90 for i in range(9)])


def outputs(config, grids):
    model, ids = reference(config), input_ids(grids)
    labels = torch.where(ids == IMAGE_TOKEN, -100, ids)
    out = dict(input_ids=ids, labels=labels)
    extra = {}
    if grids:
        grid = torch.tensor(grids)
        patches = int(grid.prod(1).sum())
        extra = dict(pixel_values=numbers("pixels", patches, 3 * 2 * 4 * 4) * 2, image_grid_thw=grid,
                     mm_token_type_ids=(ids == IMAGE_TOKEN).long()[None])
        vision = model.model.visual(extra["pixel_values"], grid_thw=grid)
        out |= {"image_grid_thw": grid, "projector.output": vision.pooler_output.detach()}
        out["position_ids"] = model.model.get_rope_index(ids[None], extra["mm_token_type_ids"], grid)[0][:, 0].contiguous()
    result = model(input_ids=ids[None], output_hidden_states=True, use_cache=False, **extra)
    out |= {"layers.0": result.hidden_states[1][0].detach(), "hidden": result.hidden_states[-1][0].detach(),
            "logits": result.logits[0].detach()}
    loss = torch.nn.functional.cross_entropy(result.logits[0][:-1], labels[1:], ignore_index=-100)
    loss.backward()
    out["loss"] = loss.detach()
    norms = {published(n): float(p.grad.double().norm()) if p.grad is not None else 0.0 for n, p in model.named_parameters()}
    out["grad_norms"] = torch.tensor(list(norms.values()), dtype=torch.float64)
    # the scalar head of TRL 0.16.1 on the hidden state after the final norm, at the last token
    head, bias = weight("v_head.summary.weight", (1, 32)), weight("v_head.summary.bias", (1,))
    out["score"] = (out["hidden"][-1] @ head[0] + bias[0]).reshape(1)
    out["generated_ids"], margin = greedy(model, ids, extra)
    assert margin > 1e-3, f"a greedy choice is nearly a tie ({margin})"
    return out, norms


@torch.no_grad()
def greedy(model, ids, extra):
    margin, new = float("inf"), []
    for _ in range(GREEDY_TOKENS):
        if extra:
            extra = extra | dict(mm_token_type_ids=torch.cat([extra["mm_token_type_ids"][:, :len(ids)],
                                                              torch.zeros(1, len(new), dtype=torch.long)], 1))
        logits = model(input_ids=torch.cat([ids, torch.tensor(new, dtype=torch.long)])[None], use_cache=False, **extra).logits[0, -1]
        logits[IMAGE_TOKEN] = -1e9  # a generated image token would ask for a picture
        top = logits.topk(2).values
        margin = min(margin, float(top[0] - top[1]))
        new.append(int(logits.argmax()))
    return torch.tensor(new), margin


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name, (config, grids) in CASES.items():
        out, norms = outputs(config, grids)
        save_file(out, os.path.join(HERE, f"qwen2_5_vl_{name}.safetensors"),
                  metadata={"config": json.dumps(config), "grad_names": json.dumps(list(norms))})
        print(name, len(out["input_ids"]), "tokens", f"loss {float(out['loss']):.4f}", f"score {float(out['score']):.4f}",
              out["generated_ids"].tolist())
