#!/usr/bin/env python3
"""Chat servers side by side: time to first token and tokens/s at several numbers of clients.

  python3 bench/serve.py --load build/release/tests/serve_load --r1v build/release/src/apps/r1v \\
      --model DIR [--llama-server BIN --gguf FILE] [--vllm PYTHON] --clients 1,8,32 --rounds 3

Each server is started once on the same model with the same number of threads; rounds are interleaved (nothing else may
run meanwhile; servers that wait their turn are stopped with SIGSTOP). Every answer has exactly --tokens tokens: greedy,
end of sequence ignored, no prompt ever comes twice (the beginning that the chat template writes is the same). One JSON line a server, number of clients and round; a table at the end.
"""
import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, name, command, port, extra, model):
        self.name, self.port, self.extra, self.model = name, port, extra, model
        self.log = open(f"/tmp/serve_bench_{name.replace(' ', '_')}.log", "w")
        start = time.monotonic()
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, start_new_session=True)
        while not self.is_ready():
            if self.process.poll() is not None:
                sys.exit(f"{name} ended with status {self.process.returncode}; its log is {self.log.name}")
            time.sleep(0.05)
        self.ready_s = time.monotonic() - start

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as reply:
                return reply.status == 200
        except OSError:
            return False

    def signal(self, number):
        os.killpg(self.process.pid, number)

    def measure(self, load, clients, tokens, seconds, first=0):
        self.signal(signal.SIGCONT)
        command = [load, "--port", str(self.port), "--clients", str(clients), "--max-tokens", str(tokens), "--seconds",
                   str(seconds), "--prompts", "0", "--warm", "0", "--first", str(first), "--extra", json.dumps(self.extra)] + (["--model", self.model] if self.model else [])
        run = subprocess.run(command, capture_output=True, text=True)
        self.signal(signal.SIGSTOP)
        if run.returncode != 0:
            return {"error": run.stderr.strip()}
        return json.loads(run.stdout)


def servers_of(options):
    threads = str(options.threads)
    os.environ["OMP_NUM_THREADS"] = threads
    if options.r1v:
        for variant in options.variants.split(","):
            port = free_port()
            form = {"bf16": ["--dtype", "bfloat16"], "f32": ["--dtype", "float32"]}.get(
                variant, ["--dtype", "bfloat16", "--weights", variant])
            yield Server(f"r1v {variant}", [options.r1v, "serve", "--model", options.model, "--port", str(port),
                                            "--threads", threads, "--max-batch", "32"] + form,
                         port, {"ignore_eos": True}, "")
    for gguf in options.gguf:
        port = free_port()
        kind = os.path.basename(gguf).removesuffix(".gguf").split("-")[-1]
        yield Server(f"llama-server {kind}",
                     [options.llama_server, "-m", gguf, "--port", str(port), "-t", threads, "-np", "32", "-c",
                      str(32 * 512), "--no-webui"], port, {"ignore_eos": True}, "")
    if options.vllm:
        port = free_port()
        os.environ.update(VLLM_CPU_KVCACHE_SPACE="1", VLLM_CPU_OMP_THREADS_BIND=f"0-{options.threads - 1}",
                          VLLM_CPU_NUM_OF_RESERVED_CPU="0", VLLM_NO_USAGE_STATS="1", HF_HUB_OFFLINE="1")
        yield Server("vllm", [options.vllm, "-m", "vllm.entrypoints.openai.api_server", "--model", options.model,
                              "--port", str(port), "--max-model-len", "2048", "--max-num-seqs", "32", "--dtype",
                              options.vllm_dtype, "--served-model-name", "m"]
                     + (["--enforce-eager"] if options.vllm_eager else []), port, {"ignore_eos": True}, "m")


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are ended too
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--load", required=True, help="the built serve_load")
    parser.add_argument("--model", required=True, help="checkpoint folder")
    parser.add_argument("--r1v")
    parser.add_argument("--variants", default="bf16", help="of r1v: bf16, f32, int8, int4")
    parser.add_argument("--llama-server")
    parser.add_argument("--gguf", nargs="*", default=[])
    parser.add_argument("--vllm", help="Python of an environment with vLLM")
    parser.add_argument("--vllm-dtype", default="bfloat16")
    parser.add_argument("--vllm-eager", action="store_true")
    parser.add_argument("--clients", default="1,8,32")
    parser.add_argument("--tokens", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options = parser.parse_args()
    servers = []
    try:
        for server in servers_of(options):
            print(json.dumps({"server": server.name, "ready_s": round(server.ready_s, 2)}), flush=True)
            server.measure(options.load, 1, 4, 0.1)  # first calls are slower everywhere
            servers.append(server)
        figures, first = {}, 0
        for round_number in range(options.rounds):
            for clients in map(int, options.clients.split(",")):
                first += 10_000
                for server in servers:
                    result = server.measure(options.load, clients, options.tokens, options.seconds, first)
                    result.pop("server_mib", None)
                    print(json.dumps({"server": server.name, "round": round_number, **result}), flush=True)
                    if "error" not in result:
                        figures.setdefault((server.name, clients), []).append(
                            (result["tokens_per_s"], result["first_token_s"]["median"]))
        print(f"\n{'server':24}{'clients':>8}{'tokens/s':>10}{'first token s':>15}")
        for (name, clients), values in sorted(figures.items(), key=lambda item: item[0][1]):
            rate, first = (statistics.median(column) for column in zip(*values))
            print(f"{name:24}{clients:8}{rate:10.1f}{first:15.3f}")
    finally:
        for server in servers:
            server.signal(signal.SIGCONT)
            server.signal(signal.SIGKILL)


if __name__ == "__main__":
    main()
