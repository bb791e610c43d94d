"""A reading as a file: CSV for a spreadsheet, JSON and .npz without any loss. Made in memory, never kept."""

import base64
from collections.abc import Callable
from itertools import product

import pandas

from rnnviz.errors import unknown
from rnnviz.page.replies import Attributions, Download
from rnnviz.page.requests import WrongType
from rnnviz.trace import Trace
from rnnviz.untrusted import strict_json

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def kind_of_file(asked: str | WrongType) -> str:
    """The kind of file that is asked for: "csv", "json" or "npz".

    Raises:
        SelectionError: There is no such kind.
    """
    if isinstance(asked, WrongType) or asked not in _KINDS:
        given = str(asked.given if isinstance(asked, WrongType) else asked)
        raise unknown("file", given.encode("ascii", "backslashreplace").decode()[:40], _KINDS)
    return asked


def download(trace: Trace, kind: str, shared: Attributions | None = None) -> Download:
    """One reading as a file.

    Args:
        trace: The reading.
        kind: As ``kind_of_file`` returns it.
        shared: What each word gives to a score, which CSV and JSON have too.

    Returns:
        ``type`` and ``data``, in base64. The page names the file, after the network and never after the text.
    """
    media, made = _KINDS[kind]
    return {"type": media, "data": base64.b64encode(made(trace, shared)).decode()}


def to_csv(trace: Trace, shared: Attributions | None = None) -> bytes:
    """One row a layer, direction, token and unit: all signals, and the answer had the text ended at that token.

    With an attribution, a column a measure says what the token gives to the score of the class in its name.

    A spreadsheet takes a text that begins with = + - @, a tab or a carriage return for a formula and computes it. Such
    a token or class name gets an apostrophe in front; JSON and .npz keep every text as it is.
    """
    answers = pandas.DataFrame(trace.verdicts, columns=[_harmless(f"p({label})") for label in trace.labels])
    if shared:
        for measure in shared["measures"]:
            answers[f"{measure['method']}({shared['labels'][shared['scored']]})"] = measure["parts"]
    frames = []
    for layer, direction in product(range(trace.layers), trace.directions):
        frame = trace.to_pandas(layer, direction)
        frame.insert(0, "layer", layer + 1)
        frame.insert(1, "direction", direction)
        frames.append(frame.join(answers, on="position"))
    table = pandas.concat(frames)
    table["token"] = table["token"].map(_harmless)
    table["position"] += 1
    return table.to_csv(index=False, float_format="%.7g").encode("utf-8-sig", "replace")  # the mark that Excel wants


def to_json(trace: Trace, shared: Attributions | None = None) -> bytes:
    """Everything in the Trace; signals are [layer][direction][token][unit]. A number that is not finite is null.

    With an attribution, "attribution" has its class, score, steps and measures.
    """
    whole = {
        "cell": trace.cell,
        "tokens": trace.tokens,
        "unknown": trace.unknown.tolist(),
        "labels": trace.labels,
        "label": trace.label,
        "verdicts": trace.verdicts.tolist(),
        "signals": {name: values.tolist() for name, values in trace.signals.items()},
        "replay_error": trace.replay_error,
    }
    if shared:
        whole["attribution"] = {
            "label": shared["labels"][shared["scored"]],
            **{name: shared[name] for name in ("score", "steps", "measures")},
        }
    return strict_json.to_json(whole).encode()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


_KINDS: dict[str, tuple[str, Callable[[Trace, Attributions | None], bytes]]] = {
    "csv": ("text/csv", to_csv),
    "json": ("application/json", to_json),
    "npz": ("application/octet-stream", lambda trace, _: trace.to_npz()),
}
