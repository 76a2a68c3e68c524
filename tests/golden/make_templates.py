"""Writes templates.json: our own chat templates and many small ones, rendered by jinja2 as transformers sets it up.

    python tests/golden/make_templates.py

Made with transformers 5.23.0 and jinja2 3.1.6. A rendering that the reference refuses is stored as null.
"""

import json
from pathlib import Path

from reference_template import render
from template_conversations import conversations
from template_snippets import SNIPPETS, VARIABLES

HERE = Path(__file__).resolve().parent


def main():
    cases = list(conversations())
    golden = {
        "conversations": [{"name": name, "variables": variables} for name, variables in cases],
        "templates": {},
        "variables": VARIABLES,
        "snippets": [[source, render(source, VARIABLES)[0]] for source in SNIPPETS],
    }
    for path in sorted((HERE / "templates").glob("*.jinja")):
        source = path.read_text(encoding="utf-8")
        golden["templates"][path.name] = [render(source, variables)[0] for _, variables in cases]
    text = json.dumps(golden, ensure_ascii=False, indent=0)
    (HERE / "templates.json").write_text(text + "\n", encoding="utf-8")
    refused = {name: sum(text is None for text in texts) for name, texts in golden["templates"].items()}
    print(len(cases), "conversations; refused:", refused)
    print(len(SNIPPETS), "snippets,", sum(text is None for _, text in golden["snippets"]), "refused;", len(text), "bytes")


if __name__ == "__main__":
    main()
