"""A program of its own, run by ``rnnviz.page.workers``: reads questions from stdin, writes answers to stdout.

    python -P -m rnnviz.page.worker FOLDER

It ends when its stdin is closed.
"""

import json
import os
import signal
import struct
import sys
from pathlib import Path
from typing import IO

import orjson

from rnnviz.page.saying import place_of
from rnnviz.page.service import Service
from rnnviz.page.workers import HEADER


def main(folder: Path, questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answer one question after the other."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes of a terminal; the server ends this one
    if hasattr(os, "nice"):
        os.nice(5)  # short questions, which the server answers itself, go first
    service = Service(folder)
    while head := questions.read(4):
        name, question = json.loads(questions.read(*struct.unpack(">I", head)))
        good, answer = _answer(service, name, question)
        answers.write(HEADER.pack(good, len(answer)) + answer)
        answers.flush()


def _answer(service: Service, name: str, question: object) -> tuple[bool, bytes]:
    try:
        return True, orjson.dumps(getattr(service, name)(question))
    except Exception as error:
        return False, f"{type(error).__name__} at {place_of(error)}".encode()


if __name__ == "__main__":
    pipe = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    main(Path(sys.argv[1]), sys.stdin.buffer, pipe)
