#!/usr/bin/env python3
"""Trains a small byte-level BPE tokenizer and records what Hugging Face tokenizers makes of many strings.

Run with tokenizers==0.23.3:  python tests/golden/make_tokenizer.py
Writes, beside itself:
  tokenizer_small.json   a tokenizer of the Qwen2 kind (NFC, Qwen2 split pattern), with added tokens of every flag
  tokenizer_cases.json   [text, ids, ids with no added token matched or null when the same], and [ids, text] to decode
  char_classes.json      ranges of code points that the reference's regular expressions call letter, number, space
"""
import json
import pathlib
import random
import unicodedata

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

HERE = pathlib.Path(__file__).parent
PATTERN = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
           r"|\s+(?!\S)|\s+")
SENTENCES = [
    "The chart shows how many more apples than pears were sold in March; we'll read both bars first.",
    "Let's think step by step. The angle at B is 180 - 35 - 72 = 73 degrees, so the answer is \\boxed{73}.",
    "It isn't clear whether they've counted the red circles or the blue ones, I'd say twelve.",
    "\\frac{3}{4} + \\sqrt{2} \\approx 2.164, \\quad \\int_0^1 x^2 dx = \\frac{1}{3}, \\alpha \\le \\beta",
    "def area(width, height):\n    return width * height\n\nfor i in range(10):\n\tprint(area(i, 2))\n",
    "if (a[i] != b[j] && x->y == nullptr) { return std::vector<int>{1, 2, 3}; } // done\r\n",
    "https://example.org/path?query=value&other=1#part  user@example.org  v1.2.3-rc4",
    "Der Winkel ist größer als 90 Grad; die Straße führt über die Brücke nach Köln.",
    "Combien de triangles y a-t-il ? Ça dépend : l'élève a déjà compté jusqu'à onze.",
    "¿Cuántos años tiene la niña más pequeña? ¡Mañana cumplirá ocho!",
    "Сколько красных кругов на картинке? Ответ: семь, потому что три плюс четыре равно семи.",
    "Πόσες γωνίες έχει το τρίγωνο; Τρεις γωνίες και τρεις πλευρές.",
    "深度学习模型能够理解图表和几何图形，并给出逐步的推理过程。答案是四十二。",
    "棒グラフの値を読み取り、合計を計算します。答えは２５です。",
    "막대그래프에서 가장 큰 값은 얼마입니까? 정답은 열두 개입니다.",
    "كم عدد الدوائر الحمراء في الصورة؟ الجواب هو سبعة.",
    "כמה משולשים יש בתמונה? התשובה היא חמש.",
    "चित्र में कितने लाल वृत्त हैं? उत्तर सात है।",
    "ในภาพมีวงกลมสีแดงกี่วง คำตอบคือเจ็ด",
    "Có bao nhiêu hình tròn màu đỏ? Đáp án là bảy.",
    "🍎🍎🍐 = 3 fruits 👩‍👩‍👧‍👦 🇩🇪🇯🇵 👍🏽 ❤️ ½ ² ⅷ ① ∑ ≤ → ∞ °C µm €5 £3 ¥100",
    "   indented\n\n\n  twice \t tab \u00a0nbsp\u3000ideographic\u2028line  trailing   ",
]
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>",
           "<|im|>", "<img>", "</img>", "<IMG_CONTEXT>"]


def make_tokenizer():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(PATTERN), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=1000, min_frequency=2, show_progress=False,
                                  initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.train_from_iterator([s for s in SENTENCES for _ in range(3)], trainer)
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.add_tokens([
        AddedToken("<think>", normalized=False), AddedToken("</think>", normalized=False),
        AddedToken("<|left|>", lstrip=True, normalized=False), AddedToken("<|right|>", rstrip=True, normalized=False),
        AddedToken("wholeword", single_word=True, normalized=False), AddedToken("caf\u00e9!", normalized=True),
        AddedToken("<tool_call>", normalized=False), AddedToken("<tool_call>\n", normalized=False)])
    return tokenizer


def make_texts():
    rng = random.Random(20)
    every = [chr(c) for c in range(0x20, 0x32000) if not 0xD800 <= c <= 0xDFFF]
    named = [c for c in every if unicodedata.category(c) not in ("Cn", "Co")]
    marks = [c for c in named if unicodedata.category(c) == "Mn"] + ["\u0307", "\u0323", "\u0302", "o", "u", "\uac00", "\u11a8"]
    added = SPECIAL + ["<think>", "</think>", "<|left|>", "<|right|>", "wholeword", "caf\u00e9!", "cafe\u0301!",
                       "<tool_call>", "<tool_call>\n"]
    parts = added + [a[:-1] for a in added] + [" ", "  ", "\n", "\t", "x", "7", "'s", "'LL", "'\u017f", ".", "\u180e", "\u0085"]
    texts = list(SENTENCES) + ["", "a", " ", "\n", "a" * 300, " " * 100 + "x", "ab" * 60, "1" * 70, "=" * 90 + "\n\n"]
    for block in range(0, 0x320):  # a few characters of every block that has any
        letters = [c for c in named if ord(c) >> 8 == block]
        if letters:
            texts.append("".join(rng.choice(letters) for _ in range(6)) + " " + rng.choice(letters))
    for _ in range(120):
        texts.append("".join(rng.choice(parts) for _ in range(rng.randrange(2, 9))))
    for _ in range(100):
        texts.append("".join(rng.choice(marks) for _ in range(rng.randrange(2, 9))))
    for _ in range(80):
        texts.append("".join(rng.choice(" \n\r\ta1'.\u00a0") for _ in range(rng.randrange(2, 14))))
    joined = " ".join(SENTENCES)
    for _ in range(120):
        start = rng.randrange(len(joined))
        texts.append(joined[start:start + rng.randrange(3, 40)])
    for _ in range(60):
        texts.append("".join(rng.choice(every) for _ in range(rng.randrange(2, 8))))
    return list(dict.fromkeys(texts))


def ranges(members):
    out = []
    for code in sorted(members):
        if out and out[-1][1] == code - 1:
            out[-1][1] = code
        else:
            out.append([code, code])
    return out


def members_of(pattern):
    split = pre_tokenizers.Split(Regex(pattern), "removed")
    codes = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
    kept = set()
    for start in range(0, len(codes), 4096):
        for piece, _ in split.pre_tokenize_str("".join(map(chr, codes[start:start + 4096]))):
            kept.update(map(ord, piece))
    return set(codes) - kept


def dump(name, value):
    (HERE / name).write_text(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n")


def main():
    tokenizer = make_tokenizer()
    written = json.loads(tokenizer.to_str())
    dump("tokenizer_small.json", written)
    plain = Tokenizer.from_str(json.dumps({**written, "added_tokens": []}))
    encode = []
    for text in make_texts():
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        escaped = plain.encode(text, add_special_tokens=False).ids
        encode.append([text, ids, None if escaped == ids else escaped])
    rng = random.Random(21)
    decode = []
    for _ in range(150):
        ids = [rng.randrange(tokenizer.get_vocab_size()) if rng.random() < 0.3 else rng.randrange(256)
               for _ in range(rng.randrange(1, 9))]
        decode.append([ids, tokenizer.decode(ids, skip_special_tokens=False), tokenizer.decode(ids)])
    dump("tokenizer_cases.json", {"encode": encode, "decode": decode})
    dump("char_classes.json", {name: ranges(members_of(pattern)) for name, pattern in
                               [("letter", r"\p{L}"), ("number", r"\p{N}"), ("space", r"\s")]})
    print(len(encode), "texts")


if __name__ == "__main__":
    main()
