"""What the page's components draw from: a reading as one base64 string and short lists, a batch as its layout.

NumPy only, so that the page is there before torch is.
"""

import base64
from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float

from rnnviz import signals
from rnnviz.analysis.memory import contributions
from rnnviz.analysis.statistics import unit_order
from rnnviz.errors import SelectionError
from rnnviz.packing import packed_layout
from rnnviz.page.replies import Answers, Batch, Contributions, Moment, Reading, ReadSignal, Squashed, States, Texts
from rnnviz.trace import Trace

WINDOW = 200
"""The most words that are sent, and drawn, at once."""

MOST_TEXTS, MOST_TOKENS_PACKED = 8, 40
"""The most sentences, and words of each, in the packed tab."""

_STEPS = 32767
_USUAL = 98  # of 100 values, so many lie within the colours of an unbounded signal: one large unit bleaches no other
_FEW = 12  # units of each layer and direction are shown at first (FEW in web/src/state/page.ts);
_USUAL_SHOWN = 90  # of 100 of their values lie within the colours too


def payload(trace: Trace, *, model: str, total: int, start: int = 0) -> Reading:
    """Turn a reading, or a window of it, into JSON for the page.

    Args:
        trace: The reading.
        model: Name of the checkpoint.
        total: Tokens in the whole text, of which the trace may hold only the first.
        start: First token of the window.

    Returns:
        ``data`` holds int16 numbers [signal, layer, direction, token, unit], each signal as a share of its ``scale``,
        its largest absolute value. Colours run from ``low`` to ``high``; of an unbounded one a few values lie beyond.
        Every value lies within its ``ends``.
    """
    tokens = len(trace.tokens)
    start = max(0, min(start, tokens - 1)) // WINDOW * WINDOW
    window = slice(start, start + WINDOW)
    winners = trace.verdicts.argmax(axis=1)
    turns = np.concatenate([[False], winners[1:] != winners[:-1]])
    surest = int(trace.verdicts[:, winners[-1]].argmax())
    order = unit_orders(trace)
    described: list[ReadSignal] = []
    parts = []
    for index, signal in enumerate(signals.SIGNALS[trace.cell]):
        values = trace.signals[signal.name]
        sizes = np.abs(values)
        scale = float(sizes.max()) or 1.0
        low, high = signals.limits(signal, _usual_of(sizes, order) if np.isinf(signal.high) else [])
        ends = signals.limits(signal, [scale])
        parts.append(np.round(values[:, :, window] / scale * _STEPS).astype("<i2"))
        described.append(
            {
                "name": signal.name,
                "symbol": signal.symbol,
                "meaning": signal.meaning,
                "low": low,
                "high": high,
                "scale": scale,
                "ends": ends,
                "place": index,
            }
        )
    data = np.stack(parts)
    first: States = {"first": {name: state.tolist() for name, state in trace.start.items()}} if trace.start else {}
    return {
        "model": model,
        "cell": trace.cell,
        "memory": signals.memory(trace.cell),
        "tokens": list(trace.tokens[window]),
        "unknown": trace.unknown[window].tolist(),
        "unknown_total": int(trace.unknown.sum()),
        "turns": turns[window].tolist(),
        "labels": list(trace.labels),
        "story": {
            "turns": [_moment(trace, t) for t in (last - 1, last)] if (last := _last(turns)) else [],
            "count": int(turns.sum()),
            "surest": _moment(trace, surest),
        },
        "start": start,
        "size": WINDOW,
        "read": tokens,
        "total": total,
        "windowed": tokens > WINDOW or total > tokens,
        "order": order,
        "signals": described,
        "shape": list(data.shape),
        "data": base64.b64encode(data.tobytes()).decode(),
        "contributions": _contributions(trace, window),
        "replay_error": trace.replay_error,
        **first,
        **answers(trace, start),
    }


def _usual_of(
    sizes: Float[np.ndarray, "layer direction token unit"], order: list[list[list[int]]]
) -> tuple[float, float]:
    """How far the colours reach for all units, and for those that are shown at first: a few units may be far larger."""
    ways = [(layer, way, units[:_FEW]) for layer, both in enumerate(order) for way, units in enumerate(both)]
    shown = np.stack([sizes[layer, way][:, units] for layer, way, units in ways])
    return _usual(sizes, _USUAL), _usual(shown, _USUAL_SHOWN)


def _usual(sizes: Float[np.ndarray, "..."], share: int) -> float:
    """The percentile, as a value that occurs; ``np.percentile`` takes ten times as long for so few."""
    rank = sizes.size * share // 100
    return float(np.partition(sizes, rank, axis=None)[rank])


def answers(trace: Trace, start: int) -> Answers:
    """The class probabilities after each token of a window, and which classes win.

    Args:
        trace: The reading.
        start: First token of the window.

    Returns:
        For JSON: ``verdicts`` [token, label] and ``winners`` [token] of the window; ``answer`` [label] and ``winner``
        of the whole text. Winners are found before anything is rounded: of a near tie the digits alone do not tell.
    """
    shown = trace.verdicts[start : start + WINDOW]
    return {
        "verdicts": shown.astype(float).round(4).tolist(),
        "winners": shown.argmax(axis=1).tolist(),
        "answer": trace.verdicts[-1].astype(float).round(4).tolist(),
        "winner": int(trace.verdicts[-1].argmax()),
    }


def unit_orders(trace: Trace) -> list[list[list[int]]]:
    """The order of the rows [layer, direction, unit]: ``rnnviz.unit_order`` of each."""
    ways = trace.directions
    return [[unit_order(trace, layer, way).tolist() for way in ways] for layer in range(trace.layers)]


def _contributions(trace: Trace, window: slice) -> Contributions | None:
    """What of each class's score goes through the memory that each token wrote; None where no account adds up.

    A score is the logit less the mean of all classes' logits. Only such differences make the percentages: what a word
    adds to all logits alike changes nothing, and to raise one of two logits is as good as to lower the other.

    Returns:
        ``by_token`` [token, label] of the window; ``elsewhere``, the sum over the tokens outside it, and ``bias``;
        ``squashed`` where the head is linear for this reading alone.
    """
    try:
        account = contributions(trace)
    except SelectionError:  # a plain RNN, or a memory that is held
        return None
    by_token = account.by_token - account.by_token.mean(axis=1, keepdims=True)
    shown = by_token[window]
    squashed: Squashed = {} if trace.readout.is_exact else {"squashed": True}
    return {
        "by_token": shown.round(4).tolist(),
        "elsewhere": (by_token.sum(axis=0) - shown.sum(axis=0)).round(4).tolist(),
        "bias": (account.bias - account.bias.mean()).round(4).tolist(),
        **squashed,
    }


def _last(turns: Bool[np.ndarray, " token"]) -> int:
    """The last token at which the answer changed; 0 if it never did."""
    return int(np.flatnonzero(turns)[-1]) if turns.any() else 0


def _moment(trace: Trace, token: int) -> Moment:
    """The answer after one token: which word it is, where in the text, the most probable class, its share."""
    winner = int(trace.verdicts[token].argmax())
    share = round(float(trace.verdicts[token, winner]), 4)
    return {"word": trace.tokens[token], "token": token, "winner": winner, "share": share}


def packed_payload(tokens: Sequence[list[str]]) -> Batch | Texts:
    """Lay a batch of sentences out for the packed tab; without a layout if there are fewer than two.

    Args:
        tokens: The words of each sentence that has any.
    """
    texts = [words[:MOST_TOKENS_PACKED] for words in tokens[:MOST_TEXTS]]
    answer: Texts = {
        "texts": texts,
        "cut_texts": len(tokens) > MOST_TEXTS,
        "cut_tokens": MOST_TOKENS_PACKED if any(len(words) > MOST_TOKENS_PACKED for words in tokens) else 0,
    }
    if len(texts) < 2:
        return answer
    layout = packed_layout([len(words) for words in texts])
    return {
        **answer,
        "batch_sizes": layout.batch_sizes.tolist(),
        "rows": layout.rows,
        "steps_padded": layout.steps_padded,
        "steps_packed": layout.steps_packed,
        "saved": layout.saved,
    }
