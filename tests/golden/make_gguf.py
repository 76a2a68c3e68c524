#!/usr/bin/env python3
"""Writes small GGUF files, and what the reference implementations make of them.

Run with gguf==0.19.0, torch==2.13.0, transformers==5.23.0, accelerate==1.15.0, safetensors:  python tests/golden/make_gguf.py
Writes, beside itself:
  gguf_blocks.safetensors   for every block type: random blocks and gguf.quants.dequantize of them; random float32 rows
                            and gguf.quants.quantize of them where that package can
  gguf_qwen2.gguf           a tiny Qwen2 (q, k, v biases, own head), weights F16, Q8_0, Q4_0, Q5_1
  gguf_llama.gguf           a tiny Llama (tied head, interleaved q and k rows, narrow heads), weights of K types, Q4_1
                            and BF16
  gguf_logits.safetensors   for both: ids and transformers' logits; tokens of texts by transformers' tokenizer
"""
import json
import pathlib
import shutil
import tempfile

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as Type
from safetensors.numpy import save_file
from tokenizers import pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.convert_slow_tokenizer import bytes_to_unicode

HERE = pathlib.Path(__file__).parent
READ = ["F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K"]
WRITE = ["F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1"]
# bytes of the float16 scales in each block: they must be finite, or the comparison would be one of NaN payloads
SCALES = {"Q8_0": [0], "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q4_K": [0, 2], "Q5_K": [0, 2],
          "Q6_K": [208]}
TEMPLATE = ("{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + "
            "'<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")
TEXTS = ["the theme of the other thesis", "It's 2024, isn't it?  Two   spaces\n\nand 12345.", "größer 深度 🍎 é",
         "<|im_start|>user\nthen<|im_end|>\n<think>here</think>"]
MERGES = ["t h", "Ġ t", "Ġt h", "th e", "Ġth e", "i n", "e r", "Ġ i", "Ġi t", "o t", "Ġ 2", "2 0", "h er", "Ã ¶"]
HEADS, KV_HEADS, HEAD_DIM, INNER, ROWS = 4, 2, 16, 32, 288


def random_blocks(rng, name, count):
    elements, size = gguf.GGML_QUANT_SIZES[Type[name]]
    if name in ("F32", "F16", "BF16"):
        values = (rng.standard_normal(256) * 10.0 ** rng.integers(-6, 4, 256)).astype(np.float32)
        values[:4] = [0.0, -0.0, 1.0, -65504.0]
        return gguf.quants.quantize(values.reshape(1, -1), Type[name]).view(np.uint8).reshape(1, -1)
    blocks = rng.integers(0, 256, (count, size), dtype=np.uint8)
    for begin in SCALES[name]:
        scale = (rng.standard_normal(count) * 10.0 ** rng.integers(-7, 3, count)).astype(np.float16)
        blocks[:, begin:begin + 2] = scale.view(np.uint8).reshape(count, 2)
    return blocks.reshape(1, -1)


def hard_rows(rng):
    """256 values a row: ordinary weights, constants, zeros, ties, extremes of both signs, tiny and huge ones."""
    rows = [rng.standard_normal(256) * scale for scale in (1, 0.02, 1e-5, 1e-7, 300)]
    rows += [np.zeros(256), np.full(256, 0.7), np.full(256, -3.0), np.arange(256) - 128.0, np.arange(256) % 32 / 31.0]
    rows += [np.where(np.arange(256) % 2, 1.0, -1.0), rng.integers(-8, 8, 256) / 8.0, rng.integers(-127, 128, 256) / 2]
    rows += [rng.standard_normal(256) * 10.0 ** rng.integers(-9, 4, 256)]
    return np.array(rows, dtype=np.float32)


def make_blocks(rng):
    tensors = {}
    for name in READ:
        blocks = random_blocks(rng, name, 4 if name.endswith("K") else 16)
        tensors[f"{name}.blocks"] = blocks.reshape(-1)
        tensors[f"{name}.values"] = gguf.quants.dequantize(blocks, Type[name]).astype(np.float32).reshape(-1)
    rows = hard_rows(rng)
    tensors["rows"] = rows
    for name in WRITE:
        tensors[f"{name}.quantized"] = np.ascontiguousarray(gguf.quants.quantize(rows, Type[name])).view(np.uint8).reshape(-1)
    save_file(tensors, HERE / "gguf_blocks.safetensors")


def vocabulary():
    tokens = list(bytes_to_unicode().values())
    tokens += [merge.replace(" ", "") for merge in MERGES]
    types = [gguf.TokenType.NORMAL] * len(tokens)
    added = [("<|endoftext|>", gguf.TokenType.CONTROL), ("<|im_start|>", gguf.TokenType.CONTROL),
             ("<|im_end|>", gguf.TokenType.CONTROL), ("<think>", gguf.TokenType.USER_DEFINED),
             ("</think>", gguf.TokenType.USER_DEFINED)]
    tokens += [token for token, _ in added]
    types += [kind for _, kind in added]
    while len(tokens) < ROWS:
        tokens.append(f"[PAD{len(tokens)}]")
        types.append(gguf.TokenType.UNUSED)
    return tokens, types


def blocks_of(rng, name, rows, columns, size):
    """Rows of a weight in that type; K blocks, which the package cannot write, out of random numbers."""
    if not name.endswith("K"):
        return gguf.quants.quantize((rng.standard_normal((rows, columns)) * size).astype(np.float32), Type[name])
    elements, block_bytes = gguf.GGML_QUANT_SIZES[Type[name]]
    blocks = rng.integers(0, 256, (rows * columns // elements, block_bytes), dtype=np.uint8)
    for begin in SCALES[name]:
        scale = rng.uniform(0.5, 1.0, len(blocks)) * size / (40.0 * 16.0 if name == "Q4_K" else 32.0 * 64.0)
        blocks[:, begin:begin + 2] = scale.astype(np.float16).view(np.uint8).reshape(-1, 2)
    return blocks.reshape(rows, -1)


def write_model(rng, path, architecture, layers, width, kinds, pre):
    """`kinds` cycles over the weights, K types only where rows are wide enough; norms and biases are F32."""
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_name("tiny")
    writer.add_context_length(512)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(20000.0)
    if architecture == "llama":
        writer.add_rope_dimension_count(HEAD_DIM)
        writer.add_key_length(HEAD_DIM)
        writer.add_value_length(HEAD_DIM)
        writer.add_vocab_size(ROWS)
    tokens, types = vocabulary()
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(MERGES)
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_bos_token_id(tokens.index("<|endoftext|>"))
    writer.add_chat_template(TEMPLATE)
    turn = 0

    def weight(name, rows, columns, size=0.08):
        nonlocal turn
        fitting = [kind for kind in kinds if columns % 256 == 0 or not kind.endswith("K")]
        kind = fitting[turn % len(fitting)]
        turn += 1
        data = blocks_of(rng, kind, rows, columns, size)
        writer.add_tensor(name, data, raw_dtype=Type[kind])

    def vector(name, size, mean, spread):
        writer.add_tensor(name, (mean + spread * rng.standard_normal(size)).astype(np.float32))

    weight("token_embd.weight", ROWS, width, 0.5)
    for layer in range(layers):
        block = f"blk.{layer}."
        vector(block + "attn_norm.weight", width, 1.0, 0.1)
        vector(block + "ffn_norm.weight", width, 1.0, 0.1)
        for part, rows in (("q", HEADS), ("k", KV_HEADS), ("v", KV_HEADS)):
            weight(f"{block}attn_{part}.weight", rows * HEAD_DIM, width)
            if architecture == "qwen2":
                vector(f"{block}attn_{part}.bias", rows * HEAD_DIM, 0.0, 0.3)
        weight(block + "attn_output.weight", width, HEADS * HEAD_DIM)
        weight(block + "ffn_gate.weight", INNER, width)
        weight(block + "ffn_up.weight", INNER, width)
        weight(block + "ffn_down.weight", width, INNER)
    vector("output_norm.weight", width, 1.0, 0.1)
    if architecture == "qwen2":
        weight("output.weight", ROWS, width, 0.3)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def compare(path, tensors):
    name = path.stem.removeprefix("gguf_")
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(path, folder)
        model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=path.name, dtype=torch.float32).eval()
        tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=path.name)
    if name == "llama":  # transformers does not know "smollm": digits one by one, then GPT-2's words
        tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    ids = list(range(3, 280, 23))
    with torch.no_grad():
        tensors[f"{name}.logits"] = model(torch.tensor([ids])).logits[0].numpy()
    tensors[f"{name}.ids"] = np.array(ids)
    for i, text in enumerate(TEXTS):
        tensors[f"{name}.text{i}"] = np.array(tokenizer(text, add_special_tokens=False)["input_ids"])


def main():
    rng = np.random.default_rng(20250207)
    make_blocks(rng)
    tensors = {}
    write_model(rng, HERE / "gguf_qwen2.gguf", "qwen2", 2, 64, ["Q4_0", "F16", "Q5_1", "Q8_0"], "qwen2")
    write_model(rng, HERE / "gguf_llama.gguf", "llama", 1, 256, ["Q4_K", "Q6_K", "Q5_K", "Q4_1", "BF16"], "smollm")
    for name in ("qwen2", "llama"):
        compare(HERE / f"gguf_{name}.gguf", tensors)
    save_file(tensors, HERE / "gguf_logits.safetensors", {"texts": json.dumps(TEXTS)})


if __name__ == "__main__":
    main()
