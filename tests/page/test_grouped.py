"""What the page is told of the groups in an index."""

import pytest

from rnnviz import corpus
from rnnviz.checkpoint.folder import load
from rnnviz.corpus.groups import save
from rnnviz.corpus.index import GROUPS
from rnnviz.page.service import Service
from tests.builders import checkpoint
from tests.corpus.planted import planted

WORDS = ("good", "bad", "film", "not", "the", "was", "a", "dull", "story", "end")
TEXTS = [" ".join(WORDS[(place * step) % 10] for place in range(3 + step % 5)) for step in range(1, 60)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("grouped")
    for seed, name in enumerate(("lstm", "without")):
        checkpoint("lstm", words=WORDS, hidden_size=8, seed=seed).save_pretrained(found / "networks" / name)
    corpus.build(load(found / "networks" / "lstm"), TEXTS, found / "lstm.index")
    return found


@pytest.fixture
def service(folder):
    return Service(folder / "networks", index_folders=[folder / "lstm.index"])


@pytest.fixture
def index(folder):
    index = corpus.Index.load(folder / "lstm.index")
    yield index
    (index.folder / GROUPS).unlink(missing_ok=True)


def test_it_tells_the_groups_that_lie_beside_the_index(service, index):
    wanted = planted(index, 2)
    save(wanted, index)
    told = service.groups({"model": "lstm"})
    assert told["corpus"]["name"] == "lstm.index"
    found = told["found"]
    assert (found["units"], found["words"], found["groups"]) == (list(wanted.units), list(wanted.words), 2)
    assert found["responses"] == [list(row) for row in wanted.responses]
    assert [one["holds"] for one in found["stability"]] == [True, True]


def test_without_groups_it_names_the_index(service, index):
    told = service.groups({"model": "lstm"})
    assert told["found"] is None
    assert told["corpus"]["name"] == index.folder.name


def test_an_index_that_comes_with_rnnviz_is_not_named_without_groups(service, index, monkeypatch):
    monkeypatch.setattr("rnnviz.page.grouped.SHIPPED", index.folder.parent)
    assert service.groups({"model": "lstm"}) == {"corpus": None, "found": None}


def test_groups_that_are_made_while_the_page_is_served_are_told(service, index):
    assert service.groups({"model": "lstm"})["found"] is None
    save(planted(index, 0), index)
    assert service.groups({"model": "lstm"})["found"]["groups"] == 0


def test_without_an_index_there_is_nothing(service):
    assert service.groups({"model": "without"}) == {"corpus": None, "found": None}


def test_a_damaged_file_is_said_and_not_shown(service, index):
    (index.folder / GROUPS).write_bytes(b"{}")
    told = service.groups({"model": "lstm"})
    assert told["error"] == "groups_damaged"
    assert "rnnviz groups" in told["message"]


@pytest.mark.parametrize("question", [{}, {"model": 3}, {"model": "../x"}])
def test_another_network_is_refused(service, question):
    assert service.groups(question)["error"]
