"""The model card says what config.json says, and nothing in a name becomes markup."""

import re
from dataclasses import replace

import pytest

from rnnviz.checkpoint.card import model_card
from rnnviz.checkpoint.folder import load
from rnnviz.experiments.evaluation import evaluate
from tests.builders import checkpoint, dataset

TEXTS = dataset(["good film", "bad", "the story", "zzz", "not bad at all"], [1, 0, 1, 0, 1])
TRAINING = {"command": "rnnviz train a.csv --out b", "seed": 7, "epochs": 3, "texts": 1234, "notes": ["One note."]}


@pytest.fixture
def folder(tmp_path):
    network = checkpoint("gru", 2, True, "max+mean")
    network = network.with_scores(dev=evaluate(network, TEXTS).to_dict(), test=evaluate(network, TEXTS).to_dict())
    network.config.training.update(TRAINING)
    network.save_pretrained(tmp_path / "tiny")
    return tmp_path / "tiny"


def test_the_numbers_on_the_card_are_the_scores_in_config(folder):
    card, scores = (folder / "README.md").read_text(), load(folder).scores
    sections = re.split(r"^## Scores on the (\w+) set$", card, flags=re.MULTILINE)
    assert sections[1::2] == ["dev", "test"]
    for name, section in zip(sections[1::2], sections[2::2], strict=True):
        found = scores[name]
        accuracy, count = re.search(r"Accuracy \*\*([\d.]+)%\*\* of ([\d,]+) texts", section).groups()
        assert float(accuracy) == pytest.approx(100 * found["accuracy"], abs=0.005)
        assert int(count) == found["n"] == 5
        rows = [re.split(r" \| ", line.strip("| ")) for line in section.split("\n") if re.match(r"\| \w+ \| \d", line)]
        assert [row[0] for row in rows] == found["labels"]
        for row, precision, recall, counts in zip(
            rows, found["precision"], found["recall"], found["confusion"], strict=True
        ):
            assert float(row[1].strip("%")) == pytest.approx(100 * precision, abs=0.05)
            assert float(row[2].strip("%")) == pytest.approx(100 * recall, abs=0.05)
            assert [int(cell) for cell in row[3:]] == counts


def test_the_card_of_a_network_that_reads_padded_says_what_padding_alone_changes():
    network = checkpoint(reading="padded")
    found = evaluate(network, TEXTS).to_dict()
    found["padding"] |= {"changed": 1_234, "n": 5_678, "accuracy_alone": 0.8765}
    card = model_card(network.with_scores(test=found).config.model_dump(mode="json"))
    assert (
        "Padding alone changes the class of **1,234** of 5,678 texts: each was read alone, and in its batch of 16 in "
        "file order. Read alone, the accuracy is **87.65%**.\n"
    ) in card


def test_the_card_describes_the_network_its_classes_and_how_it_was_made(folder):
    card = (folder / "README.md").read_text()
    assert (
        "- **Network:** GRU, 2 layers, two directions, 6 units each, embedding of 5, vocabulary of 18 entries" in card
    )
    assert "pooling: max+mean, read packed." in card
    assert "- **Classes:** negative, positive." in card
    assert "- **Data:** not stated. Licence of the data: not stated." in card
    assert "\n- One note.\n" in card
    assert "\n```\nrnnviz train a.csv --out b\n```\n" in card
    for line in ("- seed: 7", "- epochs: 3", "- texts: 1234"):
        assert f"\n{line}\n" in card
    assert card.startswith("---\nlibrary_name: rnnviz\n")


def test_a_card_without_history_says_so():
    card = model_card(checkpoint().config.model_dump(mode="json"))
    assert "LSTM, 1 layer, one direction" in card
    assert "\n```\nnot recorded\n```\n" in card
    assert "## Scores" not in card


def test_no_name_becomes_markup_a_column_or_a_line_t8():
    labels = ("<script>alert(1)</script>", "a|b", "[x](javascript:y)", "line\n# break", "`code`", "&lt;i&gt;", "![](z)")
    network = checkpoint(labels=labels, name="# <b>name</b>")
    found = evaluate(network, dataset(["good"] * 7, range(7), labels)).to_dict()
    card = model_card(network.with_scores(dev=found).config.model_dump(mode="json"))
    own = card.replace("```", "").replace("`rnnviz evaluate`", "")
    assert not re.search(r"(?<!\\)[<`\[]", own)
    assert "\\<script\\>alert(1)\\</script\\>" in card
    assert "\n# break" not in card
    rows = [line for line in card.split("\n") if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {len(labels) + 4}


@pytest.mark.parametrize("findings", ["abc", [1, None], [{"property": "column"}], {"a": 1}])
def test_findings_that_are_none_are_left_out_of_the_card(tmp_path, findings):
    network = checkpoint()
    history = network.config.training | {"findings": findings}
    odd = replace(network, config=network.config.model_copy(update={"training": history}))
    odd.save_pretrained(tmp_path / "odd")
    assert "What single units keep track of" not in (tmp_path / "odd" / "README.md").read_text(encoding="utf-8")
