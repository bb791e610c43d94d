"""A reading as a file."""

import base64
import csv
import io
import json

import numpy as np
import pytest

from rnnviz.errors import SelectionError
from rnnviz.page.downloads import download, kind_of_file, to_csv
from rnnviz.page.requests import SaveReading
from rnnviz.reading import read
from rnnviz.trace import Trace
from tests.builders import checkpoint


def bytes_of(found):
    return base64.b64decode(found["data"])


def rows_of(trace):
    return list(csv.DictReader(io.StringIO(to_csv(trace).decode("utf-8-sig"))))


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_every_number_of_a_deep_two_way_reading_is_in_the_csv(cell):
    trace = read(checkpoint(cell, layers=2, bidirectional=True), "good bad film")
    rows = rows_of(trace)
    assert len(rows) == 2 * 2 * 3 * trace.units
    for row in rows:
        layer, token, unit = int(row["layer"]) - 1, int(row["position"]) - 1, int(row["unit"])
        assert row["token"] == trace.tokens[token]
        for name in trace.signals:
            wanted = trace.select(name, layer, row["direction"])[token, unit]
            np.testing.assert_allclose(float(row[name]), wanted, rtol=1e-6, atol=1e-9)
        for label, share in zip(trace.labels, trace.verdicts[token], strict=True):
            np.testing.assert_allclose(float(row[f"p({label})"]), share, rtol=1e-6)


@pytest.mark.parametrize("word", ["=1+1", "+1", "-1", "@sum"])
def test_t46_a_word_that_a_spreadsheet_would_compute_gets_an_apostrophe(word):
    trace = read(checkpoint("gru"), f"good {word} film")
    assert trace.tokens[1] == word
    assert {row["token"] for row in rows_of(trace)} == {"good", f"'{word}", "film"}
    assert json.loads(bytes_of(download(trace, "json")))["tokens"][1] == word


def test_json_and_npz_lose_nothing(tmp_path):
    trace = read(checkpoint("lstm"), 'good "bad" \ud800 film')
    found = json.loads(bytes_of(download(trace, "json")))
    for name, values in trace.signals.items():
        np.testing.assert_array_equal(np.array(found["signals"][name], dtype=np.float32), values)
    path = tmp_path / "reading.npz"
    path.write_bytes(bytes_of(download(trace, "npz")))
    kept = Trace.load(path)
    assert kept.tokens == trace.tokens
    np.testing.assert_array_equal(kept.verdicts, trace.verdicts)


@pytest.mark.parametrize("kind", ["exe", "", None, 7, ["csv"], "../csv", "\ud800"])
def test_another_kind_of_file_is_refused_in_words(kind):
    with pytest.raises(SelectionError, match="There is no file"):
        kind_of_file(SaveReading.model_validate({"kind": kind}).kind)
