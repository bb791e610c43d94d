"""The view In code: the reading as PyTorch and Keras give it, and programs that print its numbers when they are run."""

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from playwright.sync_api import expect

from rnnviz.reading import read
from tests.browser.server import ROOT
from tests.builders import checkpoint
from tests.shipped import opened

pytestmark = pytest.mark.browser

TEXT = 'The "movie" wasn’t \\ good\u202e at all\u200d, but the ending surprised me.'
PRINTED = re.compile(r"^(\w+\[.*?\]) (?:tensor\()?(\[.*?\])\)?$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"-?\d+\.\d*")
LAST_DIGIT = 0.00501


@pytest.fixture
def code(reader):
    reader.open_view("code")
    expect(reader.page.locator(".rv-code-text")).to_contain_text("import rnnviz")
    return reader


def open_network(code, model, text=TEXT):
    """Read a text with a network, and wait until the program is about both."""
    code.read(text)
    if code.model.input_value() != model:
        code.after(lambda: code.model.select_option(model))
    expect(code.page.locator(".rv-code-text")).to_contain_text(f'rnnviz.load("{model}")')
    expect(code.page.locator(".rv-code-text")).to_contain_text("what the linear layer takes")  # it is known by now


def choose(code, *names):
    for name in names:
        code.page.locator(".rv-code-choices").get_by_role("radio", name=name, exact=True).click()


def program(code):
    code.settle()
    return code.page.locator(".rv-code-text").text_content()


ONE_BY_ONE = """
import runpy
import sys
for file in sys.argv[1:]:
    print("# program")
    runpy.run_path(file, run_name="__main__")
"""


def run(sources, folder):
    """What programs print, in one process, for it takes seconds to import torch: all of it, and its arrays by name."""
    files = [folder / f"program{number}.py" for number in range(len(sources))]
    for file, source in zip(files, sources, strict=True):
        file.write_text(source, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-c", ONE_BY_ONE, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=folder, env=environment)
    assert done.returncode == 0, done.stderr
    for told in done.stdout.split("# program\n")[1:]:
        yield told, {name: np.array(NUMBER.findall(body), float) for name, body in PRINTED.findall(told)}


def shown(code, name):
    """The rows of numbers that the page shows of an array."""
    rows = code.page.get_by_role("group", name=name, exact=True).locator("tbody tr:not(.rv-code-gap)").all()
    texts = [row.locator(".rv-code-cell").all_inner_texts() for row in rows]
    return np.array([[float(text.replace("\u2212", "-")) for text in row] for row in texts])


def columns(code, name):
    heads = code.page.get_by_role("group", name=name, exact=True).locator("thead th:not(.rv-code-gap)")
    return [int(head) for head in heads.all_inner_texts()]


FIRST = "batch_first=True"
CHOICES = {
    "alone": (FIRST, "No padding"),
    "steps first": ("batch_first=False", "No padding"),
    "padded": (FIRST, "Padding: 3"),
    "packed": ("batch_first=False", "Padding: 3, packed"),
}


def expected(checkpoint, choice):
    """The reading as Python makes it: `output` of the top layer [step, unit], `h_n` and `c_n` [layer × way, unit]."""
    alone = read(checkpoint, TEXT)
    words = len(alone.tokens)
    trace = read(checkpoint, TEXT, pad_to=words + 3) if "padded" in choice else alone
    output = np.concatenate(list(trace.signals["hidden"][-1]), axis=-1)
    if "packed" in choice:
        output = np.concatenate([output, np.zeros((3, output.shape[1]))])

    def ends(name):
        signal = trace.signals[name]
        return (
            signal[:, :, [-1, 0][: signal.shape[1]]].diagonal(axis1=1, axis2=2).swapaxes(1, 2).reshape(-1, trace.units)
        )

    cells = ends("cell") if trace.cell == "lstm" else None
    return trace, output, ends("hidden"), cells


MODELS = ["sst2-rnn", "sst2-gru", "sst2-lstm", "sst2-bilstm"]


@pytest.mark.parametrize("model", MODELS)
def test_the_programs_of_the_page_run_and_print_the_numbers_of_the_page(code, tmp_path, model):
    open_network(code, model)
    check_choices(code, opened(model), tmp_path)


def check_choices(code, checkpoint, folder):
    """Hold the arrays of the page, and those that its programs in PyTorch print, against the readings."""
    sources = []
    for choice, names in CHOICES.items():
        choose(code, *names)
        _, output, hidden, cells = expected(checkpoint, choice)
        check_shown(code, "output[0]" if names[0] == FIRST else "output[:, 0]", output)
        check_shown(code, "h_n[:, 0]", hidden)
        if cells is not None:
            check_shown(code, "c_n[:, 0]", cells)
        sources.append(program(code))
    for choice, (told, arrays) in zip(CHOICES, run(sources, folder), strict=True):
        check_printed(told, arrays, expected(checkpoint, choice), CHOICES[choice][0] == FIRST)


def check_shown(code, name, wanted):
    """Hold an array of the page against all its rows."""
    group = code.page.get_by_role("group", name=name, exact=True)
    expect(group.locator("tbody tr")).to_have_count(len(wanted))
    expect(group).not_to_contain_text("?")
    np.testing.assert_allclose(shown(code, name), wanted[:, columns(code, name)], atol=LAST_DIGIT)


def check_printed(told, arrays, wanted, first):
    """Hold what a program in PyTorch has printed against the reading."""
    trace, output, hidden, cells = wanted
    shape = (1, len(output), output.shape[1]) if first else (len(output), 1, output.shape[1])
    assert f"output {shape}" in told
    assert f"h_n ({len(hidden)}, 1, {hidden.shape[1]})" in told
    assert len(re.findall(r"^h_n\[-\d\] is output\[.*\]: True$", told, re.MULTILINE)) == len(trace.directions)
    np.testing.assert_allclose(arrays.pop("h_n[:, 0]"), hidden.ravel(), atol=LAST_DIGIT)
    if cells is not None:
        assert f"c_n ({len(hidden)}, 1, {hidden.shape[1]})" in told
        np.testing.assert_allclose(arrays.pop("c_n[:, 0]"), cells.ravel(), atol=LAST_DIGIT)
    check_chosen(arrays, output)
    check_answers(told, trace)


def check_answers(told, trace):
    """The share of each class is printed."""
    answers = [float(share) / 100 for share in re.findall(r"^\w+ ([\d.]+)%$", told, re.MULTILINE)]
    np.testing.assert_allclose(answers, trace.verdicts[-1], atol=0.000501)


def check_chosen(arrays, output):
    """Of the selected unit all steps are printed, and of the selected word all units."""
    (unit, across), (step, down) = arrays.items()
    numbers = [[int(one) for one in re.findall(r"\d+", name)] for name in (unit, step)]
    np.testing.assert_allclose(across, output[:, numbers[0][-1]], atol=LAST_DIGIT)
    np.testing.assert_allclose(down, output[sum(numbers[1])], atol=LAST_DIGIT)  # the other index is 0: the sample


@pytest.mark.skipif(find_spec("keras") is None, reason="Keras is not among the tools of the tests")
@pytest.mark.parametrize("model", MODELS)
def test_the_programs_in_keras_print_the_same_numbers(code, tmp_path, model):
    open_network(code, model)
    check_keras(code, opened(model), tmp_path)


def check_keras(code, checkpoint, folder):
    """Hold the arrays of the page, and those that its programs in Keras print, against the readings."""
    choose(code, "Keras")
    batches = {"alone": "No padding", "padded": "Padding: 3", "packed": "Padding: 3, with a mask"}
    sources = []
    for choice, name in batches.items():
        choose(code, name)
        _, output, hidden, cells = in_keras(checkpoint, choice)
        check_shown(code, "output[0]", output)
        check_shown(code, "h[0]", hidden)
        sources.append(program(code))
    for choice, (told, arrays) in zip(batches, run(sources, folder), strict=True):
        trace, output, hidden, cells = in_keras(checkpoint, choice)
        ways = [""] if len(trace.directions) == 1 else ["forward_", "backward_"]
        for way, prefix in enumerate(ways, start=-len(ways)):
            np.testing.assert_allclose(arrays.pop(f"{prefix}h[0]"), hidden[way], atol=LAST_DIGIT)
            if cells is not None:
                np.testing.assert_allclose(arrays.pop(f"{prefix}c[0]"), cells[way], atol=LAST_DIGIT)
        check_chosen(arrays, output)
        check_answers(told, trace)


def in_keras(checkpoint, choice):
    """As in PyTorch; but where the padding is passed over, a layer that reads one way repeats its last state."""
    trace, output, hidden, cells = expected(checkpoint, choice)
    if choice == "packed" and len(trace.directions) == 1:
        output[-3:] = output[-4]
    return trace, output, hidden, cells


PLACE = "path/of/its/folder"  # in the program of a network that is open in the browser alone


@pytest.mark.parametrize(
    ("pooling", "bidirectional", "said"),
    [
        ("output-last", False, "output at the last step: output[:, -1]. Padding"),
        ("output-last", True, "output at the last step: output[:, -1]. There, backward has read a single step."),
        ("sum", True, "The sum of output over the steps: output.sum(dim=1)."),
    ],
)
def test_what_the_linear_layer_takes_of_a_network_of_ones_own_is_in_the_programs(
    code, tmp_path, pooling, bidirectional, said
):
    network = checkpoint("gru", bidirectional=bidirectional, pooling=pooling)
    network.save_pretrained(tmp_path / PLACE)
    archive = shutil.make_archive(str(tmp_path / "tiny"), "zip", tmp_path / PLACE)
    code.open_view("train")
    code.page.locator(".rv-train-tools input[type=file]").set_input_files(archive)
    expect(code.root).to_have_attribute("data-model", re.compile("^own-"))
    code.read(TEXT)
    code.open_view("code")
    expect(code.page.locator(".rv-code-text")).to_contain_text("what the linear layer takes")
    expect(code.page.locator(".rv-code-facts")).to_contain_text(said)
    check_choices(code, network, tmp_path)
    if find_spec("keras"):
        check_keras(code, network, tmp_path)


@pytest.mark.asks_python
def test_while_a_text_with_padding_is_on_its_way_only_the_last_of_the_next_ones_waits(code):
    choose(code, FIRST, "Padding: 3")
    held, texts = [], []

    def hold(route):
        question = route.request.post_data_json
        pads = question["fn_name"] == "read_sentence" and question["data"].get("padding")
        texts.extend([question["data"]["text"]] * bool(pads))
        held.append(route) if pads and not held else route.continue_()

    code.page.route("**/component_server/**", hold)
    for text in ("good", "a good", "a good film"):
        code.read(text)
    code.settle()
    assert texts == ["good"]
    held[0].continue_()
    group = code.page.get_by_role("group", name="output[0]", exact=True)
    expect(group.locator("tbody tr")).to_have_count(6)
    expect(group).not_to_contain_text("?")
    assert texts == ["good", "a good film"]
    code.page.unroute("**/component_server/**")
    trace = read(opened("sst2-lstm"), "a good film", pad_to=6)
    check_shown(code, "output[0]", trace.signals["hidden"][-1, 0])


def test_each_choice_says_what_it_changes(code):
    said = code.page.locator(".rv-code .rv-said")
    shapes = code.page.locator(".rv-code-shapes tr")
    choose(code, "batch_first=False")
    expect(said).to_contain_text("now begin with the steps: (12, 1, 32). h_n does not change")
    expect(shapes.nth(0)).to_have_text("x(12, 1, 100)steps, samples, features")
    expect(shapes.nth(2)).to_have_text("h_n(1, 1, 32)layers × directions, samples, units")
    choose(code, "Padding: 3")
    expect(said).to_contain_text("h_n changes: it is now the state after the padding, as is output[-1].")
    choose(code, "Padding: 3, packed")
    expect(said).to_contain_text("h_n does not change: it is the state without padding.")
    choose(code, "Keras")
    expect(said).to_contain_text("Keras always begins with the samples.")
    expect(code.page.get_by_role("radio", name="batch_first=True")).to_be_hidden()
    expect(shapes.nth(1)).to_have_text("output(1, 15, 32)samples, steps, units")


def test_the_arrays_mark_the_selected_word_and_unit_and_select_them(code):
    open_network(code, "sst2-bilstm")
    array = code.page.get_by_role("group", name="output[0]", exact=True)
    array.locator("tr[data-token='2'] .rv-code-cell[data-direction='1'][data-unit='63']").click()
    expect(code.page.locator(".rv-where").first).to_contain_text("unit 63")
    expect(code.words.nth(2)).to_have_attribute("aria-pressed", "true")
    code.page.mouse.move(0, 0)
    expect(array.locator("td.rv-at")).to_have_count(1)
    expect(array.locator("thead th.rv-at")).to_have_text("127")
    expect(code.page.locator(".rv-code-text")).to_contain_text("output[0, :, 127]")
    code.words.nth(4).click()
    expect(array.locator("tbody th.rv-at")).to_contain_text("4")
    code.page.get_by_role("group", name="h_n[:, 0]", exact=True).locator("tr").nth(1).locator("td").first.click()
    expect(code.page.locator(".rv-code")).to_contain_text("does not stand in output")


def test_the_program_is_copied_with_one_click_or_selected(code):
    page = code.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the program").click()
    expect(page.locator(".rv-code .rv-copied")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == program(code)
    page.evaluate("() => Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.get_by_role("button", name="Copy the program").click()
    expect(page.locator(".rv-code .rv-copied")).to_have_text("It is selected: copy it.")
    assert page.evaluate("getSelection().toString()").strip() == program(code).strip()


def test_the_cell_opens_the_view_and_a_link_that_hides_the_views_has_no_such_button(visit):
    reader = visit()
    reader.page.locator(".rv-cell-card").get_by_role("button", name="In code").click()
    expect(reader.page.get_by_role("tabpanel", name="In code")).to_be_in_viewport()
    hidden = visit("#model=sst2-lstm&text=good&hide=views")
    expect(hidden.page.locator(".rv-to-code")).to_be_hidden()


def test_of_a_long_text_the_ends_that_the_page_does_not_hold_are_not_made_up(code):
    open_network(code, "sst2-gru", "good " * 250)
    expect(code.page.locator(".rv-code")).to_contain_text("The page holds words 1 to 200 of 250.")
    expect(code.page.get_by_role("group", name="h_n[:, 0]", exact=True).locator(".rv-code-cell").first).to_have_text(
        "?"
    )


def test_what_is_held_is_not_said_to_be_pytorchs(code):
    code.after(lambda: code.page.locator(".rv-gauge[data-signal=input]").press("Home"))
    expect(code.page.locator(".rv-code")).to_contain_text("The program reads without it")
