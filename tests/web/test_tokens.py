"""The browser splits a text into the tokens that Python splits it into."""

import random
import sys
import unicodedata

import pytest

from rnnviz.data.text import letters, tokenise
from tests.conftest import ROOT
from tests.web.texts import LETTERS, anything

SPLITTERS = {"tokenise": tokenise, "letters": letters}


@pytest.fixture(params=SPLITTERS)
def kind(request):
    return request.param


def is_known(text: str) -> bool:
    """Whether this Python's Unicode has all characters; of those that a later one adds, each side knows its own."""
    return all(unicodedata.category(character) != "Cn" for character in text)


def test_every_character_is_lowered_split_and_dropped_alike(engine, kind):
    """Once each, between two letters: all but those that this Python's Unicode does not have."""
    known = [f"a{chr(code)}b" for code in range(sys.maxunicode + 1) if is_known(chr(code))]
    assert len(known) > 280_000
    texts = ["\n".join(known[start : start + 100]) for start in range(0, len(known), 100)]
    assert [
        ascii(text)
        for text, tokens in zip(texts, ask(engine, kind, texts), strict=True)
        if tokens != SPLITTERS[kind](text)
    ] == []


def test_any_text_has_the_same_tokens(engine, kind):
    source = random.Random(12)
    texts = [text for text in (anything(source) for _ in range(8_000)) if is_known(text)]
    assert len(texts) > 4_000
    for text, tokens in zip(texts, ask(engine, kind, texts), strict=True):
        assert tokens == SPLITTERS[kind](text), ascii(text)


def test_a_long_run_of_marks_is_cut_alike(engine, kind):
    """Of every kind of mark: without the cut, composing them would take time with the square of their number."""
    marks = [chr(code) for code in range(0x300, 0x20000) if unicodedata.category(chr(code)).startswith("M")]
    texts = [f"e{mark * 50}x {'¸' * 5}{mark * 40}" for mark in marks]
    found = ask(engine, kind, texts)
    assert [ascii(text[:3]) for text, tokens in zip(texts, found, strict=True) if tokens != SPLITTERS[kind](text)] == []


def test_letters_of_many_scripts_are_the_same(engine, kind):
    for text, tokens in zip(LETTERS, ask(engine, kind, LETTERS), strict=True):
        assert tokens == SPLITTERS[kind](text), ascii(text)


def ask(engine, kind, texts):
    return engine.ask(ROOT / "checkpoints", kind, texts)
