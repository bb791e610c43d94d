"""The sentences of the engine in the browser."""

from rnnviz.page import engine_messages
from tests.web.engine import WEB


def test_the_sentences_of_the_engine_are_those_of_today():
    """If this fails: python -m rnnviz.page.engine_messages > web/src/engine/messages.ts"""
    written = (WEB / "src" / "engine" / "messages.ts").read_text(encoding="utf-8")
    assert written == engine_messages.typescript()
