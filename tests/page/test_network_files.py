"""The networks' files, for browsers that read: those of the menu, whole, and nothing else."""

import gzip
import shutil

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from rnnviz.page import network_files
from rnnviz.page.network_files import NAMES, NetworkFiles, offered
from rnnviz.page.networks import networks
from tests.shipped import FOLDER


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(FOLDER / "recall-gru", tmp_path / "mine")
    (tmp_path / "mine" / "notes.txt").write_text("private", encoding="utf-8")
    return tmp_path


def asking(folder):
    return TestClient(NetworkFiles(PlainTextResponse("the page"), networks(folder)))


def test_each_file_of_a_network_comes_as_it_is(folder):
    for name in NAMES:
        answer = asking(folder).get(f"/networks/mine/{name}", headers={"accept-encoding": "identity"})
        assert answer.content == (folder / "mine" / name).read_bytes()
        assert "content-encoding" not in answer.headers


def test_texts_come_compressed_where_the_browser_takes_that(folder):
    with asking(folder).stream("GET", "/networks/mine/units.json", headers={"accept-encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert gzip.decompress(raw) == (folder / "mine" / "units.json").read_bytes()


@pytest.mark.parametrize(
    "path",
    ["/networks/mine/notes.txt", "/networks/mine/", "/networks/other/config.json", "/networks/../mine/config.json"],
)
def test_nothing_else_of_a_folder_is_there(folder, path):
    answer = asking(folder).get(path)
    assert answer.status_code == 404 or answer.text == "the page"
    assert "private" not in answer.text


def test_an_answer_never_names_a_folder_of_the_server(folder):
    (folder / "mine" / "vocabulary.txt").unlink()
    answer = asking(folder).get("/networks/mine/vocabulary.txt")
    assert answer.status_code == 404
    assert str(folder) not in answer.text


def test_whatever_is_not_a_networks_file_is_asked_of_the_page(folder):
    assert asking(folder).get("/").text == "the page"


def test_a_network_is_offered_with_all_its_files_at_addresses_that_change_with_it(folder):
    before = offered(networks(folder))["mine"]
    assert set(before["files"]) == set(NAMES)
    assert before["bytes"] == sum((folder / "mine" / name).stat().st_size for name in NAMES)
    units = folder / "mine" / "units.json"
    units.write_bytes(units.read_bytes() + b" ")
    after = offered(networks(folder))["mine"]
    assert before["files"]["model.safetensors"] != after["files"]["model.safetensors"]


def test_a_network_that_is_too_large_has_a_strange_name_or_cannot_be_read_is_left_to_python(folder, monkeypatch):
    (folder / "mine").rename(folder / "my network")
    assert offered(networks(folder)) == {}
    (folder / "my network").rename(folder / "mine")
    assert offered(networks(folder), unread=["mine"]) == {}
    monkeypatch.setattr(network_files, "MOST_BYTES", 1_000)
    assert offered(networks(folder)) == {}
    monkeypatch.undo()
    (folder / "mine" / "model.safetensors").unlink()
    assert offered(networks(folder)) == {}
