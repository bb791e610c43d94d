"""The texts of a corpus: rows of a table, passages of a long text, a sample."""

import numpy as np
import pytest

from rnnviz.corpus import texts
from rnnviz.data import corpora
from rnnviz.data.formats import DataFormat


def passages(text):
    return texts.passages(corpora.corpus("poem", text, DataFormat())).texts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one\ntwo\n\nthree", ("one\ntwo", "three")),
        ("one\n \t\n\n\n  two\n", ("one", "two")),
        ("\n\none\ntwo\n\n", ("one", "two")),  # blank lines around it cut nothing
        ("one\r\ntwo", ("one", "two")),
        ("one", ("one",)),
    ],
)
def test_a_text_is_cut_at_its_blank_lines_or_else_at_its_line_ends(text, expected):
    assert passages(text) == expected


def test_a_long_passage_is_cut_at_white_space_into_pieces_that_the_page_can_read():
    words = ["word" + "s" * (place % 30) for place in range(700)]
    pieces = passages(" ".join(words) + "\n\nand the end")
    assert pieces[-1] == "and the end"
    assert all(len(piece) <= texts.MOST_LETTERS for piece in pieces)
    assert " ".join(pieces[:-1]).split() == words
    unspaced = passages("x" * 4_500)
    assert [len(piece) for piece in unspaced] == [2_000, 2_000, 500]


def test_a_table_is_read_with_its_classes_or_without(tmp_path):
    path = tmp_path / "films.csv"
    path.write_text("text,label\nbad,no\ngood,yes\nworse,no\nbest,yes\n", encoding="utf-8")
    assert texts.load(path).classes == ("no", "yes")
    assert texts.load(path, labelled=False).classes == ()
    (tmp_path / "alone.csv").write_text("text\nbad\ngood\n", encoding="utf-8")
    assert texts.load(tmp_path / "alone.csv", labelled=False).texts == ("bad", "good")


def test_a_sample_is_always_the_same_in_the_order_of_the_file():
    whole = texts.passages(corpora.corpus("poem", "\n".join(map(str, range(100))), DataFormat()))
    drawn = texts.sample(whole, 10)
    numbers = [int(text) for text in drawn.texts]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == 10
    assert drawn.texts == texts.sample(whole, 10).texts
    assert texts.sample(whole, 1_000).texts == whole.texts
    assert np.array_equal(drawn.labels, np.zeros(10))
