"""A visitor's own file: sent in parts, read with every check of a file on the disk, and kept only in memory."""

import base64
import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from rnnviz.data import datasets
from rnnviz.data.file_options import CHOICES
from rnnviz.page import assets, uploads
from rnnviz.page.learning import learning
from rnnviz.page.offers import offers
from rnnviz.page.requests import TrainReceive
from rnnviz.page.trainings import Trainings
from rnnviz.page.visitors import Rights
from rnnviz.page.work_queue import Turns

ROWS = [("a good film", "good"), ("a bad film", "bad"), ("a good, long book", "good"), ("a bad book", "bad")] * 5
TABLE = "text,label\n" + "".join(f'"{text}",{label}\n' for text, label in ROWS)


class Sender:
    """Sends files as the page does; its clock is in the test's hands."""

    def __init__(self):
        self.now = 0.0
        self.trainings = Trainings(
            learning, rights=lambda: Rights(True, True), clock=lambda: self.now, begin=lambda work: None
        )

    def receive(self, **question):
        found = self.trainings.receive(question)
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
        return found

    def send(self, data, size=64, **more):
        """The answers to all parts."""
        parts = [data[start : start + size] for start in range(0, len(data), size)] or [b""]
        answers, ticket = [], {}
        for place, part in enumerate(parts):
            last = place == len(parts) - 1
            text = base64.b64encode(part).decode()
            answers.append(self.receive(**ticket, part=place, text=text, last=last, name="reviews.csv", **more))
            ticket = {"ticket": answers[-1].get("ticket")}
        return answers

    def dataset(self, ticket):
        return self.trainings._uploads.dataset(ticket)


@pytest.fixture
def sender():
    return Sender()


def test_a_file_in_parts_is_the_file_on_the_disk(sender, tmp_path):
    path = tmp_path / "reviews.csv"
    path.write_text(TABLE)
    wanted = datasets.load(path)
    *parts, last = sender.send(TABLE.encode())
    assert len(parts) > 3
    assert [part["parts"] for part in parts] == list(range(1, len(parts) + 1))
    assert {name: last[name] for name in ("rows", "classes", "columns")} == {
        "rows": 20,
        "classes": ["bad", "good"],
        "columns": ["text", "label"],
    }
    found = sender.dataset(last["ticket"])
    assert (found.name, found.texts, found.classes) == (wanted.name, wanted.texts, wanted.classes)
    np.testing.assert_array_equal(found.labels, wanted.labels)


def test_a_file_is_not_read_again_while_others_are_and_can_be_afterwards(sender):
    ticket = sender.send(TABLE.encode())[-1]["ticket"]
    sender.trainings._uploads._turns = Turns(at_once=1, waiting=0)
    with sender.trainings._uploads._turns.turn():
        assert sender.receive(ticket=ticket, last=True)["error"] == "server_busy"
    assert sender.receive(ticket=ticket, last=True)["rows"] == 20


def test_a_file_is_a_training_s_data(sender):
    ticket = sender.send(TABLE.encode())[-1]["ticket"]
    found = sender.trainings.start({"data": ticket, "cell": "gru"})
    assert found["state"] == "waiting"


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "data_empty"),
        (b"text,label\n", "data_empty"),
        ("text,label\nκαλό,1\nκακό,2\n".encode("cp1253"), "data_encoding"),
        (b"text,label\na,b,c\n", "data_ragged"),
        (b"text;label\na;b\n", "data_one_class"),
        (b"review;label\na;b\n", "data_column"),
        (b'text,label\n"a,b\n', "data_quote"),
        (b"text,label\na,b\nc,b\n", "data_one_class"),
        (b"text,label\na,b\nc,b\nd,e\n", "data_rare_class"),
        (b"text,text,label\na,b,c\n", "data_repeated"),
        (b"text,label\n" + b"".join(b"t,%d\n" % row for row in range(1_987)) + b"t,1\n" * 13, "data_many_classes"),
        (b"text,label\n" + b"".join(b"t,%d\n" % (row // 2) for row in range(122)), "data_many_classes"),
        (b"\x1f\x8b not really zipped", "data_damaged"),
        (gzip.compress(b"text,label\n" + b"a,b\n" * 3_000_000), "data_large"),
        (gzip.compress(b"text,label\n" + b"a,b\n" * 2_400_000), "data_large"),  # 10 kB that become 10 MB
        (b"text,label\n" + b"a,b\n" * 200_001, "data_rows"),
        (b"\0" * 1_000, "data_zeros"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_t40_to_t43_what_is_wrong_with_a_file_is_said(sender, data, key):
    found = sender.send(data, size=40_000)[-1]
    assert found["error"] == key
    assert "rows" not in found
    assert sender.trainings.start({"data": found["ticket"], "cell": "rnn"})["error"] == "upload_lost"


def test_columns_may_be_chosen_after_the_file_was_sent(sender):
    found = sender.send(TABLE.replace("text,label", "review,stars").encode())[-1]
    assert (found["error"], found["columns"]) == ("data_column", ["review", "stars"])
    again = sender.receive(ticket=found["ticket"], last=True, text_column="review", label_column="stars")
    assert (again["rows"], again["classes"]) == (20, ["bad", "good"])
    assert sender.dataset(found["ticket"]).texts[0] == "a good film"


def test_t41_encoding_and_delimiter_may_be_chosen(sender):
    table = "text;label\n" + "καλό;1\nκακό;2\n" * 3
    found = sender.send(table.encode("cp1253"), encoding="cp1253", delimiter=";")[-1]
    assert sender.dataset(found["ticket"]).texts[:2] == ("καλό", "κακό")
    again = sender.receive(ticket=found["ticket"], last=True, encoding="no such", delimiter=";")
    assert again["error"] == "data_codec"
    for odd in ("idna", "punycode", "unicode_escape", "undefined", "zlib"):
        assert sender.receive(ticket=found["ticket"], last=True, encoding=odd)["error"] == "data_codec"


def test_t41_a_zipped_file_in_utf_16_is_read(sender):
    found = sender.send(gzip.compress(TABLE.encode("utf-16")))[-1]
    assert found["rows"] == 20


@pytest.mark.parametrize("odd", [None, [], 7, {"text": None}, {"text": 7}, {"text": "%%%"}, {"text": "\ud800"}])
def test_an_odd_part_is_refused_in_words(sender, odd):
    question = odd if not isinstance(odd, dict) else {"part": 0, "last": False} | odd
    found = sender.trainings.receive(question)
    assert found.get("error", "ticket") == ("upload_lost" if isinstance(odd, dict) else "ticket")


@pytest.mark.parametrize("part", [0, 2, -1, None, "1", 1e300])
def test_a_part_out_of_turn_drops_the_file(sender, part):
    text = base64.b64encode(b"text,label\n").decode()
    ticket = sender.receive(part=0, text=text)["ticket"]
    assert sender.receive(ticket=ticket, part=part, text=text)["error"] == "upload_lost"
    assert sender.receive(ticket=ticket, part=1, text=text)["error"] == "upload_lost"


@pytest.mark.parametrize("ticket", ["", "guessed", 7, [], {}])
def test_an_unknown_ticket_takes_no_part(sender, ticket):
    assert sender.receive(ticket=ticket, part=0, text="")["error"] == "upload_lost"


def test_a_file_above_the_limit_is_refused_and_dropped(sender, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_BYTES", 100)
    answers = sender.send(b"x" * 101, size=60)
    assert answers[-1]["error"] == "data_large"
    assert answers[-1]["values"] == {"path": "reviews.csv", "limit": 100}
    assert sender.trainings._uploads._files == {}


def test_a_part_above_the_limit_of_a_request_is_refused(sender):
    assert sender.receive(part=0, text="A" * 64_004)["error"] == "upload_lost"


def test_only_the_files_used_last_are_kept(sender):
    tickets = []
    for _ in range(uploads.MOST_FILES):
        tickets.append(sender.send(TABLE.encode())[-1]["ticket"])
        sender.now += 1
    sender.dataset(tickets[0])  # used now, so the second one is the oldest
    tickets.append(sender.send(TABLE.encode())[-1]["ticket"])
    found = [sender.receive(ticket=ticket, last=True).get("error") for ticket in tickets]
    assert found == [None, "upload_lost", None, None, None]


def test_a_file_that_is_not_used_is_dropped(sender):
    ticket = sender.send(TABLE.encode())[-1]["ticket"]
    sender.now += uploads.KEPT_SECONDS + 1
    assert sender.receive(ticket=ticket, last=True)["error"] == "upload_lost"
    assert sender.trainings._uploads._files == {}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\data\\my.csv", "my.csv"),
        ("a\0b.csv", "ab.csv"),
        ("\ud800.csv", "?.csv"),
        ("", "file.csv"),
        (None, "file.csv"),
        ("/", "file.csv"),
        ("n" * 1_000, "n" * 100),
        ("{path} ${f()} <img>.csv", "{path} ${f()} <img>.csv"),
    ],
)
def test_t80_a_file_s_name_is_only_said_and_nothing_is_opened_by_it(sender, name, said, monkeypatch):
    monkeypatch.setattr("pathlib.Path.open", None)
    monkeypatch.setattr("pathlib.Path.is_file", None)
    found = sender.receive(part=0, text="", last=True, name=name)
    assert (found["error"], found["values"]["path"]) == ("data_empty", said)


def test_the_names_in_an_answer_are_short(sender):
    data = f"text,label,{'c' * 1_000}\n" + f"a,{'k' * 1_000},\nb,x,\n" * 2
    found = sender.send(data.encode(), size=40_000)[-1]
    assert (max(map(len, found["classes"])), max(map(len, found["columns"]))) == (100, 100)


# How a file is written


def test_each_menu_of_a_file_is_a_field_of_the_question_and_has_a_name_on_the_page():
    menus = offers(allowed=True, own_files=True)["file_menus"]
    assert set(menus) == {"format", *CHOICES}
    assert set(menus) <= set(TrainReceive.model_fields)
    english = json.loads((Path(assets.__file__).parent / "locales" / "en.json").read_text(encoding="utf-8"))
    assert {f"train_file_option_{name}" for name in menus} <= set(english)


def test_what_was_found_is_said_as_the_menus_would_and_five_rows_are_shown(sender):
    texts = [(label, f"{text} {place}") for place, (text, label) in enumerate(ROWS)]
    rows = "".join(f"{label};{text}\n" for label, text in texts)
    found = sender.send(rows.encode())[-1]
    assert found["columns"] == ["1", "2"]
    assert found["preview"] == [list(row) for row in texts[:5]]
    assert (found["found"]["delimiter"], found["found"]["header"]) == (";", "no")
    assert found["remarks"] == []
    again = sender.receive(ticket=found["ticket"], last=True, **found["found"])
    assert (again["rows"], again["classes"]) == (found["rows"], found["classes"])


def test_a_menu_counts_more_than_what_would_be_found(sender):
    ticket = sender.send(TABLE.encode())[-1]["ticket"]
    found = sender.receive(ticket=ticket, last=True, header="no")
    assert (found["error"], found["columns"], found["preview"][0]) == ("data_no_header", ["1", "2"], ["text", "label"])
    found = sender.receive(ticket=ticket, last=True, delimiter="|", quotes="no")
    assert found["preview"][0] == ['"a good film",good']
    assert sender.receive(ticket=ticket, last=True, format="trec6")["error"] == "data_label"
    assert sender.receive(ticket=ticket, last=True, format="no such")["error"] == "unknown_name"
    assert sender.receive(ticket=ticket, last=True, stray_bytes="no such")["error"] == "data_stray_choice"
    assert sender.receive(ticket=ticket, last=True)["rows"] == 20


def test_remarks_on_a_file_are_told_with_their_words(sender):
    table = "text,label\n" + "".join(f"Müller{place},{label}\n" for place, (_, label) in enumerate(ROWS))
    found = sender.send(table.encode())[-1]
    assert [remark["error"] for remark in found["remarks"]] == ["data_unsplit"]
    assert found["remarks"][0]["values"] == {"path": "reviews.csv", "percent": 100}


@pytest.mark.parametrize(
    "data", [b"\x80\x04K\x01.", b"PK\3\4" + bytes(60), b"label,text\n\xff,a\n", b'"', b"[{}]", b"{}"]
)
def test_of_a_file_that_cannot_be_read_as_much_is_shown_as_there_is(sender, data):
    found = sender.send(data)[-1]
    assert found["error"].startswith("data_")
    assert isinstance(found["preview"], list)
