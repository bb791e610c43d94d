"""Files of weights made to harm, given to ``rnnviz convert``: nothing in them runs, and nothing large is allocated."""

import io
import json
import os
import pickle
import resource
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from rnnviz.convert import foreign, npz_file, unpickle
from rnnviz.convert.convert import converted
from rnnviz.convert.foreign import read_foreign
from rnnviz.convert.unpickle import RefusedError
from rnnviz.errors import CheckpointError
from tests.cli.test_cli import Command, rnnviz as rnnviz
from tests.convert.opening import in_this_process as in_this_process
from tests.convert.test_convert import LABELS, WORDS, Lesson, labelled, lesson

HOSTILE = "\x1b[31m[red]\u202e[/]<img onerror>\n" + "x" * 100_000


class Runs:
    """Unpickling it runs a command."""

    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


def objection(path):
    with pytest.raises(CheckpointError) as caught:
        read_foreign(path)
    said = str(caught.value)
    assert "weights_only=False" not in said
    assert said.startswith(f"{path} ")
    return said


def older(*parts):
    """PyTorch's older format: a magic number, a version, a description; then a pickle of one's own."""
    return b"".join([*(pickle.dumps(part, 2) for part in (0x1950A86A20F9469CFC6C, 1001, {})), *parts])


# Nothing runs


@pytest.mark.parametrize("form", ["torch.save", "older", "bare"])
def test_a_pickle_that_runs_a_command_does_not_run_it_t22(tmp_path, form):
    mark = tmp_path / "ran"
    stranger = {"fc.weight": torch.zeros(2), "fc.bias": Runs(f"touch {mark}")}
    path = tmp_path / "weights.pt"
    if form == "bare":
        path.write_bytes(pickle.dumps(stranger["fc.bias"], 2))
    else:
        torch.save(stranger, path, _use_new_zipfile_serialization=form == "torch.save")
    if form == "bare":
        said = (
            "it is a plain pickle of Python objects, such as 'posix.system', which torch.save did not write, "
            "and is never opened.\nIn the program that made it, write torch.save(model.state_dict(), 'weights.pt')."
        )
    else:
        said = (
            "it holds Python objects beside tensors, such as 'posix.system', and these are never opened.\n"
            "Pass what torch.save(model.state_dict(), 'weights.pt') wrote, or a .safetensors file."
        )
    assert objection(path) == f"{path} cannot be opened as weights: {said}"
    assert not mark.exists()
    torch.load(path, weights_only=False) if form != "bare" else pickle.loads(path.read_bytes())  # noqa: S301
    assert mark.exists()  # so it would have run


@pytest.mark.usefixtures("in_this_process")
def test_a_whole_pickled_module_is_not_opened_and_the_way_to_save_it_is_said(tmp_path):
    torch.save(lesson(), tmp_path / "module.pt")
    said = objection(tmp_path / "module.pt")
    assert "it holds Python objects beside tensors, such as 'tests.convert.test_convert.Lesson'" in said
    assert "torch.save(model.state_dict(), 'weights.pt')" in said
    assert Lesson.__module__ == "tests.convert.test_convert"


# Nothing large is allocated


def bomb_that_claims_a_string():
    return older(b"\x80\x02X" + struct.pack("<I", 0xFFFF_FFF0) + b"x")  # of four gigabytes


def bomb_of_strides():
    buffer = io.BytesIO()
    torch.save({"fc.weight": torch.zeros(1).expand(1_000_000, 1_000_000)}, buffer)
    return buffer.getvalue()


def bomb_of_views():
    buffer = io.BytesIO()
    numbers = torch.zeros(10_000)
    torch.save({f"{place}.weight": numbers for place in range(1_000)}, buffer)
    return buffer.getvalue()


def bomb_of_zeros():
    """A file of torch.save whose numbers are squeezed a thousandfold."""
    honest, squeezed = io.BytesIO(), io.BytesIO()
    torch.save({"fc.weight": torch.zeros(100_000_000 // 4)}, honest)
    with zipfile.ZipFile(honest) as there, zipfile.ZipFile(squeezed, "w", zipfile.ZIP_DEFLATED) as here:
        for entry in there.infolist():
            here.writestr(entry.filename, there.read(entry))
    return squeezed.getvalue()


@pytest.mark.parametrize("bomb", [bomb_that_claims_a_string, bomb_of_strides, bomb_of_views, bomb_of_zeros])
def test_a_file_that_asks_for_far_more_memory_than_it_has_bytes_is_refused(tmp_path, bomb):
    path = tmp_path / "bomb.pt"
    path.write_bytes(bomb())
    assert path.stat().st_size < 200_000
    assert "it asks for far more memory than it has bytes." in objection(path)


def arrays(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)
    return buffer.getvalue()


def array(numbers, shape=None):
    """One .npy file, with another shape than its numbers have."""
    buffer = io.BytesIO()
    header = {"descr": numbers.dtype.str, "fortran_order": False, "shape": shape or numbers.shape}
    np.lib.format.write_array_header_1_0(buffer, header)
    return buffer.getvalue() + numbers.tobytes()


def overlapping():
    data = arrays(a=array(np.ones(5)), b=array(np.ones(5)))
    second = data.index(b"PK\1\2", data.index(b"PK\1\2") + 4)
    return data[: second + 42] + struct.pack("<L", 0) + data[second + 46 :]


ODD_ARCHIVES = {
    "grows": (lambda: arrays(a=array(np.zeros(2_500_000))), r"unpacks to 20,000,128 bytes; at most [\d,]+ are read"),
    "claims": (lambda: arrays(a=array(np.ones(10_000), (10**12,))), "declares 8,000,000,000,000 bytes of numbers"),
    "objects": (lambda: arrays(a=pickle.dumps({})), "no .npy file"),
    "many": (lambda: arrays(**{f"a{number}": array(np.ones(1)) for number in range(1_001)}), "it holds 1,001 arrays"),
    "overlap": (overlapping, "its arrays lie over each other"),
    "terminal": (lambda: arrays(**{"\x1b[2J": array(np.ones(99), (5,))}), r"x1b\[2J.npy.* declares 40 bytes"),
}


@pytest.mark.parametrize(("data", "said"), ODD_ARCHIVES.values(), ids=ODD_ARCHIVES)
def test_arrays_of_numpy_that_grow_or_lie_about_themselves_are_refused(tmp_path, data, said):
    path = tmp_path / "weights.npz"
    path.write_bytes(data())
    with pytest.raises(RefusedError, match=said) as caught:
        npz_file.read(str(path))
    assert "numpy.savez" in caught.value.args[1]
    assert caught.value.args[0].isprintable()


def test_an_archive_is_refused_by_the_sizes_that_it_declares_before_it_is_unpacked(tmp_path):
    path = tmp_path / "bomb.pt"
    path.write_bytes(bomb_of_zeros())
    with pytest.raises(MemoryError):
        unpickle.check_unpacked(str(path), 100_000_000)
    unpickle.check_unpacked(str(path), 101_000_000)
    torch.save(lesson().state_dict(), path)
    unpickle.check_unpacked(str(path), path.stat().st_size)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a process to an amount of memory")
def test_the_memory_that_a_process_may_take_is_what_it_was_given(tmp_path):
    path = tmp_path / "weights.pt"
    torch.save({"fc.weight": torch.zeros(25_000_000)}, path)  # 100 MB

    def opened(room):
        command = [sys.executable, "-P", unpickle.__file__, str(path), str(room)]
        return subprocess.run(command, capture_output=True, check=False)

    enough, little = opened(800_000_000), opened(50_000_000)
    assert (enough.returncode, len(enough.stdout) > 100_000_000) == (0, True)
    assert (little.returncode, little.stdout) == (unpickle.REFUSED, b"")
    assert little.stderr == b"it asks for far more memory than it has bytes"
    assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY  # this process has no limit


def test_a_file_that_takes_too_long_is_given_up(tmp_path, monkeypatch):
    torch.save(lesson().state_dict(), tmp_path / "weights.pt")
    monkeypatch.setattr(foreign, "_SECONDS", 0.01)
    assert "it was not open after 0.01 seconds." in objection(tmp_path / "weights.pt")


def test_a_process_that_dies_is_said_to_have_broken_off(tmp_path, monkeypatch):
    torch.save(lesson().state_dict(), tmp_path / "weights.pt")
    dying = tmp_path / "dying.py"
    dying.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    monkeypatch.setattr(unpickle, "__file__", str(dying))
    assert "opening it broke off (exit status -9), so it was left closed." in objection(tmp_path / "weights.pt")


def test_what_the_process_hands_back_is_checked_like_a_file(tmp_path, monkeypatch):
    torch.save(lesson().state_dict(), tmp_path / "weights.pt")
    lying = tmp_path / "lying.py"
    lying.write_text("import sys\nsys.stdout.buffer.write(b'\\xff' * 100)\n")
    monkeypatch.setattr(unpickle, "__file__", str(lying))
    assert "has a header that rnnviz does not accept" in objection(tmp_path / "weights.pt")


def test_a_safetensors_file_that_claims_more_than_it_holds_is_refused(tmp_path):
    path = tmp_path / "huge.safetensors"
    for header, reason in (
        (b'{"fc.weight":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}}', "wanted 4,398,"),
        (b'{"fc.weight":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', "does not accept"),
        (b" " * 1_000_001, "1,000,001 bytes; at most 1,000,000"),
        (b'{"a":1,"a":2}', "it names a key twice"),
    ):
        path.write_bytes(struct.pack("<Q", len(header)) + header + b"\0" * 4)
        assert reason in objection(path)


# What is damaged, or something else


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_truncated_file_is_refused(tmp_path, share):
    whole = io.BytesIO()
    torch.save(lesson().state_dict(), whole)
    path = tmp_path / "half.pt"
    path.write_bytes(whole.getvalue()[: int(share * len(whole.getvalue()))])
    assert "it is damaged, or torch.save did not write it." in objection(path)


@pytest.mark.parametrize(
    ("stranger", "problem"),
    [
        ([torch.zeros(2)], "it holds no tensors by name"),
        (torch.zeros(2), "it holds no tensors by name"),
        ({}, "it holds no tensors by name"),
        ({"epoch": 3}, "it holds no tensors by name"),
        ({3: torch.zeros(2)}, "it holds no tensors by name"),
        ({"fc.weight": torch.zeros(2, 2).to_sparse()}, "'fc.weight' in it is no plain tensor"),
        ({"fc.weight": torch.zeros(2, device="meta")}, "'fc.weight' in it is no plain tensor"),
        ({HOSTILE: torch.zeros(2, device="meta")}, ascii(HOSTILE)[:100] + " in it is no plain tensor"),
    ],
    ids=["list", "tensor", "empty", "number", "key", "sparse", "meta", "name"],
)
def test_what_is_no_dictionary_of_plain_tensors_is_refused_with_the_reason(stranger, problem):
    with pytest.raises(unpickle.RefusedError) as caught:
        unpickle.tensors_in(stranger, 1_000)
    assert str(caught.value) == problem


@pytest.mark.usefixtures("in_this_process")
def test_that_reason_is_what_a_person_reads(tmp_path):
    torch.save({"\x1b[31mfc.weight": torch.zeros(2, 2).to_sparse()}, tmp_path / "weights.pt")
    assert r"opened as weights: '\x1b[31mfc.weight' in it is no plain tensor." in objection(tmp_path / "weights.pt")


def test_a_git_lfs_pointer_says_what_to_do_t28(tmp_path):
    (tmp_path / "weights.pt").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n")
    assert objection(tmp_path / "weights.pt").endswith("Run `git lfs pull`.")


# Names of a stranger


def test_of_very_many_names_the_first_are_listed_and_the_others_counted(tmp_path):
    tensors = {f"layer{place:03}.weight": torch.full((2,), place + 1.0) for place in range(65)}
    with pytest.raises(CheckpointError) as caught:
        converted({**lesson().state_dict(), **tensors}, WORDS, LABELS)
    said = str(caught.value)
    assert "'layer063.weight' is not expected; 1 more. If it takes no part in an answer, leave it out" in said
    assert said.count("is not expected") == 64
    safetensors.torch.save_file({f"{place}": torch.zeros(1) for place in range(1_001)}, tmp_path / "many.safetensors")
    assert "1,001 tensors; at most 1,000" in objection(tmp_path / "many.safetensors")


def hostile_changes():
    """State dicts with a hostile name in each place where an objection could repeat it."""
    honest, line = dict(lesson().state_dict()), HOSTILE.replace("\n", " ")
    yield "not expected", honest | {HOSTILE: torch.zeros(1)}
    yield "two networks", honest | {f"{line}.weight_ih_l0": torch.zeros(1)}
    yield "a projection", {f"{line}.weight_hr_l0": torch.zeros(1)}
    yield "no network", {HOSTILE: torch.zeros(1)}
    yield "no matrix", {f"{line}.weight_hh_l0": torch.zeros(1)}
    renamed = {name.replace("rnn", line): value for name, value in honest.items()}
    yield "missing", {name: value for name, value in renamed.items() if not name.endswith("bias_hh_l0")}
    yield "integers", honest | {"embedding.weight": honest["embedding.weight"].int(), HOSTILE: torch.zeros(1)}
    yield "not finite", honest | {HOSTILE: torch.tensor([float("nan")])}


@pytest.mark.parametrize(
    ("place", "tensors"), list(hostile_changes()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_names_that_steer_a_terminal_are_never_printed_raw(rnnviz: Command, tmp_path, place, tensors):
    safetensors.torch.save_file(tensors, tmp_path / "hostile.safetensors")
    (tmp_path / "words.txt").write_text("\n".join(WORDS))
    ran = rnnviz(
        "convert", tmp_path / "hostile.safetensors", "--vocabulary", tmp_path / "words.txt", *labelled(),
        "--out", tmp_path / "mine",
    )  # fmt: skip
    assert (ran.code, ran.out) == (1, "")
    assert all(character.isprintable() or character == "\n" for character in ran.err)
    assert r"\x1b[31m[red]\u202e[/]<img onerror>" in ran.err
    assert len(ran.err) < 10_000
    assert not (tmp_path / "mine").exists()


def test_names_that_fit_are_printed_cut_and_harmless(rnnviz: Command, tmp_path):
    prefix = HOSTILE.replace("\n", " ")
    tensors = {name.replace("rnn", prefix): value for name, value in lesson().state_dict().items()}
    safetensors.torch.save_file(tensors, tmp_path / "hostile.safetensors")
    (tmp_path / "words.txt").write_text("\n".join(WORDS))
    ran = rnnviz(
        "convert", tmp_path / "hostile.safetensors", "--vocabulary", tmp_path / "words.txt", *labelled(),
        "--out", tmp_path / "mine",
    )  # fmt: skip
    assert ran.code == 0
    assert all(character.isprintable() or character == "\n" for character in ran.out + ran.err)
    assert len(ran.out) < 10_000


# Kinds of number

FORMATS = {"BOOL": 8, "U8": 8, "I8": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32}
FORMATS |= {"F64": 64, "I64": 64, "U64": 64, "C64": 64, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8}
FORMATS |= {"F8_E5M2FNUZ": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "F128": 128, "": 8, "\x1b[31m": 8}


@pytest.mark.parametrize("kind", FORMATS)
def test_every_kind_of_number_is_read_or_refused_in_a_sentence(tmp_path, kind):
    """Also those of 8 bits and fewer, of which PyTorch has some and can compute with none."""
    path, bits = tmp_path / "weights.safetensors", FORMATS[kind]
    header = json.dumps({"a": {"dtype": kind, "shape": [8], "data_offsets": [0, bits]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(bits))
    if kind in ("BOOL", "U8", "I8", "I16", "F16", "BF16", "I32", "F32", "F64", "I64"):
        assert read_foreign(path)["a"].shape == (8,)
    else:
        assert f"numbers of type {ascii(kind)[1:-1]}; only BF16 and BOOL and F16 and F32 and" in objection(path)


@pytest.mark.usefixtures("in_this_process")
def test_bfloat16_and_float64_are_converted_and_a_pickled_float8_is_refused(tmp_path):
    for kind in (torch.bfloat16, torch.float64):
        weights = {name: value.to(kind) for name, value in lesson().state_dict().items()}
        found = converted(weights, WORDS, LABELS).checkpoint.model
        assert {parameter.dtype for parameter in found.parameters()} == {torch.float32}
    path = tmp_path / "weights.pt"
    torch.save({"fc.weight": torch.zeros(2, 3).to(torch.float8_e4m3fn)}, path)
    assert "numbers of type F8_E4M3; only " in objection(path)


@pytest.mark.parametrize("name", ["torch", "pickle", "safetensors"])
def test_no_module_that_lies_about_is_run_by_the_process_that_unpickles(tmp_path, monkeypatch, name):
    """Python looks for modules in the folder that one stands in, and beside the program, unless it is told not to."""
    fired = tmp_path / "fired"
    (tmp_path / f"{name}.py").write_text(f"open({str(fired)!r}, 'w').close()\n", encoding="utf-8")
    program = tmp_path / "unpickling.py"
    program.write_bytes(Path(unpickle.__file__).read_bytes())
    monkeypatch.setattr(unpickle, "__file__", str(program))
    monkeypatch.chdir(tmp_path)
    torch.save({"fc.bias": torch.zeros(3)}, tmp_path / "weights.pt")
    assert read_foreign(tmp_path / "weights.pt")["fc.bias"].tolist() == [0, 0, 0]
    assert not fired.exists()
