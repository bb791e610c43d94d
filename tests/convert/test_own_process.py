"""Every kind of file that a stranger may have made is opened in a process of its own, which hands over the tensors."""

from pathlib import Path

import numpy as np
import pytest
import torch

from rnnviz.convert.foreign import open_foreign
from rnnviz.errors import CheckpointError
from rnnviz.untrusted import child
from tests.convert.test_convert import LABELS, lesson
from tests.convert.test_other_files import (
    BIAS,
    KERNEL,
    READ,
    TABLE,
    assert_gives,
    dense,
    embedding,
    keras_cell,
    keras_steps,
    layer,
    onnx_cell,
    onnx_steps,
    save_h5,
    save_keras,
    save_onnx,
)


@pytest.fixture(autouse=True)
def without_a_process() -> None:
    """Here it is what is tested."""


def save(kind: str, path: Path) -> np.ndarray:
    """One LSTM as a file of a kind, and its last state."""
    cell, layers = keras_cell("LSTM"), [embedding(), layer("LSTM", "mine"), dense()]
    if kind == "onnx":
        save_onnx(path, "LSTM", onnx_cell("LSTM"))
        return onnx_steps("LSTM", onnx_cell("LSTM"))[-1]
    if kind == "keras":
        save_keras(path, layers, {"embedding": [TABLE], "lstm/cell": cell, "dense": [KERNEL, BIAS]})
    elif kind == "h5":
        save_h5(path, layers, {"embedding": [TABLE], "mine": cell, "dense": [KERNEL, BIAS]})
    else:
        with path.open("wb") as file:
            np.savez(file, TABLE, *cell, KERNEL, BIAS)
    return keras_steps("LSTM", cell, READ)[-1]


@pytest.fixture
def statuses(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How the processes that were started ended."""
    real, ended = child.run, []

    def run(*arguments, **options):
        done = real(*arguments, **options)
        ended.append(done.returncode)
        return done

    monkeypatch.setattr(child, "run", run)
    return ended


@pytest.mark.parametrize("kind", ["keras", "h5", "onnx", "npz"])
def test_what_another_program_wrote_comes_from_a_process_of_its_own(tmp_path, statuses, kind):
    assert_gives(tmp_path / "m", save(kind, tmp_path / "m") @ KERNEL + BIAS)
    assert statuses == [0]


def test_what_torch_save_wrote_comes_from_a_process_of_its_own_with_what_it_says(tmp_path, statuses):
    torch.save({"net": lesson().state_dict(), "classes": list(LABELS)}, tmp_path / "m")
    found = open_foreign(tmp_path / "m")
    assert found.facts.labels == LABELS
    assert all(torch.equal(found.tensors[name], own) for name, own in lesson().state_dict().items())
    assert statuses == [0]


def test_what_that_process_objects_to_is_said(tmp_path, statuses):
    with (tmp_path / "m").open("wb") as file:
        np.savez(file, a=np.array([{}], dtype=object))
    with pytest.raises(CheckpointError, match=r"cannot be opened as weights: .*\n.*numpy\.savez"):
        open_foreign(tmp_path / "m")
    assert statuses == [child.REFUSED]
