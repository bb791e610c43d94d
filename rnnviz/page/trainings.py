"""Live training in the page: one network learns at a time, the others wait in line, and nothing outlives its page.

A page starts a training, asks how it stands a few times a second, and cancels it; a page that no longer asks counts as
gone. Left out: what can be trained (``rnnviz.page.offers``), one training (``rnnviz.page.job``), learning
(``rnnviz.page.learning``), visitors' files (``rnnviz.page.uploads``).
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing

from rnnviz.data.datasets import Dataset
from rnnviz.data.text import tokenise
from rnnviz.errors import DataError, RnnvizError, TextError, TrainingError
from rnnviz.page import offers
from rnnviz.page.error_replies import objection as objection_to, raised_at
from rnnviz.page.handlers import answers
from rnnviz.page.job import Job, News, part_of
from rnnviz.page.offers import Wanted
from rnnviz.page.own_texts import drawn
from rnnviz.page.replies import BadTable, Objection, PartTaken, Standing, Statistics, Table, Ticket
from rnnviz.page.requests import EvaluateFile, TrainCancel, TrainPoll, TrainReceive, TrainStart
from rnnviz.page.uploads import Uploads
from rnnviz.page.visitors import ASKING, Rights
from rnnviz.page.work_queue import Turns
from rnnviz.page.workers import BugError, ObjectedError

Learn = Callable[[Wanted, Dataset | None], Generator[News | None]]
"""Trains, moment by moment; closed before its end, it stops and keeps nothing."""

Evaluate = Callable[[str, Dataset, int], Statistics]
"""Has a network of this name answer the texts of a file, which has so many in all."""

_log = logging.getLogger(__name__)


class Trainings:
    """Answers the page's questions about training. A thread works through the line and ends when everybody is gone."""

    def __init__(
        self,
        learn: Learn,
        *,
        rights: Callable[[], Rights] = ASKING.get,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] = time.sleep,
        begin: Callable[[Callable[[], None]], object] | None = None,
        evaluate: Evaluate | None = None,
    ) -> None:
        """Nobody is in line yet.

        Args:
            learn: Trains what was asked, on a visitor's texts or a task's: in a process of its own (``Workers.learn``),
                or here (``rnnviz.page.learning``).
            rights: What whoever asks just now may do.
            clock: Tells seconds.
            pause: Waits for so many seconds.
            begin: Has the line worked through beside the callers.
            evaluate: Reads the texts of a visitor's file in a process of its own (``Workers.evaluate``).
        """
        self._learn, self._rights = learn, rights
        self._clock, self._pause, self._begin = clock, pause, begin or _beside
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._working = False
        self._uploads = Uploads(clock)
        self._evaluate = evaluate or _nowhere
        self._evaluations = Turns(at_once=1, waiting=0)  # another one may come again

    @answers(TrainStart)
    def start(self, question: TrainStart) -> Ticket:
        """Put a training in line. The answer is that of ``poll``, with the ticket that all other questions need."""
        self._permit()
        wanted = offers.wanted(question)
        words = len(tokenise(wanted.watch))
        if words > offers.MOST_WORDS:
            raise TextError("text_long", length=words, limit=offers.MOST_WORDS)
        data = part_of(self._uploads.dataset(wanted.file)) if wanted.file else None
        with self._lock:
            self._forget_silent()
            waiting = len(self._waiting())
            if waiting >= offers.MOST_WAITING:
                raise TrainingError("training_line", waiting=waiting)
            ticket = secrets.token_urlsafe(16)
            job = self._jobs[ticket] = Job(wanted, data, heard=self._clock())
            self._hire()
            return {"ticket": ticket, **self._standing(job)}

    @answers(TrainPoll)
    def poll(self, question: TrainPoll) -> Standing:
        """How a training stands.

        Returns:
            ``state``; ``place`` in line, 1 for the next, 0 when it is out of it; ``seconds`` of training; ``seq``;
            ``held_out``, how often it was right on texts set aside at the end of the last epoch; ``cut``, whether its
            time was over before it had finished; if it failed, the objection. Where there is something newer than
            ``since``: the whole ``curve``, thinned out to 200 points; ``watch``, the sentence as it is read now; and
            ``reach``, how long the gradient is at each word of the texts that were learned last.
        """
        self._permit()
        with self._lock:
            job = self._job(question.ticket)
            job.heard = self._clock()
            self._hire()  # whoever worked before may have met with an accident
            return self._standing(job, question.since)

    @answers(TrainCancel)
    def cancel(self, question: TrainCancel) -> Standing:
        """End a training, or leave the line. What was learned may still be asked for."""
        self._permit()
        with self._lock:
            job = self._job(question.ticket)
            if job.open:
                job.end("cancelled", self._clock())
            return self._standing(job)

    @answers(TrainReceive)
    def receive(self, question: TrainReceive) -> PartTaken | Table | BadTable:
        """Take a part of a visitor's file: ``Uploads.receive``."""
        self._permit()
        if not self._rights().own_files:
            raise DataError("upload_off")
        return self._uploads.receive(question)

    @answers(EvaluateFile)
    def evaluate(self, question: EvaluateFile) -> Statistics | Objection:
        """How often a network is right on the texts of a visitor's file: ``rnnviz.page.own_texts``."""
        self._permit()
        if not self._rights().own_files:
            raise DataError("upload_off")
        data = self._uploads.dataset(question.data)
        with self._evaluations.turn():
            try:
                return self._evaluate(str(question.model), drawn(data), len(data))
            except ObjectedError as error:
                return error.objection

    def _permit(self) -> None:
        if not self._rights().training:
            raise TrainingError("training_off")

    def _job(self, ticket: str) -> Job:
        self._forget_silent()
        if ticket not in self._jobs:
            raise TrainingError("training_gone", seconds=offers.SILENT_SECONDS)
        return self._jobs[ticket]

    def _waiting(self) -> list[Job]:
        return [job for job in self._jobs.values() if job.state == "waiting"]

    def _standing(self, job: Job, since: int | float | None = None) -> Standing:
        waiting = self._waiting()
        return {**job.progress(self._clock(), since), "place": waiting.index(job) + 1 if job in waiting else 0}

    def _forget_silent(self) -> None:
        """Drop what nobody asks for any more; a training under way sees it at its next moment."""
        now = self._clock()
        for ticket, job in list(self._jobs.items()):
            if now - job.heard > offers.SILENT_SECONDS:
                del self._jobs[ticket]
                if job.open:
                    job.end("cancelled", now)

    def _hire(self) -> None:
        if self._waiting() and not self._working:
            self._working = True
            self._begin(self._work)

    def _work(self) -> None:
        """Train whoever is next, until everybody is gone."""
        try:
            while self._jobs_left():
                job = self._next()
                if job:
                    self._train(job)
                else:
                    self._pause(1.0)  # what has ended stays for a while, for its page to fetch
        except BaseException:
            self._working = False
            raise

    def _jobs_left(self) -> bool:
        """Whether anybody is there; if not, whoever comes next must hire again."""
        with self._lock:
            self._forget_silent()
            self._working = bool(self._jobs)
            return self._working

    def _next(self) -> Job | None:
        with self._lock:
            job = next(iter(self._waiting()), None)
            if job:
                job.state = "running"
            return job

    def _train(self, job: Job) -> None:
        """See one training through, or as far as somebody watches and time allows."""
        objection: Objection | None = objection_to(TrainingError("training_broke"))  # said of a bug
        try:
            with closing(self._learn(job.wanted, job.data)) as moments:
                job.data = None  # whoever learns has it now
                for news in moments:
                    if not self._shown(job, news):
                        break
            objection = None
        except RnnvizError as error:
            objection = objection_to(error)
        except ObjectedError as error:
            objection = error.objection
        except BugError as bug:
            _log.error("%s, in a process of its own", bug)
        except Exception as bug:  # on its way out of the thread, Python would print its text
            _log.error("%s at %s", type(bug).__name__, raised_at(bug))
        finally:
            with self._lock:
                if job.open:
                    job.end("failed" if objection else "done", self._clock(), objection)

    def _shown(self, job: Job, news: News | None) -> bool:
        """Keep what is shown of a moment, None while nothing is; whether the training goes on."""
        with self._lock:
            self._forget_silent()
            if not job.open:
                return False
            job.started = job.started or self._clock()  # who learns may have had to be started first
            if news:
                job.show(news)
            job.cut = (not news or news.fraction < 1) and self._clock() - job.started > offers.MOST_SECONDS
            return not job.cut


def _nowhere(_model: str, _data: Dataset, _total: int) -> Statistics:
    raise DataError("upload_off")


def _beside(work: Callable[[], None]) -> None:
    """In a thread of its own, which does not keep the program from ending."""
    threading.Thread(target=work, name="training", daemon=True).start()
