"""The networks' files, for browsers that read: those of the menu, whole, and nothing else."""

import gzip
import json
import shutil

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from rnnviz.page import network_files
from rnnviz.page.network_files import NAMES, NetworkFiles, browser_networks, described
from rnnviz.page.networks import networks
from tests.shipped import FOLDER

OF_WORDS = set(NAMES) - {"vocabulary.json"}


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(FOLDER / "recall-gru", tmp_path / "mine")
    (tmp_path / "mine" / "notes.txt").write_text("private", encoding="utf-8")
    return tmp_path


def offered(folder, unread=()):
    return browser_networks(networks(folder), unread)


def asking(folder):
    return TestClient(NetworkFiles(PlainTextResponse("the page"), offered(folder)))


@pytest.mark.parametrize("name", ["model.safetensors", "vocabulary.txt", "units.json"])
def test_each_file_of_a_network_comes_as_it_is(folder, name):
    answer = asking(folder).get(f"/networks/mine/{name}", headers={"accept-encoding": "identity"})
    assert answer.content == (folder / "mine" / name).read_bytes()
    assert "content-encoding" not in answer.headers


def test_the_settings_come_without_the_command_that_their_owner_typed(folder):
    config = folder / "mine" / "config.json"
    whole = json.loads(config.read_text(encoding="utf-8"))
    whole["training"]["command"] = "rnnviz train /home/maria/pupils.csv"
    config.write_text(json.dumps(whole), encoding="utf-8")
    answer = asking(folder).get("/networks/mine/config.json")
    told = {name: whole["training"][name] for name in ("notes", "seed", "texts", "epochs")}
    assert answer.json() == whole | {"training": told}
    assert "maria" not in answer.text


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br, zstd"])
def test_texts_come_compressed_where_the_browser_takes_that(folder, accepted):
    with asking(folder).stream("GET", "/networks/mine/units.json", headers={"accept-encoding": accepted}) as answer:
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


def test_a_file_that_is_not_what_it_was_is_not_there_and_no_folder_of_the_server_is_named(folder):
    asked = asking(folder)
    vocabulary = folder / "mine" / "vocabulary.txt"
    vocabulary.write_bytes(vocabulary.read_bytes() + b"more\n")
    answer = asked.get("/networks/mine/vocabulary.txt")
    assert answer.status_code == 404
    assert str(folder) not in answer.text


def test_whatever_is_not_a_networks_file_is_asked_of_the_page(folder):
    assert asking(folder).get("/").text == "the page"


def test_a_network_is_offered_with_all_its_files_at_addresses_that_change_with_it(folder):
    before = described(offered(folder))["mine"]
    assert set(before["files"]) == OF_WORDS
    units = folder / "mine" / "units.json"
    units.write_bytes(units.read_bytes() + b" ")
    after = described(offered(folder))["mine"]
    assert before["files"]["model.safetensors"] != after["files"]["model.safetensors"]


def test_a_network_that_is_large_has_a_strange_name_or_cannot_be_read_is_left_to_python(folder, monkeypatch):
    (folder / "mine").rename(folder / "my network")
    assert offered(folder) == {}
    (folder / "my network").rename(folder / "mine")
    assert offered(folder, unread=["mine"]) == {}
    monkeypatch.setattr(network_files, "MOST_BYTES", 1_000)
    assert offered(folder) == {}
    monkeypatch.undo()
    weights = (folder / "mine" / "model.safetensors").read_bytes()
    for other in (b"", weights[:-1] + bytes([weights[-1] ^ 1]), b"version https://git-lfs.github.com/spec/v1\n"):
        (folder / "mine" / "model.safetensors").write_bytes(other)
        assert offered(folder) == {}
    assert asking(folder).get("/networks/mine/config.json").status_code == 404


def test_a_link_to_somewhere_else_is_never_sent(folder, tmp_path_factory):
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.json"
    secret.write_text('{"password": "hunter2"}', encoding="utf-8")
    (folder / "mine" / "units.json").unlink()
    (folder / "mine" / "units.json").symlink_to(secret)
    answer = asking(folder).get("/networks/mine/units.json")
    assert "hunter2" not in answer.text
    assert answer.status_code == 404


def test_the_files_of_the_hubs_cache_are_links_to_its_own_and_are_sent(folder):
    snapshot, blobs = folder / "snapshots" / "a1b2", folder / "blobs"
    snapshot.mkdir(parents=True)
    blobs.mkdir()
    for name in sorted(OF_WORDS):
        shutil.copy(folder / "mine" / name, blobs / name)
        (snapshot / name).symlink_to(blobs / name)
    assert set(browser_networks({"hub": snapshot})["hub"].files) == OF_WORDS
