"""Tampering with a saved checkpoint and mending its hashes, so that the next check is the one under test."""

import json
import struct

import pytest
import safetensors.torch

from rnnviz import files
from rnnviz.checkpoint.folder import load
from rnnviz.errors import CheckpointError


def settings_of(folder):
    return json.loads((folder / "config.json").read_text())


def with_settings(folder, settings):
    (folder / "config.json").write_text(json.dumps(settings))


def with_vocabulary(folder, data):
    (folder / "vocabulary.txt").write_bytes(data)
    with_settings(folder, settings_of(folder) | {"vocabulary_sha256": files.sha256(data)})


def with_weights(folder, data):
    (folder / "model.safetensors").write_bytes(data)
    with_settings(folder, settings_of(folder) | {"weights_sha256": files.sha256(data)})


def with_tensors(folder, tensors):
    with_weights(folder, safetensors.torch.save(tensors))


def with_header(folder, header, body=b""):
    """Weights with a header of one's own making: bytes, or something to be written as JSON."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    with_weights(folder, struct.pack("<Q", len(text)) + text + body)


def header_of(folder):
    """The header of the weights, and the bytes after it."""
    data = (folder / "model.safetensors").read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    return json.loads(data[8 : 8 + size]), data[8 + size :]


def objection(folder):
    """What loading says against it; any other exception than a CheckpointError fails the test."""
    with pytest.raises(CheckpointError) as caught:
        load(folder)
    assert isinstance(caught.value, ValueError)
    return str(caught.value)
