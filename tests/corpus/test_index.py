"""The folder of an index: what is written, that a killed build goes on to the same bytes, and what is refused."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import rnnviz
from rnnviz import files
from rnnviz.corpus import Index, build, builder, building, reader
from rnnviz.corpus.index import ABOUT, WORDS, is_beyond
from rnnviz.data.datasets import Dataset
from rnnviz.data.formats import DataFormat
from rnnviz.errors import IndexFileError, RnnvizError, SelectionError, SettingError, StorageError
from tests import builders
from tests.corpus.corpora import TEXTS, saved


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def labelled(texts=TEXTS, name="films"):
    labels = np.arange(len(texts), dtype=np.int64) % 2
    return Dataset(name, tuple(texts), labels, ("no", "yes"), DataFormat(source="made up", licence="CC0"))


@pytest.fixture(scope="module")
def lstm(tmp_path_factory):
    return saved(tmp_path_factory.mktemp("networks") / "tiny")


@pytest.fixture(scope="module")
def whole(lstm, tmp_path_factory):
    """An index of a data set, that tests only read."""
    return build(lstm, labelled(), tmp_path_factory.mktemp("indexes") / "films.index")


@pytest.fixture
def copied(whole, tmp_path):
    """The folder of one that a test may damage."""
    return Path(shutil.copytree(whole.folder, tmp_path / "copy.index"))


# What is in it


@pytest.mark.parametrize(
    "settings",
    [{"cell": "gru", "layers": 2}, {"bidirectional": True}, {"cell": "rnn"}, {"learned_start": True}],
    ids=str,
)
def test_the_states_and_answers_are_those_that_read_gives(settings, tmp_path):
    network = saved(tmp_path / "network", **settings)
    index = build(network, TEXTS, tmp_path / "films.index")
    for number, text in enumerate(TEXTS):
        if not text:
            continue
        trace = rnnviz.read(network, text)
        hidden = np.concatenate(list(trace.signals["hidden"][-1]), axis=-1)
        np.testing.assert_allclose(index.states(number), hidden, atol=1e-3)
        assert index.text(number) == trace.tokens
        assert index.unknown(number) == tuple(trace.unknown.tolist())
        assert index.about.answers[index.answers[number]] == trace.label
        assert index.probabilities[number] == pytest.approx(trace.verdicts[-1].max(), abs=1e-5)


def test_the_bitmaps_say_where_the_states_are_beyond_each_threshold(whole):
    states = np.asarray(whole.hidden, dtype=np.float64)
    for level, threshold in enumerate(whole.about.thresholds):
        for side, sign in enumerate((1, -1)):
            words = whole.bitmaps[level, side]
            on = np.unpackbits(words.view(np.uint8), axis=1, bitorder="little")[:, : len(states)].T
            assert (on == (sign * states > threshold)).all()
            assert (whole.counts[level, side] == on.sum(axis=0)).all()


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7, 0.1, 1.0])
def test_float16_numbers_are_compared_as_the_numbers_they_are(threshold):
    every = np.arange(2**16, dtype=np.uint16).view(np.float16)
    numbers = every[np.isfinite(every)]
    for sign in (1, -1):
        assert (is_beyond(numbers, threshold, sign) == (sign * numbers.astype(np.float64) > threshold)).all()


def test_it_tells_what_it_is_of(whole, lstm):
    assert repr(whole) == "Index(tiny: 6 texts, 25 tokens, 6 units)"
    assert whole.about.weights_sha256 == lstm.config.weights_sha256
    assert [source.model_dump() for source in whole.about.sources] == [
        {"name": "films", "texts": 6, "sha256": labelled().sha256(), "source": "made up", "licence": "CC0"}
    ]
    assert whole.text(2) == ("<unk>",)  # an empty text is read as one unknown word
    assert whole.written(3) == TEXTS[3]
    assert whole.labels.tolist() == [0, 1, 0, 1, 0, 1]
    with pytest.raises(SelectionError, match="There is no text 6: this index has 6"):
        whole.text(6)


def test_data_sets_follow_each_other_and_name_their_classes_in_any_order(lstm, tmp_path):
    first = labelled()
    other = Dataset("more", ("a good story",), np.array([0]), ("yes", "no"), DataFormat())
    index = build(lstm, [first, other], tmp_path / "both.index")
    assert index.labels.tolist() == [*first.labels.tolist(), 1]
    assert [source.texts for source in index.about.sources] == [6, 1]
    with pytest.raises(IndexFileError, match="third has the classes a, b; the first data set has no, yes"):
        build(lstm, [first, Dataset("third", ("x",), np.array([0]), ("a", "b"), DataFormat())], tmp_path / "x.index")


def test_a_network_that_tells_the_next_letter_has_no_answers(tmp_path):
    network = saved(tmp_path / "network", tokens="letters", task="next", words=tuple("abc "))
    index = build(network, ["ab ca", "c"], tmp_path / "letters.index")
    assert index.text(0) == tuple("ab ca")
    assert index.about.answers == ()
    assert index.answers.tolist() == [-1, -1]
    place = np.unravel_index(np.abs(index.hidden).argmax(), index.hidden.shape)
    hit = index.find([(int(place[1]), 1 if index.hidden[place] > 0 else -1)]).hits[0]
    assert (hit.answer, hit.label) == (None, None)


def test_the_shape_of_the_batches_does_not_change_what_is_written(lstm, tmp_path, monkeypatch):
    texts = [" ".join(np.random.default_rng(seed).choice(builders.WORDS, 1 + seed % 37)) for seed in range(150)]
    as_usual = build(lstm, texts, tmp_path / "usual.index")
    monkeypatch.setattr(reader, "BATCH_TOKENS", 70)
    monkeypatch.setattr(reader, "PART_TOKENS", 300)
    monkeypatch.setattr(builder, "_BITS", 128)
    in_pieces = build(lstm, texts, tmp_path / "pieces.index")
    np.testing.assert_allclose(as_usual.hidden, in_pieces.hidden, atol=1e-3)
    assert (as_usual.tokens == in_pieces.tokens).all()
    on = is_beyond(np.asarray(in_pieces.hidden), 0.3, 1)
    assert (in_pieces.counts[0, 0] == on.sum(axis=0)).all()


# Killed and resumed

BUILD = """
import sys
from rnnviz.corpus import building, reader
from rnnviz.checkpoint.folder import load
reader.PART_TOKENS = 300
texts = [line for line in open(sys.argv[2]).read().split("\\n") if line]
for number, step in enumerate(building(load(sys.argv[1]), texts, sys.argv[3])):
    print(step.doing, flush=True)
    sys.stdin.readline()
"""


def test_a_killed_build_goes_on_and_gives_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "PART_TOKENS", 300)
    network = saved(tmp_path / "network")
    texts = [" ".join(np.random.default_rng(seed).choice(builders.WORDS, 1 + seed % 37)) for seed in range(150)]
    (tmp_path / "texts").write_text("\n".join(texts))
    expected = contents(build(network, texts, tmp_path / "whole.index").folder)
    out = tmp_path / "killed.index"
    command = [sys.executable, "-c", BUILD, tmp_path / "network", tmp_path / "texts", out]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for _ in range(9):  # the splitting, and four parts with one batch each
        assert process.stdout.readline()
        process.stdin.write("\n")
        process.stdin.flush()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdin.close()
    process.stdout.close()
    assert not out.exists()
    kept = json.loads((tmp_path / ".rnnviz-index-killed.index" / "progress.json").read_text())["parts"]
    assert kept >= 2
    read = []
    monkeypatch.setattr(
        reader.Reader, "read", lambda self, texts, do=reader.Reader.read: read.append(texts) or do(self, texts)
    )
    assert contents(build(network, texts, out).folder) == expected
    assert len(read) == len(list(reader.parts(Index.load(out).offsets))) - kept
    assert not list(tmp_path.glob(".rnnviz*"))


def test_a_build_that_stopped_while_others_are_wanted_is_begun_again(lstm, tmp_path):
    out = tmp_path / "films.index"
    work = building(lstm, labelled(), out)
    while next(work).doing != "bitmaps":
        pass
    work.close()
    assert not out.exists()
    index = build(lstm, TEXTS[:2], out)  # other texts
    assert len(index) == 2
    assert contents(index.folder) == contents(build(lstm, TEXTS[:2], tmp_path / "two.index").folder)


def test_of_two_builds_at_once_the_second_is_refused(lstm, tmp_path):
    work = building(lstm, TEXTS, tmp_path / "films.index")
    while next(work).doing != "reading":
        pass
    with pytest.raises(IndexFileError, match="Another process writes"):
        build(lstm, TEXTS, tmp_path / "films.index")
    work.close()


def test_a_full_disk_leaves_nothing_under_the_name(lstm, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    with pytest.raises(StorageError, match="Free space on its disk"):
        build(lstm, TEXTS, tmp_path / "films.index")
    assert not (tmp_path / "films.index").exists()


def test_something_else_and_a_finished_index_are_not_written_over(lstm, tmp_path):
    out = tmp_path / "films.index"
    out.mkdir()
    (out / "poem.txt").write_text("mine")
    with pytest.raises(IndexFileError, match="holds something that is no index"):
        build(lstm, TEXTS, out)
    (out / "poem.txt").unlink()
    build(lstm, TEXTS, out)
    with pytest.raises(IndexFileError, match="There is a finished index in"):
        build(lstm, TEXTS[:1], out)
    assert len(build(lstm, TEXTS[:1], out, overwrite=True)) == 1
    (out / "poem.txt").write_text("mine")
    with pytest.raises(IndexFileError, match="holds something that is no index"):
        build(lstm, TEXTS, out, overwrite=True)


def test_a_network_that_was_never_saved_and_no_texts_are_refused(lstm, tmp_path):
    with pytest.raises(IndexFileError, match="never been saved"):
        build(builders.checkpoint(), TEXTS, tmp_path / "x.index")
    with pytest.raises(IndexFileError, match="There are no texts to read"):
        build(lstm, [], tmp_path / "x.index")


# Damaged, and hostile


def relisted(folder, **changed):
    """Change index.json, with the sizes and hashes that the files have now."""
    about = json.loads((folder / ABOUT).read_text())
    for name in about["files"]:
        data = (folder / name).read_bytes()
        about["files"][name] = {"bytes": len(data), "sha256": files.sha256(data)}
    (folder / ABOUT).write_text(json.dumps(about | changed))


def saved_array(folder, name, values, **options):
    np.save(folder / name, values, **options)
    relisted(folder)


@pytest.mark.parametrize("name", [WORDS, "tokens.npy", "offsets.npy", "labels.npy", "answers.npy", "counts.npy"])
def test_a_changed_byte_of_a_small_file_is_found_when_the_index_is_opened(copied, name):
    data = bytearray((copied / name).read_bytes())
    data[-2] ^= 1
    (copied / name).write_bytes(data)
    with pytest.raises(IndexFileError, match=f"{name} is not the file that index.json lists"):
        Index.load(copied)


@pytest.mark.parametrize("name", ["states.npy", "bits.npy"])
def test_a_changed_byte_of_a_large_file_is_found_by_check(copied, name):
    data = bytearray((copied / name).read_bytes())
    data[200] ^= 1
    (copied / name).write_bytes(data)
    index = Index.load(copied)
    with pytest.raises(IndexFileError, match=f"{name} is not the file that index.json lists"):
        index.check()


@pytest.mark.parametrize("name", [WORDS, "states.npy", "bits.npy", "tokens.npy"])
def test_a_file_that_was_cut_or_is_missing_or_a_link_is_refused(copied, name, tmp_path):
    path = copied / name
    data = path.read_bytes()
    path.write_bytes(data[:-1])
    with pytest.raises(IndexFileError, match=f"{len(data) - 1:,} bytes where index.json says {len(data):,}"):
        Index.load(copied)
    path.unlink()
    with pytest.raises(IndexFileError, match=f"{name} is missing"):
        Index.load(copied)
    (tmp_path / "elsewhere").write_bytes(data)
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(IndexFileError):
        Index.load(copied)


def test_an_index_that_is_not_there_is_said_with_how_to_make_one(tmp_path):
    with pytest.raises(IndexFileError, match="Make one with `rnnviz index CHECKPOINT TEXTS --out INDEX`"):
        Index.load(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"format": 2}, "format"),
        ({"extra": 1}, "Extra inputs"),
        ({"positions": 2**40}, "positions"),
        ({"positions": 24}, "where uint32 (24,) belong"),
        ({"units": 7}, "where float16 (25, 7) belong"),
        ({"texts": 5}, "where int64 (6,) belong"),
        ({"thresholds": [0.3, 0.5]}, "bits.npy"),
        ({"thresholds": []}, "thresholds"),
        ({"entries": 10**6}, "no list of 1,000,000 words"),
        ({"files": {}}, "other files than an index has"),
        ({"classes": []}, "a class that index.json does not name"),
    ],
    ids=str,
)
def test_settings_that_do_not_fit_are_refused_in_a_sentence(copied, changed, problem):
    relisted(copied, **changed)
    with pytest.raises(IndexFileError) as refused:
        Index.load(copied)
    assert problem in str(refused.value)


@pytest.mark.parametrize(
    ("name", "values", "problem"),
    [
        ("tokens.npy", lambda was: was + np.uint32(1_000), "a token is none of words.json"),
        ("offsets.npy", lambda was: was[::-1].copy(), "does not cut 25 tokens into texts"),
        ("offsets.npy", lambda was: np.where(was == was[2], was[1], was), "does not cut 25 tokens into texts"),
        ("labels.npy", lambda was: was + np.int32(2), "a class that index.json does not name"),
        ("answers.npy", lambda was: was - np.int32(9), "a class that index.json does not name"),
        ("probabilities.npy", lambda was: was * np.float32(np.nan), "not between 0 and 1"),
        ("counts.npy", lambda was: was + 100, "counts more tokens than there are"),
        ("bits.npy", lambda was: ~was, "bits beyond the last token"),
        ("states.npy", lambda was: was.astype(np.float32), "where float16"),
        ("states.npy", lambda was: np.asfortranarray(was), "where float16"),
        ("states.npy", lambda was: np.array([[object()]]), "Python objects"),
    ],
)
def test_numbers_that_mean_nothing_are_refused_although_their_hashes_fit(copied, name, values, problem):
    changed = values(np.load(copied / name))
    saved_array(copied, name, changed, allow_pickle=changed.dtype.hasobject)
    with pytest.raises(IndexFileError) as refused:
        Index.load(copied)
    assert problem in str(refused.value)


def test_no_damage_at_all_raises_anything_but_a_sentence(copied):
    random = np.random.default_rng(0)
    for name in (ABOUT, *sorted(path.name for path in copied.iterdir())):
        was = (copied / name).read_bytes()
        for _ in range(12):
            data = bytearray(was)
            for place in random.integers(0, min(len(data), 300), 3):
                data[place] = random.integers(256)
            (copied / name).write_bytes(data)
            with contextlib.suppress(RnnvizError):
                Index.load(copied).check()
        (copied / name).write_bytes(was)


def test_another_networks_index_and_reading_are_refused(whole, tmp_path):
    other = saved(tmp_path / "other", seed=1)
    with pytest.raises(IndexFileError, match="of another network: tiny as it was then, not tiny as it is now"):
        whole.check_network(other.config)
    wide = rnnviz.read(saved(tmp_path / "wide", hidden_size=8), "not bad")
    with pytest.raises(IndexFileError, match="has 6 units; this reading is of a network with 8"):
        whole.units_of(wide, 0, 1)


# Units and hits


def test_the_units_of_a_stretch_are_beyond_the_threshold_at_all_of_it_and_not_beside_it(whole, lstm):
    trace = rnnviz.read(lstm, "the film was not bad at all")
    hidden = trace.select("hidden").astype(np.float16).astype(np.float64)
    for before, after in ((False, False), (True, False), (False, True), (True, True)):
        expected = []
        for unit in range(6):
            for sign in (1, -1):
                on = sign * hidden[:, unit] > 0.3
                if on[3:5].all() and not (before and on[2]) and not (after and on[5]):
                    expected.append((unit, sign))
        assert whole.units_of(trace, 3, 5, 0.3, before=before, after=after) == tuple(sorted(expected))
    assert whole.units_of(trace, 0, 7, before=True, after=True) == whole.units_of(trace, 0, 7)  # a text's own edges
    with pytest.raises(SelectionError, match="no tokens from 3 to before 9: this text has 7"):
        whole.units_of(trace, 3, 9)


def test_a_typed_sentence_of_the_corpus_finds_itself(whole, lstm):
    trace = rnnviz.read(lstm, TEXTS[4])
    units = whole.units_of(trace, 3, 5)
    hits = whole.find(units, length=2, most=len(TEXTS)).hits
    (own,) = (hit for hit in hits if hit.text == 4)
    assert own.start <= 3
    assert own.stop >= 5
    assert set(own.units) == set(units)
    assert (own.label, own.answer) == ("no", trace.label)


def test_hits_count_their_classes_against_those_of_all_texts(whole):
    found = whole.find([(0, 1)], most=1000)
    marked = {hit.text for hit in found.hits}
    assert [(share.label, share.texts, share.all) for share in found.labels] == [
        (name, sum(whole.labels[text] == place for text in marked), 3) for place, name in enumerate(("no", "yes"))
    ]
    assert found.texts == len(marked)


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        ({"units": []}, SettingError, "pairs of a unit and 1 or -1"),
        ({"units": [(0, 1), (0, -1)]}, SettingError, "none of them twice"),
        ({"units": [(0, 2)]}, SettingError, "pairs of a unit and 1 or -1"),
        ({"units": [(6, 1)]}, SelectionError, "no unit 6 here; there are 6, counted from 0"),
        ({"units": [(-1, 1)]}, SelectionError, "no unit -1 here; there are 6, counted from 0"),
        ({"threshold": 0.4}, SelectionError, r"no threshold 0.4; choose one of 0.3, 0.5, 0.7\.$"),
        ({"length": 0}, SettingError, "at least 1 token; found 0"),
        ({"most": 1001}, SettingError, "At most 1,000 hits"),
    ],
    ids=str,
)
def test_a_question_that_means_nothing_is_refused_in_a_sentence(whole, asked, error, message):
    with pytest.raises(error, match=message):
        whole.find(**{"units": [(0, 1)]} | asked)


def test_a_text_at_which_the_states_grow_beyond_all_numbers_is_named(tmp_path):
    network = builders.checkpoint("rnn", nonlinearity="relu")
    for weights in network.model.rnn.parameters():
        weights.data *= 5
    network.save_pretrained(tmp_path / "relu")
    network = rnnviz.load(tmp_path / "relu")
    with pytest.raises(IndexFileError, match=r"^At text 1 the network's states grow beyond all numbers"):
        build(network, ["not good", "the film was not bad at all " * 40], tmp_path / "texts.index")
    assert not (tmp_path / "texts.index").exists()
    build(network, ["not good"], tmp_path / "texts.index")
