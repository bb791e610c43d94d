"""Several processes that train one network: two real ones through Gloo, and what each of them does by itself."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from rnnviz import cli
from rnnviz.checkpoint import folder as checkpoints
from rnnviz.errors import TrainingError
from rnnviz.training import distributed, loop, setup
from rnnviz.training.recipe import Recipe
from rnnviz.training.sources import Sources
from tests.builders import dataset, separable
from tests.conftest import ROOT
from tests.training.two_processes import PLAIN, TINY, weights_after

MOST_SECONDS = 600  # only what hangs takes so long
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
GONE = (
    "Another process of this training has ended, so this one stopped too.\n"
    "See what it said; add --resume to the same command to go on."
)
DIFFERENT = (
    "The 2 processes of this training do not learn the same.\n"
    "Give each machine the same data, the same options and, with --resume, the same unfinished run."
)


# --- two real processes ---


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """What each of two processes saw in tests/training/two_processes.py; see there."""
    folder = tmp_path_factory.mktemp("both")
    command = [*TORCHRUN, "-m", "tests.training.two_processes", str(folder)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=MOST_SECONDS)
    assert ran.returncode == 0, ran.stderr
    return folder


def found(both, rank):
    return json.loads((both / str(rank) / "found.json").read_text())


@pytest.mark.parametrize("name", PLAIN)
def test_two_processes_reach_the_weights_of_one_but_for_the_order_of_additions(both, name):
    wanted, ends = weights_after(PLAIN[name])
    first, second = (safetensors.torch.load_file(both / rank / f"{name}.safetensors") for rank in "01")
    for place, value in wanted.items():
        assert torch.equal(first[place], second[place])
        torch.testing.assert_close(first[place], value, rtol=0, atol=2e-6)  # as docs/training.md states
    for rank in (0, 1):
        for (loss, *counts), (own_loss, *own_counts) in zip(ends, found(both, rank)["ends"][name], strict=True):
            assert own_loss == pytest.approx(loss, rel=1e-6)
            assert own_counts == counts  # accuracy, texts, steps


def test_a_training_with_dropout_that_two_processes_resume_ends_bit_by_bit_as_if_never_stopped(both):
    one, other = found(both, 0), found(both, 1)
    assert one["again"] == one["whole"] == other["whole"] == other["again"]


def test_when_one_process_leaves_the_others_do_too(both):
    assert found(both, 0)["the second left"] == GONE
    assert found(both, 1)["the second left"] == ""
    assert found(both, 1)["epochs until the first left"] < 3  # of three


def test_a_loss_that_is_no_number_stops_both_t59(both):
    for rank in (0, 1):
        assert found(both, rank)["not a number"].startswith("The loss stopped being a number in epoch 1, step ")


def test_processes_that_would_learn_different_things_are_refused(both):
    for rank in (0, 1):
        assert found(both, rank)["other texts"] == found(both, rank)["other recipe"] == DIFFERENT


def train(monkeypatch, *given):
    monkeypatch.setattr(sys, "argv", ["rnnviz", "train", *map(str, given)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code


def test_sigterm_stops_both_without_a_word_of_the_second_and_one_process_goes_on(tmp_path, monkeypatch):
    data = separable(101)
    with (tmp_path / "data.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *zip(data.texts, data.labels, strict=True)])
    given = [
        tmp_path / "data.csv",
        "--epochs",
        8,
        "--learning-rate",
        1e-3,
        "--batch-tokens",
        24,
        "--hidden-size",
        8,
        "--device",
        "cpu",
    ]
    out, logs = tmp_path / "two", tmp_path / "logs"
    command = [*TORCHRUN, "--log-dir", str(logs), "--redirects", "3"]
    command += ["-m", "tests.training.slow_training", "train", *map(str, given), "--out", str(out)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as launcher:
        metrics, started = tmp_path / "two.run" / "metrics.jsonl", time.monotonic()
        while not metrics.exists() and time.monotonic() - started < MOST_SECONDS:
            time.sleep(0.02)
        first = json.loads((tmp_path / "two.run" / "owner.json").read_text())["pid"]
        os.kill(first, signal.SIGTERM)
        assert launcher.wait(MOST_SECONDS) != 0
    said = {path.relative_to(logs).parts[-2:]: path.read_text() for path in logs.rglob("*.log")}
    assert "Stopped in epoch" in said["0", "stderr.log"]
    assert "Traceback" not in said["0", "stderr.log"]
    assert said["1", "stderr.log"] == said["1", "stdout.log"] == ""
    train(monkeypatch, *given, "--out", out, "--resume")
    train(monkeypatch, *given, "--out", tmp_path / "one")
    one, two = (checkpoints.load(tmp_path / name).model.state_dict() for name in ("one", "two"))
    for name, value in one.items():
        torch.testing.assert_close(two[name], value, rtol=2e-3, atol=1e-4)  # both rounded to float16
    losses = [[json.loads(line)["loss"] for line in metrics_of(tmp_path / name)] for name in ("one", "two")]
    assert len(losses[0]) == 8
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)


def metrics_of(out: Path):
    return (out.with_name(out.name + ".run") / "metrics.jsonl").read_text().splitlines()


# --- one of several, by itself ---


def learner_of(data=None, **settings):
    sources = Sources(data or separable(), (), (), None, None)
    *_, run = loop._prepared(sources, Recipe(**TINY | settings), name="x", title="", history={}, begun=0.0)
    run.learner.begin(1)
    return run.learner


@pytest.fixture
def as_process(monkeypatch):
    """Be one of several processes that do not hear of each other."""
    monkeypatch.setattr(distributed, "add_up", lambda values: list(values))
    monkeypatch.setattr(distributed, "agree", lambda number: None)

    def be(rank, count):
        for name, value in (("RANK", rank), ("LOCAL_RANK", rank), ("WORLD_SIZE", count), ("LOCAL_WORLD_SIZE", count)):
            monkeypatch.setenv(name, str(value))

    return be


@pytest.mark.parametrize("texts", [1, 2, 3, 8])
@pytest.mark.parametrize("reading", ["packed", "padded"])
def test_the_shares_of_a_batch_add_up_to_it_also_when_there_are_fewer_texts_than_processes(as_process, texts, reading):
    batch = [place for place, text in enumerate(separable().texts) if reading == "padded" or text.count(" ") == 2]
    whole = learner_of(reading=reading)
    loss, right = whole._gradient(batch[:texts])
    sums, total, count = [0.0] * len(list(whole.model.parameters())), 0.0, 0
    for rank in range(3):
        as_process(rank, 3)
        one = learner_of(reading=reading)
        own_loss, own_right = one._gradient(batch[:texts])
        sums = [value + parameter.grad for value, parameter in zip(sums, one.model.parameters(), strict=True)]
        total, count = total + own_loss, count + own_right
    assert total == pytest.approx(loss, rel=1e-6)
    assert count == right
    for value, parameter in zip(sums, whole.model.parameters(), strict=True):
        torch.testing.assert_close(value, parameter.grad, rtol=1e-5, atol=1e-7)


def test_each_process_drops_out_words_of_its_own_and_the_same_ones_when_resumed(as_process):
    data = dataset(["the good film was all good"] * 20, [1] * 20)
    masks = {}
    for rank in (0, 1, 2):
        as_process(rank, 3)
        run = learner_of(data, word_dropout=0.5)
        rows, forward = [], run.model.forward
        run.model.forward = lambda ids, lengths, *dropped, rows=rows, forward=forward: (
            rows.append(ids) or forward(ids, lengths, *dropped)
        )
        run.learn(list(range(18)))
        state = run.state({}, 0.0)
        run.learn(list(range(18)))
        run.restore(state, {})
        run.learn(list(range(18)))
        masks[rank] = [row.tolist() for row in rows]
    for step in (0, 1):
        assert len({str(masks[rank][step]) for rank in masks}) == 3
    for rank in masks:
        assert masks[rank][0] != masks[rank][1] == masks[rank][2]


def test_where_not_even_one_text_fits_several_processes_stop_since_none_can_go_to_the_processor_alone_t58(as_process):
    as_process(0, 2)
    run = learner_of(reading="padded")
    calls = []

    def full(model, given):
        calls.append(len(given[0]))
        raise torch.OutOfMemoryError("full")

    run.model.register_forward_pre_hook(full)
    with pytest.raises(torch.OutOfMemoryError, match="full"):
        run.learn(list(range(8)))
    assert calls == [4, 2, 1]  # its own texts, cut in two twice


def test_each_process_takes_the_gpu_of_its_own_number(as_process, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    as_process(1, 2)
    assert setup.device_of("auto") == torch.device("cuda", 1)
    as_process(1, 3)
    assert setup.device_of("cpu") == torch.device("cpu")
    with pytest.raises(TrainingError) as caught:
        setup.device_of("auto")
    assert str(caught.value) == (
        "3 processes were started on a machine with 2 GPUs.\n"
        "Start one for each GPU with --nproc-per-node 2, or pass --device cpu."
    )


def test_a_process_alone_connects_to_nobody(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    monkeypatch.setattr(torch.distributed, "init_process_group", lambda *given: pytest.fail("connected"))
    values = torch.ones(3)
    with distributed.joined(torch.device("cpu")):
        distributed.agree(7)
        distributed.add_up([values])
    assert np.array_equal(values, [1, 1, 1])


def test_only_the_first_process_of_a_machine_says_what_is_wrong(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["rnnviz", "train", str(tmp_path / "no.csv"), "--out", str(tmp_path / "out")])
    for rank, said in ((0, True), (1, False)):
        monkeypatch.setenv("LOCAL_RANK", str(rank))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 1
        assert ("There is no data file" in capsys.readouterr().err) == said
