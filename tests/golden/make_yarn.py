#!/usr/bin/env python3
"""Rotary angles of Qwen2.5's YaRN configuration at long positions, computed by transformers; judge of src/nn/rope_test.cpp.

  python tests/golden/make_yarn.py        writes tests/golden/yarn_positions.json

Needs torch 2.13.0, transformers 5.23.0. Head width 128, theta 1e6, 32768 positions stretched four times, as the model
cards of Qwen2.5 tell for long texts; and the same without YaRN.
"""
import json
import os

import torch
import transformers
from transformers import Qwen2Config
from transformers.models.qwen2.modeling_qwen2 import Qwen2RotaryEmbedding

assert torch.__version__.startswith("2.13.0") and transformers.__version__ == "5.23.0"
POSITIONS = [0, 1, 1000, 32767, 32768, 65535, 100000, 131071]


def angles(parameters):
    config = Qwen2Config(hidden_size=128, num_attention_heads=1, num_key_value_heads=1, max_position_embeddings=131072,
                         rope_parameters=parameters)
    cos, sin = Qwen2RotaryEmbedding(config)(torch.zeros(1), torch.tensor([POSITIONS]))
    return {"cos": cos[0, :, :64:7].tolist(), "sin": sin[0, :, :64:7].tolist()}


cases = {"positions": POSITIONS, "plain": angles(dict(rope_type="default", rope_theta=1e6)),
         "yarn": angles(dict(rope_type="yarn", rope_theta=1e6, factor=4.0, original_max_position_embeddings=32768))}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "yarn_positions.json"), "w") as out:
    json.dump(cases, out, indent=None)
    out.write("\n")
