"""The page as it is put together."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from rnnviz.page import assets, layout, props, workbench
from rnnviz.page.handlers import HANDLERS
from rnnviz.page.networks import Entry
from rnnviz.page.service import Service
from rnnviz.reading import read
from rnnviz.trace import Trace
from tests.shipped import NAMES, opened

PAGE = Path(layout.__file__).parent
SOURCES = Path(__file__).parents[2] / "web" / "src"
SCRIPTS = sorted(SOURCES.rglob("*.ts"))


def built(*models):
    return layout.build_app(
        [], props.page_props([Entry(name, name) for name in models or ("sst2-lstm", "agnews-lstm")])
    )


def scripts():
    return "\n".join(path.read_text(encoding="utf-8") for path in SCRIPTS)


def bench(app):
    return next(block for block in app.blocks.values() if isinstance(block, workbench.Workbench))


def test_the_first_picture_is_what_the_network_reads_today():
    kept, fresh = Trace.load(props.EXAMPLE_TRACE), read(opened(props.EXAMPLE_MODEL), props.EXAMPLE_TEXT)
    assert kept.tokens == fresh.tokens
    for name, values in fresh.signals.items():
        assert abs(kept.signals[name] - values).max() < 1e-5
    assert abs(kept.verdicts - fresh.verdicts).max() < 1e-5


def test_the_first_picture_shows_a_change_of_mind():
    winners = Trace.load(props.EXAMPLE_TRACE).verdicts.argmax(axis=1)
    assert len(set(winners.tolist())) == 2


def test_the_first_pictures_need_no_call():
    found = bench(built())
    assert found.value["text"] == props.EXAMPLE_TEXT
    assert found.value["data"]
    assert found.props["batch"]["batch_sizes"] == [3, 2, 2, 1, 1]


def test_a_folder_without_the_examples_network_begins_with_its_own():
    assert bench(built("mine")).value == {"model": "mine", "text": props.EXAMPLE_TEXT}


def test_an_example_of_a_model_that_is_not_there_is_not_offered():
    assert {chip["model"] for chip in bench(built()).props["chips"]} == {"sst2-lstm", "agnews-lstm"}


def test_every_example_is_of_a_shipped_model_and_there_are_at_most_six():
    general = [chip for chip in props.CHIPS if "title" not in chip]
    assert {chip["model"] for chip in general} <= set(NAMES)
    assert len(general) <= 7


def test_a_network_of_languages_has_a_sentence_in_each_language_of_the_page():
    offered = {chip["lang"] for chip in props.CHIPS if chip["model"] == props.LANGUAGES_MODEL}
    assert {language for language in assets.LANGUAGES if not language.startswith("lesson")} <= offered


def test_no_data_passes_through_a_template():
    for path in [*PAGE.rglob("*.html"), *PAGE.rglob("*.css"), *SOURCES.rglob("*.css")]:
        text = path.read_text(encoding="utf-8")
        assert "{{" not in text, path
        assert "${" not in text, path


def test_nothing_is_ever_put_into_the_page_as_html():
    ways = ("outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function")
    own = ("innerHTML", "unsafeHTML", "unsafeSVG", "unsafeStatic")  # lit-html itself parses the literal templates so
    for path, forbidden in [*((path, ways + own) for path in SCRIPTS), *((path, ways) for path in PAGE.rglob("*.js"))]:
        text = path.read_text(encoding="utf-8")
        for way in forbidden:
            assert way not in text, (path.name, way)


def test_no_element_has_a_style_attribute_which_a_strict_policy_forbids():
    for path in [*SCRIPTS, *PAGE.rglob("*.html")]:
        found = re.findall(r"""[\s"]style=|styleMap|setAttribute\("style""", path.read_text(encoding="utf-8"))
        assert not found, (path.name, found)


def test_the_components_template_is_its_file_and_nothing_more():
    component = bench(built())
    assert component.html_template == (PAGE / component.html_template_file).read_text(encoding="utf-8")


def test_each_panel_and_view_has_a_file_of_its_own_name_and_exports_that_function_alone():
    panels = [path for path in SCRIPTS if path.parent.name in ("panels", "views")]
    assert panels
    for path in panels:
        exported = re.findall(r"^export (?:const|let|function|class) (\w+)", path.read_text(encoding="utf-8"), re.M)
        assert exported == [path.stem], path.name


def test_what_gradio_runs_is_the_built_script_in_which_it_finds_no_template():
    component = bench(built())
    assert component.js_on_load == assets.script()
    assert (PAGE / "static" / "rnnviz.js").read_text(encoding="utf-8") in component.js_on_load
    assert "{{" not in component.js_on_load
    assert "</script" not in component.js_on_load.lower()  # it stands in a saved file


@pytest.mark.skipif(shutil.which("node") is None, reason="no node here to read the scripts")
def test_the_joined_script_is_sound(tmp_path):
    (tmp_path / "page.js").write_text(f"(element, props, server) => {{\n{assets.script()}\n}}", encoding="utf-8")
    subprocess.run(["node", "--check", str(tmp_path / "page.js")], check=True)


def test_whatever_the_page_asks_the_service_answers():
    asked = set(re.findall(r"page\.asker\(\s*\"(\w+)\"", scripts()))
    assert asked
    assert asked <= set(HANDLERS)
    assert all(callable(getattr(Service, name)) for name in HANDLERS)


def test_every_sentence_that_the_scripts_say_exists_and_every_sentence_is_said():
    joined = scripts()
    python = (PAGE / "props.py").read_text(encoding="utf-8")
    lesson = assets.words("lesson-en")
    there = set(assets.words("en"))
    said = set(re.findall(r"\bsay\(\s*\"(\w+)\"", joined)) | set(
        re.findall(r"data-say[a-z-]*=\"(\w+)\"", assets.template())
    )
    assert said <= there | set(lesson)
    named = said | set(re.findall(r"\"([^\"\s]+)\"", joined + python))
    begun = tuple(re.findall(r"`(\w+_)\$\{", joined))
    unsaid = {name for name in there - named if _plain(name) not in named}
    assert {name for name in unsaid if not _plain(name).startswith(begun)} == set()
    chapters = re.findall(r"name: \"(\w+)\"", (SOURCES / "lesson" / "chapters.ts").read_text(encoding="utf-8"))
    parts = ("title", "text", "see", "ask", "a1", "a2", "a3", "why", "task", "answer", "presenter")
    of_chapters = {f"{chapter}_{part}" for chapter in chapters for part in parts}
    assert {name for name in set(lesson) - named - of_chapters if not name.startswith("path_quiz_")} == set()


def _plain(name):
    """The sentence that another one stands in for where letters are read, or the next one is told."""
    return name.removeprefix("next_").removeprefix("letters_")


def test_gradio_finds_no_comma_inside_a_selector_which_it_would_take_for_the_end_of_one():
    assert not re.findall(r":(?:is|where|not|has)\([^()]*,", assets.style())


def test_the_fonts_are_plain_names_so_that_no_host_is_asked():
    assert not any("http" in sheet for sheet in layout.THEME._stylesheets)
