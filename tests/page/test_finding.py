"""What the page is told of the texts of an index: what Python finds, with its context, as far as the page can read."""

import shutil

import pytest

from rnnviz import corpus, datasets
from rnnviz.checkpoint import shipped
from rnnviz.checkpoint.folder import load
from rnnviz.errors import IndexFileError
from rnnviz.page import finding
from rnnviz.page.handlers import HANDLERS
from rnnviz.page.indexes import SHIPPED, indexes
from rnnviz.page.networks import networks
from rnnviz.page.requests import MOST_HITS
from rnnviz.page.service import Service
from rnnviz.reading import read
from tests.builders import checkpoint
from tests.conftest import ROOT
from tests.page.test_replies import is_of

WORDS = ("good", "bad", "film", "not", "the", "was", "a", "dull", "story", "end")
LONG = " ".join(WORDS * 7)
TEXTS = [" ".join(WORDS[(place * step) % 10] for place in range(3 + step % 5)) for step in range(1, 60)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two networks, one that reads both ways, each with an index."""
    found = tmp_path_factory.mktemp("served")
    checkpoint("lstm", words=WORDS, hidden_size=32).save_pretrained(found / "networks" / "lstm")
    checkpoint("gru", words=WORDS, bidirectional=True, hidden_size=32).save_pretrained(found / "networks" / "both")
    for name in ("lstm", "both"):
        corpus.build(load(found / "networks" / name), [LONG, *TEXTS], found / "indexes" / name)
    return found


@pytest.fixture(scope="module")
def service(folder):
    return Service(folder / "networks", index_folders=[folder / "indexes"])


@pytest.fixture
def index(folder):
    return corpus.Index.load(folder / "indexes" / "lstm")


def most_common(index):
    """A threshold, and the unit that is on most often at it."""
    threshold = index.about.thresholds[0]
    signed = [(unit, sign) for unit in range(index.units) for sign in (1, -1)]
    return threshold, max(signed, key=lambda one: index.counts[0, int(one[1] < 0), one[0]])


def _on(index):
    """Units that are on at the first word of the first text that any is on at."""
    states = index.states(0).astype(float)
    first = states[(abs(states) > index.about.thresholds[0]).any(axis=1)][0]
    return [(unit, 1 if state > 0 else -1) for unit, state in enumerate(first) if abs(state) > 0.3]


def asked(index, **more):
    threshold, unit = most_common(index)
    return {"model": "lstm", "units": [list(unit)], "threshold": threshold, "length": 1} | more


def test_without_units_it_tells_what_there_is_to_search(service, index):
    about = index.about
    told = {"name": "lstm", "texts": 60, "tokens": about.positions, "thresholds": list(about.thresholds)}
    assert service.find({"model": "lstm"}) == {"corpus": told}
    assert service.find({"model": "lstm", "units": [["x", 1], [1], [-1, 1], [0, 2]]}) == {"corpus": told}


@pytest.mark.parametrize("every", [False, True])
def test_it_tells_what_the_index_finds(service, index, every):
    threshold, unit = most_common(index)
    told = service.find(asked(index, every=every, most=9))
    assert is_of(HANDLERS["find"].reply, told)
    found = index.find([unit], threshold, 1, most=9, one_per_text=not every)
    assert (told["total"], told["texts"], told["least"]) == (found.total, found.texts, found.least)
    for one, hit in zip(told["hits"], found.hits, strict=True):
        assert (one["text"], one["start"], one["stop"], one["bits"]) == (hit.text, hit.start, hit.stop, hit.bits)
        assert (one["label"], one["answer"]) == (hit.label, hit.answer)
        tokens = index.text(hit.text)
        assert one["tokens"] == list(tokens[one["first"] : one["first"] + len(one["tokens"])])
        assert one["more"] == (one["first"] + len(one["tokens"]) < len(tokens))


def test_a_stretch_of_a_reading_is_found_again_where_it_was_read(service, index, folder):
    text = TEXTS[6]
    trace = read(load(folder / "networks" / "lstm"), text)
    units = index.units_of(trace, 1, 2)
    assert units
    told = service.find(asked(index, units=[list(one) for one in units], every=True, most=50))
    opened = next(one for one in told["hits"] if one["text"] == 7 and one["start"] <= 1 < one["stop"])
    assert opened["whole"] == text
    assert opened["units"] == [unit for unit, _ in units]


def test_a_context_is_cut(service, index):
    told = service.find(asked(index, every=True, most=MOST_HITS))
    cut = [one for one in told["hits"] if one["text"] == 0]
    assert any(one["more"] for one in cut)
    assert any(one["first"] for one in cut)
    for one in cut:
        assert len(one["tokens"]) <= one["stop"] - one["start"] + 2 * finding.AROUND["words"]


def test_of_a_long_hit_the_beginning_is_sent(service, index, monkeypatch):
    monkeypatch.setitem(finding.MOST_OF_HIT, "words", 1)
    told = service.find(asked(index, every=True, most=MOST_HITS))
    long = [one for one in told["hits"] if one["stop"] - one["start"] > 1]
    assert long
    assert all(one["first"] + len(one["tokens"]) == one["start"] + 1 and one["more"] for one in long)


def test_a_text_is_opened_as_far_as_the_page_reads(service, index, monkeypatch):
    monkeypatch.setattr(finding, "MOST_TOKENS", 20)
    told = service.find(asked(index, every=True, most=MOST_HITS))
    assert {one["stop"] > 20 for one in told["hits"]} == {True, False}
    for one in told["hits"]:
        assert (one["whole"] is None) == (one["stop"] > 20)
        assert one["whole"] in (None, " ".join(index.text(one["text"])[:20]))


def test_a_text_that_the_page_would_cut_is_not_opened_where_its_end_counts(service, folder, monkeypatch):
    """A network that reads from both ends has other states in the beginning of a text."""
    monkeypatch.setattr(finding, "MOST_TOKENS_BOTH_WAYS", 20)
    index = corpus.Index.load(folder / "indexes" / "both")
    told = service.find(asked(index, model="both", most=MOST_HITS))
    assert any(one["whole"] for one in told["hits"])
    long = service.find(asked(index, model="both", units=[list(one) for one in _on(index)], every=True, most=MOST_HITS))
    assert any(one["text"] == 0 for one in long["hits"])
    for one in [*told["hits"], *long["hits"]]:
        assert (one["whole"] is None) == (one["text"] == 0)


@pytest.mark.parametrize("most", [0, -3, 10**9, None, "x", True])
def test_no_more_hits_are_sent_than_the_page_may_ask_for(service, index, most):
    assert 1 <= len(service.find(asked(index, every=True, most=most))["hits"]) <= MOST_HITS


def test_what_the_index_does_not_have_is_objected_to(service, index):
    assert service.find(asked(index, threshold=0.123))["error"] == "unknown_name"
    assert service.find(asked(index, units=[[index.units, 1]]))["error"] == "opened_place"
    assert service.find(asked(index, model="none"))["error"] == "unknown_name"


def test_a_network_without_an_index_has_nothing_to_search(folder):
    assert Service(folder / "networks").find({"model": "lstm", "units": [[0, 1]]}) == {"corpus": None}


def test_an_index_belongs_to_the_network_whose_weights_it_names_whatever_the_folders_are_called(folder, tmp_path):
    shutil.copytree(folder / "indexes" / "lstm", tmp_path / "texts")
    shutil.copytree(folder / "networks" / "lstm", tmp_path / "networks" / "renamed")
    assert indexes([tmp_path / "texts"], networks(tmp_path / "networks")) == {"renamed": tmp_path / "texts"}


def test_the_index_that_comes_with_the_page_is_what_its_network_reads_today(tmp_path):
    network = shipped.folder() / "sst2-lstm"
    index = corpus.Index.load(indexes([], {"renamed": network})["renamed"])
    index.check()
    fresh = corpus.build(load(network), datasets.load(ROOT / "examples" / "reviews.csv"), tmp_path / "reviews")
    assert [index.text(number) for number in range(60)] == [fresh.text(number) for number in range(60)]
    assert (index.labels == fresh.labels).all()
    assert abs(index.hidden.astype(float) - fresh.hidden.astype(float)).max() < 2e-3


def test_an_index_of_ones_own_goes_before_the_one_that_comes_with_the_page(tmp_path):
    shutil.copytree(SHIPPED / "reviews", tmp_path / "own")
    network = shipped.folder() / "sst2-lstm"
    assert indexes([tmp_path / "own"], {"sst2-lstm": network}) == {"sst2-lstm": tmp_path / "own"}


def test_indexes_that_cannot_be_served_are_refused_in_a_sentence(folder, tmp_path):
    served = networks(folder / "networks")
    with pytest.raises(IndexFileError, match="There is no index in"):
        indexes([tmp_path], served)
    with pytest.raises(IndexFileError, match="lstm"):
        indexes([folder / "indexes"], {"both": served["both"]})
    shutil.copytree(folder / "indexes" / "lstm", tmp_path / "again")
    with pytest.raises(IndexFileError, match="again"):
        indexes([folder / "indexes", tmp_path / "again"], served)


def test_a_hit_in_an_empty_text_of_letters_cannot_be_opened(tmp_path):
    """It was read as one letter, ``<unk>``, which is five of them where it is typed."""
    network = checkpoint("rnn", words=tuple("abc "), tokens="letters", task="next")
    for weights in network.model.rnn.parameters():
        weights.data *= 30
    network.save_pretrained(tmp_path / "networks" / "letters")
    index = corpus.build(load(tmp_path / "networks" / "letters"), ["", "abc"], tmp_path / "index")
    served = Service(tmp_path / "networks", index_folders=[index.folder])
    units = [[unit, 1 if state > 0 else -1] for unit, state in enumerate(index.states(0)[0])]
    whole = {hit["text"]: hit["whole"] for hit in served.find({"model": "letters", "units": units})["hits"]}
    assert whole == {0: None, 1: "abc"}
