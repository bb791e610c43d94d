"""The program that opens a stranger's file, run in the tests' own process: a process of its own imports PyTorch anew.

That it is one is tested in ``test_own_process.py`` for every kind of file, what it may take in ``tests/attacks``.
"""

import contextlib
import io
import subprocess
import warnings
from collections.abc import Sequence
from pathlib import Path

import pytest

from rnnviz.convert import unpickle
from rnnviz.untrusted import child


def opened_here(
    program: str | Path, arguments: Sequence[object], seconds: float, given: bytes = b""
) -> "subprocess.CompletedProcess[bytes]":
    assert program == unpickle.__file__
    path, limit_bytes, *how = map(str, arguments)
    out, said = io.TextIOWrapper(io.BytesIO()), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said), warnings.catch_warnings():
        status = unpickle.main(path, int(limit_bytes), *how)
    return subprocess.CompletedProcess([], status, out.buffer.getvalue(), said.getvalue().encode())


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "run", opened_here)
    monkeypatch.setattr(unpickle, "limit_memory", lambda _bytes: None)
