"""What is said of an error: never where the server keeps its files."""

import json
import os
import shutil
from pathlib import Path

from rnnviz.errors import CheckpointError
from rnnviz.page.error_replies import objection
from rnnviz.page.service import Service
from tests.builders import checkpoint

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
DAMAGES = {
    "gone": lambda path: path.unlink(),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "a dangling link": lambda path: (path.unlink(), path.symlink_to(path.parent / "nowhere")),
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-9]),
    "a pointer": lambda path: path.write_bytes(LFS),
    "huge": lambda path: os.truncate(path, 10**9),
    "noise": lambda path: path.write_bytes(b"\xff\xfe{[" * 99),
    "unreadable": lambda path: path.chmod(0),
}


def test_of_a_path_the_last_two_parts_are_said():
    path = Path("/srv/somebody/secret/checkpoints/sst2-lstm/config.json")
    said = objection(CheckpointError("checkpoint_damaged", path=path, wanted="1 byte", found="2"))
    assert said["values"]["path"] == "sst2-lstm/config.json"
    assert said["message"].startswith("sst2-lstm/config.json is damaged: wanted 1 byte, found 2.")
    assert objection(CheckpointError("checkpoint_lfs", path=Path("file.csv")))["values"] == {"path": "file.csv"}


def test_no_answer_holds_a_path_of_the_server(tmp_path):
    checkpoint("lstm").save_pretrained(tmp_path / "whole")
    files = ("config.json", "model.safetensors", "vocabulary.txt")
    for name in (broken := [f"{damage} {file}" for damage in DAMAGES for file in files]):
        damage, _, file = name.rpartition(" ")
        shutil.copytree(tmp_path / "whole", tmp_path / name)
        DAMAGES[damage](tmp_path / name / file)
    service = Service(tmp_path)
    for name in broken:
        asked = {"model": name, "text": "good", "other_model": "whole", "other_text": "good", "kind": "json"}
        for question in ("about_model", "read_sentence", "compare", "save_reading"):
            said = json.dumps(getattr(service, question)(asked))
            assert str(tmp_path) not in said, (name, question)
            assert "Errno" not in said, (name, question)
