"""How a trace shows itself in a notebook: as one table that runs nothing, whatever was typed."""

import html.parser
import re
from dataclasses import replace

import numpy as np
import pytest

from rnnviz import signals
from rnnviz.analysis.statistics import unit_order
from rnnviz.colours import DIVERGING, SEQUENTIAL, colour_of
from rnnviz.trace import Trace
from rnnviz.writing import signed, visible
from tests.builders import CELLS, trace
from tests.test_trace import HOSTILE

TAGS = {"div", "p", "table", "tr", "th", "td", "b", "bdi", "abbr"}
VALUES = {
    "scope": re.compile("row|col"),
    "title": re.compile("unknown to the network"),
    "style": re.compile(r"[a-z-]+:[^:<>&\"']+(;[a-z-]+:[^:<>&\"']+)*"),
}


class Page(html.parser.HTMLParser):
    """The elements that a browser would make, and the rows of the table as it would show them."""

    def __init__(self, found: Trace) -> None:
        super().__init__()
        self.elements: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.rows: list[list[str]] = []
        self.texts: list[str] = []
        self.inside = False
        self.feed(found._repr_html_())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, attributes))
        self.inside |= tag in ("th", "td")
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside &= tag not in ("th", "td")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.inside:
            self.rows[-1][-1] += data

    @property
    def note(self) -> str:
        return self.texts[-1]


def hostile() -> Trace:
    return trace("the film was not bad at all , a story and it", tokens=HOSTILE[:12], labels=HOSTILE[:4])


def test_t8_a_dozen_hostile_tokens_and_labels_are_shown_literally() -> None:
    page = Page(hostile())
    assert page.rows[0][1:] == [visible(token) for token in HOSTILE[:12]]
    assert [row[0] for row in page.rows[1:5]] == [visible(label) for label in HOSTILE[:4]]


def test_t8_no_tag_and_no_attribute_comes_from_what_was_typed() -> None:
    everything = replace(hostile(), unknown=np.ones(12, dtype=bool))
    for tag, attributes in Page(everything).elements:
        assert tag in TAGS
        for name, value in attributes:
            assert VALUES[name].fullmatch(value or ""), (name, value)
            assert "url" not in (value or "")


@pytest.mark.parametrize("cell", CELLS)
def test_the_answers_and_the_memory_are_those_of_the_trace(cell: str) -> None:
    found = trace("the film was not bad", cell=cell, labels=("a", "b", "c"), hidden_size=14, layers=2)
    rows = Page(found).rows
    for label, row in enumerate(rows[1:4]):
        assert [text.removeprefix("▲ ") for text in row[1:]] == [f"{share:.0%}" for share in found.verdicts[:, label]]
    memory = signals.memory(found.cell)
    symbol = signals.signal(found.cell, memory).symbol
    units = unit_order(found)[:12]
    assert [row[0] for row in rows[4:]] == [f"unit {unit}, {symbol}" for unit in units]
    for unit, row in zip(units, rows[4:], strict=True):
        assert row[1:] == [signed(value) for value in found.select(memory)[:, unit]]


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "max+mean"])
def test_the_units_stand_in_the_order_of_every_other_picture(pooling: str) -> None:
    found = trace(bidirectional=True, pooling=pooling)
    assert [row[0].split(",")[0] for row in Page(found).rows[3:]] == [f"unit {unit}" for unit in unit_order(found)]


def test_a_change_of_mind_is_marked_where_it_happens_and_nowhere_else() -> None:
    shares = np.float32([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.7, 0.3]])
    page = Page(replace(trace("not bad at all"), verdicts=shares))
    assert page.rows[1][1:] == ["90%", "20%", "40%", "▲ 70%"]
    assert page.rows[2][1:] == ["10%", "▲ 80%", "60%", "30%"]
    assert "▲: it changes" in page.note
    assert "▲" not in "".join(Page(replace(trace("not bad at all"), verdicts=shares[[0, 0, 0, 0]])).texts)


def test_unknown_words_are_dashed_and_no_other() -> None:
    found = trace("the zzz film qqq")
    page = Page(found)
    marked = [attributes for tag, attributes in page.elements if tag == "abbr"]
    assert len(marked) == 2
    assert "Dashed: unknown to the network" in page.note
    assert not any(tag == "abbr" for tag, _ in Page(trace("the film")).elements)


@pytest.mark.parametrize(("words", "note"), [(200, None), (201, "And 1 more token."), (1203, "And 1,003 more tokens.")])
def test_it_stops_after_two_hundred_words_and_says_so(words: int, note: str | None) -> None:
    page = Page(trace("film " * words))
    assert page.rows[0].count("film") == 200
    assert all(len(row) == 201 for row in page.rows)
    assert page.note.endswith(note) if note else "more" not in page.note


def test_of_many_classes_eight_are_shown_and_the_rest_is_counted() -> None:
    page = Page(trace("film", labels=[f"class {place}" for place in range(60)]))
    assert sum(row[0].startswith("class") for row in page.rows) == 8
    assert page.note.endswith("And 52 more classes.")


def test_one_word_makes_a_table_with_headers_for_its_columns_and_rows() -> None:
    page = Page(trace("film"))
    scopes = [dict(attributes)["scope"] for tag, attributes in page.elements if tag == "th"]
    assert scopes == ["col", *["row"] * (2 + 6)]
    assert [len(row) for row in page.rows] == [2] * 9


def test_a_colour_lies_on_the_scale_between_its_two_nearest() -> None:
    for low, high, scale in ((-2.0, 2.0, DIVERGING), (0.0, 1.0, SEQUENTIAL)):
        for share, colour in scale:
            assert colour_of(low + share * (high - low), low, high) == colour
    assert colour_of(-9.0, -1.0, 1.0) == DIVERGING[0][1]
    assert colour_of(9.0, -1.0, 1.0) == DIVERGING[-1][1]
    assert colour_of(0.125, -0.5, 0.5) == "#f8d1ac"  # halfway from white to the orange at 0.75


def test_a_number_carries_its_sign_and_zero_none() -> None:
    assert [signed(value) for value in (0.314, -0.314, 0.0, -0.004, np.float32(1.5))] == [
        "+0.31",
        "−0.31",
        "0.00",
        "0.00",
        "+1.50",
    ]
