"""What the page is told has the type that is stated of it: no field is missing, of another type, or left unsaid."""

import base64
import json

import orjson
import pytest
from pydantic import TypeAdapter

from rnnviz.checkpoint import shipped
from rnnviz.page.handlers import HANDLERS
from rnnviz.page.job import Job, News
from rnnviz.page.learning import learning, picture_of
from rnnviz.page.offers import wanted
from rnnviz.page.replies import Objection, Standing
from rnnviz.page.requests import TrainStart
from rnnviz.page.service import Service
from rnnviz.page.trainings import Trainings
from rnnviz.page.visitors import Rights
from rnnviz.reading import read
from tests.builders import CELLS, checkpoint

TEXT = "the film was not good"
READ = {"model": "deep", "text": TEXT}
HOLD = {"signal": "candidate", "value": 0.5, "tokens": [0, 1], "units": [[1, 1]], "layer": 0, "direction": 0}
AT = {"token": 1, "unit": 2, "layer": 0, "direction": 0}
TABLE = base64.b64encode(b"text,label\ngood,1\nbad,0\n" * 3).decode()
ASKED = (
    *(("read_sentence", {"model": f"own-{cell}", "text": TEXT}) for cell in CELLS),
    ("read_sentence", READ | {"holds": [HOLD]}),
    ("read_sentence", READ | {"text": ""}),
    ("read_sentence", READ | {"model": "none"}),
    *(("open_cell", {"model": f"own-{cell}", "text": TEXT} | AT) for cell in CELLS),
    ("pack_sentences", "one sentence"),
    ("pack_sentences", "one sentence\nand another one"),
    ("about_model", {"model": "deep"}),
    ("compare", READ | {"other_model": "padded", "other_text": "the film was good"}),
    ("compare", READ | {"other_model": "padded", "other_text": ""}),
    ("how_far_back", {"text": TEXT}),
    ("how_far_back", {"text": ""}),
    ("find", {"model": "deep", "units": [[0, 1]], "threshold": 0.3}),
    ("padding_drift", {"text": TEXT, "pad_to": 9}),
    ("padding_drift", {"text": ""}),
    ("words", "hi"),
    *(("save_reading", READ | {"kind": kind}) for kind in ("csv", "json", "npz")),
    ("standalone", None),
    ("train_start", {"task": "recall", "cell": "gru"}),
    ("train_poll", {"ticket": "none"}),
    ("train_receive", {"part": 0, "text": TABLE}),
    ("train_receive", {"part": 0, "text": TABLE, "last": True}),
    ("train_receive", {"part": 0, "text": TABLE, "last": True, "text_column": "none"}),
    ("room_open", {}),
    ("room_answer", {"key": "none", "own_pass": "mine", "choice": 1}),
    ("room_counts", {"key": "none", "own_pass": "mine"}),
)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    for cell in CELLS:
        checkpoint(cell).save_pretrained(folder / f"own-{cell}")
    checkpoint("gru", 2, bidirectional=True).save_pretrained(folder / "deep")
    checkpoint("lstm", reading="padded").save_pretrained(folder / "padded")
    trainings = Trainings(learning, rights=lambda: Rights(True, True), begin=lambda work: None)
    return Service(folder, trainings)


def is_of(reply, answer):
    """Whether an answer, as JSON has it, is all that its type says, and nothing more."""
    sent = json.loads(orjson.dumps(answer))
    adapter = TypeAdapter(reply)
    return json.loads(adapter.dump_json(adapter.validate_python(sent))) == sent


@pytest.mark.parametrize(("name", "question"), ASKED)
def test_an_answer_is_of_the_type_that_the_table_says(service, name, question):
    answer = getattr(service, name)(question)
    assert is_of(HANDLERS[name].reply | Objection if name != "words" else HANDLERS[name].reply, answer)


@pytest.mark.parametrize("name", ["sst2-lstm", "agnews-lstm-padded", "agnews-bilstm", "recall-gru"])
def test_what_is_known_of_a_network_that_comes_with_rnnviz_is_too(name):
    answer = Service(shipped.folder()).about_model({"model": name})
    assert is_of(HANDLERS["about_model"].reply, answer)
    assert "places" in answer


def test_how_a_training_stands_is_too():
    job = Job(wanted(TrainStart(task="recall", cell="lstm")), None, heard=0.0)
    shared = {"texts": 10, "seen": 2, "chance": 0.5, "accuracy": 0.75}
    job.show(News(0.5, (1, 1, 0.5, 0.7, 0.5, 0.01), picture_of(read(checkpoint("lstm"), TEXT)), shared))
    assert is_of(Standing, job.progress(1.0, None) | {"place": 0})
    job.end("failed", 2.0, {"error": "training_nan", "values": {"advice": 0.1}, "message": "No."})
    assert is_of(Standing, job.progress(3.0, 1) | {"place": 0})
