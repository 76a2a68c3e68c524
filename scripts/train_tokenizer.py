"""Trains r1v-mini's tokenizer: byte-level BPE with the Qwen2 pre-tokeniser and the family's special tokens.

usage: train_tokenizer.py GYM.jsonl OUT/tokenizer.json [VOCABULARY]    (pip install tokenizers==0.22.1)

Reads SFT lines of `r1v gym make` and learns merges from their message texts. Special tokens come first, so that their
ids do not depend on the vocabulary's size: 0 <|endoftext|>, 1 <|im_start|>, 2 <|im_end|>.
"""
import json
import sys

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<img>", "</img>", "<IMG_CONTEXT>",
           "<quad>", "</quad>", "<ref>", "</ref>", "<box>", "</box>"]
PLAIN = ["<think>", "</think>"]
QWEN2_SPLIT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
               r"|\s+(?!\S)|\s+")


def texts(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            for message in json.loads(line)["messages"]:
                content = message["content"]
                parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
                for part in parts:
                    if part["type"] == "text":
                        text = part["text"]
                        for token in PLAIN + ["<image>"]:
                            text = text.replace(token, "\n")
                        yield text


def main():
    source, target = sys.argv[1], sys.argv[2]
    size = int(sys.argv[3]) if len(sys.argv) > 3 else 1024
    tokenizer = Tokenizer(models.BPE(byte_fallback=False))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(QWEN2_SPLIT), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=SPECIAL + PLAIN, min_frequency=20,
                                  initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False)
    tokenizer.train_from_iterator(texts(source), trainer)
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in SPECIAL])
    tokenizer.add_tokens([AddedToken(token, normalized=False, special=False) for token in PLAIN])
    data = json.loads(tokenizer.to_str())
    for token in data["added_tokens"]:
        token["special"] = token["content"] in SPECIAL
    with open(target, "w", encoding="utf-8") as out:
        json.dump(data, out, ensure_ascii=False, indent=1)
    print(f"{tokenizer.get_vocab_size()} tokens")


main()
