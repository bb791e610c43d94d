"""The doctor finds all that is wrong with a checkpoint, and what loading would say is the first of it."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from rnnviz.checkpoint.checks import CHECKS
from rnnviz.checkpoint.doctor import checkpoints_in, examine
from rnnviz.checkpoint.folder import load
from rnnviz.errors import CheckpointError
from rnnviz.training.unit_summary import describe
from tests.builders import CELLS, SENTENCE, checkpoint
from tests.checkpoint.checkpoint_files import settings_of, with_header, with_settings, with_tensors, with_vocabulary
from tests.cli.test_cli import Command, rnnviz as rnnviz
from tests.shipped import FOLDER, NAMES

WHOLE = {"state": "passed", "problem": ""}


def described(*shape, **options):
    """A checkpoint with the summary of its units that a training makes."""
    network = checkpoint(*shape, **options)
    return checkpoint(*shape, **options, units=describe(network, [SENTENCE, "a good story"]))


@pytest.fixture
def folder(tmp_path):
    described("gru", 2, True).save_pretrained(tmp_path / "tiny")
    return tmp_path / "tiny"


def found_in(folder):
    """The problem of each check that failed, and the checks that had to be left out."""
    findings = examine(folder)
    failed = {finding.check: finding.problem for finding in findings if finding.state == "failed"}
    return failed, {finding.check for finding in findings if finding.state == "not checked"}


def edited(folder, name, change):
    content = json.loads((folder / name).read_text())
    change(content)
    (folder / name).write_text(json.dumps(content))


# Nothing wrong


@pytest.mark.parametrize("cell", CELLS)
def test_a_checkpoint_as_it_was_saved_passes_every_check(tmp_path, cell):
    described(cell, 2, True, "max+mean").save_pretrained(tmp_path / "tiny")
    findings = examine(str(tmp_path / "tiny"))
    assert len(findings) == len(CHECKS) + 2
    assert {finding.state for finding in findings} == {"passed"}


def test_a_checkpoint_whose_units_nobody_described_is_whole(tmp_path):
    checkpoint().save_pretrained(tmp_path / "tiny")
    assert found_in(tmp_path / "tiny") == ({}, set())


@pytest.mark.parametrize("name", NAMES)
def test_every_committed_checkpoint_is_whole(name):
    assert found_in(FOLDER / name) == ({}, set())


# One thing wrong


def missing(name):
    return lambda folder: (folder / name).unlink()


def flipped(name):
    def damage(folder):
        data = bytearray((folder / name).read_bytes())
        data[-2] ^= 1
        (folder / name).write_bytes(data)

    return damage


def pointer(name):
    text = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
    return lambda folder: (folder / name).write_text(text)


def not_finite(folder):
    tensors = load(folder).model.half().state_dict()
    tensors["fc.weight"][0, 0] = tensors["fc.bias"][1] = float("nan")
    with_tensors(folder, tensors)


def of_another_network(folder):
    with_tensors(folder, {name: value.half() for name, value in checkpoint("gru", 2).model.state_dict().items()})


def in_another_order(folder):
    words = (folder / "vocabulary.txt").read_text().split("\n")
    words[4], words[7] = words[7], words[4]
    with_vocabulary(folder, "\n".join(words).encode())


def one_word_more(folder):
    with_vocabulary(folder, (folder / "vocabulary.txt").read_bytes() + b"more\n")


def one_class_less(folder):
    edited(folder, "config.json", lambda settings: settings["data"]["classes"].pop())


def fewer_units(folder):
    def change(units):
        del units["layers"][1]["backward"]["signals"]["update"]["mean"][0]

    edited(folder, "units.json", change)


def another_card(folder):
    lines = (folder / "README.md").read_text().split("\n")
    lines[6] = "# mine"
    (folder / "README.md").write_text("\n".join(lines))


EVERYTHING = set(CHECKS) | {"size of the summary of the units", "model card"}
ON_SETTINGS = {
    "vocabulary",  # which file it is depends on what the network reads
    "one word for each row of the embedding",
    "hash of the vocabulary",
    "hash of the weights",
    "shapes of the weights",
    "test sentences",
    "size of the summary of the units",
    "model card",
}
ON_VOCABULARY = {"one word for each row of the embedding", "hash of the vocabulary", "test sentences"}
ON_WEIGHTS = {"hash of the weights", "shapes of the weights", "finite weights", "test sentences"}


def no_table(folder):
    with_header(folder, {"a": 1})


LENGTH, SENTENCES, SIZE = (
    "one word for each row of the embedding", "test sentences", "size of the summary of the units"
)  # fmt: skip


@pytest.mark.parametrize(
    ("damage", "check", "said", "left_out"),
    [
        (missing("config.json"), "settings", "config.json is missing", ON_SETTINGS),
        (pointer("config.json"), "settings", "is a Git LFS pointer", ON_SETTINGS),
        (one_class_less, "settings", "1 class names for 2 outputs", ON_SETTINGS),
        (missing("vocabulary.txt"), "vocabulary", "is missing", ON_VOCABULARY),
        (flipped("vocabulary.txt"), "hash of the vocabulary", "is damaged: wanted SHA-256", set()),
        (one_word_more, LENGTH, "19 entries but the embedding has 18", {SENTENCES}),
        (in_another_order, SENTENCES, "does not reproduce its own test sentence", set()),
        (missing("model.safetensors"), "weights", "is missing", ON_WEIGHTS),
        (pointer("model.safetensors"), "weights", "is a Git LFS pointer", ON_WEIGHTS),
        (no_table, "weights", "no table of tensors", ON_WEIGHTS),
        (flipped("model.safetensors"), "hash of the weights", "is damaged: wanted SHA-256", set()),
        (of_another_network, "shapes of the weights", "rnn.weight_ih_l1_reverse is missing", {SENTENCES}),
        (not_finite, "finite weights", "1 of 2 numbers in 'fc.bias' and 1 of 24 numbers in 'fc.w", {SENTENCES}),
        (pointer("units.json"), "summary of the units", "Git LFS", {SIZE}),
        (fewer_units, SIZE, "layers.1.backward.signals.update.mean is a list of 5, expected 6", set()),
        (missing("README.md"), "model card", "README.md is missing", set()),
        (another_card, "model card", "it is not what config.json says, first in line 7", set()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_one_thing_wrong_is_one_problem_and_what_rests_on_it_is_left_out(folder, damage, check, said, left_out):
    damage(folder)
    failed, not_checked = found_in(folder)
    assert said in failed.pop(check)
    if check.startswith("hash"):  # what was damaged may also move an answer
        failed.pop(SENTENCES, None)
    assert failed == {}
    assert not_checked == left_out


def test_a_disk_that_cannot_be_read_is_a_problem_like_any_other(folder, monkeypatch):
    honest = Path.open

    def failing(path, *how):
        if path.name == "model.safetensors":
            raise OSError(5, "Input/output error")
        return honest(path, *how)

    monkeypatch.setattr(Path, "open", failing)
    failed, not_checked = found_in(folder)
    assert failed["weights"].startswith(f"{folder / 'model.safetensors'} cannot be read: Input/output error.")
    assert (set(failed), not_checked) == ({"weights"}, ON_WEIGHTS)


def test_a_folder_that_is_not_there_has_every_file_missing(tmp_path):
    failed, not_checked = found_in(tmp_path / "nowhere")
    assert set(failed) == {"settings", "weights", "model card"}
    nothing_to_check = {"hashes in SHA256SUMS", "summary of the units", "size of the summary of the units"}
    assert not_checked == EVERYTHING - set(failed) - nothing_to_check


# Several things wrong


def test_all_that_is_wrong_is_found_at_once(folder):
    for damage in (not_finite, one_word_more, fewer_units, another_card):
        damage(folder)
    settings = settings_of(folder)
    with_settings(folder, settings | {"vocabulary_sha256": "0" * 64, "weights_sha256": "1" * 64})
    failed, not_checked = found_in(folder)
    assert set(failed) == {
        "one word for each row of the embedding",
        "hash of the vocabulary",
        "hash of the weights",
        "finite weights",
        "size of the summary of the units",
        "model card",
    }
    assert not_checked == {"test sentences"}


def test_all_that_is_wrong_with_the_settings_is_in_one_sentence(folder):
    settings = settings_of(folder)
    settings["model"] |= {"hidden_size": -1, "cell": "elman"}
    with_settings(folder, settings | {"extra": 1})
    problem = found_in(folder)[0]["settings"]
    for said in ("model.cell: ", "model.hidden_size: ", "extra: "):
        assert said in problem


def test_all_that_is_wrong_with_the_summary_of_the_units_is_in_one_sentence(folder):
    def change(units):
        units["layers"][0]["forward"]["raised_by"] = "words"
        del units["layers"][0]["backward"]
        units["layers"][1]["forward"]["signals"]["reset"]["quantiles"][3].append(1.0)
        units["layers"].append({})

    edited(folder, "units.json", change)
    problem = found_in(folder)[0]["size of the summary of the units"]
    for said in (
        "layers is a list of 3, expected 2 entries",
        "layers.0.forward.raised_by is missing, expected 6 entries",
        "layers.0.backward.signals.hidden.mean is missing, expected 6 entries",
        "layers.1.forward.signals.reset.quantiles.3 is a list of 7, expected 6 entries",
    ):
        assert said in problem
    assert load(folder).units["layers"][2] == {}  # reading needs none of it


@pytest.mark.parametrize("units", ["{}", '{"layers": 3}', '{"layers": [null, []], "quantiles": {"a": 1}}'])
def test_a_summary_of_the_units_that_is_something_else_is_a_problem(folder, units):
    (folder / "units.json").write_text(units)
    assert set(found_in(folder)[0]) == {"size of the summary of the units"}


@pytest.mark.parametrize(
    "change", [{"scores": {"dev": {}}}, {"scores": {"dev": {"labels": 3}}}, {"training": {"notes": 3}}]
)
def test_a_history_that_no_card_can_be_made_of_is_a_problem(folder, change):
    with_settings(folder, settings_of(folder) | change)
    failed, _ = found_in(folder)
    assert set(failed) == {"model card"}
    assert "config.json: its scores or its history are not what rnnviz writes." in failed["model card"]


DAMAGES = (
    missing("config.json"), missing("vocabulary.txt"), missing("model.safetensors"), one_word_more, not_finite,
    of_another_network, in_another_order, one_class_less, flipped("vocabulary.txt"), flipped("model.safetensors"),
    pointer("units.json"), fewer_units, another_card, missing("README.md"),
)  # fmt: skip


@pytest.mark.parametrize("first", range(len(DAMAGES)))
@pytest.mark.parametrize("second", [None, 3, 4, 8])
def test_loading_objects_exactly_to_the_first_of_the_problems_that_matter_to_it(tmp_path, first, second):
    described("gru", 2, True).save_pretrained(tmp_path / "tiny")
    for damage in (DAMAGES[first], *([] if second is None or first == second else [DAMAGES[second]])):
        try:
            damage(tmp_path / "tiny")
        except (CheckpointError, OSError):
            return  # the second damage needs what the first took away
    failed, _ = found_in(tmp_path / "tiny")
    matter = [problem for check, problem in failed.items() if check in CHECKS]
    try:
        load(tmp_path / "tiny")
        said = []
    except CheckpointError as error:
        said = [str(error)]
    assert said == matter[:1]


def test_nothing_is_changed(folder):
    one_word_more(folder)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    random = torch.get_rng_state()
    examine(folder)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    assert torch.equal(torch.get_rng_state(), random)


def test_no_network_is_built_that_the_weights_do_not_fill(folder, monkeypatch):
    settings = settings_of(folder)
    settings["model"] |= {"embedding_size": 2048, "hidden_size": 2048, "layers": 7}
    with_settings(folder, settings)
    monkeypatch.setattr(torch.nn, "GRU", lambda *sizes, **options: pytest.fail("a network of gigabytes was built"))
    assert "shapes of the weights" in found_in(folder)[0]


# A folder of checkpoints, and the command


@pytest.fixture
def several(tmp_path, folder):
    for name in ("b", "a"):
        shutil.copytree(folder, tmp_path / "runs" / name)
    (tmp_path / "runs" / "README.md").write_text("mine")
    (tmp_path / "runs" / "notes").mkdir()
    return tmp_path / "runs"


def test_a_folder_of_checkpoints_is_each_of_them(several, folder, tmp_path):
    (several / "b" / "config.json").unlink()
    assert checkpoints_in(several) == [several / "a", several / "b"]
    assert checkpoints_in(folder) == [folder]
    assert checkpoints_in(str(several / "b")) == [several / "b"]
    assert checkpoints_in(several / "notes") == [several / "notes"]
    assert checkpoints_in(tmp_path / "nowhere") == [tmp_path / "nowhere"]


def test_the_command_prints_a_line_a_check_and_ends_with_0_where_nothing_is_wrong(rnnviz: Command, folder):
    ran = rnnviz("doctor", folder)
    assert (ran.code, ran.err) == (0, "")
    first, *lines, last = ran.out.splitlines()
    assert (first, last) == (str(folder), "no problems found")
    assert lines == [f"  {finding.check}: passed" for finding in examine(folder)]


def test_the_command_ends_with_1_and_counts_the_problems(rnnviz: Command, several):
    another_card(several / "a")
    ran = rnnviz("doctor", several)
    assert (ran.code, ran.out.splitlines()[-1]) == (1, "1 problem found")
    (several / "b" / "vocabulary.txt").unlink()
    ran = rnnviz("doctor", several)
    assert (ran.code, ran.err) == (1, "")
    lines = ran.out.splitlines()
    assert lines[-1] == "2 problems found"
    assert lines.count("  test sentences: not checked") == 1
    assert sum(line.startswith("  model card: ") and "first in line 7" in line for line in lines) == 1
    assert len(lines) == 2 * (1 + len(EVERYTHING)) + 1


def test_the_command_prints_one_json_object(rnnviz: Command, several):
    missing("vocabulary.txt")(several / "b")
    ran = rnnviz("doctor", several, "--json")
    found = json.loads(ran.out)
    assert (ran.code, found["problems"]) == (1, 1)
    assert list(found["checkpoints"]) == [str(several / "a"), str(several / "b")]
    assert found["checkpoints"][str(several / "a")] == [
        {"check": name} | WHOLE for name in [*CHECKS, "size of the summary of the units", "model card"]
    ]
    states = {entry["check"]: entry["state"] for entry in found["checkpoints"][str(several / "b")]}
    assert states["vocabulary"] == "failed"
    assert states["test sentences"] == "not checked"


def test_what_a_stranger_wrote_is_printed_harmless(rnnviz: Command, folder):
    with_settings(folder, settings_of(folder) | {"\x1b[31m[red]": 1})
    ran = rnnviz("doctor", folder)
    assert ran.code == 1
    assert "␛[31m[red]: Extra inputs are not permitted" in ran.out
    assert all(character.isprintable() or character == "\n" for character in ran.out + ran.err)
