"""Conversations that chat templates are tried on: shared by make_templates.py and parity/check_templates.py."""

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": 'Weather of a place, e.g. "Oslo" <now> & later',
        "parameters": {
            "type": "object",
            "properties": {
                "place": {"type": "string", "description": "Name of the place, größer als 0 字"},
                "unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"},
                "days": {"type": "integer", "minimum": 1, "maximum": 7},
                "limits": {"type": "array", "items": {"type": "number"}},
                "exact": {"type": ["boolean", "null"]},
            },
            "required": ["place"],
        },
    },
}
ADD = {
    "type": "function",
    "function": {
        "name": "add",
        "description": "Adds numbers.",
        "parameters": {
            "type": "object",
            "properties": {
                "a": {"type": "number"},
                "b": {"type": "number"},
                "options": {"type": "object", "properties": {"round": {"type": "boolean"}}, "additionalProperties": False},
            },
            "required": ["a", "b"],
        },
        "return": {"type": "number", "description": "The sum."},
    },
}
EMPTY = {"type": "function", "function": {"name": "now", "description": "", "parameters": {"type": "object", "properties": {}}}}


def user(content, **extra):
    return {"role": "user", "content": content, **extra}


def system(content):
    return {"role": "system", "content": content}


def assistant(content, **extra):
    return {"role": "assistant", "content": content, **extra}


def tool(content, **extra):
    return {"role": "tool", "content": content, **extra}


def call(name, arguments, call_id="call00001"):
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


THINKING = "<think>\nFirst 3 + 4.\n\nThat is 7.\n</think>\n\nThe answer is 7."
OSLO = call("get_weather", {"place": "Oslo", "days": 2, "limits": [1.5, -3.0, 1e20], "exact": None})


def plain_conversations():
    yield "one question", {"messages": [user("Hi")]}
    yield "no generation prompt", {"messages": [user("Hi")], "add_generation_prompt": False}
    yield "system and question", {"messages": [system("You are a helpful assistant."), user("What is 2+2?")]}
    yield "two turns", {"messages": [user("Hello"), assistant("Hi there!"), user("How are you?")]}
    yield "finished", {"messages": [system("Be brief."), user("1+1?"), assistant("2")], "add_generation_prompt": False}
    yield "finished, and prompt", {"messages": [user("1+1?"), assistant("2")]}
    yield "thinking in the history", {"messages": [user("3+4?"), assistant(THINKING), user("And 8+9?")]}
    yield "thinking at the end", {"messages": [user("3+4?"), assistant(THINKING)], "add_generation_prompt": False}
    yield "reasoning apart", {
        "messages": [user("3+4?"), assistant("7", reasoning_content="3 and 4 are 7."), user("Sure?")]
    }
    yield "reasoning apart at the end", {
        "messages": [user("3+4?"), assistant("7", reasoning_content="3 and 4 are 7.", thinking="3 and 4 are 7.")],
        "add_generation_prompt": False,
    }
    yield "thinking on", {"messages": [user("Hi")], "enable_thinking": True, "thinking": True}
    yield "thinking off", {"messages": [user("Hi")], "enable_thinking": False, "thinking": False}
    yield "white space", {"messages": [system("\n  padded \t\n"), user("  two  spaces \n\n"), assistant("\n\n end "), user("\n")]}
    yield "unicode", {
        "messages": [
            system("Antworte auf Deutsch: äöüß ẞ"),
            user("你好，世界！ 🇳🇴👩‍👩‍👧 e\u0301 \u00a0x\u3000 \u202b שלום"),
            assistant("\u200bΣίσυφος ﬁ 𝒳"),
            user("\U0001f600\ud7ff\ue000"),
        ]
    }
    yield "markup", {"messages": [user("<b>\"bold\" & 'it'</b> \\n \\\\ {{ x }} {% if %} </think> <|im_end|>")]}
    yield "empty texts", {"messages": [system(""), user(""), assistant(""), user("")]}
    yield "no messages", {"messages": []}
    yield "many turns", {
        "messages": [m for i in range(8) for m in (user(f"Question {i}?"), assistant(f"Answer {i}."))] + [user("Last?")]
    }
    yield "assistant first", {"messages": [assistant("Welcome."), user("Thanks")]}
    yield "two user turns", {"messages": [user("One"), user("Two")]}
    yield "late system", {"messages": [user("Hi"), system("Now be formal."), assistant("Good day."), user("Bye")]}
    yield "only system", {"messages": [system("Alone.")]}
    yield "developer", {"messages": [{"role": "developer", "content": "Be kind."}, user("Hi")]}
    yield "unknown role", {"messages": [{"role": "narrator", "content": "Once"}, user("Hi")]}
    yield "content is missing", {"messages": [{"role": "user"}]}
    yield "content is null", {"messages": [user(None)]}
    yield "content is a number", {"messages": [user(3.0)]}
    yield "names", {"messages": [user("Hi", name="Ada"), assistant("Hello Ada", name="Bot"), user("Bye", name="Ada")]}


def tool_conversations():
    yield "tools", {"messages": [user("Weather in Oslo?")], "tools": [WEATHER, ADD]}
    yield "tools and system", {"messages": [system("Use tools."), user("Weather?")], "tools": [WEATHER, EMPTY]}
    yield "no tools in the list", {"messages": [user("Hi")], "tools": []}
    yield "call and result", {
        "messages": [
            user("Weather in Oslo?"),
            assistant("", tool_calls=[OSLO]),
            tool('{"degrees": -3.5}', tool_call_id="call00001", name="get_weather"),
        ],
        "tools": [WEATHER],
    }
    yield "call without content", {
        "messages": [user("Weather?"), assistant(None, tool_calls=[OSLO]), tool("cold", tool_call_id="call00001"), assistant("Cold.")],
        "tools": [WEATHER],
        "add_generation_prompt": False,
    }
    yield "arguments as text", {
        "messages": [user("2+3?"), assistant("Let me see.", tool_calls=[call("add", '{"a": 2, "b": 3}')]), tool("5")],
        "tools": [ADD],
    }
    yield "two calls", {
        "messages": [
            user("Both?"),
            assistant(THINKING, tool_calls=[OSLO, call("add", {"a": 1, "b": True}, "call00002")]),
            tool("cold", tool_call_id="call00001", name="get_weather"),
            tool("2", tool_call_id="call00002", name="add"),
            assistant("Cold, and 2."),
            user("Thanks, again?"),
            assistant("", tool_calls=[call("now", {}, "call00003")], reasoning_content="Ask the clock."),
            tool("12:00", tool_call_id="call00003", name="now"),
        ],
        "tools": [WEATHER, ADD, EMPTY],
    }
    yield "call without function key", {
        "messages": [user("?"), assistant("", tool_calls=[{"name": "add", "arguments": {"a": 1, "b": 2}}]), tool("3")],
        "tools": [ADD],
    }
    yield "tool result as list", {
        "messages": [user("?"), assistant("", tool_calls=[OSLO]), tool([{"type": "text", "text": "cold"}], tool_call_id="call00001")],
        "tools": [WEATHER],
    }
    yield "bare tools", {"messages": [user("?")], "tools": [WEATHER["function"], ADD["function"]]}


def list_conversations():
    text = {"type": "text", "text": "What is this?"}
    yield "list of one text", {"messages": [user([text])]}
    yield "list of texts", {"messages": [user([{"type": "text", "text": "One. "}, {"type": "text", "text": "Two."}])]}
    yield "picture and text", {"messages": [user([{"type": "image"}, text])]}
    yield "picture by url", {"messages": [user([{"type": "image_url", "image_url": {"url": "data:,"}}, text])]}
    yield "two pictures, two turns", {
        "messages": [
            system([{"type": "text", "text": "Look closely."}]),
            user([{"type": "image", "image": "a.png"}, {"type": "image", "image": "b.png"}, text]),
            assistant([{"type": "text", "text": "Two cats."}]),
            user([{"type": "text", "text": "And "}, {"type": "image"}, {"type": "text", "text": " here?"}]),
        ]
    }
    yield "empty list", {"messages": [user([])]}
    yield "video", {"messages": [user([{"type": "video", "video": "x.mp4"}, text])], "add_vision_id": True}
    yield "documents", {"messages": [user("Who?")], "documents": [{"title": "T", "text": "Ada did."}, {"title": "U", "text": "é"}]}


def conversations():
    """(name, variables) pairs; every one has bos, eos and the date."""
    for source in (plain_conversations, tool_conversations, list_conversations):
        for name, variables in source():
            defaults = {
                "add_generation_prompt": True,
                "tools": None,
                "bos_token": "<s>",
                "eos_token": "</s>",
                "now": "2026-07-04T09:05:03",
            }
            yield name, {**defaults, **variables}
