"""What the page may ask: a sentence read, a batch packed. Every limit is enforced here, not in the browser.

Models are opened on first use and kept. Nothing that a person types is stored or logged.

Left out: who is answered when, and in which process (``rnnviz.page.questions``).
"""

import threading
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import torch

from rnnviz.checkpoint.folder import Checkpoint, load
from rnnviz.data.text import tokenise
from rnnviz.errors import RnnvizError, unknown
from rnnviz.experiments.interventions import hold
from rnnviz.files import name_of
from rnnviz.page import assets
from rnnviz.page.about import about
from rnnviz.page.assets import LANGUAGES
from rnnviz.page.comparing import compared
from rnnviz.page.downloads import download, kind_of_file
from rnnviz.page.drift import drift, padded_networks
from rnnviz.page.error_replies import objecting
from rnnviz.page.gate_sums import opened
from rnnviz.page.hold_requests import clamps, reading
from rnnviz.page.learning import learning
from rnnviz.page.networks import networks
from rnnviz.page.payload import MOST_TEXTS, WINDOW, packed_payload
from rnnviz.page.reach import families, how_far_back
from rnnviz.page.standalone import PLACE, shell
from rnnviz.page.trainings import Trainings
from rnnviz.reading import read

MOST_CHARACTERS = 64_000
MOST_TOKENS = 2_000
MOST_TOKENS_BOTH_WAYS = WINDOW
"""A network that reads from both ends re-reads every beginning of the text, so the work grows with the square."""
MOST_LIGHT, MOST_LIGHT_ONE_WAY, MOST_LIGHT_TWICE = 60, WINDOW, 30
"""Words of a text that takes a few milliseconds; of the second kind where one forward reading answers, of the third
where a network that reads both ways reads twice."""
MOST_LIGHT_CHARACTERS = 4_000
"""Of a batch that is split into words in a few milliseconds, whatever they are."""
MOST_LIGHT_WEIGHTS = 500_000
"""Numbers in the recurrent layers of a network that reads so many words in a few milliseconds."""
_ALWAYS_HEAVY = ("save_reading", "how_far_back", "padding_drift")
_READING = ("read_sentence", "open_cell", "compare")


class Service:
    """Answers the page's questions, from the checkpoints of one folder and from what is being trained."""

    def __init__(self, folder: Path, trainings: Trainings | None = None) -> None:
        """Nothing is open yet.

        Args:
            folder: Holds the checkpoints, one folder each.
            trainings: Networks that visitors train, if they may.
        """
        self._trainings = trainings or Trainings(learning)
        self._folders = networks(folder)
        torch.set_num_threads(1)  # visitors run side by side; more threads each would only get in each other's way
        self._opening = threading.Lock()
        self._open: dict[str, Checkpoint] = {}
        self._families = families(self._folders.values())
        self._padded = padded_networks(self._folders.values())

    def checkpoint(self, name: object) -> Checkpoint:
        """The checkpoint of this name, which must be one of those in the folder: a path is never accepted.

        Raises:
            SelectionError: There is none.
        """
        if isinstance(name, str) and name in self._open:
            return self._open[name]  # without a lock: what reads must not wait for what opens another
        folder = self._folder(name)
        with self._opening:  # two visitors at once open it once
            if (known := name_of(folder)) not in self._open:
                opened = load(folder)
                read(opened, "a b")  # imports and compiles what reading takes: here, where nobody waits for it
                self._open[known] = opened
            return self._open[known]

    def _folder(self, name: object) -> Path:
        if not isinstance(name, str) or name not in self._folders:
            raise unknown("model", str(name).encode("ascii", "backslashreplace").decode()[:80], self._folders)
        return self._folders[name]

    def warm_up(self) -> None:
        """Open every checkpoint, so that no visitor waits for it; what is wrong with one is said to who chooses it."""
        for name in self._folders:
            with suppress(RnnvizError):
                self.checkpoint(name)

    def way(self, name: str, question: object) -> Literal["short", "aside", "heavy"]:
        """How much work a question is, by its kind, the length of its texts and the size of its networks.

        Returns:
            ``"short"`` for a few milliseconds, ``"heavy"`` for much more, ``"aside"`` for what may have to wait: for a
            file, for a training, for a network that is not open yet.
        """
        if name in _ALWAYS_HEAVY:
            return "heavy"
        if name not in _READING:
            is_short = name == "pack_sentences" and len(_text(question)) <= MOST_LIGHT_CHARACTERS
            return "short" if is_short else "aside"
        asked: dict[str, Any] = question if isinstance(question, dict) else {}
        models = [asked.get("model"), *([asked.get("other_model")] if name == "compare" else [])]
        there = [self._open[model] for model in models if isinstance(model, str) and model in self._open]
        one_way = name == "read_sentence" and there and not there[0].config.model.bidirectional
        twice = not one_way and (name == "compare" or bool(asked.get("holds")))
        most = MOST_LIGHT_ONE_WAY if one_way else MOST_LIGHT_TWICE if twice else MOST_LIGHT
        if any(_is_longer(_text(asked.get(part)), most) for part in ("text", "other_text")) or any(
            map(_is_large, there)
        ):
            return "heavy"
        return "short" if len(there) == len(models) else "aside"

    def kept_under(self, name: str, question: object) -> tuple[str, str] | None:
        """Under what the answer to a question can be kept, if it depends on nothing else; None for all others."""
        if name == "standalone":
            return name, ""
        if name == "words":
            return name, question if isinstance(question, str) and question in LANGUAGES else ""
        model = question.get("model") if name == "about_model" and isinstance(question, dict) else None
        return (name, model) if isinstance(model, str) and model in self._folders else None

    @objecting
    def read_sentence(self, question: object) -> dict[str, Any]:
        """Read a text; the payload holds the window of it that begins at a word.

        Args:
            question: ``model``, ``text``, ``start`` and ``holds``, as the page sends them; nothing in it is trusted.
        """
        asked: dict[str, Any] = question if isinstance(question, dict) else {}
        found = self._asked(asked)
        if found is None:
            return {"empty": True}
        checkpoint, text, total = found
        start = asked.get("start")
        settings = {"model": asked["model"], "total": total, "start": start if isinstance(start, int) else 0}
        held = clamps(asked.get("holds"), checkpoint.config.model.cell)
        return reading(checkpoint, text, held, **settings)

    @objecting
    def open_cell(self, question: object) -> dict[str, Any]:
        """The sums behind one unit's gates at one word: ``rnnviz.page.gate_sums``.

        Args:
            question: ``model``, ``text``, ``holds`` as for ``read_sentence``; ``token``, ``unit``, ``layer`` and
                ``direction``, counted from 0. Nothing in it is trusted.
        """
        asked: dict[str, Any] = question if isinstance(question, dict) else {}
        found = self._asked(asked)
        if found is None:
            return {"empty": True}
        checkpoint, text, _ = found
        return opened(checkpoint, text, clamps(asked.get("holds"), checkpoint.config.model.cell), asked)

    def _asked(self, asked: dict[str, Any]) -> tuple[Checkpoint, str, int] | None:
        """The checkpoint, as much of the text as is read, and all its words counted; None where it has no word."""
        text = _text(asked.get("text"))
        words = tokenise(text)
        if not words:
            return None
        checkpoint = self.checkpoint(asked.get("model"))
        limit = MOST_TOKENS_BOTH_WAYS if checkpoint.config.model.bidirectional else MOST_TOKENS
        return checkpoint, text if len(words) <= limit else " ".join(words[:limit]), len(words)

    @objecting
    def about_model(self, question: object) -> dict[str, Any]:
        """What is known of a checkpoint without running it: ``rnnviz.page.about``.

        Args:
            question: ``model``, as the page sends it; nothing in it is trusted.
        """
        return about(self._folder(question.get("model") if isinstance(question, dict) else None))

    @objecting
    def compare(self, question: object) -> dict[str, Any]:
        """Two readings side by side: ``rnnviz.page.comparing``.

        Args:
            question: ``model``, ``text``, ``other_model`` and ``other_text``; nothing in it is trusted.
        """
        asked: dict[str, Any] = question if isinstance(question, dict) else {}
        models = (asked.get("model"), asked.get("other_model"))
        texts = _text(asked.get("text")), _text(asked.get("other_text"))
        return compared(self.checkpoint, models, texts)

    @objecting
    def how_far_back(self, question: object) -> dict[str, Any]:
        """How far back three networks of equal size reach: ``rnnviz.page.reach``, and ``families``, all that there are.

        Args:
            question: ``text`` and ``family``; or ``model``, whose family is taken, or else the first. Nothing in it is
                trusted. Without a family there are only ``families``, none.
        """
        asked: dict[str, Any] = question if isinstance(question, dict) else {}
        there, wanted = self._families, asked.get("family")
        own = [family for family, members in there.items() if asked.get("model") in members.values()]
        chosen = [wanted] if isinstance(wanted, str) and wanted in there else [*own, *there][:1]
        answer, text = {"families": list(there)}, _text(asked.get("text"))
        if not chosen:
            return answer
        return answer | how_far_back(self.checkpoint, there, chosen[0], text)

    @objecting
    def padding_drift(self, question: object) -> dict[str, Any]:
        """What padding does to a text that the first network which reads padded reads: ``rnnviz.page.drift``.

        Args:
            question: ``text`` and ``pad_to``; nothing in it is trusted. Without such a network there is no answer.
        """
        asked: dict[str, Any] = question if isinstance(question, dict) else {}
        if not self._padded:
            return {}
        folder = self._padded[0]
        return drift(self.checkpoint(name_of(folder)), folder, _text(asked.get("text")), asked.get("pad_to"))

    @objecting
    def save_reading(self, question: object) -> dict[str, Any]:
        """A reading as a file: ``rnnviz.page.downloads``.

        Args:
            question: ``model``, ``text``, ``holds`` as for ``read_sentence``, and ``kind``; nothing in it is trusted.
        """
        asked: dict[str, Any] = question if isinstance(question, dict) else {}
        kind = kind_of_file(asked.get("kind"))
        found = self._asked(asked)
        if found is None:
            return {"empty": True}
        checkpoint, text, _ = found
        held = clamps(asked.get("holds"), checkpoint.config.model.cell)
        return download(hold(checkpoint, text, held) if held else read(checkpoint, text), kind)

    @staticmethod
    def standalone(_question: object) -> dict[str, Any]:
        """The file that holds one reading and needs no server, without the reading: the browser puts that in."""
        return {"shell": shell(), "place": PLACE}

    def train_start(self, question: object) -> dict[str, Any]:
        """Put a training in line: ``Trainings.start``."""
        return self._trainings.start(question)

    def train_poll(self, question: object) -> dict[str, Any]:
        """How a training stands: ``Trainings.poll``."""
        return self._trainings.poll(question)

    def train_cancel(self, question: object) -> dict[str, Any]:
        """End a training: ``Trainings.cancel``."""
        return self._trainings.cancel(question)

    def train_receive(self, question: object) -> dict[str, Any]:
        """Take a part of a visitor's file: ``Trainings.receive``."""
        return self._trainings.receive(question)

    @staticmethod
    def words(language: object) -> dict[str, Any]:
        """All sentences of the page in one of its languages; in English for any other."""
        return assets.words(language)

    @staticmethod
    @objecting
    def pack_sentences(lines: object) -> dict[str, Any]:
        """Lay out a batch of up to eight sentences, one a line."""
        lines = lines[:MOST_CHARACTERS] if isinstance(lines, str) else ""
        texts = (words for words in map(tokenise, lines.split("\n")) if words)
        return packed_payload(list(islice(texts, MOST_TEXTS + 1)))


def _text(typed: object) -> str:
    """What was typed, as far as it is read; nothing where it is no text."""
    return typed[:MOST_CHARACTERS] if isinstance(typed, str) else ""


def _is_large(checkpoint: Checkpoint) -> bool:
    return sum(weights.numel() for weights in checkpoint.model.rnn.parameters()) > MOST_LIGHT_WEIGHTS


def _is_longer(text: str, most: int) -> bool:
    """Whether a text has more words than these; a very long one is not split to see that."""
    return len(text) > 10 * most or len(tokenise(text)) > most
