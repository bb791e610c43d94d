"""The record of one reading: what can be asked of it, and that a file gives back exactly what was put in."""

import dataclasses
import io
import json
import math
import pickle
import struct
import tracemalloc
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from rnnviz import signals, trace_file
from rnnviz.errors import DataError, SelectionError
from rnnviz.experiments.interventions import Clamp, hold
from rnnviz.reading import read
from rnnviz.trace import Trace
from tests.builders import CELLS, HEADS, POOLINGS, SENTENCE, checkpoint, trace

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "${alert(1)}",
    "{{7*7}}",
    "`",
    "&lt;b&gt;",
    '"quoted"',
    "'",
    "\x00\x1b[31m",
    "\u202eright to left",
    "\ud800",  # a lone surrogate
    "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "a|b\nc\td",
)


@pytest.mark.parametrize("cell", CELLS)
def test_select_gives_the_rows_of_the_place_asked_for_and_the_top_layer_forward_otherwise(cell):
    found = trace(cell=cell, layers=3, bidirectional=True)
    for name, values in found.signals.items():
        assert np.array_equal(found.select(name), values[2, 0])
        assert np.array_equal(found.select(name, layer=0, direction="backward"), values[0, 1])
        assert np.array_equal(found.select(name, layer=-3), values[0, 0])
        assert np.array_equal(found.select(name, layer=-2, direction="backward"), values[1, 1])


def objection(found, *arguments, **options):
    with pytest.raises(SelectionError) as caught:
        found.select(*arguments, **options)
    assert isinstance(caught.value, LookupError)
    return str(caught.value)


def test_select_names_what_there_is_and_the_nearest_thing():
    found = trace(layers=2)
    choices = "choose one of input, forget, candidate, output, cell, hidden."
    assert objection(found, "forgt") == f"There is no signal 'forgt'; {choices} Did you mean 'forget'?"
    assert objection(found, "xyz") == f"There is no signal 'xyz'; {choices}"
    assert objection(trace(cell="gru"), "forget").startswith("There is no signal 'forget'; choose one of reset, update")
    for layer in (2, -3):
        assert objection(found, "forget", layer=layer) == (
            f"There is no layer {layer}: this network has 2 layers.\nCount from 0, or from the top with -1."
        )
    assert "this network has 1 layer.\n" in objection(trace(), "forget", layer=1)
    assert objection(found, "forget", direction="backward") == (
        "There is no direction 'backward'; choose one of forward."
    )
    assert objection(trace(bidirectional=True), "forget", direction="up").startswith(
        "There is no direction 'up'; choose one of forward, backward."
    )


def test_the_label_is_the_class_that_the_last_row_finds_most_probable():
    found = trace(labels=("a", "b", "c"))
    for winner, name in enumerate("abc"):
        verdicts = np.full_like(found.verdicts, 0.1)
        verdicts[:-1, 2 - winner], verdicts[-1, winner] = 0.9, 0.8
        assert dataclasses.replace(found, verdicts=verdicts).label == name


def test_a_trace_cannot_be_changed_by_assignment():
    found = trace()
    for field in dataclasses.fields(found):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(found, field.name, None)


def assert_equal(one, other):
    for name in ("cell", "tokens", "labels", "replay_error"):
        assert getattr(one, name) == getattr(other, name), name
    for name in ("unknown", "verdicts", "inputs"):
        assert_same_array(getattr(one, name), getattr(other, name))
    assert list(one.signals) == list(other.signals)
    for name, values in one.signals.items():
        assert_same_array(values, other.signals[name])
    assert_same_array(one.readout.weight, other.readout.weight)
    assert_same_array(one.readout.bias, other.readout.bias)
    assert one.readout.pooling == other.readout.pooling
    assert one.start.keys() == other.start.keys()
    for name, state in one.start.items():
        assert_same_array(state, other.start[name])


def assert_same_array(one, other):
    assert one.dtype == other.dtype
    assert np.array_equal(one, other)


@pytest.mark.parametrize("cell", CELLS)
def test_a_saved_trace_comes_back_exactly(tmp_path, cell):
    found = trace("the film zzz", cell=cell, layers=2, bidirectional=True, pooling="max+mean", labels=HOSTILE[:3])
    found.save(tmp_path / "reading.npz")
    assert_equal(found, Trace.load(tmp_path / "reading.npz"))


@settings(max_examples=10)  # each waits for the disk
@given(tokens=st.lists(st.text() | st.sampled_from(HOSTILE), min_size=7, max_size=7))
def test_any_token_whatsoever_survives_saving(tmp_path_factory, tokens):
    found = trace(tokens=tokens)
    path = tmp_path_factory.mktemp("any") / "reading.npz"
    found.save(path)
    assert Trace.load(path).tokens == tuple(tokens)


def test_a_trace_is_written_whole_under_just_the_name_given(tmp_path):
    trace().save(tmp_path / "no suffix")
    trace(cell="gru").save(tmp_path / "no suffix")
    assert [path.name for path in tmp_path.iterdir()] == ["no suffix"]
    assert Trace.load(tmp_path / "no suffix").cell == "gru"


class Bomb:
    def __reduce__(self):
        return pytest.fail, ("a pickle was opened",)


def rewritten(path, **replaced):
    with np.load(path) as stored:
        arrays = dict(stored) | replaced
    np.savez_compressed(path, **{name: values for name, values in arrays.items() if values is not None})


def refusal(path):
    with pytest.raises(DataError) as caught:
        Trace.load(path)
    assert str(caught.value).startswith(f"{path} is no trace that rnnviz saved: ")
    return str(caught.value)


@pytest.mark.parametrize("name", ["about", "verdicts", "signal_cell", "weight"])
def test_a_trace_that_holds_a_pickle_is_refused_and_the_pickle_is_not_opened(tmp_path, name):
    path = tmp_path / "bomb.npz"
    trace().save(path)
    rewritten(path, **{name: np.array([Bomb()], dtype=object)})
    assert "it holds Python objects or records, not numbers" in refusal(path)


def test_files_that_are_something_else_are_refused_with_the_reason(tmp_path):
    path = tmp_path / "else.npz"
    assert "there is no such file" in refusal(path)
    assert "there is no such file" in refusal(tmp_path)
    path.write_bytes(pickle.dumps(Bomb()))
    assert "it is no .npz file" in refusal(path)
    path.write_bytes(b"")
    refusal(path)
    np.save(path.with_suffix(".npy"), np.zeros(3))
    refusal(path.with_suffix(".npy"))
    np.savez(path, other=np.zeros(3))
    assert "'other.npy' does not belong into it" in refusal(path)
    trace().save(path)
    rewritten(path, signal_forget=None)
    assert "signal_forget" in refusal(path)
    for about in (b"[]", b"{", b"\xff", b'{"format": 1}', b'{"format": 1, "cell": "transformer"}', b"1"):
        rewritten(path, about=np.frombuffer(about, dtype=np.uint8))
        refusal(path)
    rewritten(path, about=np.frombuffer(b'{"format": 2}', dtype=np.uint8))
    assert "saved: its format is 2, and 1 is read.\n" in refusal(path)


def test_a_trace_with_any_byte_damaged_is_refused_or_unharmed(tmp_path):
    path = tmp_path / "damaged.npz"
    found = trace(cell="rnn")
    found.save(path)
    data = path.read_bytes()
    for place in range(0, len(data), 41):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])
        try:
            assert_equal(Trace.load(path), found)
        except DataError:
            continue
    for length in range(0, len(data), 97):
        path.write_bytes(data[:length])
        refusal(path)


def test_an_archive_packed_by_an_unknown_method_is_refused(tmp_path):
    path = tmp_path / "method.npz"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("about.npy", b"x" * 40)
    data = bytearray(buffer.getvalue())
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):  # where each header names the method
        data[data.index(signature) + offset] = 93
    path.write_bytes(bytes(data))
    refusal(path)


@pytest.mark.parametrize("cell", CELLS)
def test_a_table_has_one_row_a_token_and_unit_and_one_column_a_signal(cell):
    found = trace("bad film , bad", cell=cell, layers=2, bidirectional=True)
    table = found.to_pandas(layer=0, direction="backward")
    assert list(table.columns) == ["position", "token", "unit", *signals.names(cell)]
    for row in table.itertuples():
        assert row.token == found.tokens[row.position]
        for name in found.signals:
            assert getattr(row, name) == found.signals[name][0, 1, row.position, row.unit]
    assert len(table) == 4 * 6
    assert table["position"].nunique() == 4  # the word that occurs twice keeps both its places


def test_the_short_form_counts_what_there_is():
    found = trace(SENTENCE, layers=2, bidirectional=True)
    share = f"{found.verdicts[-1].max():.0%}"
    assert repr(found) == f"Trace(lstm, 7 tokens, 2 layers, 6 units, forward and backward: {found.label} {share})"
    assert repr(trace("film", cell="gru")).startswith("Trace(gru, 1 token, 1 layer, 6 units, forward: ")


@settings(max_examples=30)
@given(
    st.sampled_from(CELLS),
    st.integers(1, 3),
    st.booleans(),
    st.sampled_from(POOLINGS),
    st.lists(st.sampled_from(["film", "not", "zzz", "é", "<pad>"]), min_size=1, max_size=5),
    st.integers(0, 9),
    st.booleans(),
    st.lists(st.text(max_size=9), min_size=2, max_size=4),
)
def test_whatever_is_read_held_or_filled_up_comes_back(
    tmp_path_factory, cell, layers, both, pooling, words, filling, held, labels
):
    head = HEADS[filling % len(HEADS)]
    network = checkpoint(cell, layers, both, pooling, labels=labels, learned_start=filling % 2 == 1, **head)
    clamps = [Clamp("hidden", 0.5, tokens=[0], units=[1, 2])] if held else []
    found = hold(network, " ".join(words), clamps, pad_to=len(words) + 4 + filling)
    path = tmp_path_factory.mktemp("any") / "reading.npz"
    found.save(path)
    assert_equal(found, Trace.load(path))


def test_a_reading_whose_numbers_overflow_comes_back_and_its_file_is_json_that_everybody_reads(tmp_path):
    found = overflown()
    found.save(tmp_path / "reading.npz")
    again = Trace.load(tmp_path / "reading.npz")
    for name in ("verdicts", "inputs"):
        np.testing.assert_array_equal(getattr(again, name), getattr(found, name))
    np.testing.assert_array_equal(again.signals["hidden"], found.signals["hidden"])
    assert math.isnan(again.replay_error)
    with np.load(tmp_path / "reading.npz") as stored:
        assert b'"replay_error": null' in stored["about"].tobytes()


def overflown():
    """A plain RNN with max(0, ·) that doubles its state at each word, far beyond what float32 can hold."""
    network = checkpoint("rnn", nonlinearity="relu")
    for parameter in network.model.rnn.parameters():
        parameter.data.fill_(30_000.0)
    found = read(network, SENTENCE + " and" * 20)
    assert np.isnan(found.verdicts[-1]).all()
    return found


def test_a_reading_that_packs_extremely_well_is_not_taken_for_a_bomb(tmp_path, monkeypatch):
    monkeypatch.setattr(trace_file, "_FREE", 50_000)
    found = trace("film", pad_to=5_000, hidden_size=32)
    still = {name: np.repeat(values[:, :, :1], 5_000, axis=2) for name, values in found.signals.items()}
    found = dataclasses.replace(found, signals=still, inputs=np.repeat(found.inputs[:1], 5_000, axis=0))
    found.save(tmp_path / "reading.npz")
    assert_equal(found, Trace.load(tmp_path / "reading.npz"))


def test_the_file_of_an_earlier_release_is_read():
    """The page's example was written by version 1.0 and stays as it is."""
    found = Trace.load(Path(signals.__file__).parent / "page" / "example.npz")
    assert (found.cell, len(found.tokens), found.units, found.labels) == ("lstm", 12, 32, ("negative", "positive"))


SPOILT = {
    "about": {
        "cell": [None, 1, [], {}, "transformer"],
        "format": [True, 1.0, "1", 2, None],
        "tokens": [None, "abcdefg", [], ["a"], [1] * 7, [None] * 7, ["a"] * 8],
        "labels": [None, [], ["a"], ["a", "b", "c"], [1, 2]],
        "pooling": [None, "median", [], "mean+max", "max+mean"],
        "replay_error": ["0", True, [], -1, {}],
    },
    "verdicts": [
        lambda values: values * 2,
        lambda values: values * np.nan,
        lambda values: values - 3,
        lambda values: values[:-1],
        lambda values: values[..., None],
        lambda values: values.astype("U9"),
        lambda values: values.astype(">f4"),
        lambda values: values.astype(int),
        lambda values: values.astype(complex),
    ],
    "unknown": [lambda values: values.astype(int), lambda values: values[:0], lambda values: values[None]],
    "inputs": [lambda values: values[:, :0], lambda values: values[:-1], lambda values: values * np.inf],
    "weight": [lambda values: values.T, lambda values: values[:, :-1], lambda values: np.float32(1)],
    "bias": [lambda values: values[:, None], lambda values: values[:1]],
    "signal_forget": [
        lambda values: values + 5,
        lambda values: -values,
        lambda values: values[:, :, :-1],
        lambda values: values[0],
        lambda values: values * np.nan,
    ],
    "signal_hidden": [lambda values: values[:, :0], lambda values: np.concatenate([values] * 3, axis=1)],
}


def test_a_file_that_says_what_it_comes_from_is_opened_like_any_other(tmp_path):
    found = trace("lstm")
    path = tmp_path / "reading.npz"
    arrays = dict(np.load(io.BytesIO(found.to_npz())))
    np.savez(path, provenance=np.frombuffer(b'{"rnnviz":"0.1.0"}', dtype=np.uint8), **arrays)
    assert_equal(found, Trace.load(path))


def test_files_whose_parts_do_not_fit_together_are_refused_when_they_are_opened(tmp_path):
    path, found = tmp_path / "spoilt.npz", trace()
    found.save(path)
    with np.load(path) as stored:
        arrays = dict(stored)
    about = json.loads(arrays["about"].tobytes())
    for name, values in SPOILT["about"].items():
        for value in values:
            rewritten(path, about=text_array({**about, name: value}))
            refusal(path)
        rewritten(path, about=text_array({key: value for key, value in about.items() if key != name}))
        refusal(path)
    for name in SPOILT.keys() - {"about"}:
        for spoil in SPOILT[name]:
            rewritten(path, **arrays | {name: np.asarray(spoil(arrays[name]))})
            refusal(path)
    for more in ("signal_reset", "signal_attention", "../../about", "about"):
        found.save(path)
        with zipfile.ZipFile(path, "a") as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # zipfile's own, of a name that is there twice
            archive.writestr(f"{more}.npy", npy(np.zeros(3, "f4")))
        refusal(path)
    found.save(path)
    assert_equal(Trace.load(path), found)


def test_a_reading_that_could_not_be_read_back_is_not_written(tmp_path):
    found = trace()
    for odd in (
        dataclasses.replace(found, verdicts=found.verdicts * 2),
        dataclasses.replace(found, tokens=found.tokens[1:]),
        dataclasses.replace(found, labels=("one",)),
    ):
        with pytest.raises(DataError, match="This reading was not written, since it could not be read back: "):
            odd.save(tmp_path / "reading.npz")
    assert not (tmp_path / "reading.npz").exists()


def text_array(about):
    return np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)


def npy(values):
    buffer = io.BytesIO()
    np.save(buffer, values)
    return buffer.getvalue()


def with_entries(path, **entries):
    """An archive of the entries as they are given, bytes under names."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(f"{name}.npy", data)


def header(declared, more=b""):
    text = declared.encode() + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + more


NUMBERS = "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }"


@pytest.mark.parametrize(
    "data",
    [
        header(NUMBERS % "(1000000, 1000)"),
        header(NUMBERS % "(9223372036854775807, 9223372036854775807)"),
        header(NUMBERS % "(-1, -4)", b"\0" * 16),
        header(NUMBERS % "(2, 2)", b"\0" * 15),
        header(NUMBERS % "(2, 2)", b"\0" * 17),
        header(NUMBERS % "(True, 4)", b"\0" * 16),
        header(NUMBERS % ("(" + "1, " * 40 + ")"), b"\0" * 4),
        header(NUMBERS % ("(" * 300)),
        header(NUMBERS % "(2.0, 2)", b"\0" * 16),
        header(NUMBERS % "__import__('os').getpid()"),
        header("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", pickle.dumps(Bomb())),
        header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", b"\0" * 8),
        header("{'descr': '<f4', 'fortran_order': 7, 'shape': (2,), }", b"\0" * 8),
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (2L,), }", b"\0" * 8),
        header("{'descr': '<U0', 'fortran_order': False, 'shape': (2,), }"),
        header(""),
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2"),
        header(NUMBERS % "(2, 2\0"),
        b"\x93NUMPY\3\0" + b"\xff" * 20,
        b"\x93NUMPY\2\0" + b"\xff" * 20,
        b"\x93NUMPY\1\0\xff\xff" + b" " * 65_535,
        b"",
    ],
    ids=range(22),
)
def test_headers_that_lie_are_refused_with_little_memory(tmp_path, data):
    path = tmp_path / "lies.npz"
    about = npy(text_array({"format": 1}))
    for name in ("about", "signal_hidden"):
        with_entries(path, **{"about": about, name: data})
        tracemalloc.start()
        refusal(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 30_000_000


def test_a_small_file_that_unpacks_to_much_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "bomb.npz"
    size = 200_000_000
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("about.npy", npy(text_array({"format": 1})))
        with archive.open("signal_hidden.npy", "w") as file:
            file.write(header(NUMBERS % f"({size // 4},)"))
            for _ in range(size // 1_000_000):
                file.write(bytes(1_000_000))
    tracemalloc.start()
    assert "it unpacks to 200," in refusal(path)
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()


def edited(data, mark, offset, value):
    """The archive with a number of its directory changed: in the first entry that begins so."""
    place = data.index(mark) + offset
    return data[:place] + value + data[place + len(value) :]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data + b"more",
        lambda data: b"more" + data,
        lambda data: edited(data, b"PK\1\2", 8, b"\1\0"),  # encrypted
        lambda data: edited(data, b"PK\1\2", 10, b"\14\0"),  # packed by bzip2
        lambda data: edited(data, b"PK\1\2", 24, struct.pack("<L", 2**32 - 2)),  # unpacks to more than it does
        lambda data: edited(
            data, b"PK\1\2", 24, struct.pack("<L", 2**32 - 1)
        ),  # as large as Zip64 says, which is not there
        lambda data: edited(data, b"PK\1\2", 24, struct.pack("<L", 7)),  # or to less
        lambda data: edited(data, b"PK\1\2", 20, struct.pack("<L", 2**31)),  # is packed in more than there is
        lambda data: edited(data, b"PK\5\6", 8, b"\3\0"),  # fewer entries than there are
        lambda data: edited(data, b"PK\5\6", 8, b"\xff\xff\xff\xff"),
        lambda data: edited(data, b"PK\5\6", 16, struct.pack("<L", 0)),
        lambda data: data[:-2] + b"\4\0note",  # a comment
    ],
)
def test_directories_that_lie_are_refused(tmp_path, spoil):
    path = tmp_path / "lies.npz"
    trace().save(path)
    path.write_bytes(spoil(path.read_bytes()))
    refusal(path)


def test_arrays_that_lie_over_each_other_are_refused(tmp_path):
    """As in the zip bombs that unpack one piece many times."""
    path = tmp_path / "lies.npz"
    trace().save(path)
    data = path.read_bytes()
    second = data.index(b"PK\1\2", data.index(b"PK\1\2") + 4)
    path.write_bytes(data[: second + 42] + struct.pack("<L", 0) + data[second + 46 :])
    assert "its arrays lie over each other" in refusal(path)
