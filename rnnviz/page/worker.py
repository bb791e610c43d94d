"""A program of its own, run by ``rnnviz.page.workers``: reads questions from stdin, writes answers to stdout.

    python -P -m rnnviz.page.worker FOLDER [INDEX ...]

It ends when its stdin is closed.
"""

import json
import os
import signal
import struct
import sys
from collections.abc import Generator
from pathlib import Path
from typing import IO, Any

import orjson

from rnnviz.page.error_replies import objecting, raised_at
from rnnviz.page.job import News
from rnnviz.page.learning import learning
from rnnviz.page.offers import Wanted
from rnnviz.page.service import Service
from rnnviz.page.workers import HEADER, dataset_of, zipped

TRAINING = ("learn", "learn_on", "unlearn")
"""What is asked of the training, not of the service."""
_OVER = "over"


def main(folders: list[Path], questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answer one question after the other."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes of a terminal; the server ends this one
    if hasattr(os, "nice"):
        os.nice(5)  # short questions, which the server answers itself, go first
    folder, *indexes = folders
    service, training = Service(folder, index_folders=indexes), Training()
    while head := questions.read(4):
        name, question, zips = json.loads(questions.read(*struct.unpack(">I", head)))
        good, answer = _answer(training if name in TRAINING else service, name, question)
        answer = zipped(answer) if good and zips else answer
        answers.write(HEADER.pack(good, len(answer)) + answer)
        answers.flush()


class Training:
    """The training of this process, if there is one: it goes on from question to question (``Workers.learn``)."""

    def __init__(self) -> None:
        self._moments: Generator[News | None] | None = None

    @objecting
    def learn(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Begin.

        Args:
            asked: ``wanted`` and ``data``: a ``Wanted``, and a visitor's ``Dataset`` or None.
        """
        data = asked["data"]
        self._moments = learning(Wanted(*asked["wanted"]), dataset_of(data) if data else None)
        return {}

    @objecting
    def learn_on(self, _question: object) -> dict[str, Any]:
        """Learn until there is something new: ``news``; ``over`` when the training has ended."""
        assert self._moments  # noqa: S101  it has begun
        news = next(self._moments, _OVER)
        if isinstance(news, str):
            return self.unlearn(None) | {"over": True}
        return {"news": news and list(news)}

    def unlearn(self, _question: object) -> dict[str, Any]:
        """Let go of all of it."""
        if self._moments:
            self._moments.close()
        self._moments = None
        return {}


def _answer(answering: Service | Training, name: str, question: object) -> tuple[bool, bytes]:
    try:
        return True, orjson.dumps(getattr(answering, name)(question), option=orjson.OPT_SERIALIZE_NUMPY)
    except Exception as error:
        return False, f"{type(error).__name__} at {raised_at(error)}".encode()


if __name__ == "__main__":
    pipe = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    main([Path(one) for one in sys.argv[1:]], sys.stdin.buffer, pipe)
