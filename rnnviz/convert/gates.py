"""Gates in PyTorch's order, from weights that stack them in another: numbers only.

PyTorch stacks an LSTM's as i, f, g, o and a GRU's as r, z, n. The GRU's z is the share of the old state that is kept,
and its reset gate acts after the product: n = tanh(W x + b + r (U h + b')).

Source: torch.nn.LSTM and GRU; the layouts that are mapped are told where they are read.
"""

import re

import numpy as np

LSTM, GRU = "ifgo", "rzn"
_SAME = str.maketrans("acjuh", "gggzn")  # other letters for the candidate of an LSTM and the gates of a GRU


def in_order(stacked: np.ndarray, order: str, *, renews: bool = False) -> np.ndarray:
    """Rows of gates stacked in another order, as PyTorch stacks them.

    Args:
        stacked: The rows of all gates, along the first axis; matrices or biases.
        order: One letter a gate, such as "ifco" (Keras), "iofc" (ONNX) or "zrh" (both).
        renews: Whether a GRU's z is the share of the new state. 1 − sigmoid(a) = sigmoid(−a), so its rows are negated.

    Example:
        >>> from rnnviz.convert.gates import in_order
        >>> in_order(np.array([1, 2, 3, 4]), "iofc").tolist()
        [1, 3, 4, 2]
        >>> in_order(np.array([1, 2, 3]), "zrh", renews=True).tolist()
        [2, -1, 3]
    """
    wanted, letters = _letters(order)
    blocks = np.split(stacked, len(letters))
    if renews and wanted == GRU:
        blocks[letters.index("z")] = -blocks[letters.index("z")]
    return np.concatenate([blocks[letters.index(letter)] for letter in wanted])


def _letters(order: str) -> tuple[str, str]:
    """PyTorch's order for the same kind of cell, and the given one in PyTorch's letters."""
    lower = re.sub(r"[^a-z]", "", order.lower())
    if len(lower) == 4:
        letters = lower.translate(_SAME)
        if sorted(letters) == sorted(LSTM):
            return LSTM, letters
    letters = lower.translate(str.maketrans("uhcg", "znnn"))
    if sorted(letters) == sorted(GRU):
        return GRU, letters
    raise ValueError(order)
