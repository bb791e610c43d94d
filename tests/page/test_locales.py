"""The page's languages: every sentence in each of them, nothing left in English, nothing filled in that is unknown."""

import re

import pytest

from rnnviz.data.file_options import CHOICES
from rnnviz.errors import MESSAGES
from rnnviz.page import assets
from rnnviz.signals import SIGNALS

OTHERS = tuple(language for language in assets.LANGUAGES if language != "en")

REACHABLE = (
    *(
        "unknown_name",
        "layer_range",
        "unit_range",
        "opened_place",
        "slice_form",
        "slice_other",
        "clamp_place",
        "plain_rnn",
        "memory_held",
        "compare",
    ),
    *(
        "text_long",
        "clamp_range",
        "hold_form",
        "hold_state",
        "attribution_whole",
        "holds_many",
        "capture_room",
        "recipe",
        "held_out",
        "task_setting",
    ),
    *("data_empty", "data_damaged", "data_encoding", "data_delimiter", "data_ragged", "data_quote", "data_column"),
    *(
        "data_stray",
        "data_kind",
        "data_zeros",
        "data_reader",
        "data_json",
        "data_nested",
        "data_cells",
        "data_swallowed",
    ),
    "classes_unmatched",
    *("data_unnamed", "data_other_classes", "data_unsplit", "data_no_header"),
    *("data_repeated", "data_label", "data_no_label", "data_one_class", "data_rare_class", "data_many_classes"),
    *(
        "data_rows",
        "data_large",
        "upload_off",
        "upload_lost",
        "training_nan",
        "training_range",
        "training_off",
        "training_line",
    ),
    *("room_gone", "room_full", "rooms_full", "room_answer", "room_unanswered"),
    *("training_gone", "server_busy", "training_broke", "checkpoint_missing", "checkpoint_unread"),
    *("checkpoint_lfs", "checkpoint_large", "checkpoint_saving"),
    *("checkpoint_damaged", "checkpoint_header", "checkpoint_config", "checkpoint_weights", "checkpoint_nonfinite"),
    *("checkpoint_vocabulary", "checkpoint_probe", "checkpoint_line_ends", "checkpoint_sums"),
)
"""The objections that a visitor of the page can meet; all others end on the command line or in a notebook."""

BY_MENUS = {
    *("held_out", "data_encoding", "data_stray", "data_nested", "data_swallowed", "data_no_header", "data_delimiter"),
    *(
        "data_ragged",
        "data_quote",
        "data_column",
        "data_label",
        "data_many_classes",
        "data_zeros",
        "data_other_classes",
    ),
}
"""Objections of which the page says in its own words what to do: it has menus where the command line has options."""

OF_THE_BROWSER = "error_needs_python"
"""What a page without a server objects itself."""

SCRIPT = {"hi": "\u0900-\u097f", "ne": "\u0900-\u097f", "te": "\u0c00-\u0c7f", "el": "\u0370-\u03ff\u1f00-\u1fff"}
NAMES = {
    *(
        "rnnviz",
        "PyTorch",
        "AG",
        "AUC",
        "News",
        "SST",
        "TREC",
        "RNN",
        "GRU",
        "LSTM",
        "CSV",
        "JSON",
        "NumPy",
        "Python",
        "Excel",
        "RNNVis",
        "Ming",
        "Dhillon",
    ),
    *(
        "html",
        "png",
        "svg",
        "csv",
        "tsv",
        "json",
        "npz",
        "zip",
        "safetensors",
        "txt",
        "config",
        "model",
        "vocabulary",
        "Esc",
        "Ctrl",
        "unk",
        "pad",
        "Shift",
        "Adam",
        "Git",
        "LFS",
        "Windows",
        "CRLF",
        "SHA",
        "SUMS",
        "git",
        "lfs",
    ),
    *(
        "serve",
        "pull",
        "encoding",
        "delimiter",
        "label",
        "column",
        "text",
        "float",
        "nan",
        "utf",
        "UTF",
        "Space",
        "kB",
        "MB",
        "QR",
        "Keras",
    ),
}
"""Names of things, file types, keys and commands: the same word in every language."""
BRACKETS = {
    "token",
    "embedding",
    "padding",
    "negation",
    "batch",
    "tanh",
    "relu",
    "sigmoid",
    "Sarle",
    "softmax",
    "dropout",
}
"""English terms that the glossary leaves in brackets, and symbols of equations that are words."""
TYPED = ("batch_", "chip_not_", "chip_pair")
"""What the networks read: English, since they learnt English."""


CODE = {
    *("output", "lstm", "nn", "RNNCell", "batch", "first", "enforce", "sorted", "True", "False", "bidirectional"),
    *("num", "layers", "CPU", "id", "detach"),
    *("gated", "recurrent", "unit", "back", "propagation", "through", "time"),
}
"""What stands in the lesson as it stands in a program, and what books call by its English name."""
PARTS = pytest.mark.parametrize("part", ["", "lesson-"])
"""The page's own sentences, and the lesson's."""


def locale(language, part=""):
    return assets.words(part + language)


def forms(entry):
    return [entry] if isinstance(entry, str) else list(entry.values())


def places(sentence):
    return set(re.findall(r"\{(\w+)\}", sentence))


def plain(message):
    """A message of Python's as the page fills it: names of places only, formats are the browser's."""
    return re.sub(r"\{(\w+)[^}]*\}", r"{\1}", message)


def test_every_objection_that_a_visitor_can_meet_is_said_in_the_words_of_the_python_package():
    english = locale("en")
    said = {name: text for name, text in english.items() if name.startswith("error_") and name != OF_THE_BROWSER}
    assert said.keys() == {f"error_{key}" for key in REACHABLE}
    for key in REACHABLE:
        if key in BY_MENUS:  # what happened, without what to do
            assert said[f"error_{key}"].split("\n")[0] == plain(MESSAGES[key]).split("\n")[0]
        else:
            assert said[f"error_{key}"] == plain(MESSAGES[key])


@pytest.mark.parametrize("language", assets.LANGUAGES)
def test_the_page_names_its_menus_and_no_option_of_the_command_line(language):
    texts = locale(language)
    for name, text in texts.items():
        if name.startswith("error_"):
            assert not re.search("--[a-z]", re.sub("`rnnviz [^`]*`", "", text)), name
    menus = {texts[f"train_file_option_{option}"] for option in CHOICES}
    menus |= {texts[name] for name in ("train_text_column", "train_label_column")}
    answers = {texts[f"train_file_{name}"] for name in ("yes", "no", "replace")}
    for key in BY_MENUS - {"held_out"}:
        quoted = re.findall("[“«](.+?)[”»]", texts[f"error_{key}"].split("\n")[1])
        assert quoted, key
        assert set(quoted) <= menus | answers, key


def test_the_page_has_a_name_for_each_signal_and_says_what_it_means_as_the_table_does():
    english = locale("en")
    assert {f"signal_{entry.name}" for table in SIGNALS.values() for entry in table} == {
        key for key in english if key.startswith("signal_")
    }
    assert {f"meaning_{cell}_{entry.name}": entry.meaning for cell, table in SIGNALS.items() for entry in table} == {
        key: sentence for key, sentence in english.items() if key.startswith("meaning_")
    }


@PARTS
@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_there_and_no_other(language, part):
    assert list(locale(language, part)) == list(locale("en", part))


@PARTS
@pytest.mark.parametrize("language", OTHERS)
def test_what_is_filled_in_is_what_the_page_knows(language, part):
    english = locale("en", part)
    for key, entry in locale(language, part).items():
        known = set().union(*map(places, forms(english[key])))
        for sentence in forms(entry):
            assert places(sentence) <= known, (key, sentence)
            lost = known - places(sentence)
            assert not lost or key.startswith("error_") or lost == {"count"}, (key, sentence, lost)


@PARTS
@pytest.mark.parametrize("language", assets.LANGUAGES)
def test_a_sentence_with_a_number_has_the_forms_that_its_language_needs(language, part):
    for key, entry in locale(language, part).items():
        if not isinstance(entry, str):
            assert set(entry) == {"one", "other"}, key  # all five languages have these two
            assert places(entry["other"]) & {"count", "words"}, key


@PARTS
@pytest.mark.parametrize("language", OTHERS)
def test_no_english_is_left(language, part):
    for key, entry in locale(language, part).items():
        if key.startswith(TYPED):
            continue
        for sentence in forms(entry):
            bare = re.sub(r"\{\w+\}|`[^`]*`|\([a-z][a-z -]+\)|“[^”{]*”|«[^»{]*»|--[\w-]+|https?://\S+", " ", sentence)
            latin = set(re.findall(r"[A-Za-z]{2,}", bare)) - NAMES - BRACKETS - CODE
            assert not latin, (key, latin, sentence)


@PARTS
@pytest.mark.parametrize("language", OTHERS)
def test_whole_sentences_are_written_in_the_languages_own_script(language, part):
    english = locale("en", part)
    for key, entry in locale(language, part).items():
        for ours, theirs in zip(forms(entry), forms(english[key]), strict=False):
            if not key.startswith(TYPED) and len(re.findall(r"[A-Za-z]{3,}", re.sub(r"\{\w+\}", "", theirs))) >= 3:
                assert re.search(f"[{SCRIPT[language]}]", ours), (key, ours)
