#!/usr/bin/env python3
"""Sizes and pixels of Qwen2.5-VL's pictures; judge of src/media/patches_test.cpp.

  python tests/golden/make_patches.py       writes tests/golden/patches.json

Needs transformers 5.23.0, Pillow 13.0.0, numpy. Sizes are smart_resize's, pixels those of the Pillow image processor;
pictures are make_tiling.py's noise. Only a hash of the float32 bytes is kept.
"""
import json
import os

import numpy as np
import transformers
from PIL import Image
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil, smart_resize

from make_tiling import fnv1a, mixed, noise

assert transformers.__version__ == "5.23.0"
HERE = os.path.dirname(os.path.abspath(__file__))
PUBLISHED = dict(min_pixels=3136, max_pixels=12845056)
HALVES = [(350, 350), (70, 70), (126, 700), (1022, 1022), (28, 28), (1, 1), (2, 300), (1, 200), (10, 1500), (14, 14), (42, 98)]


def sizes():
    random = (mixed(np.arange(400, dtype=np.uint64), 7) % np.uint64(5000) + np.uint64(1)).astype(int).tolist()
    sides = HALVES + list(zip(random[::2], random[1::2])) + [(8000, 8000), (20000, 300), (40, 7999)]
    return [[h, w, *smart_resize(h, w, 28, **limits), limits["max_pixels"]]
            for limits in (PUBLISHED, dict(min_pixels=3136, max_pixels=1003520)) for h, w in sides if max(h, w) / min(h, w) <= 200]


def pixels():
    out = []
    for seed, (width, height) in enumerate([(56, 56), (100, 60), (61, 203), (300, 33), (5, 7), (640, 480)]):
        picture = noise(width, height, seed)
        made = Qwen2VLImageProcessorPil(**PUBLISHED)(images=[Image.fromarray(picture)], return_tensors="np")
        values = np.ascontiguousarray(made["pixel_values"].astype(np.float32))
        out.append(dict(width=width, height=height, seed=seed, grid=made["image_grid_thw"][0].tolist(), shape=list(values.shape),
                        first=[float(v) for v in values[0][:3]], hash=f"{fnv1a(values.tobytes()):016x}"))
    return out


if __name__ == "__main__":
    with open(os.path.join(HERE, "patches.json"), "w") as file:
        json.dump(dict(sizes=sizes(), pixels=pixels()), file)
        file.write("\n")
