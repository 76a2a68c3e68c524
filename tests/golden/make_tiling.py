#!/usr/bin/env python3
"""Tile grids, resized pictures and normalised values of the InternVL family; judge of src/media/*_test.cpp.

  python tests/golden/make_tiling.py        writes tests/golden/tiling.json

Needs Pillow 13.0.0, numpy and torch 2.13.0. The grid rule is dynamic_preprocess of SkyworkAI/Skywork-R1V
(inference/utils.py), told again in Python floats; resizing is Pillow's own; normalising is ToTensor and Normalize of
torchvision, told again in torch float32. Pictures are noise from a formula (noise()), which the C++ tests repeat.
"""
import json
import os

import numpy as np
import PIL
import torch
from PIL import Image

assert PIL.__version__ == "13.0.0" and torch.__version__.startswith("2.13.0")
HERE = os.path.dirname(os.path.abspath(__file__))
MASK = 0xFFFFFFFFFFFFFFFF


def fnv1a(data, value=0xCBF29CE484222325):
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & MASK
    return value


def mixed(index, seed):
    """splitmix64 of (seed, index): numpy uint64."""
    with np.errstate(over="ignore"):
        x = np.uint64(seed) * np.uint64(0xD1342543DE82EF95) + (index + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def noise(width, height, seed):
    """uint8 [height, width, 3]; a third of the bytes black or white, so that the filter overshoots."""
    x = mixed(np.arange(width * height * 3, dtype=np.uint64), seed)
    byte = (x & np.uint64(255)).astype(np.uint8)
    hard = ((x >> np.uint64(8)) & np.uint64(1)).astype(np.uint8) * 255
    return np.where((x >> np.uint64(9)) % np.uint64(3) == 0, hard, byte).reshape(height, width, 3)


# --- grids ---


def closest_grid(aspect, ratios, width, height, edge):
    best_error, best = float("inf"), (1, 1)
    for ratio in ratios:
        error = abs(aspect - ratio[0] / ratio[1])
        if error < best_error:
            best_error, best = error, ratio
        elif error == best_error and width * height > 0.5 * edge * edge * ratio[0] * ratio[1]:
            best = ratio
    return best


def ratios_of(low, high):
    pairs = {(i, j) for n in range(low, high + 1) for i in range(1, n + 1) for j in range(1, n + 1) if low <= i * j <= high}
    return sorted(pairs, key=lambda pair: pair[0] * pair[1])


def sizes(count, seed):
    """Sides 1..4000, every other one a multiple of 20 up to 2000, where exact ties live."""
    x = mixed(np.arange(count, dtype=np.uint64), seed)
    for value in x:
        value = int(value)
        w, h = value & 0xFFFFFFFF, value >> 32
        yield (20 * (1 + w // 2 % 100), 20 * (1 + h // 2 % 100)) if w % 2 else (1 + w // 2 % 4000, 1 + h // 2 % 4000)


def grid_cases():
    for edge, low, high, count in ((448, 1, 12, 100_000), (448, 1, 6, 5_000), (448, 1, 24, 5_000), (112, 1, 4, 5_000), (448, 3, 12, 5_000)):
        ratios = ratios_of(low, high)
        value = 0xCBF29CE484222325
        first = []
        for width, height in sizes(count, edge + high):
            grid = closest_grid(width / height, ratios, width, height, edge)
            value = fnv1a(grid, value)
            if len(first) < 40:
                first.append([width, height, *grid])
        yield {"edge": edge, "min": low, "max": high, "count": count, "seed": edge + high, "fnv1a": f"{value:016x}", "first": first}


# --- resizing ---


def resize_cases():
    fixed = [(1, 1, 1, 5), (1, 1, 7, 9), (5, 5, 1, 1), (300, 2, 3, 1), (2, 300, 1, 3), (64, 48, 64, 24), (64, 48, 32, 48),
             (64, 48, 65, 48), (64, 48, 64, 49), (33, 17, 448, 448), (600, 400, 448, 448), (900, 601, 112, 112), (1500, 3, 11, 3)]  # fmt: skip
    random = np.random.RandomState(5)
    for _ in range(110):
        top = int(random.choice([6, 40, 200, 500]))
        fixed.append(tuple(int(v) for v in random.randint(1, top + 1, 4)))
    for seed, (width, height, out_width, out_height) in enumerate(fixed):
        resized = Image.fromarray(noise(width, height, seed)).resize((out_width, out_height), Image.Resampling.BICUBIC)
        yield [width, height, out_width, out_height, f"{fnv1a(resized.tobytes()):016x}"]


# --- whole pictures ---


def tiles_of(picture, edge, low, high, use_thumbnail):
    width, height = picture.size
    columns, rows = closest_grid(width / height, ratios_of(low, high), width, height, edge)
    resized = picture.resize((edge * columns, edge * rows))
    tiles = []
    for i in range(columns * rows):
        left, top = i % columns * edge, i // columns * edge
        tiles.append(resized.crop((left, top, left + edge, top + edge)))
    if use_thumbnail and len(tiles) != 1:
        tiles.append(picture.resize((edge, edge)))
    return tiles


def normalised(tiles):
    pixels = torch.stack([torch.from_numpy(np.array(tile)).permute(2, 0, 1).to(torch.float32).div(255) for tile in tiles])
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    return pixels.sub(mean).div(deviation)


def picture_cases():
    for seed, (width, height, edge, high, thumbnail) in enumerate(
        [(40, 40, 28, 12, True), (100, 55, 28, 12, True), (56, 84, 28, 6, True), (17, 90, 28, 12, False), (1, 1, 14, 4, True),
         (1, 200, 14, 6, True), (84, 56, 28, 6, True), (130, 70, 112, 12, True)]  # fmt: skip
    ):
        tiles = tiles_of(Image.fromarray(noise(width, height, 1000 + seed)), edge, 1, high, thumbnail)
        bytes_ = b"".join(tile.tobytes() for tile in tiles)
        floats = normalised(tiles).contiguous().numpy().tobytes()
        yield {"width": width, "height": height, "edge": edge, "max": high, "thumbnail": thumbnail, "seed": 1000 + seed,
               "tiles": len(tiles), "bytes_fnv1a": f"{fnv1a(bytes_):016x}", "floats_fnv1a": f"{fnv1a(floats):016x}"}  # fmt: skip


def main():
    levels = Image.fromarray(np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(16, 16, 3))
    parts = {
        "grids": list(grid_cases()),
        "resizes": list(resize_cases()),
        "pictures": list(picture_cases()),
        # Bits of the normalised values of levels 0, 1, 127, 254, 255 in red, green, blue.
        "levels": normalised([levels]).reshape(3, 256)[:, [0, 1, 127, 254, 255]].numpy().view(np.uint32).tolist(),
    }
    lines = []
    for name, entries in parts.items():
        lines.append(f'"{name}": [\n' + ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in entries) + "\n]")
    with open(os.path.join(HERE, "tiling.json"), "w") as out:
        out.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
