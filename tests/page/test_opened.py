"""The sums behind a gate, against PyTorch's own module and the stored weights; gate surgery as the page asks for it."""

import numpy as np
import pytest
import torch

from rnnviz import signals
from rnnviz.experiments.interventions import Clamp, hold
from rnnviz.page.requests import MOST_HOLDS, MOST_RANGES
from rnnviz.page.service import Service
from rnnviz.reading import read
from tests.builders import CELLS, checkpoint

TEXT = "the film was not brillig good at all"
PLACE = {"token": 3, "unit": 2, "layer": 1, "direction": 1}
HOLD = {"signal": "candidate", "value": -0.5, "tokens": [2, 4], "units": [[1, 1]], "layer": 0, "direction": 0}


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    for cell in CELLS:
        checkpoint(cell, 2, bidirectional=True).save_pretrained(folder / cell)
    checkpoint("rnn", nonlinearity="relu").save_pretrained(folder / "relu")
    return Service(folder)


def ask(service, model="lstm", text=TEXT, **more):
    return service.open_cell({"model": model, "text": text} | PLACE | more)


def squashed(gate):
    return {"σ": lambda x: 1 / (1 + np.exp(-x)), "tanh": np.tanh, "relu": lambda x: max(x, 0.0)}[gate["squash"]](
        gate["sum"]
    )


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("token", [0, 4, 7])
@pytest.mark.parametrize(("layer", "direction"), [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_the_parts_make_the_sum_and_the_sum_makes_the_gate(service, cell, token, layer, direction):
    found = ask(service, cell, token=token, layer=layer, direction=direction)
    trace = read(service.checkpoint(cell), TEXT)
    for gate in found["gates"]:
        parts = [gate["from_hidden"]] if "from_hidden" in gate else [gate["reset"] * gate["inner"]]
        assert gate["sum"] == pytest.approx(gate["from_input"] + gate["bias"] + sum(parts))
        read_as = trace.signals[gate["name"]][layer, direction, token, PLACE["unit"]]
        assert squashed(gate) == pytest.approx(read_as, abs=1e-5)
        assert gate["value"] == pytest.approx(read_as, abs=1e-6)
    assert (found["features"], found["units"]) == (12 if layer else 5, 6)


@pytest.mark.parametrize("direction", [0, 1])
def test_the_products_are_those_of_pytorchs_own_numbers(service, direction):
    model, unit, token = service.checkpoint("lstm").model, PLACE["unit"], PLACE["token"]
    ids = torch.tensor([service.checkpoint("lstm").ids(TEXT)])
    with torch.no_grad():
        output = model.rnn(model.embedding(ids))[0][0]
        own = output[:, 6 * direction : 6 * direction + 6]
        lower = torch.nn.LSTM(5, 6, bidirectional=True)
        lower.load_state_dict({name: value for name, value in model.rnn.state_dict().items() if "l0" in name})
        x = lower(model.embedding(ids)[0])[0][token]
    way = "_reverse" if direction else ""
    stored = {
        name: getattr(model.rnn, f"{name}_l1{way}").detach().numpy()
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    }
    before = own[token + (1 if direction else -1)].numpy()
    for place, gate in enumerate(ask(service, direction=direction)["gates"]):
        row = place * 6 + unit
        assert gate["from_input"] == pytest.approx(stored["weight_ih"][row] @ x.numpy(), abs=1e-5)
        assert gate["from_hidden"] == pytest.approx(stored["weight_hh"][row] @ before, abs=1e-5)
        assert gate["bias"] == pytest.approx(stored["bias_ih"][row] + stored["bias_hh"][row], abs=1e-6)
        pushed = stored["weight_hh"][row] * before
        most = np.argsort(-abs(pushed))[:3]
        assert [one["unit"] for one in gate["pushes"]] == most.tolist()
        assert [one["push"] for one in gate["pushes"]] == pytest.approx(pushed[most], abs=1e-5)
    assert [gate["name"] for gate in ask(service)["gates"]] == ["input", "forget", "candidate", "output"]


def test_the_push_on_a_grus_candidate_is_what_its_reset_gate_lets_through(service):
    gate = ask(service, "gru")["gates"][2]
    everything = checkpoint("gru", 2, bidirectional=True).model.rnn
    U = everything.weight_hh_l1_reverse.detach().numpy()[12 + PLACE["unit"]]
    before = read(service.checkpoint("gru"), TEXT).signals["hidden"][1, 1, PLACE["token"] + 1]
    pushed = gate["reset"] * U * before
    assert gate["pushes"][0]["push"] == pytest.approx(pushed[np.abs(pushed).argmax()], abs=1e-5)


def test_a_rectified_network_says_so(service):
    gate = ask(service, "relu", layer=0, direction=0)["gates"][0]
    assert gate["squash"] == "relu"
    assert gate["value"] == pytest.approx(max(gate["sum"], 0.0), abs=1e-5)


def test_a_held_gate_keeps_its_sum_and_has_the_held_value(service):
    one = HOLD | {"signal": "forget", "value": 0.25, "tokens": [3, 3], "units": [[2, 2]], "layer": 1, "direction": 1}
    free, held = ask(service), ask(service, holds=[one, HOLD])
    forget = held["gates"][1]
    assert (forget["held"], forget["value"]) == (True, 0.25)
    assert squashed(forget) != pytest.approx(0.25, abs=1e-3)
    assert [gate["held"] for gate in held["gates"]] == [False, True, False, False]
    assert held["gates"][0]["from_input"] != pytest.approx(free["gates"][0]["from_input"], abs=1e-4)  # held below


@pytest.mark.parametrize("axis", PLACE)
@pytest.mark.parametrize("given", [-1, 99, 10**30, None, 1.5, True, "1", "\ud800", [1]])
def test_a_place_that_is_not_there_is_said_in_words(service, axis, given):
    found = ask(service, **{axis: given})
    assert found["error"] == "opened_place"
    assert f"There is no {axis}" in found["message"]
    found["message"].encode()


@pytest.mark.parametrize(
    "question", [None, [], "x", {}, {"text": "good"}, {"text": "good", "model": "lstm", "holds": 5}]
)
def test_a_question_of_another_shape_is_answered_in_words(service, question):
    found = service.open_cell(question)
    assert found == {"empty": True} or found["message"]


def test_a_reading_with_holds_is_the_held_one_beside_the_answers_of_the_free_one(service):
    found = service.read_sentence({"model": "lstm", "text": TEXT, "holds": [HOLD]})
    free = service.read_sentence({"model": "lstm", "text": TEXT})
    clamp = Clamp("candidate", -0.5, tokens=[2, 3, 4], units=[1], layer=0, direction="forward")
    trace = hold(service.checkpoint("lstm"), TEXT, [clamp])
    assert found["answer"] == pytest.approx(trace.verdicts[-1], abs=1e-4)
    assert found["answer"] != pytest.approx(free["answer"], abs=1e-4)
    assert found["ghost"] == {name: free[name] for name in ("verdicts", "winners", "answer", "winner")}
    assert found["order"] == free["order"]
    assert "ghost" not in free


def test_the_gates_and_the_candidate_can_be_held_and_of_the_states_a_plain_rnns(service):
    for cell in CELLS:
        for name in signals.names(cell):
            found = service.read_sentence(
                {"model": cell, "text": TEXT, "holds": [HOLD | {"signal": name, "value": 0.5}]}
            )
            if cell != "rnn" and name in ("cell", "hidden"):
                assert (found["error"], found["values"]) == ("hold_state", {"signal": name})
            else:
                assert "ghost" in found


@pytest.mark.parametrize(
    "change",
    [
        {"signal": None}, {"signal": "\ud800"}, {"signal": "x" * 50}, {"value": "0"}, {"value": True}, {"value": None},
        {"value": float("nan")}, {"value": float("inf")}, {"tokens": 3}, {"tokens": [1]}, {"tokens": [-1, 2]},
        {"tokens": [0, 10**30]}, {"units": 1}, {"units": []}, {"units": [1]}, {"units": [[-1, 1]]},
        {"units": [[1.0, 1.0]]}, {"units": [[2, 1]]}, {"units": [[0, 3], [3, 4]]}, {"units": [[4, 5], [0, 1]]},
        {"units": [[2 * n, 2 * n] for n in range(MOST_RANGES + 1)]}, {"layer": True},
        {"direction": 2}, {"direction": "both"},
    ],
)  # fmt: skip
def test_a_hold_of_another_form_is_refused(service, change):
    found = service.read_sentence({"model": "lstm", "text": TEXT, "holds": [HOLD | change]})
    assert found["error"] == "hold_form"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"signal": "reset"}, "unknown_name"), ({"value": -1.5}, "clamp_range"), ({"tokens": [8, 8]}, "clamp_place"),
        ({"tokens": [4, 2]}, "clamp_place"), ({"units": [[6, 6]]}, "clamp_place"), ({"layer": 2}, "layer_range"),
    ],
)  # fmt: skip
def test_a_hold_that_the_network_cannot_have_is_refused(service, change, error):
    found = service.read_sentence({"model": "lstm", "text": TEXT, "holds": [HOLD | change]})
    assert found["error"] == error


@pytest.mark.parametrize(
    ("holds", "error"), [({}, "hold_form"), ([5], "hold_form"), ([HOLD] * (MOST_HOLDS + 1), "holds_many")]
)
def test_what_is_no_list_of_few_holds_is_refused(service, holds, error):
    assert service.read_sentence({"model": "lstm", "text": TEXT, "holds": holds})["error"] == error
