"""The page as it is put together."""

import json
import re
from pathlib import Path

import pytest

from rnnviz.page import layout
from rnnviz.reading import read
from rnnviz.trace import Trace
from tests.shipped import NAMES, opened

PAGE = Path(layout.__file__).parent


def built():
    return layout.build_app(
        lambda question: {}, lambda lines: {}, [("sst2-lstm", "sentiment"), ("agnews-lstm", "news")]
    )


def components(app):
    return {type(block).__name__: block for block in app.blocks.values()}


def test_the_first_picture_is_what_the_network_reads_today():
    kept, fresh = Trace.load(layout.EXAMPLE_TRACE), read(opened(layout.EXAMPLE_MODEL), layout.EXAMPLE_TEXT)
    assert kept.tokens == fresh.tokens
    for name, values in fresh.signals.items():
        assert abs(kept.signals[name] - values).max() < 1e-5
    assert abs(kept.verdicts - fresh.verdicts).max() < 1e-5


def test_the_first_picture_shows_a_change_of_mind():
    winners = Trace.load(layout.EXAMPLE_TRACE).verdicts.argmax(axis=1)
    assert len(set(winners.tolist())) == 2


def test_the_first_pictures_need_no_call():
    found = components(built())
    assert found["Reader"].value["text"] == layout.EXAMPLE_TEXT
    assert found["PackedBatch"].value["batch_sizes"] == [3, 2, 2, 1, 1]


def test_an_example_of_a_model_that_is_not_there_is_not_offered():
    chips = components(built())["Reader"].props["chips"]
    assert {chip["model"] for chip in chips} == {"sst2-lstm", "agnews-lstm"}


def test_every_example_is_of_a_shipped_model():
    assert {chip.model for chip in layout.CHIPS} <= set(NAMES)
    assert len(layout.CHIPS) <= 6


def test_no_data_passes_through_a_template():
    for path in [*PAGE.rglob("*.html"), *PAGE.rglob("*.css")]:
        text = path.read_text(encoding="utf-8")
        assert "{{" not in text, path
        assert "${" not in text, path


@pytest.mark.parametrize("name", ["Reader", "PackedBatch"])
def test_a_components_template_is_its_file_and_nothing_more(name):
    component = components(built())[name]
    assert component.html_template == (PAGE / component.html_template_file).read_text(encoding="utf-8")


def test_every_label_that_the_scripts_use_exists_and_every_label_is_used():
    scripts = "\n".join(path.read_text(encoding="utf-8") for path in PAGE.rglob("*.js"))
    python = (PAGE / "layout.py").read_text(encoding="utf-8")
    used = set(re.findall(r"(?<!\.)\blabels\.(\w+)(?!\w*\()", scripts)) | set(re.findall(r'LABELS\["(\w+)"\]', python))
    there = set(json.loads((PAGE / "locales" / "en.json").read_text(encoding="utf-8")))
    assert used <= there
    assert {name for name in there - used if not name.startswith(("signal_", "choose_"))} == set()


def test_the_fonts_are_plain_names_so_that_no_host_is_asked():
    assert not any("http" in sheet for sheet in layout.THEME._stylesheets)
