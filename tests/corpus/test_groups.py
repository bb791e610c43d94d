"""Groups of units and words: planted ones are found, noise is not grouped, a damaged file is refused."""

import json
import sys

import numpy as np
import pytest

from rnnviz import corpus, files
from rnnviz.corpus import coclustering
from rnnviz.corpus.coclustering import co_clusters
from rnnviz.corpus.groups import index_hash, save, signed
from rnnviz.corpus.index import GROUPS, Index
from rnnviz.corpus.responses import FOLDS, Responses, frequent
from rnnviz.errors import IndexFileError, SettingError
from tests.corpus.corpora import saved

pytest.importorskip("sklearn")

UNITS, WORDS, BLOCKS = 24, 80, 4


def sums(strengths, rng):
    """What each fold adds, were a word's response so much with some noise."""
    noise = rng.normal(0, 0.05, (FOLDS, *strengths.shape))
    return coclustering._Sums(strengths * (1 + noise), np.ones((FOLDS, *strengths.shape), dtype=np.int64))


def planted(rng):
    """Units and words in shuffled order whose blocks are strong."""
    units, words = rng.permutation(UNITS) % BLOCKS, rng.permutation(WORDS) % BLOCKS
    return np.where(units[:, None] == words[None], 1.0, 0.1) * rng.uniform(0.7, 1.3, (UNITS, WORDS)), units, words


def stabilities(strengths, rng, monkeypatch):
    monkeypatch.setattr(coclustering, "SHUFFLES", 6)
    monkeypatch.setattr(coclustering, "SPLITS", 3)
    return coclustering.finished(coclustering._stabilities(sums(strengths, rng)))


def test_planted_groups_are_found(monkeypatch):
    rng = np.random.default_rng(1)
    strengths, units, words = planted(rng)
    stability = stabilities(strengths, rng, monkeypatch)
    count, of_units, of_words = coclustering._best(strengths, stability)
    assert count == BLOCKS
    same_units, same_words = of_units[:, None] == of_units[None], of_words[:, None] == of_words[None]
    np.testing.assert_array_equal(same_units, units[:, None] == units[None])
    np.testing.assert_array_equal(same_words, words[:, None] == words[None])
    assert next(one for one in stability if one.groups == BLOCKS).units == 1


def test_noise_is_not_grouped(monkeypatch):
    """Units that do much and words at which much is done are no groups either."""
    rng = np.random.default_rng(2)
    strengths = rng.uniform(0.2, 1, (UNITS, WORDS)) * rng.uniform(0.1, 3, (UNITS, 1)) * rng.uniform(0.1, 3, (1, WORDS))
    count, _, _ = coclustering._best(strengths, stabilities(strengths, rng, monkeypatch))
    assert count == 0


def test_rows_and_columns_of_zeros_are_left_out():
    strengths, units, _ = planted(np.random.default_rng(3))
    strengths[5], strengths[:, 7] = 0, 0
    of_units, of_words = co_clusters(strengths, BLOCKS, 0)
    assert of_units[5] == of_words[7] == -1
    assert set(np.delete(of_units, 5)) == set(range(BLOCKS))
    assert len(set(zip(np.delete(of_units, 5), np.delete(units, 5), strict=True))) == BLOCKS


NAMES = ("good", "bad", "film", "not", "the", "was", "a", "dull", "story", "end", "plot", "music")
TEXTS = [" ".join(NAMES[(place * step + step) % 12] for place in range(3 + step % 6)) for step in range(1, 90)]


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("groups")
    network = saved(folder / "network", words=NAMES, hidden_size=8, bidirectional=True)
    return corpus.build(network, TEXTS, folder / "index")


@pytest.fixture(scope="module")
def found(index):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coclustering, "SHUFFLES", 3)
        patch.setattr(coclustering, "SPLITS", 2)
        return corpus.group(index, words=12, least=5)


@pytest.fixture
def kept(index, found):
    path = save(found, index)
    yield path
    path.unlink(missing_ok=True)


def test_a_response_is_the_mean_change_of_a_state_at_a_word(index):
    words = frequent(index, 12, 5)
    responses = Responses.of(index, words)
    assert list(responses.add_all(index))[-1] == index.about.positions
    changes = {(unit, word): [] for unit in range(16) for word in words.tolist()}
    for text in range(len(index)):
        states, tokens = index.states(text).astype(float), index.tokens[index._rows(text)].tolist()
        for unit in range(16):
            of_unit = states[:, unit] if unit < 8 else states[::-1, unit]
            read = tokens if unit < 8 else tokens[::-1]
            for change, word in zip(np.diff(of_unit), read[1:], strict=True):
                changes[unit, word].append(change)
    wanted = [[np.mean(changes[unit, word] or [0]) for word in words.tolist()] for unit in range(16)]
    np.testing.assert_allclose(responses.means(), wanted, atol=2e-6)


def test_frequent_words_are_those_that_the_network_knows(index):
    words = [index.words[word] for word in frequent(index, 12, 5)]
    assert set(words) <= set(NAMES)
    assert len(words) > 8


def test_what_was_kept_is_what_was_found(index, found, kept):
    assert kept == index.folder / GROUPS
    assert Index.load(index.folder).groups() == found
    assert found.index_sha256 == index_hash(index)
    assert corpus.group.__module__ == "rnnviz.corpus.coclustering"


def test_an_index_with_groups_can_be_replaced(tmp_path, index, found):
    network = saved(tmp_path / "network", words=NAMES, hidden_size=8)
    first = corpus.build(network, TEXTS, tmp_path / "index")
    save(found, first)
    corpus.build(network, TEXTS, tmp_path / "index", overwrite=True)
    assert not (tmp_path / "index" / GROUPS).exists()  # they were of the one before


def changed(kept, change):
    data = json.loads(kept.read_text(encoding="utf-8"))
    change(data)
    kept.write_text(json.dumps(data), encoding="utf-8")


def damages():
    yield "a number", lambda data: data["responses"][0].__setitem__(0, 0.5), "SHA-256"
    yield "a missing column", lambda data: data["responses"][0].pop(), "row for each unit"
    yield "a unit twice", lambda data: data["units"].__setitem__(0, data["units"][1]), "twice"
    yield "an unknown key", lambda data: data.update(more=1), "more"
    yield "a wrong kind", lambda data: data.update(groups="4"), "groups"
    yield "too many groups", lambda data: data.update(groups=99), "groups"
    yield "a huge number", lambda data: data["responses"][0].__setitem__(0, 1e300), "responses"


@pytest.mark.parametrize(("change", "said"), [one[1:] for one in damages()], ids=[one[0] for one in damages()])
def test_a_damaged_file_is_refused(index, kept, change, said):
    changed(kept, change)
    with pytest.raises(IndexFileError, match=said) as error:
        index.groups()
    assert "rnnviz groups" in str(error.value)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{", b'{"format": 1, "format": 1}', b'{"format": NaN}', b"\xff", b"[" * 10**5]
)
def test_what_is_no_strict_json_is_refused(index, kept, data):
    kept.write_bytes(data)
    with pytest.raises(IndexFileError, match="rnnviz groups"):
        index.groups()


def test_a_link_is_not_followed(index, kept, tmp_path):
    kept.rename(tmp_path / "elsewhere.json")
    kept.symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(IndexFileError):
        index.groups()


def test_groups_of_another_index_are_refused(index, found, kept):
    save(signed(found.model_copy(update={"index_sha256": files.sha256(b"another")})), index)
    with pytest.raises(IndexFileError, match="another index"):
        index.groups()


def test_without_groups_it_says_how_to_look_for_them(index):
    with pytest.raises(IndexFileError, match="rnnviz groups"):
        index.groups()


def test_what_cannot_be_grouped_is_said(index):
    with pytest.raises(IndexFileError, match="0 words"):
        corpus.group(index, least=100_000)
    with pytest.raises(SettingError):
        corpus.group(index, words=1)


def test_without_scikit_learn_it_says_what_to_install(index, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(IndexFileError, match=r"rnnviz\[groups\]"):
        corpus.group(index)
