"""What capture cannot do is said by name, in capture's own words."""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

import rnnviz
from rnnviz.errors import CaptureError, RnnvizError, SelectionError
from tests.engine.cases import Case

TEXTS, FEATURES, UNITS = 3, 3, 4
ADVICE = "for these inputs the module starts from"


def objection(*arguments, **options):
    with pytest.raises(CaptureError) as caught:
        rnnviz.capture(*arguments, **options)
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, RnnvizError)
    return str(caught.value)


def module_of(kind, layers=1, **settings):
    return Case(kind, layers, dtype=torch.float32, **settings).module()


def inputs_of(form="batch", lengths=(6, 6, 6)):
    return Case(form=form, lengths=lengths, dtype=torch.float32).inputs()


@pytest.mark.parametrize(
    ("module", "advice"),
    [
        (nn.Linear(3, 4), "."),
        (
            nn.LSTMCell(3, 4),
            ", which reads one token a call.\nRun it inside rnnviz.watch, which makes one reading of its calls.",
        ),
        (
            nn.Sequential(nn.ReLU(), nn.LSTM(3, 4)),
            ".\nCapture a module inside it ('1'), or run it inside rnnviz.watch.",
        ),
    ],
    ids=["layer", "cell", "model"],
)
def test_a_module_that_is_not_recurrent_is_named_and_what_to_do_is_said(module, advice):
    name = type(module).__name__
    assert objection(module, inputs_of()) == f"capture reads nn.RNN, nn.GRU and nn.LSTM; this is {name}{advice}"


def test_inputs_that_do_not_fit_are_named_as_they_were_given():
    module = module_of("gru", batch_first=True)
    assert objection(module, torch.randn(3, 6, 9)) == "The inputs have shape (3, 6, 9); this module reads 3 features."
    assert objection(module, torch.randn(FEATURES)) == (
        "The inputs have shape (3,); this module reads [token, feature], batched or not."
    )
    assert objection(module, torch.randn(2, 3, 6, FEATURES)) == (
        "The inputs have shape (2, 3, 6, 3); this module reads [token, feature], batched or not."
    )
    for empty in ((3, 0, FEATURES), (0, FEATURES)):
        assert objection(module, torch.randn(empty)) == (
            f"The inputs have shape {empty}; this module reads at least one token."
        )
    assert objection(module, [1, 2]) == "capture does not support inputs of type list."
    assert objection(module, None) == "capture does not support inputs of type NoneType."
    assert objection(module, torch.zeros(6, FEATURES, dtype=torch.long)) == (
        "capture does not support torch.int64 inputs with torch.float32 weights."
    )
    assert objection(module.double(), torch.zeros(6, FEATURES)) == (
        "capture does not support torch.float32 inputs with torch.float64 weights."
    )
    words = pack_sequence([torch.tensor([1, 2, 3])])
    assert objection(module, words).startswith("The inputs have shape (3,);")


def test_inputs_elsewhere_than_the_weights_are_named():
    elsewhere = torch.zeros(6, FEATURES, device="meta")
    assert objection(module_of("gru"), elsewhere) == ("capture does not support inputs on meta with weights on cpu.")


def test_an_initial_state_that_does_not_fit_is_named_beside_the_one_that_would():
    gru, lstm = module_of("gru", 2), module_of("lstm", projection=2)
    text = inputs_of()
    hidden = torch.zeros(2, TEXTS, UNITS)
    assert objection(gru, text, (hidden, hidden)) == (
        f"The initial state is float32 (2, 3, 4) and float32 (2, 3, 4); {ADVICE} float32 (2, 3, 4)."
    )
    assert objection(gru, text, hidden.double()) == (
        f"The initial state is float64 (2, 3, 4); {ADVICE} float32 (2, 3, 4)."
    )
    assert objection(gru, text, 0) == f"The initial state is int; {ADVICE} float32 (2, 3, 4)."
    assert objection(lstm, text, torch.zeros(1, TEXTS, UNITS)) == (
        f"The initial state is float32 (1, 3, 4); {ADVICE} float32 (1, 3, 2) and float32 (1, 3, 4)."
    )
    assert objection(lstm, text, (None, None)) == (
        f"The initial state is NoneType and NoneType; {ADVICE} float32 (1, 3, 2) and float32 (1, 3, 4)."
    )
    assert objection(gru, inputs_of("alone"), hidden) == (
        f"The initial state is float32 (2, 3, 4); {ADVICE} float32 (2, 4)."
    )


@pytest.mark.parametrize("form", ["packed", "packed unsorted"])
def test_a_state_for_more_texts_than_a_packed_batch_has_is_refused_and_not_cut(form):
    assert objection(module_of("gru"), inputs_of(form, (6, 4, 4, 1)), torch.zeros(1, 7, UNITS)) == (
        f"The initial state is float32 (1, 7, 4); {ADVICE} float32 (1, 4, 4)."
    )


def test_options_that_exclude_each_other_are_named():
    module, inputs = module_of("gru"), inputs_of()
    assert objection(module, inputs, route="recover", exact=True) == (
        "capture does not support exact=True with route='recover'."
    )
    assert objection(module, inputs.requires_grad_(), route="recover") == (
        "capture does not support gradients with route='recover'."
    )


def test_a_route_that_there_is_not_is_named_beside_those_that_there_are():
    with pytest.raises(SelectionError, match="no route 'recovr'; choose one of walk, recover"):
        rnnviz.capture(module_of("gru"), inputs_of(), route="recovr")


def test_what_a_module_refuses_capture_refuses():
    """Whatever is wrong with these calls, PyTorch says so too: capture must not answer where the module does not."""
    lstm, gru = module_of("lstm"), module_of("gru")
    wrong = [
        (gru, torch.zeros(6, FEATURES + 1), None),
        (gru, torch.zeros(0, 2, FEATURES), None),
        (gru, torch.zeros(6, 2, FEATURES), torch.zeros(1, 3, UNITS)),
        (gru, torch.zeros(6, 2, FEATURES), torch.zeros(1, UNITS)),
        (gru, torch.zeros(6, FEATURES), torch.zeros(1, 1, UNITS)),
        (lstm, torch.zeros(6, 2, FEATURES), (torch.zeros(1, 2, UNITS), torch.zeros(1, 2, UNITS + 1))),
        (lstm, torch.zeros(6, 2, FEATURES), (torch.zeros(1, 2, UNITS),)),
        (lstm, torch.zeros(6, FEATURES, dtype=torch.float64), None),
    ]
    for module, inputs, state in wrong:
        with pytest.raises((RuntimeError, ValueError, IndexError)):
            module(inputs, state)
        assert objection(module, inputs, state)


def test_autocast_is_refused_by_name_also_where_a_model_is_watched():
    module, text = nn.LSTM(3, 4, 2, bidirectional=True), torch.randn(5, 2, 3)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        with pytest.raises(CaptureError, match=r"capture does not support torch\.autocast"):
            rnnviz.capture(module, text)
        with (
            pytest.raises(CaptureError, match=r"LSTM are not known: it ran under torch\.autocast"),
            rnnviz.watch(module),
        ):
            output, _ = module(text)
    assert output.shape == (5, 2, 8)
