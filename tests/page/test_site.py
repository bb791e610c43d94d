"""The static site as it is written; in a browser: tests/browser/test_site.py."""

import base64
import hashlib
import json
import re
import shutil

import pytest
from typer.testing import CliRunner

from rnnviz.cli import app
from rnnviz.errors import CheckpointError, StorageError
from rnnviz.page import assets, site
from tests.shipped import FOLDER


def props_of(page):
    return json.loads(
        re.search(r'<script type="application/json" id="rnnviz-props">(.*?)</script>', page, re.DOTALL)[1]
    )


def test_the_folder_names_only_what_lies_in_it(tmp_path):
    site.write_folder(tmp_path / "public", FOLDER, ["recall-gru", "sst2-lstm"])
    page = (tmp_path / "public" / "index.html").read_text(encoding="utf-8")
    props = props_of(page)
    around = page.partition("<body")[0] + page.rpartition("</script>\n")[0][-200:]
    addresses = [
        *(address for network in props["networks"].values() for address in network["files"].values()),
        *props["dictionaries"].values(),
        *re.findall(r'(?:src|href)="((?!data:)[^"]+)"', around),
    ]
    for address in addresses:
        assert not address.startswith(("/", "http")), address
        assert (tmp_path / "public" / address.partition("?")[0]).is_file(), address
    assert set(props["dictionaries"]) == set(assets.TEXTS)
    assert [model["name"] for model in props["models"]] == ["sst2-lstm", "recall-gru"]


def test_no_script_of_a_folder_stands_in_the_page_and_the_policy_allows_none(tmp_path):
    site.write_folder(tmp_path / "public", FOLDER, ["recall-gru"])
    page = (tmp_path / "public" / "index.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy
    assert re.findall(r"<script(?![^>]* (?:src|type)=)|<style| on[a-z]+=", page) == []


def test_the_one_script_and_style_sheet_of_a_file_are_those_whose_hashes_the_policy_names(tmp_path):
    site.write_file(tmp_path / "one.html", FOLDER, ["recall-gru"])
    page = (tmp_path / "one.html").read_bytes().decode("utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    style = page.partition('<style id="rnnviz-style">')[2].partition("</style>")[0]
    script = page.partition('<script id="rnnviz-script">')[2].rpartition("</script>")[0]
    hashes = [base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() for part in (style, script)]
    assert re.findall(r"'sha256-([^']+)'", policy) == hashes[::-1]


def test_the_networks_in_a_file_are_theirs_byte_for_byte(tmp_path):
    site.write_file(tmp_path / "one.html", FOLDER, ["recall-gru"])
    network = props_of((tmp_path / "one.html").read_text(encoding="utf-8"))["networks"]["recall-gru"]
    assert len(network["files"]) == 4
    for name, file in network["files"].items():
        sent, kept = base64.b64decode(file["base64"]), (FOLDER / "recall-gru" / name).read_bytes()
        if name == "config.json":  # without the command that was typed
            sent, kept = json.loads(sent), json.loads(kept)
            assert "command" in kept["training"]
            kept["training"] = {key: value for key, value in kept["training"].items() if key in sent["training"]}
            assert "command" not in sent["training"]
        assert sent == kept


def test_a_folder_with_something_else_in_it_stays_as_it_is(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work", encoding="utf-8")
    (tmp_path / "index.html").write_text("my home page", encoding="utf-8")
    for write in (site.write_folder, lambda out, *rest: site.write_file(out / "index.html", *rest)):
        with pytest.raises(StorageError, match="something else than a site"):
            write(tmp_path, FOLDER, ["recall-gru"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index.html", "thesis.tex"]


def test_a_single_file_makes_no_site_of_the_folder_that_it_lies_in(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work", encoding="utf-8")
    site.write_file(tmp_path / "index.html", FOLDER, ["recall-gru"])
    with pytest.raises(StorageError, match="something else than a site"):
        site.write_folder(tmp_path, FOLDER, ["recall-gru"])


def test_what_else_lies_in_a_site_stays_there_when_it_is_written_again(tmp_path):
    public = tmp_path / "public"
    site.write_folder(public, FOLDER, ["recall-gru"])
    (public / ".git").mkdir()
    (public / ".git" / "HEAD").write_text("ref: refs/heads/gh-pages", encoding="utf-8")
    (public / "CNAME").write_text("rnnviz.example.org", encoding="utf-8")
    site.write_folder(public, FOLDER, ["recall-lstm"])
    assert (public / ".git" / "HEAD").read_text(encoding="utf-8") == "ref: refs/heads/gh-pages"
    assert (public / "CNAME").read_text(encoding="utf-8") == "rnnviz.example.org"


def test_a_network_that_cannot_be_read_is_refused_with_what_is_wrong_with_it(tmp_path):
    (tmp_path / "nets" / "broken").mkdir(parents=True)
    (tmp_path / "nets" / "broken" / "config.json").write_text("[]", encoding="utf-8")
    shutil.copytree(FOLDER / "recall-gru", tmp_path / "nets" / "good")
    with pytest.raises(CheckpointError, match="it is no JSON object"):
        site.write_folder(tmp_path / "public", tmp_path / "nets", ["broken"])
    assert site.write_folder(tmp_path / "public", tmp_path / "nets") == ["good"]


def test_a_site_that_was_written_before_is_replaced(tmp_path):
    site.write_folder(tmp_path / "public", FOLDER, ["recall-gru"])
    site.write_folder(tmp_path / "public", FOLDER, ["recall-lstm"])
    assert [path.name for path in (tmp_path / "public" / "networks").iterdir()] == ["recall-lstm"]


def test_a_network_that_is_not_there_is_named_with_those_that_are(tmp_path):
    with pytest.raises(CheckpointError, match=r"no network 'sst3'.*sst2-lstm"):
        site.write_folder(tmp_path / "public", FOLDER, ["sst3"])
    assert not (tmp_path / "public").exists()


def test_the_command_writes_a_folder_or_a_file_and_says_which_networks(tmp_path):
    run = CliRunner().invoke(app, ["site", str(tmp_path / "public"), "--network", "recall-gru", "--space"])
    assert run.exit_code == 0, run.output
    assert "recall-gru" in run.output
    assert "sdk: static" in (tmp_path / "public" / "README.md").read_text(encoding="utf-8")
    one = tmp_path / "one.html"
    run = CliRunner().invoke(app, ["site", str(one), "--single-file", "--network", "recall-gru"])
    assert run.exit_code == 0, run.output
    assert one.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert CliRunner().invoke(app, ["site", str(one), "--single-file", "--space"]).exit_code == 2
