#!/usr/bin/env python3
"""Asks other implementations about JSON schemas; the tests of constrained decoding compare with them.

Run with jsonschema 4.26.0 and its format checkers (rfc3339-validator 0.1.4, rfc3986-validator 0.1.1, isoduration 20.11.0,
fqdn 1.5.1 or newer, idna) and xgrammar 0.2.8 (Apache-2.0):  python tests/golden/make_constrain.py
Writes beside itself, all schemas and documents our own:
  constrain_verdicts.json  [{schema, texts: [[text, is it valid, do we write it so]]}]; the last is null where nobody says
  constrain_masks.json     xgrammar's allowed tokens of models/r1v-mini's vocabulary along documents, without white space
"""
import copy
import importlib.metadata
import json
import pathlib
import random

import jsonschema

HERE = pathlib.Path(__file__).parent
assert importlib.metadata.version("jsonschema") == "4.26.0"
assert importlib.metadata.version("xgrammar") == "0.2.8"

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}, "mail": {"type": "string"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}

# name, schema, texts that we can write, valid texts that we write otherwise, invalid texts
CASES = [
    ("person", PERSON,
     ['{"name":"Ada","age":36}', '{"name": "Ada", "age": 36, "mail": "a@b"}', '{ "name": "", "age": -1 }',
      '{\n  "name": "\\u00e9\\ud83d\\ude00",\n  "age": 0\n}', '{"name":"é\\n\\/😀","age":999999999999999999}'],
     ['{"age":36,"name":"Ada"}', '{"name":"Ada","age":1.0}', '{"name" : "Ada","age":1}'],
     ['{"name":"Ada"}', '{"name":"Ada","age":1.5}', '{"name":1,"age":1}', '{"name":"Ada","age":1,"x":0}', "[]"]),
    ("free keys", {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"], "additionalProperties": True},
     ['{"id":1}', '{"id":1,"x":null,"":[1,{"id":"y"}]}', '{"id":1,"idx":{},"i":true}', '{"id":1,"\\n\\u0001":0.5e-3}'],
     ['{"x":1,"id":2}'], ['{"x":1}', '{"id":"1"}', "3"]),
    ("typed keys", {"type": "object", "additionalProperties": {"type": "integer", "minimum": 3}},
     ["{}", '{"a":3}', '{"a":3,"b":44}'], [], ['{"a":2}', '{"a":"3"}', "[]"]),
    ("keys nobody asks for", {"type": "object", "properties": {"id": {"type": "integer"}}},
     ["{}", '{"id":1}'], ['{"x":2}', '{"id":1,"x":2}'], ['{"id":null}']),
    ("a required key without a schema", {"type": "object", "properties": {"a": {"type": "null"}}, "required": ["b"]},
     ['{"b":[1]}', '{"a":null,"b":2}'], ['{"b":2,"a":null}'], ['{"a":null}']),
    ("any object with a key", {"type": "object", "required": ["b"]}, ['{"b":1}', '{"b":1,"c":2}'], ['{"c":2,"b":1}'], ["{}"]),
    ("pattern keys",
     {"type": "object", "patternProperties": {"^x-": {"type": "string"}, "^n[0-9]+$": {"type": "number"}},
      "properties": {"x-a": {"minLength": 2}}, "additionalProperties": False},
     ['{"x-a":"bb"}', '{"x-b":"","n1":2,"n12":0.5}', "{}"], ['{"n1":2,"x-a":"bb"}'],
     ['{"x-a":"b"}', '{"x-b":1}', '{"n":1}', '{"y":1}']),
    ("enum", {"enum": ["red", "green", 3, 2.5, None, True, {"a": [1, 2]}, ["x"]]},
     ['"red"', "3", "2.5", "null", "true", '{"a":[1,2]}', '{ "a": [1, 2] }', '["x"]'], ["3.0"],
     ['"blue"', "4", "false", "{}", "[]", '{"a":[1,2,3]}']),
    ("const", {"const": "a\"b\\c\u00e9\n"}, ['"a\\"b\\\\cé\\n"'], ['"a\\u0022b\\\\cé\\n"'], ['"a"', "1"]),
    ("bounded integer", {"type": "integer", "minimum": -12, "maximum": 345},
     ["-12", "-9", "0", "9", "10", "345", "344", "99", "-1"], ["-0", "12.0"], ["-13", "346", "1000", "3.5", '"1"']),
    ("exclusive integer", {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 100},
     ["1", "99", "50"], [], ["0", "100", "-5"]),
    ("multiple", {"type": "integer", "multipleOf": 7, "minimum": 0},
     ["0", "7", "14", "777", "1001"], [], ["1", "8", "-7"]),
    ("bounded number", {"type": "number", "minimum": -1.5, "exclusiveMaximum": 2.25},
     ["-1.5", "-1.49", "0", "0.0", "2.249", "2", "1.99999", "-0.75"], ["1e0", "-0.0"], ["-1.51", "2.25", "2.3", "3", "-2"]),
    ("number", {"type": "number"}, ["0", "-0.5", "1e5", "1.25E-3", "-12", "3.0"], ["123456789012345678"], ['"1"', "null"]),
    ("lengths", {"type": "string", "minLength": 2, "maxLength": 4},
     ['"ab"', '"äöü"', '"\\ud83d\\ude00x"', '"\\u0041\\n\\\\z"'], [], ['"a"', '"abcde"', '""', "1"]),
    ("pattern", {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3,4}$"}, ['"AB-123"', '"ZZ-0000"'], ['"\\u0041B-123"'],
     ['"AB-12"', '"ab-123"', '"AB-12345"', '"xAB-123"']),
    ("pattern inside", {"type": "string", "pattern": "cat|do+g", "maxLength": 8},
     ['"cat"', '"a cat!"', '"dooog"', '"dogcat"'], [], ['"dg"', '"a cat is here"', '""']),
    ("pattern escapes", {"type": "string", "pattern": "^(?:\\d+\\.\\d{2}|[^\\x00-\\x7f]|\\u00e9\\s\\w)$"},
     ['"1.25"', '"é"', '"😀"', '"é x"', '"é\\tx"'], [], ['"1.2"', '"a"', '"é  x"']),
    ("date", {"type": "string", "format": "date"}, ['"2024-02-29"', '"1999-12-31"', '"2000-02-29"', '"0001-01-01"'], [],
     ['"2023-02-29"', '"1900-02-29"', '"2024-04-31"', '"2024-13-01"', '"24-01-01"', '"2024-1-1"']),
    ("date-time", {"type": "string", "format": "date-time"},
     ['"2024-02-29T23:59:59Z"', '"2024-01-01T00:00:00.123+05:30"'], ['"2024-01-01t00:00:00z"'],
     ['"2024-02-30T00:00:00Z"', '"2024-01-01T24:00:00Z"', '"2024-01-01 00:00:00Z"', '"2024-01-01T00:00:00"']),
    ("time", {"type": "string", "format": "time"}, ['"10:20:30Z"', '"23:59:59.5-12:00"'], [], ['"24:00:00Z"', '"10:60:00Z"']),
    ("duration", {"type": "string", "format": "duration"}, ['"P1Y2M3D"', '"PT5M"', '"P3W"', '"P1DT12H"'], [],
     ['"P"', '"1D"', '"PT"']),
    ("email", {"type": "string", "format": "email"}, ['"ada@example.com"', '"a.b+c@x-y.org"'], [], ['"ada"', '""']),
    ("hostname", {"type": "string", "format": "hostname"}, ['"example.com"', '"a-b.c1"'], [], ['"-a.com"', '"a..b"', '"a_b"']),
    ("ipv4", {"type": "string", "format": "ipv4"}, ['"127.0.0.1"', '"255.255.255.255"'], [], ['"256.1.1.1"', '"1.2.3"', '"01.2.3.4"']),
    ("ipv6", {"type": "string", "format": "ipv6"}, ['"::"', '"::1"', '"2001:db8::ff00:42:8329"', '"1:2:3:4:5:6:7:8"', '"1::"'],
     ['"::ffff:1.2.3.4"'], ['"1:2:3"', '":::"', '"1::2::3"', '"12345::"']),
    ("uuid", {"type": "string", "format": "uuid"}, ['"123e4567-e89b-12d3-a456-426614174000"'], [], ['"123e4567"', '"123e4567e89b12d3a456426614174000"']),
    ("uri", {"type": "string", "format": "uri"}, ['"https://example.com/a?b=c#d"', '"mailto:a@b.c"', '"urn:x:%20"'], [],
     ['"no scheme"', '"//example.com"', '"http://a b"']),
    ("list", {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3},
     ["[1]", "[1,2]", "[1, 2, 3]", "[\n  1,\n  2\n]"], [], ["[]", "[1,2,3,4]", '["a"]', "{}"]),
    ("open list", {"type": "array", "items": {"type": "boolean"}}, ["[]", "[ ]", "[true]", "[true,false,true,true]"], [], ["[1]", "[null]"]),
    ("tuple", {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
     ["[]", '["a"]', '["a",1]'], [], ["[1]", '["a","b"]', '["a",1,2]']),
    ("tuple and more", {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "null"}, "minItems": 2},
     ['["a",null]', '["a",null,null]'], [], ["[]", '["a"]', '["a",1]']),
    ("types", {"type": ["string", "null", "boolean"]}, ['"x"', "null", "true", "false"], [], ["1", "[]", "{}"]),
    ("any of", {"anyOf": [{"type": "integer", "minimum": 5}, {"type": "string", "maxLength": 2}, {"type": "null"}]},
     ["5", "77", '"ab"', "null"], [], ["4", '"abc"', "true"]),
    ("one of", {"oneOf": [
        {"type": "object", "properties": {"kind": {"const": "circle"}, "radius": {"type": "number"}},
         "required": ["kind", "radius"], "additionalProperties": False},
        {"type": "object", "properties": {"kind": {"const": "square"}, "side": {"type": "number"}},
         "required": ["kind", "side"], "additionalProperties": False}]},
     ['{"kind":"circle","radius":1.5}', '{"kind": "square", "side": 2}'], [],
     ['{"kind":"circle","side":1}', '{"kind":"line"}', "{}", '{"kind":"square","side":1,"radius":1}']),
    ("all of", {"allOf": [
        {"type": "object", "properties": {"a": {"type": "integer", "minimum": 0}}, "required": ["a"]},
        {"properties": {"a": {"maximum": 9}, "b": {"type": "string"}}, "required": ["b"]}]},
     ['{"a":5,"b":"x"}', '{"a":0,"b":""}'], ['{"b":"x","a":5}', '{"a":0,"b":"","c":1}'], ['{"a":10,"b":"x"}', '{"a":-1,"b":"x"}', '{"a":5}', '{"a":5,"b":1}']),
    ("references", {"$ref": "#/$defs/pair%20of~1ints", "$defs": {
        "int": {"type": "integer"},
        "pair of/ints": {"type": "array", "prefixItems": [{"$ref": "#/$defs/int"}, {"$ref": "#/$defs/int"}],
                         "minItems": 2, "maxItems": 2}}},
     ["[1,2]", "[-1, 0]"], [], ["[1]", "[1,2,3]", '[1,"2"]']),
    ("tree", {"$ref": "#/definitions/node", "definitions": {"node": {
        "type": "object", "properties": {"value": {"type": "integer"},
                                         "children": {"type": "array", "items": {"$ref": "#/definitions/node"}}},
        "required": ["value", "children"], "additionalProperties": False}}},
     ['{"value":1,"children":[]}', '{"value":1,"children":[{"value":2,"children":[]},{"value":3,"children":[{"value":4,"children":[]}]}]}'],
     [], ['{"value":1}', '{"value":1,"children":[1]}', '{"value":1,"children":[{"value":2}]}']),
    ("linked list", {"anyOf": [{"type": "null"}, {"type": "object", "properties": {"next": {"$ref": "#"}},
                                                 "required": ["next"], "additionalProperties": False}]},
     ["null", '{"next":null}', '{"next":{"next":{"next":null}}}'], [], ["{}", '{"next":1}']),
    ("optional", {"type": "object", "properties": {k: {"type": "integer"} for k in "abcd"}, "required": ["c"],
                  "additionalProperties": False},
     ['{"c":1}', '{"a":1,"c":2}', '{"b":1,"c":2,"d":3}', '{"a":1,"b":2,"c":3,"d":4}'], ['{"c":1,"a":2}'], ["{}", '{"a":1}', '{"c":1,"e":2}']),
    ("anything", {}, ["1", '"x"', "[]", '{"a":[{}]}', "null", "-1.5e3"], [], []),
    ("true inside", {"type": "object", "properties": {"x": True, "y": False}, "required": ["x"]},
     ['{"x":1}', '{"x":{"y":[]}}'], ['{"x":1,"z":2}'], ["{}", '{"x":1,"y":2}']),
    ("overlapping", {"anyOf": [
        {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}, "required": ["a", "b"]},
        {"type": "object", "properties": {"a": {"type": ["integer", "string"]}, "c": {"type": "null"}}, "required": ["c"],
         "additionalProperties": False}]},
     ['{"a":1,"b":"x"}', '{"a":"s","c":null}', '{"c":null}', '{"a":1,"c":null}'], ['{"a":1,"b":"x","c":4}'],
     ['{"a":"s","b":"x"}', '{"a":1}', '{"b":"x"}']),
    ("invoice", {
        "type": "object", "title": "Invoice", "description": "What a picture of an invoice says.",
        "properties": {
            "number": {"type": "string", "pattern": "^[A-Z0-9-]{3,12}$", "examples": ["A-1"]},
            "date": {"type": "string", "format": "date"},
            "currency": {"enum": ["EUR", "USD", "GBP"], "default": "EUR"},
            "lines": {"type": "array", "minItems": 1, "items": {
                "type": "object", "properties": {"text": {"type": "string", "maxLength": 60},
                                                 "count": {"type": "integer", "minimum": 1, "maximum": 999},
                                                 "price": {"type": "number", "minimum": 0}},
                "required": ["text", "count", "price"], "additionalProperties": False}},
            "paid": {"type": ["boolean", "null"]}},
        "required": ["number", "date", "currency", "lines", "paid"], "additionalProperties": False},
     ['{"number":"A-17","date":"2024-02-29","currency":"EUR","lines":[{"text":"Bolt","count":12,"price":0.25}],"paid":null}',
      '{\n  "number": "INV",\n  "date": "2025-01-01",\n  "currency": "USD",\n  "lines": [\n    {\n      "text": "",\n      "count": 999,\n      "price": 7\n    },\n    {\n      "text": "x",\n      "count": 1,\n      "price": 1.5\n    }\n  ],\n  "paid": true\n}'],
     [], ['{"number":"A-17","date":"2024-02-30","currency":"EUR","lines":[],"paid":null}']),
]


def mutated(value, rng):
    """The document with one thing changed somewhere."""
    value = copy.deepcopy(value)
    places = []

    def visit(parent, key, here):
        places.append((parent, key))
        if isinstance(here, dict):
            for name in here:
                visit(here, name, here[name])
        if isinstance(here, list):
            for index, item in enumerate(here):
                visit(here, index, item)

    root = [value]
    visit(root, 0, value)
    parent, key = rng.choice(places)
    here = parent[key]
    news = [None, True, 0, -7, 3.5, "", "abc", "Ωx", [], {}, 100000]
    if isinstance(here, str):
        news += [here + "a", here[:-1], here.upper()] * 2
    if isinstance(here, int) and not isinstance(here, bool):
        news += [here + 1, here - 1, here * 10, -here] * 2
    if isinstance(here, list):
        news += [here + here[:1], here[1:], here + [None]] * 3
    if isinstance(here, dict):
        news += [dict(list(here.items())[1:]), {**here, "zz": 1}, {**here, "a": "b"}] * 3
    parent[key] = rng.choice(news)
    return root[0]


def make_verdicts():
    rng = random.Random(7)
    entries = []
    for name, schema, ours, others, wrong in CASES:
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(
            schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
        texts = []
        for written, expected, listed in ((ours, True, True), (others, True, False), (wrong, False, False)):
            for text in written:
                assert validator.is_valid(json.loads(text)) == expected, (name, text)
                texts.append([text, expected, listed])
        for _ in range(12):
            document = mutated(json.loads(rng.choice(ours + wrong)), rng)
            text = json.dumps(document, ensure_ascii=False)
            is_valid = validator.is_valid(document)
            if text not in [entry[0] for entry in texts]:
                texts.append([text, is_valid, None if is_valid else False])
        entries.append({"name": name, "schema": schema, "texts": texts})
    return entries


# Schemas of which both read the same, and documents to walk along.
MASK_CASES = [
    (PERSON, ['{"name":"Ada L","age":36}', '{"name":"","age":-7,"mail":"the\\n"}']),
    ({"type": "integer"}, ["0", "-120", "4711"]),
    ({"type": "boolean"}, ["true", "false"]),
    ({"enum": ["there", "the", "that", 12, None]}, ['"there"', '"the"', "12", "null"]),
    ({"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3}, ["[1,2,3]", "[10]"]),
    ({"type": "array", "items": {"type": "boolean"}}, ["[]", "[true,false]"]),
    ({"type": "string", "pattern": "^[a-z]{2,5}-[0-9]+$"}, ['"the-12"', '"answ-0"']),
    ({"type": "string", "pattern": "^[a-z ]{2,6}$"}, ['"the re"', '"an"']),
    ({"type": "number"}, ["0", "-0.5", "31.25"]),
    ({"anyOf": [{"type": "null"}, {"type": "string"}, PERSON]}, ["null", '"an"', '{"name":"a","age":1}']),
    ({"type": "object", "properties": {"points": {"type": "array", "items": {
        "type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}},
        "required": ["x", "y"], "additionalProperties": False}}, "label": {"type": "string"}},
      "required": ["points", "label"], "additionalProperties": False},
     ['{"points":[{"x":1,"y":-2},{"x":30,"y":4}],"label":"ok"}']),
    ({"$defs": {"node": {"type": "object", "properties": {"next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}},
                         "required": ["next"], "additionalProperties": False}}, "$ref": "#/$defs/node"},
     ['{"next":{"next":null}}']),
]


def make_masks():
    import xgrammar
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(HERE / "../../models/r1v-mini/tokenizer.json"))
    size = tokenizer.get_vocab_size()
    added = set(tokenizer.get_added_tokens_decoder())
    info = xgrammar.TokenizerInfo([tokenizer.id_to_token(i) for i in range(size)], xgrammar.VocabType.BYTE_LEVEL,
                                  stop_token_ids=[tokenizer.token_to_id("<|im_end|>")])
    compiler = xgrammar.GrammarCompiler(info, max_threads=1)
    entries = []
    for schema, documents in MASK_CASES:
        grammar = compiler.compile_json_schema(json.dumps(schema), any_whitespace=False, separators=(",", ":"),
                                               strict_mode=True)
        for text in documents:
            ids = tokenizer.encode(text, add_special_tokens=False).ids
            matcher = xgrammar.GrammarMatcher(grammar)
            bitmask = xgrammar.allocate_token_bitmask(1, size)
            steps = []
            for token in [*ids, None]:
                matcher.fill_next_token_bitmask(bitmask)
                words = [int(word) & 0xFFFFFFFF for word in bitmask[0]]
                allowed = [i for i in range(size) if words[i // 32] >> (i % 32) & 1 and i not in added]
                steps.append(runs(allowed))
                if token is not None:
                    assert matcher.accept_token(token), (schema, text)
            entries.append({"schema": schema, "ids": ids, "allowed": steps})
    return entries


def runs(numbers):
    """[1, 2, 3, 7] -> "1-3 7"."""
    out = []
    for number in numbers:
        if out and number == out[-1][1] + 1:
            out[-1][1] = number
        else:
            out.append([number, number])
    return " ".join(str(a) if a == b else f"{a}-{b}" for a, b in out)


def write(name, entries):
    lines = ",\n".join(json.dumps(entry, ensure_ascii=True) for entry in entries)
    (HERE / name).write_text("[\n" + lines + "\n]\n")


if __name__ == "__main__":
    write("constrain_verdicts.json", make_verdicts())
    write("constrain_masks.json", make_masks())
