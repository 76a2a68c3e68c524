"""Compares `r1v render --template` with jinja2 as transformers sets it up, on a folder of real chat templates.

    python tests/parity/check_templates.py --r1v build/release/src/apps/r1v FOLDER...

FOLDER holds *.jinja files, tokenizer_config.json files or *.ts files with `gguf: "..."` strings; such templates are
published with many models and are not part of this repository. Needs transformers and jinja2 (versions printed).
Every template is tried on every conversation of tests/golden/template_conversations.py; output must be equal byte for
byte, and both must refuse the same ones.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import jinja2
import transformers

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "golden"))
from reference_template import render  # noqa: E402
from template_conversations import conversations  # noqa: E402


def script_string(text):
    """What a JavaScript string literal stands for."""
    names = {"n": "\n", "t": "\t", "r": "\r"}
    pattern = r"\\(u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)"

    def one(match):
        escape = match.group(1)
        if len(escape) > 1:
            return chr(int(escape[1:].strip("{}"), 16))
        return names.get(escape, escape)

    return re.sub(pattern, one, text, flags=re.S)


def sources(folder):
    for path in sorted(Path(folder).rglob("*")):
        if path.suffix == ".jinja":
            yield str(path), path.read_text(encoding="utf-8")
        elif path.name == "tokenizer_config.json":
            template = json.loads(path.read_text(encoding="utf-8")).get("chat_template")
            named = template if isinstance(template, list) else [{"name": "default", "template": template}]
            for entry in named:
                if entry["template"]:
                    yield f"{path}:{entry['name']}", entry["template"]
        elif path.suffix == ".ts":
            text = path.read_text(encoding="utf-8")
            for number, match in enumerate(re.finditer(r"""^\s*gguf:\s*(["'`])((?:\\.|(?!\1).)*)\1""", text, re.M | re.S)):
                yield f"{path}:{number}", script_string(match.group(2))


def run(binary, source, cases):
    with tempfile.NamedTemporaryFile("w", suffix=".jinja", delete=False, encoding="utf-8", newline="") as file:
        file.write(source)
    lines = "".join(json.dumps(as_request(variables), ensure_ascii=False) + "\n" for variables in cases)
    command = [binary, "render", "--json-lines", "--template", file.name]
    result = subprocess.run(command, input=lines.encode("utf-8", "surrogatepass"), capture_output=True)
    os.unlink(file.name)
    answers = [json.loads(line) for line in result.stdout.decode("utf-8").splitlines()]
    if not answers and result.returncode == 2:  # the template itself is refused
        return [{"error": result.stderr.decode("utf-8", "replace")}] * len(cases)
    if len(answers) != len(cases):
        raise SystemExit(f"{command}: {len(answers)} answers for {len(cases)} lines\n{result.stderr.decode()[-2000:]}")
    return answers


def as_request(variables):
    known = {key: variables[key] for key in ("messages", "tools", "add_generation_prompt")}
    return {**known, "template_kwargs": {k: v for k, v in variables.items() if k not in known}}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--r1v", required=True, help="the program")
    parser.add_argument("--verbose", action="store_true", help="print both sides of every difference")
    parser.add_argument("folders", nargs="+")
    options = parser.parse_args()
    print(f"transformers {transformers.__version__}, jinja2 {jinja2.__version__}")
    cases = list(conversations())
    count = dict.fromkeys(("templates", "unparsable", "renderings", "equal", "both refuse", "different"), 0)
    for folder in options.folders:
        for name, source in sources(folder):
            expected = [render(source, variables) for _, variables in cases]
            answers = run(options.r1v, source, [variables for _, variables in cases])
            count["templates"] += 1
            count["unparsable"] += all(text is None and "TemplateSyntaxError" in error for text, error in expected)
            for (case, _), (text, error), answer in zip(cases, expected, answers):
                count["renderings"] += 1
                if text is None and "error" in answer:
                    count["both refuse"] += 1
                elif text is not None and answer.get("text") == text:
                    count["equal"] += 1
                else:
                    count["different"] += 1
                    print(f"DIFFERENT {name} [{case}]\n  reference: {error or 'rendered'}\n  r1v: {answer.get('error', 'rendered')}")
                    if options.verbose:
                        print(f"  reference: {text!r}\n  r1v:       {answer.get('text')!r}")
    print(", ".join(f"{value} {key}" for key, value in count.items()))
    return 1 if count["different"] else 0


if __name__ == "__main__":
    sys.exit(main())
