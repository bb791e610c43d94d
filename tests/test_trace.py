"""The record of one reading: what can be asked of it, and that a file gives back exactly what was put in."""

import dataclasses
import io
import pickle
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from rnnviz import signals
from rnnviz.errors import DataError, SelectionError
from rnnviz.trace import Trace
from tests.builders import CELLS, SENTENCE, trace

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
    np.savez(path, **{name: values for name, values in arrays.items() if values is not None})


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
    assert "allow_pickle=False" in refusal(path)


def test_files_that_are_something_else_are_refused_with_the_reason(tmp_path):
    path = tmp_path / "else.npz"
    assert "No such file" in refusal(path)
    path.write_bytes(pickle.dumps(Bomb()))
    assert "pickle" in refusal(path)
    path.write_bytes(b"")
    refusal(path)
    np.save(path.with_suffix(".npy"), np.zeros(3))
    refusal(path.with_suffix(".npy"))
    np.savez(path, other=np.zeros(3))
    assert "about" in refusal(path)
    trace().save(path)
    rewritten(path, signal_forget=None)
    assert "signal_forget" in refusal(path)
    for about in (b"[]", b"{", b"\xff", b'{"format": 1}', b'{"format": 1, "cell": "transformer"}', b"1"):
        rewritten(path, about=np.frombuffer(about, dtype=np.uint8))
        refusal(path)
    rewritten(path, about=np.frombuffer(b'{"format": 2}', dtype=np.uint8))
    assert refusal(path).endswith("saved: its format is 2, and 1 is read.")


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
