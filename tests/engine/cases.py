"""Configurations of recurrent modules for the engine's tests: a strategy, what is built from one, and how near is near.

A ``Case`` fixes everything by value: weights, texts and states follow from its seed. So a failing test prints one line
that can be pasted back.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jaxtyping
import pytest
import torch
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence, pad_packed_sequence

from rnnviz.engine import numpy_loops, one_text
from rnnviz.engine.capture import capture
from rnnviz.signals import Cell
from tests import oracle

MODULES = {
    "tanh": partial(nn.RNN, nonlinearity="tanh"),
    "relu": partial(nn.RNN, nonlinearity="relu"),
    "gru": nn.GRU,
    "lstm": nn.LSTM,
}
CELLS: dict[str, Cell] = {"tanh": "rnn", "relu": "rnn", "gru": "gru", "lstm": "lstm"}
FORMS = ("alone", "batch", "packed", "packed unsorted")
TOLERANCES = {torch.float64: 1e-12, torch.float32: 2e-6, torch.bfloat16: 2e-2, torch.float16: 4e-3}
WAYS: dict[str, dict[str, Any]] = {
    "by rule": {},
    "walk": {"route": "walk"},
    "exact": {"route": "walk", "exact": True},
    "recover": {"route": "recover"},
    "in NumPy": {"route": "walk"},  # what walks a text alone where the package numba is not installed
}
CHECKED = 3  # annotations are checked where no text has more tokens
SHORT = st.lists(st.integers(1, 7), min_size=1, max_size=5)
LENGTHS = SHORT | SHORT | SHORT | SHORT.map(lambda lengths: [64, *lengths])  # long ones are rare: they take long


@dataclass(frozen=True)
class Case:
    """A module, what it is called with, and the way that capture is asked to take."""

    kind: str = "lstm"
    layers: int = 1
    two_ways: bool = False
    bias: bool = True
    projection: int = 0
    dropout: float = 0.0
    training: bool = False
    batch_first: bool = False
    form: str = "batch"
    lengths: tuple[int, ...] = (4, 4)
    stated: bool = False
    dtype: torch.dtype = torch.float64
    way: str = "by rule"
    features: int = 3
    units: int = 4
    seed: int = 0

    @property
    def cell(self) -> Cell:
        """The kind of cell, as the table of signals calls it."""
        return CELLS[self.kind]

    @property
    def passes(self) -> int:
        """Layers times directions: the first axis of a state."""
        return self.layers * (2 if self.two_ways else 1)

    def ways(self) -> list[str]:
        """All ways to capture it that differ."""
        return [way for way in WAYS if way != "in NumPy" or len(self.lengths) == 1]

    def having(self, **changed: Any) -> "Case":
        """The same case, but for these fields."""
        return replace(self, **changed)

    def by(self, way: str) -> "Case":
        """The same case, captured another way."""
        return replace(self, way=way)

    def module(self) -> nn.RNNBase:
        """The module with the weights that PyTorch gives it at first."""
        options: dict[str, Any] = {"proj_size": self.projection} if self.projection else {}
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            module = MODULES[self.kind](
                self.features,
                self.units,
                self.layers,
                bias=self.bias,
                batch_first=self.batch_first,
                dropout=self.dropout,
                bidirectional=self.two_ways,
                **options,
            )
        return module.to(self.dtype).train(self.training)

    def texts(self) -> list[Tensor]:
        """The texts [token, feature], in the order of the batch."""
        return [self._drawn(text + 1, length, self.features) for text, length in enumerate(self.lengths)]

    def laid(self, texts: Sequence[Tensor]) -> Tensor | PackedSequence:
        """These texts as the module takes them."""
        if self.form == "alone":
            return texts[0]
        if self.form == "batch":
            return torch.stack(list(texts), dim=0 if self.batch_first else 1)
        return pack_sequence(list(texts), enforce_sorted=self.form == "packed")

    def inputs(self) -> Tensor | PackedSequence:
        """What the module is called with."""
        return self.laid(self.texts())

    def state(self) -> Any:
        """The initial state: normal numbers, or None."""
        if not self.stated:
            return None
        texts = () if self.form == "alone" else (len(self.lengths),)
        hidden = self._drawn(-1, self.passes, *texts, self.projection or self.units)
        return (hidden, self._drawn(-2, self.passes, *texts, self.units)) if self.kind == "lstm" else hidden

    def _drawn(self, place: int, *shape: int) -> Tensor:
        generator = torch.Generator().manual_seed(1_000 * self.seed + place + 2)
        return torch.randn(shape, generator=generator, dtype=torch.float64).to(self.dtype)


def cases(**chosen: Any) -> st.SearchStrategy[Case]:
    """Any configuration; a field that is given is a value or a strategy of its own."""
    free: dict[str, st.SearchStrategy[Any]] = {
        "kind": st.sampled_from(tuple(MODULES)),
        "layers": st.integers(1, 3),
        "two_ways": st.booleans(),
        "bias": st.booleans(),
        "projection": st.sampled_from((0, 0, 1, 3)),
        "dropout": st.sampled_from((0.0, 0.5)),
        "training": st.booleans(),
        "batch_first": st.booleans(),
        "form": st.sampled_from(FORMS),
        "lengths": LENGTHS,
        "stated": st.booleans(),
        "dtype": st.sampled_from(tuple(TOLERANCES)),
        "way": st.sampled_from(tuple(WAYS)),
        "features": st.sampled_from((3, 1, 8)),
        "units": st.sampled_from((4, 1, 2, 7, 17, 32)),
        "seed": st.integers(0, 1_000),
    }
    fixed = {name: value if isinstance(value, st.SearchStrategy) else st.just(value) for name, value in chosen.items()}
    assert fixed.keys() <= free.keys()
    return st.fixed_dictionaries(free | fixed).map(lambda fields: _fitting(**fields))


def _fitting(lengths: Sequence[int], **fields: Any) -> Case:
    """The case nearest to these fields that PyTorch allows."""
    if fields["form"] == "alone":
        lengths = lengths[:1]
    elif fields["form"] == "batch":
        lengths = lengths[:1] * len(lengths)
    elif fields["form"] == "packed":
        lengths = sorted(lengths, reverse=True)
    if fields["kind"] != "lstm" or fields["projection"] >= fields["units"]:
        fields["projection"] = 0
    if len(lengths) > 1 and fields["way"] == "in NumPy":
        fields["way"] = "walk"
    if fields["layers"] == 1:  # PyTorch warns of a dropout that comes between no layers
        fields["dropout"] = 0.0
    return Case(lengths=tuple(lengths), **fields)


def captured(case: Case, module: nn.Module | None = None, inputs: Any = None, state: Any = None) -> Any:
    """What capture gives the case's own way; module, inputs and state are the case's own unless given."""
    own = inputs is None
    with the_lane_of(case.way), as_shipped(max(case.lengths) > CHECKED):
        return capture(
            case.module() if module is None else module,
            case.inputs() if own else inputs,
            case.state() if own else state,
            **WAYS[case.way],
        )


@contextmanager
def as_shipped(unchecked: bool = True) -> Iterator[None]:
    """Without the checks of annotations around every function, which take ten times the engine's own time."""
    before = jaxtyping.config.jaxtyping_disable
    try:
        jaxtyping.config.update("jaxtyping_disable", before or unchecked)
        yield
    finally:
        jaxtyping.config.update("jaxtyping_disable", before)


@contextmanager
def the_lane_of(way: str) -> Iterator[None]:
    """Where a text alone is to be walked in NumPy, do so although numba is installed."""
    with pytest.MonkeyPatch.context() as patch:
        if way == "in NumPy":
            patch.setattr(one_text, "loops_for", lambda dtype: numpy_loops)
        yield


@contextmanager
def evaluating(module: nn.Module) -> Iterator[nn.Module]:
    """The module in evaluation mode for a while."""
    training = module.training
    try:
        yield module.eval()
    finally:
        module.train(training)


@torch.no_grad()
def fused(case: Case) -> Any:
    """What PyTorch's own module gives in evaluation mode: the output and the final state."""
    return case.module().eval()(case.inputs(), case.state())


def apart(case: Case, inputs: Any, values: Tensor) -> list[Tensor]:
    """Values [..., *rows, unit] of a batch as one tensor [..., token, unit] a text, in the order of the batch."""
    if isinstance(inputs, PackedSequence):
        numbered = inputs._replace(data=torch.arange(len(inputs.data)))
        places, lengths = pad_packed_sequence(numbered, batch_first=True)
        return [values[..., row[:length], :] for row, length in zip(places, lengths.tolist(), strict=True)]
    if inputs.ndim == 2:
        return [values]
    return list(values.unbind(-3 if case.batch_first else -2))


def signals_apart(case: Case, inputs: Any, found: dict[str, Tensor]) -> list[dict[str, Tensor]]:
    """The signals of a batch, one dictionary of [layer, direction, token, unit] a text."""
    parts = {name: apart(case, inputs, values) for name, values in found.items()}
    return [dict(zip(parts, values, strict=True)) for values in zip(*parts.values(), strict=True)]


def rows_of(output: Any) -> Tensor:
    """The numbers of an output: those of a PackedSequence, or the tensor itself."""
    return output.data if isinstance(output, PackedSequence) else output


def parts_of(state: Any) -> tuple[Tensor, ...]:
    """A state as a tuple: hidden, and an LSTM's cell."""
    return tuple(state) if isinstance(state, tuple | list) else (state,)


def worst(found: Tensor, wanted: Tensor) -> float:
    """The largest difference, relative to max(1, |wanted|). Shapes must agree; a NaN anywhere is infinitely far."""
    assert found.shape == wanted.shape
    if not wanted.numel():
        return 0.0
    found, wanted = found.detach().double(), wanted.detach().double()
    error = (found - wanted).abs() / wanted.abs().clamp(min=1.0)
    return error.nan_to_num(nan=float("inf")).max().item()


def assert_near(found: Tensor, wanted: Tensor, dtype: torch.dtype) -> None:
    """As near as numbers of this kind promise to be."""
    assert worst(found, wanted) <= TOLERANCES[dtype]


def assert_all_near(found: Any, wanted: Any, dtype: torch.dtype) -> None:
    """The same of dictionaries, of states, and of outputs with the layout of their batch."""
    if isinstance(wanted, dict):
        assert found.keys() == wanted.keys()
        assert_all_near(list(found.values()), [wanted[name] for name in found], dtype)
    elif isinstance(wanted, PackedSequence):
        assert isinstance(found, PackedSequence)
        assert all(_same(one, other) for one, other in zip(found[1:], wanted[1:], strict=True))
        assert_near(found.data, wanted.data, dtype)
    elif isinstance(wanted, tuple | list):
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            assert_all_near(one, other, dtype)
    else:
        assert_near(found, wanted, dtype)


def same_bits(found: Any, wanted: Any) -> bool:
    """Whether all numbers, and the layout of a packed batch, are equal to the last bit; two NaNs are equal."""
    if isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(same_bits(found[name], wanted[name]) for name in wanted)
    if isinstance(wanted, tuple | list):
        return len(found) == len(wanted) and all(map(same_bits, found, wanted))
    return _same(found, wanted)


def _same(found: Tensor | None, wanted: Tensor | None) -> bool:
    if found is None or wanted is None:
        return found is wanted
    alike = found.dtype == wanted.dtype and found.shape == wanted.shape
    return alike and torch.equal(found.nan_to_num(nan=7e30), wanted.nan_to_num(nan=7e30))


def oracle_layers(case: Case, module: nn.RNNBase) -> list[list[oracle.Way]]:
    """The module's weights as the oracle takes them."""
    weights = {name: value.detach().double().tolist() for name, value in module.state_dict().items()}
    layers = []
    for layer in range(case.layers):
        layers.append([])
        for suffix in ("", "_reverse")[: 2 if case.two_ways else 1]:
            place = f"l{layer}{suffix}"
            zeros = [0.0] * len(weights[f"weight_ih_{place}"])
            layers[-1].append(
                oracle.Way(
                    weights[f"weight_ih_{place}"],
                    weights[f"weight_hh_{place}"],
                    weights.get(f"bias_ih_{place}", zeros),
                    weights.get(f"bias_hh_{place}", zeros),
                    weights.get(f"weight_hr_{place}"),
                )
            )
    return layers


def oracle_start(case: Case, state: Any, text: int) -> list[dict[str, list[float]]]:
    """One text's initial state as the oracle takes it."""
    zeros = {"hidden": [0.0] * (case.projection or case.units), "cell": [0.0] * case.units}
    if state is None:
        return [dict(zeros) for _ in range(case.passes)]
    own = [part if case.form == "alone" else part[:, text] for part in parts_of(state)]
    return [
        dict(zip(("hidden", "cell"), (part[way].double().tolist() for part in own), strict=False))
        for way in range(case.passes)
    ]


def oracle_reading(case: Case, module: nn.RNNBase, text: int) -> tuple[dict[str, Tensor], list[Tensor]]:
    """What the oracle reads in one text: signals [layer, direction, token, unit], and the parts of the final state."""
    rows = case.texts()[text].double().tolist()
    found, finals = oracle.read(case.kind, oracle_layers(case, module), rows, oracle_start(case, case.state(), text))
    signals = {
        name: torch.tensor([[[token[name] for token in way] for way in layer] for layer in found], dtype=torch.float64)
        for name in found[0][0][0]
    }
    names: Iterable[str] = ("hidden", "cell") if case.kind == "lstm" else ("hidden",)
    return signals, [torch.tensor([final[name] for final in finals], dtype=torch.float64) for name in names]
