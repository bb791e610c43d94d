"""Answers to what the page or a program asks: a sentence read, a batch packed. Networks, once open, stay.

Each answer is a method with the name of its question (``rnnviz.page.handlers``), which takes whatever comes from the
browser and is given it parsed (``rnnviz.page.requests``). Nothing that a person types is stored or logged.

Left out: who is answered when, and in which process (``rnnviz.page.questions``).
"""

import threading
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import torch

from rnnviz.checkpoint.folder import Checkpoint, load
from rnnviz.corpus.index import Index
from rnnviz.data.text import tokenise
from rnnviz.errors import RnnvizError, SelectionError, unknown
from rnnviz.experiments.interventions import hold
from rnnviz.files import name_of
from rnnviz.page import assets, replies, requests
from rnnviz.page.about import about
from rnnviz.page.api import answers as api, replies as api_replies, requests as api_requests
from rnnviz.page.as_read import as_read, tokens_of
from rnnviz.page.attribution import attributions, check_whole
from rnnviz.page.comparing import compared
from rnnviz.page.downloads import download, kind_of_file
from rnnviz.page.drift import drift, padded_networks
from rnnviz.page.error_replies import objecting
from rnnviz.page.finding import searched
from rnnviz.page.gate_sums import opened
from rnnviz.page.grouped import grouped
from rnnviz.page.handlers import EVERY, LaneName, OpenNetwork, answers
from rnnviz.page.hold_requests import clamps, padded_reading, reading
from rnnviz.page.indexes import indexes
from rnnviz.page.learning import learning
from rnnviz.page.networks import networks
from rnnviz.page.own_texts import statistics
from rnnviz.page.payload import MOST_TEXTS, packed_payload
from rnnviz.page.projecting import plane_of, text_of
from rnnviz.page.reach import families, how_far_back
from rnnviz.page.requests import WrongType
from rnnviz.page.rooms import Rooms
from rnnviz.page.slicing import slice_of, sliced_into
from rnnviz.page.standalone import PLACEHOLDER, shell
from rnnviz.page.trainings import Trainings
from rnnviz.page.workers import dataset_of
from rnnviz.reading import read, readout_at

MOST_PLANES = 8
"""Planes through the states of texts that are kept, of one network and one answer each."""
MOST_LIGHT_WEIGHTS = 500_000
"""Numbers in the recurrent layers of a network that reads a short text in a few milliseconds."""


class Service:
    """Answers the page's questions, from the checkpoints of one folder and from what is being trained."""

    def __init__(self, folder: Path, trainings: Trainings | None = None, index_folders: Iterable[Path] = ()) -> None:
        """Nothing is open yet.

        Args:
            folder: Holds the checkpoints, one folder each.
            trainings: Networks that visitors train, if they may.
            index_folders: Of texts that these read (``rnnviz.page.indexes``).

        Raises:
            IndexFileError: One of the indexes is of none of these networks, or cannot be read.
        """
        self._trainings = trainings or Trainings(learning)
        self._rooms = Rooms()
        self._folder_of_all, self._folders = folder, networks(folder)
        torch.set_num_threads(1)  # visitors run side by side; more threads each would only get in each other's way
        self._opening = threading.Lock()
        self._open: dict[str, Checkpoint] = {}
        self._indexes = indexes(index_folders, self._folders)
        self._open_indexes: dict[str, Index] = {}
        self._planes = lru_cache(MOST_PLANES)(self._plane)  # the plane does not depend on what is typed
        self._families = families(self._folders.values())
        self._padded = padded_networks(self._folders.values())

    def checkpoint(self, name: str | WrongType) -> Checkpoint:
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

    def _folder(self, name: str | WrongType) -> Path:
        if isinstance(name, WrongType) or name not in self._folders:
            given = str(name.given if isinstance(name, WrongType) else name)
            raise unknown("model", given.encode("ascii", "backslashreplace").decode()[:80], self._folders)
        return self._folders[name]

    def warm_up(self) -> None:
        """Open every checkpoint, so that no visitor waits for it; what is wrong with one is said to who chooses it."""
        for name in self._folders:
            with suppress(RnnvizError):
                self.checkpoint(name)

    def way(self, name: str, question: object) -> LaneName:
        """How much work a question is, by its kind, the length of its texts and the size of its networks."""
        handler = EVERY[name]
        if isinstance(handler.lane, str):
            return handler.lane
        return handler.lane(handler.request.model_validate(question), self._open_network)

    def _open_network(self, name: str | WrongType) -> OpenNetwork | None:
        checkpoint = self._open.get(name) if isinstance(name, str) else None
        if checkpoint is None:
            return None
        return OpenNetwork(checkpoint.config.model.bidirectional, _is_large(checkpoint), checkpoint.vocabulary.tokens)

    def kept_under(self, name: str, question: object) -> tuple[str, str] | None:
        """Under what the answer to a question can be kept, if it depends on nothing else; None for all others."""
        handler = EVERY[name]
        if handler.kept_under is None:
            return None
        key = handler.kept_under(handler.request.model_validate(question), self._folders)
        return None if key is None else (name, key)

    @answers(requests.ReadSentence)
    def read_sentence(
        self, question: requests.ReadSentence
    ) -> replies.FreeReading | replies.HeldReading | replies.Empty:
        """Read a text; the payload holds the window of it that begins at a word."""
        network = self._text_and_network(question)
        if network is None:
            return {"empty": True}
        checkpoint, text, total = network
        if question.padding:
            return padded_reading(checkpoint, text, question.padding, model=str(question.model))
        held = clamps(question.holds, checkpoint.config.model)
        return reading(checkpoint, text, held, model=str(question.model), total=total, start=question.start)

    @answers(requests.OpenCell)
    def open_cell(self, question: requests.OpenCell) -> replies.OpenedCell | replies.Empty:
        """The sums behind one unit's gates at one word: ``rnnviz.page.gate_sums``."""
        network = self._text_and_network(question)
        if network is None:
            return {"empty": True}
        checkpoint, text, _ = network
        return opened(checkpoint, text, clamps(question.holds, checkpoint.config.model), question)

    def _text_and_network(self, question: requests.TextRequest) -> tuple[Checkpoint, str, int] | None:
        """The checkpoint, as much of the text as is read, and all its tokens counted; None where it has none."""
        if not question.text:
            return None
        checkpoint = self.checkpoint(question.model)
        text, tokens = as_read(checkpoint, question.text)
        return (checkpoint, text, len(tokens)) if tokens else None

    @answers(requests.AboutModel)
    def about_model(self, question: requests.AboutModel) -> replies.About:
        """What is known of a checkpoint without running it: ``rnnviz.page.about``."""
        return about(self._folder(question.model))

    @answers(requests.Compare)
    def compare(self, question: requests.Compare) -> replies.Comparison | replies.EmptySide:
        """Two readings side by side: ``rnnviz.page.comparing``."""
        models = question.model, question.other_model
        return compared(self.checkpoint, models, (question.text, question.other_text))

    @answers(requests.HowFarBack)
    def how_far_back(self, question: requests.HowFarBack) -> replies.Reach | replies.FamiliesEmpty | replies.Families:
        """How far back three networks of equal size reach: ``rnnviz.page.reach``.

        They are those of the family that is asked for, or of the model's, or of the first. Without a family there are
        only ``families``, none.
        """
        there = self._families
        own = [family for family, members in there.items() if question.model in members.values()]
        chosen = [question.family] if question.family in there else [*own, *there][:1]
        if not chosen:
            return {"families": list(there)}
        return how_far_back(self.checkpoint, there, chosen[0], question.text)

    @answers(requests.Attribute)
    def attribute(self, question: requests.Attribute) -> replies.Attributions | replies.Empty:
        """What each word gives to the score of a class: ``rnnviz.page.attribution``."""
        if not question.text:
            return {"empty": True}
        checkpoint = self.checkpoint(question.model)
        tokens = tokens_of(checkpoint, question.text)
        if not tokens:
            return {"empty": True}
        return attributions(checkpoint, tokens, model=str(question.model), label=question.label)

    @answers(requests.Find)
    def find(self, question: requests.Find) -> replies.FoundHits | replies.CorpusTold:
        """Where else in many texts a network does the same: ``rnnviz.page.finding``."""
        index = self._index(question.model)
        return searched(index, question) if index else {"corpus": None}

    @answers(requests.Project)
    def project(self, question: requests.Project) -> replies.Plane | replies.CorpusText | replies.CorpusTold:
        """A plane through the states of many texts, or one of these: ``rnnviz.page.projecting``."""
        index = self._index(question.model)
        if index is None:
            return {"corpus": None}
        if question.text is not None:
            return text_of(index, question.text, question.place)
        return self._planes(name_of(self._folder(question.model)), question.answer)

    def _plane(self, name: str, answer: int | None) -> replies.Plane:
        checkpoint = self.checkpoint(name)
        pooled = torch.zeros(checkpoint.config.model.pooled_size)
        return plane_of(self._open_indexes[name], readout_at(checkpoint.model, pooled), answer)

    @answers(requests.Groups)
    def groups(self, question: requests.Groups) -> replies.GroupsTold:
        """The groups of units and words in an index: ``rnnviz.page.grouped``."""
        index = self._index(question.model)
        return grouped(index) if index else {"corpus": None, "found": None}

    @answers(requests.Slices)
    def slices(self, question: requests.Slices) -> replies.CorpusSlices | replies.ChosenSlice | replies.CorpusTold:
        """How often a network is right in slices of many texts: ``rnnviz.page.slicing``."""
        index = self._index(question.model)
        if index is None:
            return {"corpus": None}
        return slice_of(index, question.conditions) if question.conditions else sliced_into(index)

    def _index(self, network: str | WrongType) -> Index | None:
        """The index of the texts that a network read; None if there is none."""
        name = name_of(self._folder(network))
        if name in self._indexes and name not in self._open_indexes:
            index = Index.load(self._indexes[name])
            index.check_network(self.checkpoint(name).config)
            self._open_indexes[name] = index
        return self._open_indexes.get(name)

    @answers(requests.PaddingDrift)
    def padding_drift(self, question: requests.PaddingDrift) -> replies.Drift | replies.Empty | replies.NoNetwork:
        """What padding does to a text that the first network which reads padded reads: ``rnnviz.page.drift``."""
        if not self._padded:
            return {}
        folder = self._padded[0]
        return drift(self.checkpoint(name_of(folder)), folder, question.text, question.pad_to)

    @answers(requests.SaveReading)
    def save_reading(self, question: requests.SaveReading) -> replies.Download | replies.Empty:
        """A reading as a file: ``rnnviz.page.downloads``."""
        kind = kind_of_file(question.kind)
        network = self._text_and_network(question)
        if network is None:
            return {"empty": True}
        checkpoint, text, _ = network
        held = clamps(question.holds, checkpoint.config.model)
        shared = None
        if question.attribution is not None:
            tokens = tokens_of(checkpoint, question.text)
            check_whole(tokens, held=bool(held))
            shared = attributions(checkpoint, tokens, model=str(question.model), label=question.attribution)
        return download(hold(checkpoint, text, held) if held else read(checkpoint, text), kind, shared)

    @answers(requests.Standalone)
    def standalone(self, _question: requests.Standalone) -> replies.Shell:
        """The file that holds one reading and needs no server, without the reading: the browser puts that in."""
        return {"shell": shell(), "place": PLACEHOLDER}

    @answers(requests.Words)
    def words(self, question: requests.Words) -> replies.Sentences:
        """All sentences of the page in one of its languages; in English for any other."""
        return assets.words(question.root)

    @answers(requests.PackSentences)
    def pack_sentences(self, question: requests.PackSentences) -> replies.Batch | replies.Texts:
        """Lay out a batch of up to eight sentences, one a line."""
        texts = (words for words in map(tokenise, question.root.split("\n")) if words)
        return packed_payload(list(islice(texts, MOST_TEXTS + 1)))

    @answers(requests.TrainStart)
    def train_start(self, question: requests.TrainStart) -> replies.Ticket | replies.Objection:
        """Put a training in line: ``Trainings.start``."""
        return self._trainings.start(question)

    @answers(requests.TrainPoll)
    def train_poll(self, question: requests.TrainPoll) -> replies.Standing | replies.Objection:
        """How a training stands: ``Trainings.poll``."""
        return self._trainings.poll(question)

    @answers(requests.TrainCancel)
    def train_cancel(self, question: requests.TrainCancel) -> replies.Standing | replies.Objection:
        """End a training: ``Trainings.cancel``."""
        return self._trainings.cancel(question)

    @answers(requests.EvaluateFile)
    def evaluate_file(self, question: requests.EvaluateFile) -> replies.Statistics | replies.Objection:
        """How often a network is right on a visitor's texts: ``Trainings.evaluate``."""
        self._folder(question.model)
        return self._trainings.evaluate(question)

    @objecting
    def statistics(self, asked: dict[str, Any]) -> replies.Statistics:
        """The work behind ``evaluate_file``, in a process of its own; no question of the page.

        Args:
            asked: ``model``, ``data`` (``Workers.evaluate``), and ``total`` texts of the whole file.
        """
        return statistics(self.checkpoint(asked["model"]), dataset_of(asked["data"]), asked["total"])

    @answers(requests.TrainReceive)
    def train_receive(
        self, question: requests.TrainReceive
    ) -> replies.PartTaken | replies.Table | replies.BadTable | replies.Objection:
        """Take a part of a visitor's file: ``Trainings.receive``."""
        return self._trainings.receive(question)

    @answers(requests.RoomOpen)
    def room_open(self, _question: requests.RoomOpen) -> replies.Room:
        """Open a room for a class: ``Rooms.open``."""
        return self._rooms.open()

    @answers(requests.RoomAnswer)
    def room_answer(self, question: requests.RoomAnswer) -> replies.Counts:
        """Count an answer: ``Rooms.answer``."""
        return self._rooms.answer(question)

    @answers(requests.RoomCounts)
    def room_counts(self, question: requests.RoomCounts) -> replies.Counts:
        """How often each answer was given: ``Rooms.counts``."""
        return self._rooms.counts(question)

    @answers(api_requests.Networks)
    def api_networks(self, _question: api_requests.Networks) -> api_replies.Networks:
        """All networks, for a program: ``rnnviz.page.api.answers``."""
        return api.listed(self._folder_of_all)

    @answers(api_requests.Read)
    def api_read(self, question: api_requests.Read) -> api_replies.Reading:
        """A reading, for a program: ``rnnviz.page.api.answers``."""
        return api.reading(self.checkpoint(question.network), question)

    @answers(api_requests.Hold)
    def api_hold(self, question: api_requests.Hold) -> api_replies.HeldReading:
        """A reading in which something is held, for a program: ``rnnviz.page.api.answers``."""
        return api.held_reading(self.checkpoint(question.network), question)

    @answers(api_requests.Find)
    def api_find(self, question: api_requests.Find) -> api_replies.Found:
        """Where else in many texts a network does the same, for a program: ``rnnviz.page.api.answers``."""
        index = self._index(question.network)
        if index is None:
            raise SelectionError("api_index", network=question.network, found=", ".join(self._indexes) or "no network")
        return api.found(self.checkpoint(question.network), index, question)


def _is_large(checkpoint: Checkpoint) -> bool:
    return sum(weights.numel() for weights in checkpoint.model.rnn.parameters()) > MOST_LIGHT_WEIGHTS
