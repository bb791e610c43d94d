"""What a capture takes is known beforehand, within bounds, and one that would not fit is refused before it begins."""

import itertools
import json
import os
import subprocess
import sys

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

import rnnviz
from rnnviz import reading
from rnnviz.engine import memory_limit
from rnnviz.engine.columns import laid_out
from rnnviz.engine.memory_limit import capture_bytes, signal_bytes
from rnnviz.engine.stack import stack_of
from rnnviz.errors import MemoryLimitError
from tests.builders import checkpoint
from tests.engine.cases import MODULES, Case, as_shipped, parts_of, rows_of

CPU = torch.device("cpu")
LENGTHS = {"alone": (80,), "batch": (60, 60, 60), "packed unsorted": (9, 80, 2, 33)}
ROUTES = {"walk": {"route": "walk"}, "exact": {"exact": True}, "recover": {"route": "recover"}, "follow": {}}


def bytes_of(*tensors):
    return sum(tensor.nbytes for tensor in tensors)


def free(monkeypatch, given, unasked=0):
    """A machine with so many bytes free, asked from so many on."""
    monkeypatch.setattr(memory_limit, "free_bytes", lambda device: given)
    monkeypatch.setattr(memory_limit, "_UNASKED", unasked)


# --- the estimate ---


def settings(kind):
    """Each number of layers and directions with some kind of number and form of a batch."""
    turns = zip(
        itertools.product((1, 3), (False, True)),
        itertools.cycle((torch.float32, torch.float64, torch.bfloat16)),
        itertools.cycle(LENGTHS),
        strict=False,
    )
    for (layers, two_ways), dtype, form in turns:
        for projection in (0, 24) if kind == "lstm" else (0,):
            yield Case(
                kind, layers, two_ways, True, projection, form=form, lengths=LENGTHS[form], dtype=dtype, units=48
            )


@pytest.mark.parametrize("kind", MODULES)
@pytest.mark.parametrize("route", ROUTES)
def test_the_estimate_is_above_what_the_caller_holds_in_the_end_and_not_far_above(kind, route):
    for case in settings(kind):
        module, inputs = case.module(), case.inputs()
        with as_shipped():
            estimate = capture_bytes(
                stack_of(module), laid_out(stack_of(module), inputs), "walk" if route == "exact" else route
            )
            if route == "follow":
                rows_of(inputs).requires_grad_()
            output, state, signals = rnnviz.capture(module, inputs, **ROUTES[route])
        held = bytes_of(rows_of(output), *parts_of(state), *signals.values())
        assert held <= estimate, case
        if route != "follow":  # of which PyTorch's graph is most
            assert estimate <= held * (4.0 if route == "recover" else 1.8), (case, estimate / held)
        assert signal_bytes(stack_of(module), sum(case.lengths)) == bytes_of(*signals.values())


PEAKS = """
import json, re, torch
from pathlib import Path
from rnnviz.engine.columns import laid_out
from rnnviz.engine.memory_limit import capture_bytes
from rnnviz.engine.stack import stack_of
from rnnviz.engine.capture import capture

def highest():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024

torch.set_num_threads(1)
lstm = torch.nn.LSTM(64, 64, 2, bidirectional=True)
few, found = torch.randn(3, 64, 64), {}
for route, tokens in ("walk", 300), ("recover", 300), ("follow", 150):  # each takes more than the one before
    options = {} if route == "follow" else {"route": route}
    capture(lstm, few.requires_grad_(route == "follow"), **options)
    start = start if found else highest()
    many = torch.randn(tokens, 64, 64)
    capture(lstm, many.requires_grad_(route == "follow"), **options)
    found[route] = highest() - start, capture_bytes(stack_of(lstm), laid_out(stack_of(lstm), many), route)
print(json.dumps(found))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the highest mark is read from Linux's /proc")
def test_the_estimate_is_above_what_the_process_takes_at_its_worst_moment_and_not_far_above():
    settings = os.environ | {"MALLOC_MMAP_THRESHOLD_": "131072"}  # what is freed goes back, so that it counts once
    told = subprocess.run(
        [sys.executable, "-c", PEAKS], capture_output=True, text=True, check=True, timeout=600, env=settings
    )
    for route, (taken, estimate) in json.loads(told.stdout).items():
        assert estimate / 1.6 <= taken <= 1.05 * estimate, (route, taken / 1e6, estimate / 1e6)


def test_what_is_looked_up_for_a_vocabulary_table_is_counted_where_it_is():
    module = nn.LSTM(500, 4)
    columns = laid_out(stack_of(module), torch.zeros(100, 1, 500))
    plain, looked_up = (capture_bytes(stack_of(module), columns, "recover", embedded) for embedded in (0, 500))
    assert looked_up - plain == 100 * 500 * 4
    assert capture_bytes(stack_of(module), columns, "walk", 500) == capture_bytes(stack_of(module), columns, "walk")


# --- the refusal ---


def test_a_capture_that_no_machine_can_hold_is_refused_before_it_takes_any_of_it():
    """A thousand million tokens, which are one row seen again and again; 1.5 TB of signals."""
    sizes = torch.full((100_000,), 10_000)
    inputs = PackedSequence(torch.zeros(1, 2).expand(10**9, 2), sizes)
    with as_shipped(), pytest.raises(MemoryLimitError) as refused:
        rnnviz.capture(nn.LSTM(2, 64), inputs)
    assert refused.value.values["needed"] > 1.5e6
    assert isinstance(refused.value, MemoryError)


@pytest.mark.parametrize("route", ROUTES)
def test_the_refusal_says_what_is_needed_what_there_is_and_what_fits(monkeypatch, route):
    module, inputs = nn.GRU(3, 64), torch.randn(50, 20, 3, requires_grad=route == "follow")
    estimate = capture_bytes(
        stack_of(module), laid_out(stack_of(module), inputs), "walk" if route == "exact" else route
    )
    free(monkeypatch, estimate)
    rnnviz.capture(module, inputs, **ROUTES[route])
    free(monkeypatch, estimate - 1)
    with pytest.raises(MemoryLimitError) as refused:
        rnnviz.capture(module, inputs, **ROUTES[route])
    assert refused.value.values["most"] == 999
    free(monkeypatch, estimate // 2)
    with pytest.raises(MemoryLimitError) as refused:
        rnnviz.capture(module, inputs, **ROUTES[route])
    assert str(refused.value) == (
        f"All signals of 1,000 tokens take about {estimate / 1e6:,.0f} MB; "
        f"on cpu, {(estimate // 2) / 1e6:,.0f} MB are free.\n"
        f"Take fewer texts at once: about {1_000 * (estimate // 2) // estimate} tokens fit."
    )
    half = inputs.detach()[:, :8].requires_grad_(route == "follow")  # a few less than half of the texts do fit
    rnnviz.capture(module, half, **ROUTES[route])


def test_a_small_capture_does_not_ask_the_machine(monkeypatch):
    def asked(device):
        raise AssertionError(device)

    monkeypatch.setattr(memory_limit, "free_bytes", asked)
    rnnviz.capture(nn.LSTM(3, 32, 2, bidirectional=True), torch.randn(1_000, 3))


def test_where_nobody_says_what_is_free_nothing_is_refused(monkeypatch):
    free(monkeypatch, None)
    rnnviz.capture(nn.RNN(3, 4), torch.randn(5, 3))
    assert memory_limit.free_bytes(torch.device("meta")) is None


def test_watching_counts_the_calls_that_are_kept_already(monkeypatch):
    """Each call is small; the machine is asked once all of them together are not."""
    module, inputs = nn.GRU(3, 8), torch.randn(50, 20, 3)
    free(monkeypatch, 0, unasked=4 * capture_bytes(stack_of(module), laid_out(stack_of(module), inputs), "recover"))
    outputs = []
    with pytest.raises(MemoryLimitError), rnnviz.watch(module) as seen:
        outputs += [module(inputs)[0] for _ in range(4)]
    assert len(outputs) == 4  # the model's own calls came to their end
    assert len(seen[""]) == 3


def test_many_texts_are_refused_for_all_that_would_be_kept_of_them_before_any_is_read(monkeypatch):
    texts = ["the good film", "bad", "the film was not good at all"] * 50
    reader = checkpoint()
    found = rnnviz.read_many(reader, texts)
    kept = sum(values.nbytes for trace in found for values in (trace.inputs, *trace.signals.values()))
    monkeypatch.setattr(reading, "capture_texts", None)
    free(monkeypatch, kept)
    with pytest.raises(MemoryLimitError) as refused:
        rnnviz.read_many(reader, texts)
    assert kept < refused.value.values["needed"] * 1e6 <= 2 * kept
    assert refused.value.values["tokens"] == sum(len(trace.tokens) for trace in found)


# --- what the machine has ---


@pytest.fixture
def pretended(tmp_path, monkeypatch):
    """A machine whose files are written by the test."""
    monkeypatch.setattr(memory_limit, "_ROOT", tmp_path)

    def write(name, text):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    write(
        "proc/meminfo",
        "MemTotal:        9000 kB\nMemFree:          100 kB\nMemAvailable:    8000 kB\nHugePages_Total: 0\n",
    )
    return write


def test_without_limits_what_linux_calls_available_is_free(pretended):
    assert memory_limit.free_bytes(CPU) == 8000 * 1024
    pretended("proc/self/cgroup", "0::/\n")
    pretended("sys/fs/cgroup/memory.max", "max\n")
    pretended("sys/fs/cgroup/memory.current", "5000\n")
    assert memory_limit.free_bytes(CPU) == 8000 * 1024


def test_the_narrowest_limit_around_the_process_counts_less_what_is_only_cached(pretended):
    pretended("proc/self/cgroup", "0::/slurm/job_7/step_0\n")
    pretended("sys/fs/cgroup/slurm/job_7/memory.max", "4000000\n")
    pretended("sys/fs/cgroup/slurm/job_7/memory.current", "3000000\n")
    pretended("sys/fs/cgroup/slurm/job_7/memory.stat", "anon 77\ninactive_file 200000\nactive_file 50000\n")
    pretended("sys/fs/cgroup/slurm/job_7/step_0/memory.max", "max\n")
    pretended("sys/fs/cgroup/slurm/job_7/step_0/memory.current", "1000\n")
    pretended("sys/fs/cgroup/slurm/memory.max", "9000000\n")
    pretended("sys/fs/cgroup/slurm/memory.current", "3000000\n")
    assert memory_limit.free_bytes(CPU) == 1_250_000
    pretended("sys/fs/cgroup/memory.max", "3000000\n")
    pretended("sys/fs/cgroup/memory.current", "3000001\n")
    assert memory_limit.free_bytes(CPU) == 0


def test_limits_of_the_older_version_count_too_where_a_container_sees_its_own_as_the_outermost(pretended):
    pretended("proc/self/cgroup", "5:cpu,cpuacct:/docker/ab\n4:memory:/docker/ab\n1:name=systemd:/\n")
    pretended("sys/fs/cgroup/memory/memory.limit_in_bytes", "1000000\n")
    pretended("sys/fs/cgroup/memory/memory.usage_in_bytes", "600000\n")
    pretended(
        "sys/fs/cgroup/memory/memory.stat", "inactive_file 5\ntotal_inactive_file 30000\ntotal_active_file 4000\n"
    )
    assert memory_limit.free_bytes(CPU) == 434_000


def test_a_machine_without_such_files_has_at_most_its_memory(monkeypatch, tmp_path):
    monkeypatch.setattr(memory_limit, "_ROOT", tmp_path)
    monkeypatch.setattr(os, "sysconf_names", {"SC_PHYS_PAGES": 1}, raising=False)
    monkeypatch.setattr(os, "sysconf", {"SC_PHYS_PAGES": 300, "SC_PAGE_SIZE": 4096}.__getitem__, raising=False)
    assert memory_limit.free_bytes(CPU) == 300 * 4096
    monkeypatch.delattr(os, "sysconf_names")  # as on Windows
    assert memory_limit.free_bytes(CPU) is None


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_on_this_machine_some_memory_is_free_and_no_more_than_it_has():
    assert 0 < memory_limit.free_bytes(CPU) < os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def test_on_a_gpu_what_pytorch_holds_back_is_free_too(monkeypatch):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (1_000, 80_000))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: 500)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: 200)
    assert memory_limit.free_bytes(torch.device("cuda", 0)) == 1_300
