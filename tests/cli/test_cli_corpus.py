"""The commands index and find."""

import json
from pathlib import Path

import pytest

from rnnviz.corpus import Index
from tests import builders
from tests.cli.test_cli import Command, rnnviz as rnnviz
from tests.corpus.corpora import TEXTS, saved

SENTENCE = "the film was not bad at all"


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("rnnviz.cli.terminal.out.width", 120)
    saved(tmp_path / "tiny")
    rows = "".join(f'"{text or "bad"}",{("negative", "positive")[place % 2]}\n' for place, text in enumerate(TEXTS))
    (tmp_path / "films.csv").write_text(f"text,label\n{rows}", encoding="utf-8")
    (tmp_path / "poem.txt").write_text("so much\ndepends\n\n\nupon a red wheel", encoding="utf-8")
    return "tiny"


def test_a_table_is_indexed_with_its_classes_and_a_text_by_its_passages(rnnviz: Command, network: str) -> None:
    ran = rnnviz("index", network, "films.csv", "--out", "films.index")
    assert (ran.code, ran.out.split("\n")[0]) == (0, "Index(tiny: 6 texts, 25 tokens, 6 units)")
    index = Index.load("films.index")
    assert index.about.classes == builders.LABELS
    assert index.labels.tolist() == [0, 1] * 3
    assert rnnviz("index", network, "films.csv", "poem.txt", "--no-labels", "--out", "both.index").code == 0
    both = Index.load("both.index")
    assert both.about.classes == ()
    assert [both.written(number) for number in (6, 7)] == ["so much depends", "upon a red wheel"]
    assert [source.texts for source in both.about.sources] == [6, 2]


def test_what_a_network_learned_from_is_not_said_of_other_files(rnnviz: Command, network: str) -> None:
    about = json.loads(Path(network, "config.json").read_text())
    about["data"] |= {"source": "a book", "licence": "mine"}
    Path(network, "config.json").write_text(json.dumps(about))
    assert rnnviz("index", network, "films.csv", "--out", "films.index").code == 0
    (source,) = Index.load("films.index").about.sources
    assert (source.name, source.source, source.licence) == ("films", "", "")


def test_rows_draws_the_same_texts_again(rnnviz: Command, network: str) -> None:
    for out in ("one.index", "two.index"):
        assert rnnviz("index", network, "films.csv", "--rows", 3, "--out", out).code == 0
    one, two = (Path(out, "tokens.npy").read_bytes() for out in ("one.index", "two.index"))
    assert one == two
    assert len(Index.load("one.index")) == 3


def test_a_finished_index_is_replaced_only_if_that_is_said(rnnviz: Command, network: str) -> None:
    assert rnnviz("index", network, "films.csv", "--out", "films.index").code == 0
    ran = rnnviz("index", network, "poem.txt", "--no-labels", "--out", "films.index")
    assert (ran.code, ran.err.split("\n")[0]) == (
        1,
        "There is a finished index in films.index, so nothing was written.",
    )
    assert rnnviz("index", network, "poem.txt", "--no-labels", "--out", "films.index", "--overwrite").code == 0


def test_find_prints_the_hits_and_as_json_what_python_says(rnnviz: Command, network: str) -> None:
    rnnviz("index", network, "films.csv", "--out", "films.index")
    asked = ("find", "films.index", SENTENCE, "--from", 3, "--to", 4, "--network", network)
    found = json.loads(rnnviz(*asked, "--json").out)
    assert found["tokens"] == ["not", "bad"]
    own = next(hit for hit in found["hits"] if hit["text"] == 0)
    assert own["start"] <= 3
    assert own["stop"] >= 5
    assert own["tokens"] == SENTENCE.split()[own["start"] : own["stop"]]
    assert own["units"] == found["units"]
    ran = rnnviz(*asked)
    assert ran.code == 0, ran.err
    assert all(f"[{' '.join(hit['tokens'])}]" in ran.out for hit in found["hits"])
    assert f"of them: {found['total']}, texts with one: {found['texts']};" in ran.out
    assert {share["label"]: share["all"] for share in found["labels"]} == {"negative": 3, "positive": 3}


def test_units_are_chosen_by_hand_with_their_signs(rnnviz: Command, network: str) -> None:
    rnnviz("index", network, "films.csv", "--out", "films.index")
    asked = ("find", "films.index", SENTENCE, "--network", network, "--json")
    assert json.loads(rnnviz(*asked, "--units", "3,-0").out)["units"] == [[3, 1], [0, -1]]
    assert json.loads(rnnviz(*asked, "--units", "-0, 3").out)["units"] == [[0, -1], [3, 1]]
    assert "commas between" in rnnviz(*asked, "--units", "three").err
    assert "There is no unit 6 here; there are 6, counted from 0" in rnnviz(*asked, "--units", "6").err


def test_what_cannot_be_found_is_said_in_a_sentence(rnnviz: Command, network: str, tmp_path: Path) -> None:
    rnnviz("index", network, "films.csv", "--out", "films.index")
    asked = ("find", "films.index", SENTENCE, "--network", network)
    assert "No unit is beyond 0.7, with one sign, at all of these tokens" in rnnviz(*asked, "--threshold", 0.7).err
    assert "There is no threshold 0.4" in rnnviz(*asked, "--threshold", 0.4).err
    assert "There are no tokens from 3 to before 10: this text has 7" in rnnviz(*asked, "--from", 3, "--to", 9).err
    assert "There is no index in nothing" in rnnviz("find", "nothing", SENTENCE).err
    saved(tmp_path / "other", seed=1)
    assert "is of another network" in rnnviz(*asked[:-1], "other").err


def test_doctor_reads_all_files_of_an_index(rnnviz: Command, network: str) -> None:
    rnnviz("index", network, "films.csv", "--out", "films.index")
    assert rnnviz("doctor", "films.index").out.splitlines()[-1] == "no problems found"
    states = Path("films.index", "states.npy")
    data = bytearray(states.read_bytes())
    data[-1] ^= 1
    states.write_bytes(data)
    ran = rnnviz("doctor", "films.index")
    assert (ran.code, "states.npy is not the file that index.json lists" in ran.err) == (1, True)


def test_slices_are_listed_worst_first_with_their_errors(rnnviz: Command, network: str) -> None:
    rnnviz("index", network, "films.csv", "--out", "films.index")
    asked = ("slices", "films.index", "--slice", "word=not", "--slice", "right")
    found = json.loads(rnnviz(*asked, "--json").out)["slices"]
    assert [one["name"] for one in found][-1] == "right"
    assert sorted(next(one for one in found if one["name"] == "word=not")["texts"]) == [0, 1]
    ran = rnnviz(*asked, "--errors", 1)
    assert "95 % interval" in ran.out
    assert TEXTS[found[0]["texts"][0]] in ran.out
    assert "no condition of a slice" in rnnviz("slices", "films.index", "--slice", "nonsense").err
