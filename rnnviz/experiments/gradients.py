"""How far back the answer reaches: its gradient at every token, and what each token adds to its score.

A score is the logit of one class. The recurrent layers are walked by ``rnnviz.capture`` in PyTorch's own operations, so
there is a gradient also in evaluation mode on a GPU, where cuDNN refuses one. Nothing of the network changes: no flag,
no parameter's ``.grad``, no random number. It all works where the caller has switched gradients off.

Left out: how long a memory lasts by its gates, which needs no gradient (``rnnviz.training.unit_summary.half_life``).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, get_args

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.utils.rnn import pack_sequence

from rnnviz.analysis.memory import contributions
from rnnviz.answers import logits
from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.engine.capture import capture
from rnnviz.errors import SettingError, unknown
from rnnviz.model import RecurrentClassifier
from rnnviz.reading import encode, read

Method = Literal["gradient_times_input", "integrated_gradients", "ledger"]
"""How ``attribute`` shares a score out among the words."""
METHODS: tuple[Method, ...] = get_args(Method)
STEPS = (50, 200, 800)
"""At how many places of the way from zero a gradient is taken: as few of these as do, unless a number is named."""
MOST_GRADIENTS = 20_000
"""Places times tokens beyond which no more places are tried: about a second's work."""

_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, eq=False)
class Saliency:
    """How a score answers to a small change of what the network reads.

    Attributes:
        tokens: The text as the model saw it.
        label: The class whose logit is the score.
        score: That logit.
        gradient: ∂ score / ∂ x for every token, x being the embedding row that is read there.
        norms: ‖∂ score / ∂ x‖₂, 0 or more, in logits for a change of x by the length 1: how far the score still reaches
            back to that token. In a network that forgets it shrinks with the distance (Bengio, Simard, Frasconi 1994;
            Pascanu, Mikolov, Bengio 2013). As a picture of the input it is the saliency of Simonyan, Vedaldi, Zisserman
            2014.
        gradient_times_input: Σ gradient · x over the features, in logits: what the row adds to the score as far as the
            score is linear (Denil, Demiraj, de Freitas 2014; Shrikumar et al. 2016). It does not sum to the score; what
            ``integrated_gradients`` finds does.
    """

    tokens: tuple[str, ...]
    label: str
    score: float
    gradient: Float[np.ndarray, "token feature"] = field(repr=False)
    norms: Float[np.ndarray, " token"]
    gradient_times_input: Float[np.ndarray, " token"]


@dataclass(frozen=True, eq=False)
class IntegratedGradients:
    """What each token adds to a score, against a text of as many rows of zeros.

    Attributes:
        tokens: The text as the model saw it.
        label: The class whose logit is the score.
        score: That logit.
        baseline: The same logit when every embedding row is zero.
        attributions: One number a token, in logits.
        gap: score − baseline − Σ attributions, in logits. An exact integral leaves none (completeness); a large one
            says that more steps are needed.
    """

    tokens: tuple[str, ...]
    label: str
    score: float
    baseline: float
    attributions: Float[np.ndarray, " token"]
    gap: float


@dataclass(frozen=True, eq=False)
class Attribution:
    """A score shared out among the tokens: score = baseline + Σ parts + residual.

    Attributes:
        method: "gradient_times_input", "integrated_gradients" or "ledger".
        tokens: The text as the model saw it.
        label: Whose score it is.
        score: The logit of that class, less the mean of all logits where that was asked for.
        parts: One number a token, in logits, any sign.
        baseline: What the parts are added to: 0 for gradient × input; for integrated gradients the score of as many
            rows of zeros; for the ledger the part of the score that no token has.
        residual: score − baseline − Σ parts, in logits. Of gradient × input it can be anything, since its parts need
            not sum to the score; of integrated gradients it says how far the sum over the steps is from the integral;
            of the ledger only rounding is left.
        steps: At how many places a gradient was taken: 1 for gradient × input, 0 for the ledger.
    """

    method: Method
    tokens: tuple[str, ...]
    label: str
    score: float
    parts: Float[np.ndarray, " token"]
    baseline: float
    residual: float
    steps: int


def attribute(
    checkpoint: Checkpoint,
    text: str,
    method: str = "integrated_gradients",
    label: str | None = None,
    *,
    steps: int | None = None,
    centred: bool = False,
    pad_to: int | None = None,
) -> Attribution:
    """What each token gives to the score of a class, by one of three measures.

        gradient_times_input    part[t] = Σ_j x[t, j] · ∂ s(x) / ∂ x[t, j]
        integrated_gradients    part[t] = Σ_j x[t, j] · ∫ ∂ s(α x) / ∂ (α x[t, j]) dα,  α from 0 to 1
        ledger                  part[t] = what of s goes through the memory that token t wrote (``contributions``)

    s is the score, x[t, j] feature j of the embedding row that is read at token t. The three answer different
    questions. Gradient × input follows the slope of the score where the text is. Integrated gradients compare the text
    with a text of zeros. The ledger is an account of this one reading, and asks about no other.

    Args:
        checkpoint: The classifier, on any device. For the ledger an LSTM or a GRU.
        text: What a person typed, as for ``rnnviz.read``. Nothing is held in it: of a reading with a memory that was
            held there is no such account, and of the gates that were held ``rnnviz.hold`` and ``contributions`` give
            the ledger.
        method: The measure.
        label: The class whose score is shared out; the answer when None.
        steps: Of integrated gradients, at how many α the gradient is taken. None takes 50, and where that leaves a
            residual of more than 0.01 and 2 % of the score, 200, then 800, as long as these times the tokens are at
            most ``MOST_GRADIENTS``. In a long text of letters the score may change so sharply on the way from zero
            that these are too few too: ``residual`` tells.
        centred: Whether the score is the logit less the mean of all logits, as on the page. Only such differences make
            the probabilities: what is added to all logits alike changes none.
        pad_to: Fill the text up to this many tokens, as for ``rnnviz.read``.

    Raises:
        SelectionError: There is no such method or class; or the ledger of a plain RNN is asked for.
        SettingError: There are no steps.
        TextError: The text is empty or too long, or longer than ``pad_to``.

    Source:
        Gradient × input: Shrikumar et al. 2016; Denil, Demiraj, de Freitas 2014. Integrated gradients: Sundararajan,
        Taly, Yan 2017. The ledger: Murdoch and Szlam 2017, with the rescale rule of Shrikumar et al. 2017 for tanh.

    Example:
        >>> lstm = rnnviz.load("sst2-lstm")
        >>> found = rnnviz.attribute(lstm, "the movie was not good", "ledger")
        >>> found.label, found.tokens[int(found.parts.argmax())]
        ('negative', 'not')
        >>> bool(abs(found.score - found.baseline - found.parts.sum()) < 1e-5)
        True
    """
    if method not in METHODS:
        raise unknown("method", method, METHODS)
    if steps is not None and steps < 1:
        raise SettingError("gradient_steps", found=steps)
    with torch.inference_mode(False), torch.enable_grad():
        tokens, rows = _embedded(checkpoint, text, pad_to)
        ends = _scores(checkpoint.model, torch.stack([rows, torch.zeros_like(rows)])).detach()
        chosen = _class(checkpoint, label, ends[0])
        weights = _weights(ends[0], chosen, centred=centred)
        score, nothing = (ends @ weights).tolist()
        found = partial(Attribution, method, tokens, checkpoint.labels[chosen], score)
        if method == "ledger":
            account, share = contributions(read(checkpoint, text, pad_to)), weights.cpu().double().numpy()
            parts, baseline = account.by_token @ share, float(account.bias @ share)
            return found(parts, baseline, score - baseline - float(parts.sum()), 0)
        if method == "gradient_times_input":
            parts = _parts(checkpoint.model, rows, weights, [(np.ones(1), np.ones(1))])
            return found(parts, 0.0, score - float(parts.sum()), 1)
        for taken in _tried(len(rows)) if steps is None else (steps,):
            parts = _parts(checkpoint.model, rows, weights, _rule(taken, len(rows)))
            residual = score - nothing - float(parts.sum())
            if abs(residual) <= 0.01 + 0.02 * abs(score):
                break
        return found(parts, nothing, residual, taken)


def _tried(tokens: int) -> list[int]:
    """How many steps are tried, one number after the other, for a text of so many tokens."""
    return [STEPS[0], *(steps for steps in STEPS[1:] if steps * tokens <= MOST_GRADIENTS)]


def saliency(checkpoint: Checkpoint, text: str, label: str | None = None, pad_to: int | None = None) -> Saliency:
    """The gradient of a score at every token of a text.

    Args:
        checkpoint: The classifier, on any device.
        text: What a person typed, as for ``rnnviz.read``.
        label: The class whose logit is the score; the answer when None.
        pad_to: Fill the text up to this many tokens, as for ``rnnviz.read``.

    Raises:
        SelectionError: There is no such class.
        TextError: The text is empty or too long, or longer than ``pad_to``.

    Source:
        Simonyan, Vedaldi, Zisserman 2014; what its length says of a memory: Bengio, Simard, Frasconi 1994.

    Example:
        >>> found = rnnviz.saliency(rnnviz.load("sst2-lstm"), "the movie was not good")
        >>> found.label, found.norms.round(2)
        ('negative', array([0.04, 0.15, 0.1 , 0.19, 0.35]))
    """
    with torch.inference_mode(False), torch.enable_grad():
        tokens, rows = _embedded(checkpoint, text, pad_to)
        scores = _scores(checkpoint.model, rows.requires_grad_()[None])[0]
        chosen = _class(checkpoint, label, scores)
        (gradient,) = torch.autograd.grad(scores[chosen], rows)
    slopes, values = _array(gradient), _array(rows)
    return Saliency(
        tokens=tokens,
        label=checkpoint.labels[chosen],
        score=scores[chosen].item(),
        gradient=slopes,
        norms=np.linalg.norm(slopes, axis=1),
        gradient_times_input=(slopes * values).sum(axis=1),
    )


def integrated_gradients(
    checkpoint: Checkpoint, text: str, label: str | None = None, steps: int | None = None, pad_to: int | None = None
) -> IntegratedGradients:
    """Share a score out among the tokens so that the parts add up: the mean gradient on the way from zero, times input.

        attribution = Σ over features of x · ∫ ∂ score(α x) / ∂ (α x) dα,  α from 0 to 1

    Args:
        checkpoint: The classifier, on any device.
        text: What a person typed, as for ``rnnviz.read``.
        label: The class whose logit is the score; the answer when None.
        steps: At how many α the gradient is taken; Gauss and Legendre's rule chooses and weighs them. None takes as
            many as ``attribute``.
        pad_to: Fill the text up to this many tokens, as for ``rnnviz.read``.

    Raises:
        SelectionError: There is no such class.
        SettingError: There are no steps.
        TextError: The text is empty or too long, or longer than ``pad_to``.

    Source:
        Sundararajan, Taly, Yan 2017, with the baseline of zeros that they take for text.

    Example:
        >>> found = rnnviz.integrated_gradients(rnnviz.load("sst2-lstm"), "the movie was not good")
        >>> found.attributions.round(2)
        array([-0.14,  0.22,  0.28, -0.11,  0.4 ])
        >>> abs(found.gap) < 1e-3
        True
    """
    found = attribute(checkpoint, text, "integrated_gradients", label, steps=steps, pad_to=pad_to)
    return IntegratedGradients(found.tokens, found.label, found.score, found.baseline, found.parts, found.residual)


def _embedded(
    checkpoint: Checkpoint, text: str, pad_to: int | None
) -> tuple[tuple[str, ...], Float[Tensor, "token feature"]]:
    """The tokens and the embedding rows that are read for them, apart from any graph."""
    encoded, table = encode(checkpoint, text, pad_to), checkpoint.model.embedding
    return encoded.tokens, table(encoded.ids.to(table.weight.device)).detach()


def _scores(model: RecurrentClassifier, rows: Float[Tensor, "text token feature"]) -> Float[Tensor, "text label"]:
    output, state, _ = capture(model.rnn, pack_sequence(list(rows)), model.initial(len(rows)))
    return logits(model, output, state)


def _weights(scores: Float[Tensor, " label"], chosen: int, *, centred: bool) -> Float[Tensor, " label"]:
    """What each logit counts for in the score: of the class 1, less the same share of all where it is centred."""
    weights = torch.zeros_like(scores)
    weights[chosen] = 1
    return weights - 1 / len(scores) if centred else weights


def _parts(
    model: RecurrentClassifier,
    rows: Float[Tensor, "token feature"],
    weights: Float[Tensor, " label"],
    way: Iterable[tuple[Float[np.ndarray, " step"], Float[np.ndarray, " step"]]],
) -> Float[np.ndarray, " token"]:
    """Input times the gradient of a weighted sum of logits at α times the rows, weighed over the α of some batches."""
    mean = np.zeros(rows.shape)
    for alphas, shares in way:
        points = (rows * rows.new_tensor(alphas)[:, None, None]).requires_grad_()
        (slopes,) = torch.autograd.grad((_scores(model, points) @ weights).sum(), points)
        mean += np.tensordot(shares, _array(slopes), axes=1)
    return (mean * _array(rows)).sum(axis=1)


def _class(checkpoint: Checkpoint, label: str | None, scores: Float[Tensor, " label"]) -> int:
    if label is None:
        return int(scores.argmax())
    if label not in checkpoint.labels:
        raise unknown("class", label, checkpoint.labels)
    return checkpoint.labels.index(label)


def _rule(steps: int, tokens: int) -> Iterator[tuple[Float[np.ndarray, " step"], Float[np.ndarray, " step"]]]:
    """Where to take the integrand between 0 and 1, and its weights, in batches that fit into memory."""
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    size = max(1, _ROWS_AT_ONCE // tokens)
    for start in range(0, steps, size):
        batch = slice(start, start + size)
        yield (nodes[batch] + 1) / 2, weights[batch] / 2


def _array(values: Float[Tensor, "*axes"]) -> Float[np.ndarray, "*axes"]:
    """In float64, so that the square of a gradient that has all but vanished does not vanish before it."""
    return values.detach().cpu().double().numpy()
