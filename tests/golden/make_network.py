#!/usr/bin/env python3
"""Expected outputs of tiny networks of the family, computed by transformers; judge of src/models/parity_test.cpp.

  python tests/golden/make_network.py                  writes tests/golden/network_*.safetensors (outputs only)
  python tests/golden/make_network.py --folders DIR    also writes whole checkpoint folders for `r1v trace`

Needs torch 2.13.0, transformers 5.23.0, safetensors, numpy. Weights, pixels and ids come from a formula (numbers()),
which the C++ test repeats, so that only outputs are kept. Language model: transformers' Qwen2. Vision tower, projector
and joining: transformers' InternVL (its pixel shuffle is the family's v2; v1 leaves out the last swap of axes, below).
"""
import argparse
import copy
import json
import os
import types

import numpy as np
import torch
import transformers
from safetensors.torch import save_file
from transformers import InternVLConfig, InternVLForConditionalGeneration, Qwen2Config, Qwen2ForCausalLM

assert torch.__version__.startswith("2.13.0") and transformers.__version__ == "5.23.0"
HERE = os.path.dirname(os.path.abspath(__file__))
IMAGE_TOKEN, GREEDY_TOKENS = 95, 32


def numbers(name, *shape):
    """float32 in [-1, 1): splitmix64 of FNV-1a(name) + index; exact in float32."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = (seed ^ byte) * 0x100000001B3 % 2**64
    with np.errstate(over="ignore"):
        x = np.uint64(seed) + np.arange(1, int(np.prod(shape)) + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
    return torch.from_numpy(((x >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-23) - np.float32(1))).reshape(shape)


def weight(name, shape):
    values = numbers(name, *shape)
    is_scale = len(shape) == 1 and not name.endswith(".bias")  # norms and layer scales
    return values * 0.5 + (1 if is_scale else 0)


def language_config(**changes):
    config = dict(architectures=["Qwen2ForCausalLM"], model_type="qwen2", hidden_size=32, num_hidden_layers=2,
                  num_attention_heads=4, num_key_value_heads=2, intermediate_size=48, vocab_size=96, hidden_act="silu",
                  max_position_embeddings=256, rms_norm_eps=1e-5, rope_theta=1e6, tie_word_embeddings=False,
                  use_sliding_window=False, torch_dtype="float32")
    config.update(changes)
    return config


def vision_config(flavour):
    config = dict(architectures=["InternVisionModel"], model_type="intern_vit_6b", hidden_size=24, num_hidden_layers=2,
                  num_attention_heads=3, intermediate_size=40, patch_size=7, image_size=28, hidden_act="gelu",
                  layer_norm_eps=1e-6, num_channels=3)
    if flavour == "6B":
        return config | dict(norm_type="rms_norm", qk_normalization=True, qkv_bias=False)
    return config | dict(norm_type="layer_norm", qk_normalization=False, qkv_bias=True)


def joint_config(flavour, language, **changes):
    skywork = flavour == "6B"
    config = dict(architectures=["SkyworkR1VChatModel" if skywork else "InternVLChatModel"],
                  model_type="skywork_chat" if skywork else "internvl_chat", downsample_ratio=0.5, dynamic_image_size=True,
                  force_image_size=28, min_dynamic_patch=1, max_dynamic_patch=12, select_layer=-1, ps_version="v2",
                  use_thumbnail=True, torch_dtype="float32", vision_config=vision_config(flavour), llm_config=language)
    config.update(changes)
    return config


YARN = dict(rope_type="yarn", rope_theta=1e4, factor=4.0, original_max_position_embeddings=16)
CASES = {
    "r1v_6b": dict(config=joint_config("6B", language_config()), tiles=2, documents=[30]),
    "internvl_300m": dict(config=joint_config("300M", language_config(tie_word_embeddings=True, rms_norm_eps=1e-6)), tiles=1,
                          documents=[18]),
    "pixel_shuffle_v1": dict(config=joint_config("300M", language_config(), ps_version="v1"), tiles=1, documents=[14]),
    "resized_grid": dict(config=joint_config("6B", language_config(), force_image_size=56), tiles=1, documents=[26]),
    "yarn": dict(config=language_config(rope_theta=None, rope_parameters=YARN, max_position_embeddings=64), documents=[40]),
    "tied_packed": dict(config=language_config(tie_word_embeddings=True, head_dim=16, num_key_value_heads=1, rope_theta=1e4),
                        documents=[7, 1, 12]),
    "head_16": dict(config=joint_config("6B", language_config(head_dim=16, num_key_value_heads=1)), tiles=1, documents=[18]),
}


def shapes(config):
    """Every tensor of a checkpoint, under the published names."""
    language = config.get("llm_config", config)
    prefix = "language_model." if "llm_config" in config else ""
    h, f, v = language["hidden_size"], language["intermediate_size"], language["vocab_size"]
    d = language.get("head_dim", h // language["num_attention_heads"])
    q, kv = d * language["num_attention_heads"], d * language["num_key_value_heads"]
    out = {}
    if "vision_config" in config:
        vision = config["vision_config"]
        w, i, k = vision["hidden_size"], vision["intermediate_size"], vision["patch_size"]
        e = "vision_model.embeddings."
        out |= {e + "class_embedding": (1, 1, w), e + "patch_embedding.weight": (w, 3, k, k), e + "patch_embedding.bias": (w,),
                e + "position_embedding": (1, (vision["image_size"] // k) ** 2 + 1, w)}
        for n in range(vision["num_hidden_layers"]):
            p = f"vision_model.encoder.layers.{n}."
            layer = {"norm1.weight": (w,), "attn.qkv.weight": (3 * w, w), "attn.proj.weight": (w, w), "attn.proj.bias": (w,),
                     "norm2.weight": (w,), "mlp.fc1.weight": (i, w), "mlp.fc1.bias": (i,), "mlp.fc2.weight": (w, i),
                     "mlp.fc2.bias": (w,), "ls1": (w,), "ls2": (w,)}
            if vision["norm_type"] == "layer_norm":
                layer |= {"norm1.bias": (w,), "norm2.bias": (w,)}
            if vision["qkv_bias"]:
                layer["attn.qkv.bias"] = (3 * w,)
            if vision["qk_normalization"]:
                layer |= {"attn.q_norm.weight": (w,), "attn.k_norm.weight": (w,)}
            out |= {p + name: shape for name, shape in layer.items()}
        m = 4 * w
        out |= {"mlp1.0.weight": (m,), "mlp1.0.bias": (m,), "mlp1.1.weight": (h, m), "mlp1.1.bias": (h,),
                "mlp1.3.weight": (h, h), "mlp1.3.bias": (h,)}
    out[prefix + "model.embed_tokens.weight"] = (v, h)
    for n in range(language["num_hidden_layers"]):
        p = f"{prefix}model.layers.{n}."
        for name, rows in (("q", q), ("k", kv), ("v", kv)):
            out |= {p + f"self_attn.{name}_proj.weight": (rows, h), p + f"self_attn.{name}_proj.bias": (rows,)}
        out |= {p + "self_attn.o_proj.weight": (h, q), p + "mlp.gate_proj.weight": (f, h), p + "mlp.up_proj.weight": (f, h),
                p + "mlp.down_proj.weight": (h, f), p + "input_layernorm.weight": (h,),
                p + "post_attention_layernorm.weight": (h,)}
    out[prefix + "model.norm.weight"] = (h,)
    if not language["tie_word_embeddings"]:
        out[prefix + "lm_head.weight"] = (v, h)
    return out


def pixel_shuffle_v1(self, x, scale_factor=0.5):
    n, w, h, c = x.size()
    x = x.reshape(n, w, int(h * scale_factor), int(c / scale_factor)).permute(0, 2, 1, 3).contiguous()
    return x.view(n, int(h * scale_factor), int(w * scale_factor), int(c / scale_factor**2))


def qwen2_config(language):
    keys = {k: v for k, v in language.items() if k not in ("architectures", "model_type", "torch_dtype") and v is not None}
    if "rope_theta" in keys:
        keys["rope_parameters"] = dict(rope_type="default", rope_theta=keys.pop("rope_theta"))
    return Qwen2Config(**copy.deepcopy(keys), attn_implementation="eager")


def build(config):
    """The reference network on meta-free fresh weights; its parameters are replaced by load()."""
    if "vision_config" not in config:
        return Qwen2ForCausalLM(qwen2_config(config)).eval()
    v = config["vision_config"]
    joint = InternVLConfig(
        vision_config=dict(hidden_size=v["hidden_size"], num_hidden_layers=v["num_hidden_layers"],
                           num_attention_heads=v["num_attention_heads"], intermediate_size=v["intermediate_size"],
                           patch_size=v["patch_size"], image_size=v["image_size"], attention_bias=v["qkv_bias"],
                           use_qk_norm=v["qk_normalization"], norm_type=v["norm_type"], layer_norm_eps=v["layer_norm_eps"]),
        text_config=qwen2_config(config["llm_config"]).to_dict(), image_token_id=IMAGE_TOKEN,
        downsample_ratio=config["downsample_ratio"], vision_feature_layer=-1,
        tie_word_embeddings=config["llm_config"]["tie_word_embeddings"], attn_implementation="eager")
    model = InternVLForConditionalGeneration(joint).eval()
    if config["ps_version"] == "v1":
        model.model.pixel_shuffle = types.MethodType(pixel_shuffle_v1, model.model)
    return model


REFERENCE_NAMES = [  # ours -> transformers' InternVL
    ("vision_model.embeddings.class_embedding", "model.vision_tower.embeddings.cls_token"),
    ("vision_model.embeddings.patch_embedding.", "model.vision_tower.embeddings.patch_embeddings.projection."),
    ("vision_model.embeddings.position_embedding", "model.vision_tower.embeddings.position_embeddings"),
    ("vision_model.encoder.layers.", "model.vision_tower.encoder.layer."), (".norm1.", ".layernorm_before."),
    (".norm2.", ".layernorm_after."), (".attn.proj.", ".attention.projection_layer."), (".attn.", ".attention."),
    (".ls1", ".lambda_1"), (".ls2", ".lambda_2"), ("mlp1.0.", "model.multi_modal_projector.layer_norm."),
    ("mlp1.1.", "model.multi_modal_projector.linear_1."), ("mlp1.3.", "model.multi_modal_projector.linear_2."),
    ("language_model.lm_head.", "lm_head."), ("language_model.model.", "model.language_model."),
]


def reference_parameters(name, parameters, joint):
    """The reference's parameters that hold the values of one of ours, in order along the first dimension."""
    if joint:
        for ours, theirs in REFERENCE_NAMES:
            name = name.replace(ours, theirs)
    if ".attention.qkv." in name:
        return [parameters[name.replace(".qkv.", f".{part}_proj.")] for part in "qkv"]
    return [parameters[name]]


def load(model, config):
    parameters, loaded = dict(model.named_parameters()), set()
    with torch.no_grad():
        for name, shape in shapes(config).items():
            slots = reference_parameters(name, parameters, "vision_config" in config)
            for slot, part in zip(slots, weight(name, shape).chunk(len(slots))):
                slot.copy_(part)
                loaded.add(slot.data_ptr())
    assert loaded == {p.data_ptr() for p in parameters.values()}, "a parameter of the reference was left random"


def inputs(case):
    config, total = case["config"], sum(case["documents"])
    ids = ((numbers("ids", total) + 1) / 2 * 90).long()
    labels = ids.clone()
    labels[::5] = -100
    pixels = None
    if "vision_config" in config:
        edge, patch = config["force_image_size"], config["vision_config"]["patch_size"]
        slots = case["tiles"] * (edge // patch // 2) ** 2
        ids[3:3 + slots] = IMAGE_TOKEN
        labels[:3 + slots] = -100
        pixels = numbers("pixels", case["tiles"], 3, edge, edge) * 2
    return ids, labels, pixels


def outputs(case):
    config = case["config"]
    model = build(config)
    load(model, config)
    ids, labels, pixels = inputs(case)
    out = {"input_ids": ids, "labels": labels, "documents": torch.tensor(case["documents"])}
    extra = {}
    if pixels is not None:
        kept = model.model.vision_tower(pixels).last_hidden_state.detach()
        out["vision.features"] = kept[:, 1:].contiguous()
        extra["pixel_values"] = pixels
        out["projector.output"] = model.model.get_image_features(
            pixels, vision_feature_layer=-1, vision_feature_select_strategy="default").pooler_output.detach().flatten(0, 1)
    logits, hidden, layers = [], [], []
    for document in ids.split(case["documents"]):
        result = model(input_ids=document[None], output_hidden_states=True, use_cache=False, **extra)
        logits.append(result.logits[0])
        layers.append(result.hidden_states[1][0].detach())
        hidden.append(result.hidden_states[-1][0].detach())
    out |= {"layers.0": torch.cat(layers), "hidden": torch.cat(hidden), "logits": torch.cat(logits).detach()}
    loss_sum, count = 0, 0
    for part, target in zip(logits, labels.split(case["documents"])):
        loss_sum = loss_sum + torch.nn.functional.cross_entropy(part[:-1], target[1:], ignore_index=-100, reduction="sum")
        count += int((target[1:] != -100).sum())
    loss = loss_sum / count
    loss.backward()
    out["loss"] = loss.detach()
    parameters, norms = dict(model.named_parameters()), {}
    for name in shapes(config):
        grads = [p.grad for p in reference_parameters(name, parameters, pixels is not None)]
        norms[name] = float(sum(g.double().square().sum() for g in grads).sqrt())
    out["grad_norms"] = torch.tensor(list(norms.values()), dtype=torch.float64)
    out["generated_ids"], margin = greedy(model, ids[-case["documents"][-1]:], extra)
    assert margin > 1e-3, f"a greedy choice is nearly a tie ({margin})"
    return out, norms, extra


@torch.no_grad()
def greedy(model, ids, extra):
    """One token at a time from the last document, whole passes without a cache; also the smallest lead of a choice.

    Works on embeddings: a generated image token is a plain token, not a slot for a picture."""
    table = model.get_input_embeddings()
    embeds = table(ids)[None]
    if extra:
        image = model.model.get_image_features(extra["pixel_values"], vision_feature_layer=-1,
                                               vision_feature_select_strategy="default").pooler_output
        embeds = embeds.masked_scatter((ids == IMAGE_TOKEN)[None, :, None], image)
    body = model.model.language_model if extra else model.model
    margin, new = float("inf"), []
    for _ in range(GREEDY_TOKENS):
        logits = model.lm_head(body(inputs_embeds=embeds, use_cache=False).last_hidden_state)[0, -1]
        top = logits.topk(2).values
        margin = min(margin, float(top[0] - top[1]))
        new.append(int(logits.argmax()))
        embeds = torch.cat([embeds, table(logits.argmax())[None, None]], 1)
    return torch.tensor(new), margin


def write_folder(folder, case, out, norms, extra):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(case["config"], file, indent=1)
    tensors = {name: weight(name, shape) for name, shape in shapes(case["config"]).items()}
    save_file(tensors, os.path.join(folder, "model.safetensors"), metadata={"format": "pt"})
    save_file(out | extra | {f"grad_norm.{name}": torch.tensor(value) for name, value in norms.items()},
              os.path.join(folder, "expected.safetensors"))
    request = dict(input_ids=out["input_ids"].tolist(), labels=out["labels"].tolist(), greedy_tokens=GREEDY_TOKENS, layers=True)
    if extra:
        save_file(extra, os.path.join(folder, "pixels.safetensors"))
        request |= dict(pixel_values=os.path.join(folder, "pixels.safetensors"), image_token_id=IMAGE_TOKEN)
    with open(os.path.join(folder, "request.json"), "w") as file:
        json.dump(request, file)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--folders")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for name, case in CASES.items():
        out, norms, extra = outputs(case)
        save_file(out, os.path.join(HERE, f"network_{name}.safetensors"),
                  metadata={"config": json.dumps(case["config"]), "grad_names": json.dumps(list(norms))})
        if options.folders:
            write_folder(os.path.join(options.folders, name), case, out, norms, extra)
        print(name, f"loss {float(out['loss']):.4f}", f"{len(norms)} parameters", out["generated_ids"][:8].tolist())
