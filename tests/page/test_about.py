"""What the page says of a checkpoint, of whole folders and of hostile ones."""

import json
import math
import shutil
import subprocess
import sys

import pytest

from rnnviz.analysis import claims
from rnnviz.experiments.evaluation import evaluate
from rnnviz.page.about import WORDS, about
from rnnviz.training.unit_summary import describe
from tests.builders import CELLS, SENTENCE, checkpoint, dataset
from tests.shipped import FOLDER, NAMES, opened

TEXTS = [SENTENCE, "a good story , it ' s not bad", "the film"]


@pytest.fixture(scope="module")
def whole_folder(tmp_path_factory):
    """Saved once; what the page says of a checkpoint comes from two of its files."""
    folder = tmp_path_factory.mktemp("whole") / "tiny"
    described(folder)
    return folder


@pytest.fixture
def folder(whole_folder, tmp_path):
    (tmp_path / "tiny").mkdir()
    for name in ("config.json", "units.json"):
        shutil.copy(whole_folder / name, tmp_path / "tiny")
    return tmp_path / "tiny"


def described(folder, cell="lstm", **settings):
    """A saved checkpoint of two layers, both ways, with scores and a summary of its units."""
    network = checkpoint(cell, 2, True, **settings)
    found = checkpoint(cell, 2, True, units=describe(network, TEXTS), **settings)
    found = found.with_scores(test=evaluate(found, dataset(["good film", "bad", "the story"], [1, 0, 1])).to_dict())
    found.save_pretrained(folder)
    return found


def edited(folder, name, change):
    content = json.loads((folder / name).read_text())
    change(content)
    (folder / name).write_text(json.dumps(content))


def sent(folder):
    """About a folder, as a browser would get it: strict JSON, in UTF-8."""
    return json.loads(json.dumps(about(folder), allow_nan=False, ensure_ascii=False).encode())


# A whole folder


def test_the_facts_are_those_of_the_checkpoint(folder):
    found = sent(folder)
    facts = {name: value for name, value in found.items() if name not in ("places", "words", "masks", "flags")}
    assert facts == {
        "name": "tiny",
        "title": "A tiny lstm",
        "weights_sha256": json.loads((folder / "config.json").read_text())["weights_sha256"],
        "cell": "lstm",
        "layers": 2,
        "directions": ["forward", "backward"],
        "units": 6,
        "embedding": 5,
        "vocabulary": 18,
        "labels": ["negative", "positive"],
        "pooling": "last",
        "reading": "packed",
        "accuracy": opened_accuracy(folder),
        "tested": 3,
        "card": {"scores": {"test": {"accuracy": opened_accuracy(folder), "n": 3}}},
    }


def opened_accuracy(folder):
    return json.loads((folder / "config.json").read_text())["scores"]["test"]["accuracy"]


@pytest.mark.parametrize("cell", CELLS)
def test_every_unit_comes_with_what_units_json_says_of_it(tmp_path, cell):
    units, found = described(tmp_path / "tiny", cell).units, sent(tmp_path / "tiny")
    for layer, ways in enumerate(units["layers"]):
        for direction, wanted in ways.items():
            own = found["places"][layer][direction]
            for name in ("raised_by", "lowered_by"):
                named = [[found["words"][place] for place in words] for words in own[name]]
                assert named == [words[:WORDS] for words in wanted[name]]
                assert any(named)
            assert own.get("half_life") == (wanted["half_life"] and pytest.approx(wanted["half_life"], rel=5e-3))
            assert own["bimodality"] == pytest.approx(wanted["bimodality"], rel=5e-3)
            for gate, shares in wanted["saturation"].items():
                for end in ("shut", "open"):
                    assert own["saturation"][gate][end] == pytest.approx(shares[end], rel=5e-3)
            flags = zip(wanted["bimodality"], wanted["valley"], strict=True)
            assert own["two_valued"] == [unit for unit, pair in enumerate(flags) if claims.is_flag(*pair)]


@pytest.mark.parametrize("name", NAMES)
def test_the_verdicts_are_those_on_the_whole_summary_and_the_committed_networks_are_told_of_in_few_kilobytes(name):
    found, units = sent(FOLDER / name), opened(name).units
    masks, flags = claims.masks(units), claims.flags(units)
    assert found["flags"]["verdict"] == flags.verdict
    assert found["flags"]["share"] == pytest.approx(flags.share, rel=5e-3)
    assert found["flags"]["most"]["raised_by"] == list(flags.most.raised_by[:WORDS])
    assert found.get("masks", {}).get("verdict") == (masks and masks.verdict)
    size = len(json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode())
    assert size <= max(40_000, 110 * found["units"])
    assert found["title"] == opened(name).config.title


def test_what_padding_alone_changed_is_told_without_any_text():
    recorded = opened("agnews-lstm-padded").scores["test"]["padding"]
    assert sent(FOLDER / "agnews-lstm-padded")["padding"] == json.loads(json.dumps(recorded))
    assert {key for one in recorded["examples"] for key in one} == {"tokens", "padded_to", "alone", "padded"}


def test_nothing_of_it_needs_torch():
    code = "import sys; from rnnviz.page import about; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


# A damaged or hostile folder


@pytest.mark.parametrize("left", [[], ["config.json"], ["units.json"]])
def test_of_a_folder_that_lacks_files_the_rest_is_told(folder, left):
    for name in ("config.json", "units.json"):
        if name not in left:
            (folder / name).unlink()
    found = sent(folder)
    if "config.json" in left:
        assert (found["units"], found["words"], found["places"][1]["backward"]) == (6, [], {})
        assert "flags" not in found
    else:
        assert found == {"name": "tiny"}


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe\x00", b"[]", b"7", b"[" * 100_000, b"9" * 10_000, b'{"layers": NaN}', b"x" * 5_000_000],
)
@pytest.mark.parametrize("name", ["config.json", "units.json"])
def test_a_file_that_is_no_json_object_counts_as_missing(folder, name, content):
    whole = sent(folder)
    (folder / name).write_bytes(content)
    found = sent(folder)
    if name == "config.json":
        assert found == {"name": "tiny"}
    else:
        assert found == {key: value for key, value in whole.items() if key not in ("masks", "flags")} | {
            "places": [{"forward": {}, "backward": {}}] * 2,
            "words": [],
        }


BAD = (None, True, -1, 10**400, math.nan, "x" * 300, {}, [[["a"] * 9]] * 6, "lstm\x00")


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
@pytest.mark.parametrize(
    ("place", "fact"),
    [
        (("title",), "title"),
        (("model", "cell"), "cell"),
        (("model", "layers"), "layers"),
        (("model", "hidden_size"), "units"),
        (("model", "embedding_size"), "embedding"),
        (("model", "pooling"), "pooling"),
        (("model", "reading"), "reading"),
        (("data", "classes"), "labels"),
        (("scores", "test", "accuracy"), "accuracy"),
        (("scores", "test", "n"), "tested"),
    ],
)
def test_a_fact_that_is_none_is_left_out_and_the_others_are_kept(folder, bad, place, fact):
    whole = sent(folder)

    def change(config):
        for step in place[:-1]:
            config = config[step]
        config[place[-1]] = bad

    edited(folder, "config.json", change)
    found = sent(folder)
    if (fact, bad) == ("title", "lstm\x00"):  # harmless, if odd
        assert found.pop(fact) == bad
    assert fact not in found
    rests = ("places", "words", "masks", "flags") if fact in ("cell", "layers", "units") else ()
    rests += ("card",) if fact in ("accuracy", "tested") else ()  # there is nothing else on it
    assert found == {key: value for key, value in whole.items() if key not in (fact, *rests)}


@pytest.mark.parametrize("bad", [*BAD, [0.5] * 5, [0.5] * 7, [0.5, 2.0, -1.0, "a", None, []], ["a"] * 6], ids=repr)
@pytest.mark.parametrize("part", ["raised_by", "lowered_by", "half_life", "saturation", "bimodality", "valley"])
def test_a_part_of_a_summary_that_is_not_what_rnnviz_writes_is_left_out(folder, bad, part):
    whole = sent(folder)

    def change(units):
        units["layers"][0]["forward"][part] = bad

    edited(folder, "units.json", change)
    found = sent(folder)
    gone = {"valley": {"two_valued"}, "bimodality": {"bimodality", "two_valued"}}.get(part, {part})
    assert found["places"][0]["forward"].keys() == whole["places"][0]["forward"].keys() - gone
    assert found["places"][1] == restored(found, whole, whole["places"][1])
    assert found["flags"]["units"] == (18 if "two_valued" in gone else 24)


def restored(found, whole, ways):
    """Some places of a reply, their words counted in another reply's list."""
    order = {word: place for place, word in enumerate(found["words"])}
    return {
        way: own | {name: [[order[whole["words"][w]] for w in unit] for unit in own[name]] for name in LISTS}
        for way, own in ways.items()
    }


LISTS = ("raised_by", "lowered_by")


@pytest.mark.parametrize("layers", [[], [{}], [{}, {}, {}], [7, "a"], {"forward": 1}, [[], None]])
def test_layers_that_are_not_the_networks_own_say_nothing(folder, layers):
    edited(folder, "units.json", lambda units: units.update(layers=layers))
    found = sent(folder)
    assert found["places"] == [{"forward": {}, "backward": {}}] * 2
    assert "masks" not in found


def test_letters_that_no_encoding_has_are_shown_as_question_marks(folder):
    edited(folder, "config.json", lambda config: config.update(title="a\ud800b"))
    edited(folder, "units.json", lambda units: units["layers"][0]["forward"]["raised_by"][0].insert(0, "\udfff"))
    found = sent(folder)
    assert found["title"] == "a?b"
    assert found["words"][found["places"][0]["forward"]["raised_by"][0][0]] == "?"


def test_markup_in_a_name_stays_a_text(folder):
    edited(folder, "config.json", lambda config: config.update(title="<script>alert(1)</script>"))
    assert sent(folder)["title"] == "<script>alert(1)</script>"


@pytest.mark.parametrize("padding", [7, {}, {"changed": 9, "n": 3, "accuracy_alone": 0.5}, {"changed": -1, "n": 3}])
def test_a_count_of_changed_answers_that_cannot_be_is_left_out(folder, padding):
    edited(folder, "config.json", lambda config: config["scores"]["test"].update(padding=padding))
    assert "padding" not in sent(folder)


def test_examples_of_changed_answers_are_kept_one_by_one(folder):
    good = {"tokens": 3, "padded_to": 9, "alone": "a", "padded": "b"}
    padding = {"changed": 2, "n": 3, "accuracy_alone": 0.5}
    examples = [good | {"tokens": "<b>"}, 7, good | {"text": "somebody's"}, *[good] * 9]
    edited(
        folder, "config.json", lambda config: config["scores"]["test"].update(padding=padding | {"examples": examples})
    )
    assert sent(folder)["padding"] == padding | {"examples": [good] * 3}


@pytest.mark.parametrize("name", NAMES)
def test_the_card_says_what_the_readme_of_the_network_says(name):
    """The README was written from the same settings, by other code."""
    readme, card = (FOLDER / name / "README.md").read_text(encoding="utf-8"), about(FOLDER / name)["card"]
    plain = readme.replace("\\", "")
    assert f"- **Data:** {card['data']}. Licence of the data: {card['data_licence']}." in readme
    assert f"- **Weights:** {card['weights_licence']}, float16." in readme
    assert f"- seed: {card['seed']}\n" in readme
    assert f"- texts: {card['texts']}\n" in readme
    assert card["command"] in readme
    assert all(f"- {note}\n" in plain for note in card["notes"])
    for score in card["scores"].values():
        right = f"Accuracy **{score['accuracy']:.2%}** of {score['n']:,} texts"
        told = f"the likeliest token was the right one at {score['accuracy']:.2%} of {score['n']:,} places"
        assert right in readme or told in readme


def test_what_is_wrong_on_a_card_is_left_out(tmp_path):
    config = {
        "data": {"source": 3, "licence": "x" * 5_000},
        "training": {"seed": -1, "texts": True, "notes": ["good", 7, ""], "licence": "MIT"},
        "scores": {"test": {"accuracy": 2, "n": 5}, "dev": {"accuracy": 0.5, "n": 4}},
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert about(tmp_path)["card"] == {
        "weights_licence": "MIT",
        "notes": ["good"],
        "scores": {"dev": {"accuracy": 0.5, "n": 4}},
    }


def test_the_command_that_trained_a_network_is_shown_of_shipped_networks_alone(tmp_path):
    """It may name folders and files of whoever trained another one."""
    shutil.copytree(FOLDER / "sst2-lstm", tmp_path / "sst2-lstm")
    shutil.copy(FOLDER / "SHA256SUMS", tmp_path)
    card = about(tmp_path / "sst2-lstm")["card"]
    assert "command" not in card
    assert card | {"command": about(FOLDER / "sst2-lstm")["card"]["command"]} == about(FOLDER / "sst2-lstm")["card"]


FINDING = {
    "property": "indent",
    "measure": "R²",
    "layer": 0,
    "unit": 5,
    "value": 0.61234,
    "shuffled": 0.0,
    "untrained": 0.1,
    "loss": 1.68,
    "loss_without": 1.8,
    "letters": 100,
    "found": True,
}


@pytest.mark.parametrize("part", FINDING)
def test_a_finding_that_is_no_good_is_left_out_and_the_others_are_kept(folder, part):
    odd = [FINDING | {part: wrong} for wrong in (None, "<b>" * 100, 10**9, [1])] + [7, None]
    edited(folder, "config.json", lambda config: config["training"].update(findings=[*odd, FINDING]))
    found = sent(folder)["card"]["findings"]
    good = {name: value for name, value in FINDING.items() if name != "letters"}
    assert found[-1] == good
    if part in ("loss", "loss_without"):  # without them it is a finding of a network that does not write
        bare = {name: value for name, value in good.items() if not name.startswith("loss")}
        assert found[:-1] == [bare] * 4
    elif part == "letters":
        assert found[:-1] == [good] * 4
    else:
        assert len(found) == 1
