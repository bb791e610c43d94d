"""What a terminal shows. Nothing that a text, a label or a path holds may steer it: no control code, no markup."""

import io
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rnnviz.writing import visible

if TYPE_CHECKING:  # they load torch
    from rnnviz.experiments.evaluation import Scores
    from rnnviz.model_config import Task, Tokens
    from rnnviz.trace import Trace

out, err = Console(), Console(stderr=True)

_MOST_COLUMNS = 6


def never_fail(stream: object) -> None:
    r"""Have what a stream's encoding lacks written as an escape, such as \u2192, instead of an error that ends all.

    So in a C locale, in a terminal of Windows, and where the output is redirected there.
    """
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")


def plain(text: object, style: str = "") -> Text:
    """A text as it is: no markup is read, and control characters are shown as symbols, line breaks apart.

    What the terminal's encoding lacks is written as an escape here already, so that a table knows how wide it is.
    """
    shown = "\n".join(visible(line) for line in str(text).split("\n"))
    return Text(shown.encode(out.encoding, "backslashreplace").decode(out.encoding), style=style)


def object_to(problem: str) -> None:
    """Say on stderr what is wrong and what to do."""
    err.print(plain(problem, style="bold"), soft_wrap=True)


def result(text: object) -> None:
    """One line of a result, however long, on stdout."""
    out.print(plain(text), soft_wrap=True, highlight=False)


def table(header: Sequence[str], rows: Sequence[Sequence[Text]]) -> Table:
    """A table: words on the left, numbers on the right."""
    drawn = Table()
    for column, name in enumerate(header):
        drawn.add_column(plain(name), justify="right" if column else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*row)
    return drawn


def sign_of(token: str) -> str:
    """A token as it can be seen in a table: a space, a line feed and a mark without its letter have signs."""
    if token and unicodedata.category(token[0]).startswith("M"):
        return f"◌{token}"
    return {" ": "␣", "\n": "↵"}.get(token, token)


def answers_table(trace: "Trace", tokens: "Tokens" = "words", task: "Task" = "classify") -> Table:
    """The class probabilities after every word or letter; of many classes, only the most probable one."""
    few = len(trace.labels) <= _MOST_COLUMNS and task == "classify"
    rows = []
    for token, unknown, shares in zip(trace.tokens, trace.unknown, trace.verdicts, strict=True):
        best = int(shares.argmax())
        word = plain(f"{sign_of(token)} (unknown)" if unknown else sign_of(token))
        if few:
            cells = [plain(f"{share:.1%}", "bold" if label == best else "") for label, share in enumerate(shares)]
        else:
            cells = [plain(sign_of(trace.labels[best])), plain(f"{shares[best]:.1%}")]
        rows.append([word, *cells])
    answer = "likeliest next" if task == "next" else "answer"
    return table([tokens.removesuffix("s"), *(trace.labels if few else [answer, "probability"])], rows)


def scores_table(scores: "Scores") -> Table:
    """Precision and recall of each class and, of few classes, how often it got which answer."""
    few = len(scores.labels) <= _MOST_COLUMNS
    header = ["class", "precision", "recall", *(f"answered {name}" for name in scores.labels if few)]
    rows = [
        [plain(label), plain(f"{precision:.2%}"), plain(f"{recall:.2%}"), *(plain(f"{n:,}") for n in counts if few)]
        for label, precision, recall, counts in zip(
            scores.labels, scores.precision, scores.recall, scores.confusion, strict=True
        )
    ]
    return table(header, rows)
