"""What the page is given at the start: its first picture, its networks, examples and sentences. No Gradio, no torch.

A page that is served has it from Gradio (``rnnviz.page.layout``), a static one as JSON (``rnnviz.page.site``).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rnnviz.page.assets import words
from rnnviz.page.networks import Entry
from rnnviz.page.offers import offers
from rnnviz.page.payload import packed_payload, payload
from rnnviz.page.replies import About, Objection
from rnnviz.trace import Trace

_HERE = Path(__file__).parent
EXAMPLE_MODEL = "sst2-lstm"
EXAMPLE_TEXT = "The movie was not good , but the ending surprised me ."
EXAMPLE_TRACE = _HERE / "example.npz"
TEXTBOOK = "1 2 3 4 5\n6 7 8\n9"


CHIPS: tuple[dict[str, Any], ...] = (
    {"name": "first", "model": EXAMPLE_MODEL, "text": EXAMPLE_TEXT},
    {"name": "not_good", "model": "sst2-lstm", "text": "the movie was not good"},
    {"name": "not_bad", "model": "sst2-lstm", "text": "the film was not bad"},
    {
        "name": "long",
        "model": "sst2-lstm",
        "text": "It takes its time, and for the first half hour I was sure that I would hate it, but the acting is so "
        "warm and the last scene so surprising that I left the cinema smiling.",
    },
    {
        "name": "oil",
        "model": "agnews-lstm",
        "text": "Oil prices rise to a record as investors fear for supplies from the Gulf",
    },
    {"name": "unknown", "model": "sst2-lstm", "text": "brillig slithy toves gimbled"},
    {
        "name": "pair",
        "model": "sst2-lstm",
        "text": "the movie was good",
        "other": {"model": "sst2-lstm", "text": "the movie was not good"},
        "tab": "compare",
    },
)
"""Examples that one click reads; each is a place of the page, its name stands in the locales, unless it has a title."""
LANGUAGES_MODEL = "languages-lstm"
_SENTENCES = {
    "en": ("English", "I left my umbrella on the train this morning."),
    "hi": ("हिन्दी", "आज सुबह मैं अपना छाता ट्रेन में भूल आया।"),
    "te": ("తెలుగు", "ఈ రోజు ఉదయం నా గొడుగు రైలులో మర్చిపోయాను."),
    "el": ("Ελληνικά", "Σήμερα το πρωί ξέχασα την ομπρέλα μου στο τρένο."),
    "ne": ("नेपाली", "आज बिहान मैले मेरो छाता रेलमा बिर्सिएँ।"),
    "da": ("dansk", "Jeg glemte min paraply i toget i morges."),
    "nb": ("norsk", "Jeg glemte paraplyen min på toget i morges."),
    "sv": ("svenska", "Jag glömde mitt paraply på tåget i morse."),
    "es": ("español", "Esta mañana olvidé mi paraguas en el tren."),
    "pt": ("português", "Esta manhã esqueci o meu guarda-chuva no comboio."),
}
"""A sentence in each of some languages, with the language's own name: those of the page, and pairs that are alike."""
CHIPS += tuple(
    {"name": f"in_{code}", "model": LANGUAGES_MODEL, "text": text, "title": name, "lang": code}
    for code, (name, text) in _SENTENCES.items()
)
CHIPS += tuple(
    {"name": f"{model}_{place}", "model": model, "text": text, "title": text.split("\n")[0]}
    for model, texts in {
        "shakespeare-lstm": ("ROMEO:\nWhat light is this", "To be, or not to be", "KING HENRY:\n"),
        "python-lstm": ("def read(path):\n", "for name in sorted(names):\n    ", 'raise ValueError("'),
    }.items()
    for place, text in enumerate(texts)
)
"""Those with a title are offered by their own network, the others by all that have none of their own."""
_ENGLISH = ("sst2-", "agnews-", "trec6-", "negation-")
"""What the names of the networks begin with that learned English words."""
OWN_WORDS = {
    "recall": "c k l m n o p q r s t u v k l m n o p q r s t u v",
    "brackets": "( ( ) ( ( ) ) )",
    "negation": "the movie was not very good but the song was never bad",
}
"""A text in the words of each family of networks that knows no ordinary English."""
BATCHES = (
    {"name": "textbook", "text": TEXTBOOK},
    {"name": "real", "text": "batch_real"},
    {"name": "news", "text": "batch_news"},
)
"""Examples of the packed batch; the texts of all but the first stand in the locales."""


def first(names: Sequence[str]) -> str:
    """The name of the checkpoint that the page begins with: the example's, or the first of the menu."""
    return EXAMPLE_MODEL if EXAMPLE_MODEL in names else names[0]


def page_props(
    models: Sequence[Entry],
    about: About | None = None,
    training: dict[str, Any] | None = None,
    unread: Mapping[str, Objection] | None = None,
    networks: Mapping[str, dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """All that the page begins with, as JSON.

    Args:
        models: The menu.
        about: What is known of the ``first`` of them (``rnnviz.page.about``), so that its card needs no question.
        training: What can be trained (``rnnviz.page.offers``); None for nothing.
        unread: Why some of the checkpoints cannot be read, as ``rnnviz.page.error_replies.objection``, by name.
        networks: The files of the networks that the browser may read with (``rnnviz.page.network_files``), by name.
    """
    unread = unread or {}
    names = [entry.name for entry in models if entry.name not in unread]
    return {
        "value": _example(first(names)),
        "about": about or {},
        "words": words("en"),
        "language": "en",
        "models": [_offer(entry) | {"problem": unread.get(entry.name)} for entry in models],
        "chips": [chip for chip in CHIPS if chip["model"] in names],
        "batch": packed_payload([line.split() for line in TEXTBOOK.split("\n")]) | {"lines": TEXTBOOK},
        "batches": BATCHES,
        "training": training or offers(allowed=False, own_files=False),
        "networks": networks or {},
    }


def _offer(entry: Entry) -> dict[str, Any]:
    example = OWN_WORDS.get(entry.name.split("-")[0])
    return {
        "name": entry.name,
        "title": entry.title,
        "example": example,
        "tokens": entry.tokens,
        "task": entry.task,
        "english": entry.name.startswith(_ENGLISH),
    }


def _example(model: str) -> dict[str, Any]:
    """The first picture, kept with the page, so that it is drawn before anything is computed.

    Where its model is not among those that are served, there is only its text, for the first of them to read.
    """
    if model != EXAMPLE_MODEL:
        return {"model": model, "text": EXAMPLE_TEXT}
    trace = Trace.load(EXAMPLE_TRACE)
    return payload(trace, model=EXAMPLE_MODEL, total=len(trace.tokens)) | {"text": EXAMPLE_TEXT}
