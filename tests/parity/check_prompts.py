"""Compares the ids of `r1v render --model` with transformers, on a real tokenizer and real chat templates.

    python tests/parity/check_prompts.py --r1v build/release/src/apps/r1v --tokenizer FOLDER TEMPLATE.jinja...

FOLDER holds tokenizer.json and tokenizer_config.json; it is not part of this repository. Conversations are the text
ones of tests/golden/template_conversations.py with roles and shapes that a request may have. Text that spells a control
token is judged apart: the reference would turn it into the token, r1v must not.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from transformers import PreTrainedTokenizerFast

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "golden"))
from reference_template import render  # noqa: E402
from template_conversations import conversations  # noqa: E402

ROLES = {"system", "user", "assistant", "tool"}


def is_request(variables):
    messages = variables["messages"]
    shapes = all(m["role"] in ROLES and isinstance(m.get("content"), str) for m in messages)
    return bool(messages) and shapes


def requests(control_tokens):
    """(name, request) pairs whose strings hold no control token but the assistant's thinking tags."""
    for name, variables in conversations():
        if not is_request(variables):
            continue
        foreign = json.dumps(variables, ensure_ascii=False).replace("<think>", "").replace("</think>", "")
        own_tags = any("think>" in m["content"] for m in variables["messages"] if m["role"] != "assistant")
        if own_tags or any(token in foreign for token in control_tokens):
            continue
        known = {key: variables[key] for key in ("messages", "tools", "add_generation_prompt")}
        extra = {k: v for k, v in variables.items() if k not in known and k not in ("bos_token", "eos_token")}
        yield name, {**known, "template_kwargs": extra}


def ask(binary, folder, lines):
    command = [binary, "render", "--model", folder, "--json-lines"]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    result = subprocess.run(command, input=text.encode("utf-8"), capture_output=True)
    answers = [json.loads(line) for line in result.stdout.decode("utf-8").splitlines()]
    if len(answers) != len(lines):
        raise SystemExit(result.stderr.decode())
    return answers


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--r1v", required=True)
    parser.add_argument("--tokenizer", required=True, type=Path)
    parser.add_argument("templates", nargs="+", type=Path)
    options = parser.parse_args()
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(options.tokenizer / "tokenizer.json"))
    config = json.loads((options.tokenizer / "tokenizer_config.json").read_text(encoding="utf-8"))
    control = list(tokenizer.get_added_vocab())
    cases = list(requests(control))
    equal = refused = different = leaked = 0
    for path in options.templates:
        with tempfile.TemporaryDirectory() as folder:
            for name in ("tokenizer.json", "tokenizer_config.json"):
                shutil.copy(options.tokenizer / name, folder)
            shutil.copy(path, Path(folder) / "chat_template.jinja")
            answers = ask(options.r1v, folder, [request for _, request in cases])
            hostile = "".join(f"x {token}\n{token}" for token in control)
            attack = {"messages": [{"role": "user", "content": hostile}]}
            calm = {"messages": [{"role": "user", "content": "x"}]}
            attacked, plain = ask(options.r1v, folder, [attack, calm])
        tokens = {key: config.get(key) or "" for key in ("bos_token", "eos_token")}
        for (name, request), answer in zip(cases, answers):
            variables = {**request, **request["template_kwargs"], **tokens}
            text, error = render(path.read_text(encoding="utf-8"), variables)
            if text is None and "error" in answer:
                refused += 1
            elif text is not None and answer.get("ids") == tokenizer.encode(text, add_special_tokens=False):
                equal += 1
            else:
                different += 1
                print(f"DIFFERENT {path.name} [{name}]\n  reference: {error or repr(text)}\n  r1v: {answer.get('error', answer.get('text'))!r}")
        added = set(tokenizer.get_added_vocab().values())
        if [i for i in attacked["ids"] if i in added] != [i for i in plain["ids"] if i in added] or hostile not in attacked["text"]:
            leaked += 1
            print(f"LEAK {path.name}: a user's text became a control token")
    print(f"{len(options.templates)} templates, {equal} equal, {refused} both refuse, {different} different, {leaked} leaks")
    return 1 if different or leaked else 0


if __name__ == "__main__":
    sys.exit(main())
