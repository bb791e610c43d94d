"""The files of the networks that a browser may read with: which there are, and who asks for them gets them.

Only the files of a checkpoint, of networks in the menu that are small enough, and only while they are what they
were when the page was made: the address of a file changes with what is in it, so browsers may keep it for ever.
"""

import gzip
import json
import re
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from rnnviz import files
from rnnviz.errors import CheckpointError
from rnnviz.page.kept import Kept, best_encoding
from rnnviz.untrusted.strict_json import json_object, to_json

MOST_BYTES = 8_000_000
"""Of a network that is sent to browsers; a larger one is read by Python alone."""

DIFFERENCES = Path(__file__).parent / "differences.json"
"""Hash of a network's weights to how far the browser's readings were from PyTorch's at most
(benchmarks/browser_differences.py)."""

CONFIG, WEIGHTS, UNITS = "config.json", "model.safetensors", "units.json"
WORDS, LETTERS = "vocabulary.txt", "vocabulary.json"
NAMES = (CONFIG, WEIGHTS, WORDS, LETTERS, UNITS)
_TYPES = {
    CONFIG: "application/json",
    WEIGHTS: "application/octet-stream",
    WORDS: "text/plain; charset=utf-8",
    LETTERS: "application/json",
    UNITS: "application/json",
}
_ADDRESS = re.compile(r"/networks/([^/]+)/([^/]+)")
_SIMPLE = re.compile(r"[\w-][\w.-]*", re.ASCII)  # a name that the guard lets through
_ENCODINGS = ("gzip", "identity")
_TOLD = ("licence", "notes", "seed", "texts", "epochs", "findings")
"""Of what config.json says of the training: not the command, which names folders of its owner."""


class NetworkFile(NamedTuple):
    """A file of a network: where it lies, and the hash of what is sent."""

    path: Path
    sha256: str


class BrowserNetwork(NamedTuple):
    """A network that a browser may read with: bytes of all that is sent, and its files by name."""

    bytes: int
    files: Mapping[str, NetworkFile]

    @property
    def version(self) -> str:
        """Changes with any of the files."""
        return files.sha256("".join(file.sha256 for file in self.files.values()).encode())[:16]


def browser_networks(folders: Mapping[str, Path], unread: Container[str] = ()) -> dict[str, BrowserNetwork]:
    """Those of some networks that a browser may read with.

    A network is left to Python if it is large, if its weights or vocabulary are not those that its settings name, if
    one of its files is a link to somewhere else, or if its name has other characters than letters, digits, ``.``,
    ``_`` and ``-``.

    Args:
        folders: Of the networks, by name.
        unread: Names of networks that cannot be read.
    """
    found = {name: _described(name, folder) for name, folder in folders.items() if name not in unread}
    return {name: network for name, network in found.items() if network}


def described(networks: Mapping[str, BrowserNetwork]) -> dict[str, dict[str, Any]]:
    """What the page is told of networks, by name.

    ``bytes`` of all files; ``files``, name to address below the page's own; ``difference`` of the browser's readings
    from PyTorch's, None where nobody measured it.
    """
    differences = json.loads(DIFFERENCES.read_text(encoding="utf-8"))
    return {
        name: {
            "bytes": network.bytes,
            "difference": differences.get(network.files[WEIGHTS].sha256),
            "files": {file: f"networks/{name}/{file}?{network.version}" for file in network.files},
        }
        for name, network in networks.items()
    }


def content(network: BrowserNetwork, name: str) -> bytes:
    """A file as it is sent: config.json without what its owner typed.

    Raises:
        CheckpointError: It cannot be read, or is not what it was.
    """
    file = network.files[name]
    data = _sent(file.path)
    if files.sha256(data) != file.sha256:
        raise CheckpointError("checkpoint_saving", path=file.path)
    return data


def _described(name: str, folder: Path) -> BrowserNetwork | None:
    if not _SIMPLE.fullmatch(name):
        return None
    there = [file for file in NAMES if files.exists(folder / file)]
    try:
        data = {file: _sent(folder / file) for file in there if _is_own(folder, folder / file)}
        config = json_object(data[CONFIG])
        own, other = (LETTERS, WORDS) if config.get("tokens") == "letters" else (WORDS, LETTERS)
        data.pop(other, None)
        hashes = {WEIGHTS: config["weights_sha256"], own: config["vocabulary_sha256"]}
        proven = all(files.sha256(data[file]) == expected for file, expected in hashes.items())
    except (CheckpointError, ValueError, LookupError, TypeError, RecursionError):
        return None
    size = sum(map(len, data.values()))
    if not proven or size > MOST_BYTES:
        return None
    return BrowserNetwork(size, {file: NetworkFile(folder / file, files.sha256(part)) for file, part in data.items()})


def _is_own(folder: Path, path: Path) -> bool:
    """Whether a file lies in its network's folder, or where the Hugging Face Hub's cache keeps the files of one."""
    home = folder.resolve()
    return path.resolve().parent in (home, home.parent.parent / "blobs")


def _sent(path: Path) -> bytes:
    data = files.read_once(path, MOST_BYTES)
    if path.name == UNITS:
        json_object(data)  # nothing else goes out under this name
    if path.name != CONFIG:
        return data
    config = json_object(data)
    training = config.get("training")
    told = {name: training[name] for name in _TOLD if name in training} if isinstance(training, dict) else {}
    return to_json(config | {"training": told}).encode()


class NetworkFiles:
    """An ASGI layer that answers for the files of networks; each is read once and then answered from memory."""

    def __init__(self, app: ASGIApp, networks: Mapping[str, BrowserNetwork]) -> None:
        """Nothing is kept yet.

        Args:
            app: Answers everything else.
            networks: By name, as ``browser_networks`` finds them.
        """
        self._app = app
        self._networks = networks
        self._files = Kept(self._answer, encodings=_ENCODINGS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        is_file = scope["type"] == "http" and _ADDRESS.fullmatch(scope["path"])
        await (self._files if is_file else self._app)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = _ADDRESS.fullmatch(scope["path"])
        name, file = address.groups() if address else ("", "")
        zipped = best_encoding(Headers(scope=scope).get("accept-encoding", ""), _ENCODINGS) == "gzip"
        answer = await run_in_threadpool(self._file, name, file, zipped and file != WEIGHTS)
        await answer(scope, receive, send)

    def _file(self, name: str, file: str, zipped: bool) -> Response:
        network = self._networks.get(name)
        if network is None or file not in network.files:
            return JSONResponse({"detail": "There is nothing at this address."}, 404)
        try:
            data = content(network, file)
        except (CheckpointError, ValueError):
            return JSONResponse({"detail": "This file is not what it was. Load the page again."}, 404)
        headers = {"Vary": "Accept-Encoding"} | ({"Content-Encoding": "gzip"} if zipped else {})
        return Response(gzip.compress(data, mtime=0) if zipped else data, headers=headers, media_type=_TYPES[file])
