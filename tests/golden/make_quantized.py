#!/usr/bin/env python3
"""Tiny quantised Qwen2 checkpoints and what they mean; judge of src/models/quantized_checkpoint_test.cpp.

  python tests/golden/make_quantized.py        writes tests/golden/quantized_*.safetensors

Needs torch 2.13.0, transformers 5.23.0, safetensors, numpy. Integers, zero points and scales come from make_network.py's
formula; packing and dequantisation are written out from the formats' definitions (numpy, one value at a time, float32);
logits are transformers' Qwen2 with the dequantised weights. A file holds "stored.*" (the quantised tensors of a
checkpoint), "expected.*" (one dequantised weight in full), "checksums" of all of them, "input_ids" and "logits".
"""
import json
import os

import numpy as np
import torch
from safetensors.torch import save_file

from make_network import HERE, language_config, numbers, qwen2_config, shapes, weight
from transformers import Qwen2ForCausalLM

CONFIG = language_config(hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=1,
                         vocab_size=48, rope_theta=1e4)
INTERLEAVED = [0, 2, 4, 6, 1, 3, 5, 7]  # AutoAWQ: nibble i of a word is output 8 * word + INTERLEAVED[i]


def compressed(layout, bits, **weights):
    scheme = dict(num_bits=bits, type="int", symmetric=True, dynamic=False) | weights
    group = dict(targets=["Linear"], weights=scheme, input_activations=None, output_activations=None)
    return dict(quant_method="compressed-tensors", format=layout, config_groups=dict(group_0=group), ignore=["lm_head"])


FORMS = {
    "awq": dict(quant_method="awq", bits=4, group_size=32, zero_point=True, version="gemm", modules_to_not_convert=["lm_head"]),
    "gptq_v1": dict(quant_method="gptq", bits=4, group_size=32, desc_act=False, sym=False, checkpoint_format="gptq"),
    "gptq_v2_desc_act": dict(quant_method="gptq", bits=4, group_size=32, desc_act=True, checkpoint_format="gptq_v2"),
    "gptq_int8": dict(quant_method="gptq", bits=8, group_size=-1, desc_act=False, sym=True),
    "int_quantized": compressed("int-quantized", 8, strategy="channel"),
    "packed_int8": compressed("pack-quantized", 8, strategy="channel"),
    "packed_int4": compressed("pack-quantized", 4, strategy="group", group_size=32),
}


def integers(name, low, high, *shape):
    """low .. high inclusive."""
    values = np.floor((numbers(name, *shape).numpy().astype(np.float64) + 1) / 2 * (high - low + 1)).astype(np.int64)
    return np.clip(values + low, low, high)


def pack(values, bits, places=None):
    """[R, C] of unsigned values -> int32 [R, C * bits / 32]; nibble i of a word is value places[i] of its run."""
    count = 32 // bits
    words = np.zeros((values.shape[0], values.shape[1] // count), np.uint64)
    for r in range(words.shape[0]):
        for w in range(words.shape[1]):
            for i in range(count):
                place = places[i] if places else i
                words[r, w] += np.uint64(int(values[r, w * count + place]) << (i * bits))
    return torch.from_numpy(words.astype(np.uint32).view(np.int32))


def dequantise(q, zero, scale, group):
    """q [in, out]; zero, scale [groups, out]; group [in] -> float32 [out, in]."""
    out = np.empty((q.shape[1], q.shape[0]), np.float32)
    for i in range(q.shape[0]):
        for o in range(q.shape[1]):
            out[o, i] = np.float32(int(q[i, o]) - int(zero[group[i], o])) * np.float32(scale[group[i], o])
    return out


def layer(form, config, stem, outputs, inputs):
    """(tensors of the checkpoint, weight)."""
    method = config["quant_method"]
    scheme = config["config_groups"]["group_0"]["weights"] if method == "compressed-tensors" else config
    bits, size = scheme.get("bits", scheme.get("num_bits")), scheme.get("group_size", -1)
    size = inputs if size == -1 else size
    groups, top = inputs // size, 2**bits - 1
    group = np.arange(inputs) // size
    scale = (numbers(f"{form}.{stem}.scale", groups, outputs) * 0.4 + 0.6) / 2 ** (bits - 1)
    if method == "compressed-tensors":
        q = integers(f"{form}.{stem}.q", -(top // 2 + 1), top // 2, inputs, outputs)
        scale = scale.to(torch.bfloat16 if form == "packed_int8" else torch.float32)
        meaning = dequantise(q, np.zeros((groups, outputs)), scale.float().numpy(), group)
        tensors = {"weight_scale": scale.t().contiguous()}
        if config["format"] == "int-quantized":
            return tensors | {"weight": torch.from_numpy(q.T.astype(np.int8).copy())}, meaning
        packed = pack(q.T + 2 ** (bits - 1), bits)  # the offset makes them unsigned
        return tensors | {"weight_packed": packed, "weight_shape": torch.tensor([outputs, inputs])}, meaning
    q = integers(f"{form}.{stem}.q", 0, top, inputs, outputs)
    zero = integers(f"{form}.{stem}.zero", 1, top, groups, outputs)
    scale = scale.half()
    if method == "awq":
        tensors = {"qweight": pack(q, 4, INTERLEAVED), "qzeros": pack(zero, 4, INTERLEAVED), "scales": scale}
        return tensors, dequantise(q, zero, scale.float().numpy(), group)
    if config["desc_act"]:
        group = group[np.argsort(integers(f"{form}.{stem}.order", 0, 2**40, inputs), kind="stable")]
    stored_zero = zero if config.get("checkpoint_format") == "gptq_v2" else zero - 1
    tensors = {"qweight": pack(q.T, bits).t().contiguous(), "qzeros": pack(stored_zero, bits), "scales": scale,
               "g_idx": torch.from_numpy(group.astype(np.int32))}
    return tensors, dequantise(q, zero, scale.float().numpy(), group)


def checksum(values):
    """Sum of (position + 1) * bits, modulo 2^64, as int64."""
    bits = values.reshape(-1).view(np.int32).astype(np.int64)
    with np.errstate(over="ignore"):
        return int((bits * np.arange(1, bits.size + 1)).sum())


def main():
    ids = ((numbers("ids", 12) + 1) / 2 * 47).long()
    for form, config in FORMS.items():
        state, stored, checksums, full = {}, {}, {}, {}
        for name, shape in shapes(CONFIG).items():
            state[name] = weight(name, shape)
            if len(shape) != 2 or ".layers." not in name:
                continue
            stem = name.removesuffix(".weight")
            tensors, meaning = layer(form, config, stem, *shape)
            stored |= {f"stored.{stem}.{part}": tensor for part, tensor in tensors.items()}
            checksums[name] = checksum(meaning)
            state[name] = torch.from_numpy(meaning)
            if "k_proj" in name:
                full["expected." + name] = state[name]
        model = Qwen2ForCausalLM(qwen2_config(CONFIG)).eval()
        model.load_state_dict(state)
        with torch.no_grad():
            logits = model(input_ids=ids[None]).logits[0]
        metadata = {"config": json.dumps(CONFIG | {"quantization_config": config}), "checksum_names": json.dumps(list(checksums))}
        tensors = stored | full | {"checksums": torch.tensor(list(checksums.values())), "input_ids": ids, "logits": logits}
        path = os.path.join(HERE, f"quantized_{form}.safetensors")
        save_file(tensors, path, metadata)
        print(path, os.path.getsize(path), "bytes, logits up to", float(logits.abs().max()))


if __name__ == "__main__":
    main()
