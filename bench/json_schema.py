#!/usr/bin/env python3
"""Answers under JSON schemas while the model talks nonsense: does every finished one parse and validate?

  r1v serve --port 8000 & python3 bench/json_schema.py http://127.0.0.1:8000 --count 1000     # needs Python's jsonschema

Twenty schemas in turn, temperature 1.5, half of the answers with thinking. An answer that a length or the loop detector
cuts off is counted as cut (its finish_detail says so), never as valid. Exit status 1 when a finished answer is wrong.
"""
import argparse
import collections
import concurrent.futures
import json
import sys
import time
import urllib.error
import urllib.request

import jsonschema


def closed(properties, required=None):
    return {"type": "object", "properties": properties, "required": required or list(properties),
            "additionalProperties": False}


DIGIT = {"type": "integer", "minimum": 0, "maximum": 9}
SCHEMAS = [
    {"type": "integer"},
    {"type": "number", "minimum": 0, "maximum": 10},
    {"type": "boolean"},
    {"enum": ["a", "b", 3, None]},
    {"type": "string", "maxLength": 20},
    {"type": "string", "pattern": "^[a-z]{2,5}-[0-9]{3}$"},
    {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 6}, "minItems": 2, "maxItems": 4},
    {"type": "string", "format": "date"},
    {"type": "string", "format": "ipv4"},
    {"type": "string", "format": "uuid"},
    closed({"x": {"type": "integer", "minimum": -99, "maximum": 99}, "y": {"type": "string", "maxLength": 8}}),
    closed({"a": {"type": "boolean"}, "b": {"type": "null"}, "c": {"enum": ["r", "g"]}}, ["a"]),
    {"anyOf": [{"type": "boolean"}, {"type": "string", "maxLength": 4}]},
    {"type": "array", "prefixItems": [{"type": "boolean"}, DIGIT], "items": False, "minItems": 2},
    {"$ref": "#/$defs/list"},  # as deep as the model likes
    {"type": "integer", "minimum": 17, "maximum": 4242},
    {"type": "integer", "multipleOf": 5, "minimum": 0, "maximum": 500},
    {"const": {"ok": True, "n": [1, 2]}},
    {"type": ["integer", "null"], "minimum": 0, "maximum": 99},
    closed({"steps": {"type": "array", "maxItems": 3,
                      "items": closed({"op": {"enum": ["add", "sub"]},
                                       "n": {"type": "integer", "minimum": 0, "maximum": 99}})},
            "answer": {"type": "number", "minimum": -1000, "maximum": 1000}}),
]
LIST = closed({"value": DIGIT, "next": {"anyOf": [{"$ref": "#/$defs/list"}, {"type": "null"}]}})


def ask(url, key, number):
    """(kind, detail): ok, cut, wrong, or refused by the server."""
    schema = {**closed({"result": SCHEMAS[number % len(SCHEMAS)]}), "$defs": {"list": LIST}}
    body = {"messages": [{"role": "user", "content": f"Question {number}: what is {number} + {3 * number}?"}],
            "temperature": 1.5, "seed": number, "max_tokens": 1500,
            "thinking": {"enabled": True, "budget_tokens": 20} if number % 2 else {"enabled": False},
            "response_format": {"type": "json_schema", "json_schema": {"name": "result", "schema": schema}}}
    headers = {"Content-Type": "application/json", **({"Authorization": "Bearer " + key} if key else {})}
    request = urllib.request.Request(url + "/v1/chat/completions", json.dumps(body).encode(), headers)
    try:
        choice = json.load(urllib.request.urlopen(request, timeout=600))["choices"][0]
    except urllib.error.HTTPError as error:
        return "refused", error.read().decode()[:300]
    if choice["finish_reason"] != "stop":
        return "cut", choice["finish_detail"]
    text = choice["message"]["content"]
    try:
        jsonschema.validate(json.loads(text), schema)
    except (ValueError, jsonschema.ValidationError) as error:
        return "wrong", f"{text[:200]} | {str(error)[:200]}"
    return "ok", ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--key", default="")
    options = parser.parse_args()
    kinds, details = collections.Counter(), collections.Counter()
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(options.clients) as pool:
        asked = pool.map(lambda number: ask(options.url, options.key, number), range(options.count))
        for number, (kind, detail) in enumerate(asked):
            kinds[kind] += 1
            if kind != "ok":
                details[f"schema {number % len(SCHEMAS)}: {kind}: {detail}"] += 1
    print(json.dumps({**kinds, "seconds": round(time.monotonic() - start, 1), "not_ok": dict(details.most_common(20))}))
    sys.exit(1 if kinds["wrong"] or kinds["refused"] else 0)


if __name__ == "__main__":
    main()
