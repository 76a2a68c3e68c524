# What the client tests share: where the server is, a picture, and counts out of its metrics.
import base64
import os
import pathlib
import time
import urllib.request

BASE = os.environ["R1V_URL"]
KEY = os.environ["R1V_KEY"]
MODEL = "r1v-mini"
ROOT = pathlib.Path(__file__).resolve().parents[2]


def picture_url(name="bar_chart.png"):
    return "data:image/png;base64," + base64.b64encode((ROOT / "examples" / name).read_bytes()).decode()


def question(text="What is 12 + 30?"):
    return [{"role": "user", "content": text}]


def question_with_picture():
    return [{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": picture_url()}},
        {"type": "text", "text": "Which bar is the highest?"},
    ]}]


# An answer that only ends at its limit: neither end token may be drawn.
ENDLESS = {"temperature": 1.5, "logit_bias": {"0": -100, "2": -100}}


def metric(name):
    request = urllib.request.Request(BASE + "/metrics", headers={"Authorization": "Bearer " + KEY})
    with urllib.request.urlopen(request, timeout=10) as reply:
        lines = reply.read().decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name + "{") or line.startswith(name + " "))


def wait_until_idle(seconds=10):
    """Whether nothing is running or waiting, and no block of keys and values is held, within so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if metric("r1v_running") == 0 and metric("r1v_waiting") == 0 and metric("r1v_kv_blocks_used") == 0:
            return True
        time.sleep(0.05)
    return False
