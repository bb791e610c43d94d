"""One reading as a page of its own, in Python; in a browser: tests/browser/test_saving.py."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import rnnviz
from rnnviz.page import standalone
from rnnviz.reading import read
from rnnviz.trace import Trace
from tests.builders import checkpoint

HOSTILE = "</script><img src=x onerror=alert(1)> \u2028 <!-- ${alert(1)} {{x}} good"


class Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.names = []

    def handle_starttag(self, tag, attributes):
        self.names.append(tag)


def elements(text):
    parser = Elements()
    parser.feed(text)
    return parser.names


def test_the_reading_is_in_the_file_and_comes_out_as_it_was():
    trace = read(checkpoint("lstm"), "good film")
    file = standalone.page_of(trace, title="mine", language="en")
    found = re.search(r'<script type="application/json" id="rnnviz-props">(.*?)</script>', file, re.DOTALL)
    props = json.loads(found[1])
    assert props["value"]["tokens"] == ["good", "film"]
    assert props["models"] == [{"name": "mine", "title": "mine", "tokens": "words", "task": "classify"}]
    assert standalone.PLACEHOLDER not in file


@pytest.mark.parametrize("text", ["a a", "aa"])
def test_a_file_of_letters_says_so(tmp_path, text):
    """With a blank among them or without, and also of a reading that was saved."""
    read(checkpoint("lstm", words=("a", " "), tokens="letters", task="next"), text).save(tmp_path / "reading.npz")
    trace = Trace.load(tmp_path / "reading.npz")
    found = re.search(r'id="rnnviz-props">(.*?)</script>', standalone.page_of(trace, title="mine"), re.DOTALL)
    props = json.loads(found[1])
    assert props["value"]["text"] == text
    assert (props["models"][0]["tokens"], props["models"][0]["task"]) == ("letters", "next")


def test_t8_a_hostile_text_or_name_adds_no_element_to_the_file():
    trace = read(checkpoint("lstm", labels=["<b>", "</script>"]), HOSTILE)
    plain = elements(standalone.page_of(read(checkpoint("lstm"), "good")))
    assert elements(standalone.page_of(trace, title="</title><script>")) == plain


def test_the_file_asks_no_host_for_anything():
    file = standalone.page_of(read(checkpoint("gru"), "good film"))
    outside = set(re.findall(r"https?://[^\s\"'`<>)]+", file))
    links = {address for address in outside if address.startswith("https://github.com/rnnviz/rnnviz/")}  # for a click
    outside -= links
    assert outside <= {"http://www.w3.org/2000/svg", "https://git-lfs.github.com/spec/"}  # names, not addresses


def test_the_file_is_below_two_megabytes_for_two_hundred_words_of_the_widest_network():
    trace = read(rnnviz.load(Path(__file__).parents[2] / "checkpoints" / "sst2-bilstm"), "good bad film " * 70)
    assert len(standalone.page_of(trace).encode()) < 2_000_000


def test_a_notebook_shows_it_in_a_frame_that_reaches_nothing():
    shown = rnnviz.show(read(checkpoint("rnn"), HOSTILE), height=400)
    frame = shown._repr_html_()
    assert elements(frame) == ["iframe"]
    assert 'sandbox="allow-scripts allow-downloads"' in frame
    assert "allow-same-origin" not in frame


def test_what_is_shown_is_one_short_line_where_no_html_is_drawn():
    trace = read(checkpoint("lstm", labels=["bad\nworse", "good"]), "good film " * 90)
    line = repr(rnnviz.show(trace))
    assert len(line) < 200
    assert line.isprintable()
    assert "180 tokens" in line


def test_showing_a_reading_needs_neither_gradio_nor_torch():
    code = (
        "import sys, rnnviz\n"
        "rnnviz.show\n"
        "assert not {'torch', 'gradio', 'torchtext'} & set(sys.modules), set(sys.modules) & {'torch', 'gradio'}\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
