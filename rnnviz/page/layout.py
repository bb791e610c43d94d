"""Lay the page out. Imports Gradio but no torch: what runs a model comes in as an argument."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from rnnviz.page.packed import PackedBatch
from rnnviz.page.payload import packed_payload, payload
from rnnviz.page.reader import Reader
from rnnviz.trace import Trace

_HERE = Path(__file__).parent
CSS = (_HERE / "page.css").read_text(encoding="utf-8")
LABELS: dict[str, Any] = json.loads((_HERE / "locales" / "en.json").read_text(encoding="utf-8"))
EXAMPLE_MODEL = "sst2-lstm"
EXAMPLE_TEXT = "The movie was not good , but the ending surprised me ."
EXAMPLE_TRACE = _HERE / "example.npz"
TEXTBOOK = "1 2 3 4 5\n6 7 8\n9"
THEME = gr.themes.Base(
    font=["system-ui", "-apple-system", "Segoe UI", "Noto Sans", "sans-serif"],
    font_mono=["ui-monospace", "Menlo", "Consolas", "monospace"],
)  # plain names: a web font would be a request to another host


@dataclass(frozen=True)
class Chip:
    """An example that one click reads."""

    name: str
    text: str
    model: str = EXAMPLE_MODEL


CHIPS = (
    Chip("not good", "the movie was not good"),
    Chip("not bad", "the film was not bad"),
    Chip(
        "a long one",
        "It takes its time, and for the first half hour I was sure that I would hate it, but the acting is so warm "
        "and the last scene so surprising that I left the cinema smiling.",
    ),
    Chip("oil prices", "Oil prices rise to a record as investors fear for supplies from the Gulf", "agnews-lstm"),
    Chip("from both ends", "the plot is thin but the actors are wonderful", "sst2-bilstm"),
    Chip("all unknown", "brillig slithy toves gimbled"),
)
OWN_WORDS = {
    "recall": "c k l m n o p q r s t u v k l m n o p q r s t u v",
    "brackets": "( ( ) ( ( ) ) )",
    "negation": "the movie was not very good but the song was never bad",
}
"""A text in the words of each family of networks that knows no ordinary English."""
PACKED_CHIPS = (
    Chip(LABELS["packed_textbook"], TEXTBOOK),
    Chip(
        LABELS["packed_real"],
        "The movie was not good .\nA warm and funny story that I will remember for a long time .\nBoring .",
    ),
)


def build_app(
    read_sentence: Callable[[dict[str, Any]], dict[str, Any]],
    pack_sentences: Callable[[str], dict[str, Any]],
    models: Sequence[tuple[str, str]],
) -> gr.Blocks:
    """Put the page together.

    Args:
        read_sentence: Model, text and first word of the window → payload. The only thing here that runs a model.
        pack_sentences: Lines of sentences → layout of the batch.
        models: Name and title of each checkpoint, for the menu.
    """
    names = {name for name, _ in models}
    menu = [{"name": name, "title": title, "example": OWN_WORDS.get(name.split("-")[0])} for name, title in models]
    with gr.Blocks(title="rnnviz", analytics_enabled=False) as app:
        gr.HTML(f'<header class="rv rv-title"><h1>rnnviz</h1><p>{LABELS["tagline"]}</p></header>', padding=False)
        with gr.Tabs():
            with gr.Tab(LABELS["tab_read"]):
                Reader(
                    value=_example(models[0][0] if EXAMPLE_MODEL not in names else EXAMPLE_MODEL),
                    read_sentence=read_sentence,
                    labels=LABELS,
                    models=menu,
                    chips=[vars(chip) for chip in CHIPS if chip.model in names],
                )
            with gr.Tab(LABELS["tab_packed"]):
                PackedBatch(
                    value=packed_payload([line.split() for line in TEXTBOOK.split("\n")]) | {"lines": TEXTBOOK},
                    pack_sentences=pack_sentences,
                    labels=LABELS,
                    chips=[vars(chip) for chip in PACKED_CHIPS],
                )
    return app


def _example(model: str) -> dict[str, Any]:
    """The first picture, kept with the page, so that it is drawn before anything is computed.

    Where its model is not among those that are served, there is only its text, for the first of them to read.
    """
    if model != EXAMPLE_MODEL:
        return {"model": model, "text": EXAMPLE_TEXT}
    trace = Trace.load(EXAMPLE_TRACE)
    return payload(trace, model=EXAMPLE_MODEL, total=len(trace.tokens)) | {"text": EXAMPLE_TEXT}
