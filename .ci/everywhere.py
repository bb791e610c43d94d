"""Read, save, serve: what must work on every system.

Run by a Python that has rnnviz[app], in a folder outside the clone, so that the installed package is what is tried.
Needs no other package, and no network but this machine's own.
"""

import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import rnnviz

NETWORK = "sst2-lstm"
TEXT = "The movie was not good, but the ending surprised me — naïvely. 🎬"
PATIENCE = 180
"""Seconds until a page that has not opened counts as one that does not."""


def read() -> rnnviz.Trace:
    """In Python and on the command line: the same answer, and it is PyTorch's own."""
    trace = rnnviz.read(rnnviz.load(NETWORK), TEXT)
    assert trace.replay_error < 1e-5, trace.replay_error
    command = [sys.executable, "-m", "rnnviz", "read", NETWORK, TEXT, "--json"]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout)
    assert told["label"] == trace.label
    assert tuple(told["tokens"]) == trace.tokens
    return trace


def save(trace: rnnviz.Trace, folder: Path) -> None:
    """A reading and a network, saved and opened again, are the same."""
    trace.save(folder / "réading.npz")
    assert rnnviz.Trace.load(folder / "réading.npz").tokens == trace.tokens
    rnnviz.load(NETWORK).save_pretrained(folder / "cöpy")
    again = rnnviz.read(rnnviz.load(folder / "cöpy"), TEXT)
    assert (again.verdicts == trace.verdicts).all()


def free_port() -> int:
    """One that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def serve() -> None:
    """The page opens, and the server ends when it is told to."""
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", "rnnviz", "serve", "--port", str(port)])
    try:
        assert "rnnviz" in page(f"http://127.0.0.1:{port}/", server)
    finally:
        server.terminate()
        server.wait(30)


def page(address: str, server: "subprocess.Popen[bytes]") -> str:
    """What the server answers, as soon as it does. A proxy of the environment is not asked."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with opener.open(address, timeout=10) as answer:
                return str(answer.read().decode("utf-8"))
        except OSError:
            if server.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.5)


def main() -> None:
    """All three, in a folder with a name that is not ASCII."""
    with tempfile.TemporaryDirectory(prefix="rnnviz é ") as folder:
        save(read(), Path(folder))
    print("read and saved with", Path(rnnviz.__file__).parent)
    serve()
    print("served")


if __name__ == "__main__":
    main()
