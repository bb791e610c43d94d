"""One training as the page sees it: what was asked, how it stands, its curve and its picture. Needs no torch.

Left out: who is next, and whose page is gone (``rnnviz.page.trainings``); learning (``rnnviz.page.learning``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from rnnviz.data.datasets import Dataset
from rnnviz.page.offers import HELD_OUT, TEXTS, Wanted
from rnnviz.page.replies import HeldOut, Objection, Picture, Progress, State

_POINT = ("step", "epoch", "fraction", "loss", "accuracy", "learning_rate")
_MOST_POINTS = 200


class News(NamedTuple):
    """What a moment of a training shows; all of it goes through JSON unchanged.

    Attributes:
        fraction: Of the whole training, 0 to 1.
        point: The next one of the curve, numbers named by ``_POINT``; loss and accuracy are means over the texts since
            the point before. None if no text was read since.
        picture: The watched sentence as the network reads it now, where it was read.
        held_out: How often the network is right on texts set aside, at the end of an epoch.
        reach: How long the gradient is at each word, in the batch that was learned last.
    """

    fraction: int | float
    point: Sequence[int | float] | None
    picture: Picture | None
    held_out: HeldOut | None
    reach: list[float] | None = None


def part_of(data: Dataset) -> Dataset:
    """As much of a visitor's file as is learned from and measured on: of a large one a part, drawn at random."""
    if len(data) <= TEXTS + HELD_OUT:
        return data
    return data.take(np.sort(np.random.default_rng(0).permutation(len(data))[: TEXTS + HELD_OUT]))


@dataclass(eq=False)
class Job:
    """One training: what was asked, how it stands, when its page was last heard of.

    Attributes:
        wanted, data: What was asked; the texts of a visitor's file.
        heard, started, ended: By the clock of ``Trainings``; 0 for what has not been. It starts when somebody learns.
        seq: How many moments there was something new to show.
        points, picture, held_out, reach: The newest of each, of the points all: ``News``.
        cut: Whether its time was over before it had finished.
        objection: Why it failed, as the page is told (``rnnviz.page.error_replies``).
    """

    wanted: Wanted
    data: Dataset | None
    heard: float
    state: State = "waiting"
    started: float = 0.0
    ended: float = 0.0
    seq: int = 0
    points: list[Sequence[int | float]] = field(default_factory=list)
    picture: Picture | None = None
    held_out: HeldOut | None = None
    reach: list[float] | None = None
    cut: bool = False
    objection: Objection | None = None

    @property
    def open(self) -> bool:
        """Whether there is something left to do."""
        return self.state in ("waiting", "running")

    def show(self, news: News) -> None:
        """Keep what the page shows of a moment."""
        if news.point:
            self.points.append(news.point)
        if len(self.points) > _MOST_POINTS:
            del self.points[1::2]
        self.picture = news.picture or self.picture
        self.held_out = news.held_out or self.held_out
        self.reach = news.reach or self.reach
        self.seq += 1

    def end(self, state: State, now: float, objection: Objection | None = None) -> None:
        """Let go of what is needed only for learning."""
        self.state, self.ended, self.objection = state, now, objection
        self.data = None

    def progress(self, now: float, since: int | float | None) -> Progress:
        """What ``Trainings.poll`` answers, but for the place in line."""
        answer: Progress = {
            "state": self.state,
            "seconds": round((self.ended or now) - self.started, 1) if self.started else 0.0,
            "seq": self.seq,
            "cut": self.cut,
            "held_out": self.held_out,
        }
        if self.seq != since:
            curve: Any = {name: [point[column] for point in self.points] for column, name in enumerate(_POINT)}
            answer |= {"curve": curve, "watch": self.picture, "reach": self.reach}
        return {**answer, **self.objection} if self.objection else answer
