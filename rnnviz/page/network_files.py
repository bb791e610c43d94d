"""The files of the networks that a browser may read with: which there are, and who asks for them gets them.

Only the four files of a checkpoint, of the networks in the menu, and of those that are small enough. The browser checks
their hashes. The address of a file changes with what is in it, so browsers may keep it for ever.
"""

import gzip
import re
from collections.abc import Container, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from rnnviz import files
from rnnviz.errors import CheckpointError
from rnnviz.page.kept import best_encoding

MOST_BYTES = 8_000_000
"""Of a network that is sent to browsers; a larger one is read by Python alone."""

CONFIG, UNITS = "config.json", "units.json"
NAMES = (CONFIG, "model.safetensors", "vocabulary.txt", UNITS)
_TEXTS = {CONFIG: "application/json", "vocabulary.txt": "text/plain; charset=utf-8", UNITS: "application/json"}
_ADDRESS = re.compile(r"/networks/([^/]+)/([^/]+)")
_SIMPLE = re.compile(r"[\w-][\w.-]*", re.ASCII)  # a name that the guard lets through


def offered(folders: Mapping[str, Path], unread: Container[str] = ()) -> dict[str, dict[str, Any]]:
    """The files of each network that browsers may read with.

    Args:
        folders: Of the networks, by name.
        unread: Names of networks that cannot be read.

    Returns:
        By name: ``bytes`` of all its files, and ``files``, name to address below the page's own.
    """
    found = {name: _described(name, folder) for name, folder in folders.items() if name not in unread}
    return {name: described for name, described in found.items() if described}


def _described(name: str, folder: Path) -> dict[str, Any] | None:
    if not _SIMPLE.fullmatch(name):
        return None
    there = {file: path for file in NAMES if files.exists(path := folder / file)}
    size = sum(path.stat().st_size for path in there.values())
    if size > MOST_BYTES or not there.keys() >= set(NAMES[:3]):
        return None
    try:
        version = files.sha256(
            b"".join(files.read_once(there[file], MOST_BYTES) for file in (CONFIG, UNITS) if file in there)
        )
    except CheckpointError:
        return None
    return {"bytes": size, "files": {file: f"networks/{name}/{file}?{version[:16]}" for file in there}}


class NetworkFiles:
    """An ASGI layer that answers for the files of networks."""

    def __init__(self, app: ASGIApp, folders: Mapping[str, Path]) -> None:
        """Nothing is read yet.

        Args:
            app: Answers everything else.
            folders: Of the networks, by name.
        """
        self._app = app
        self._folders = folders

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        address = _ADDRESS.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if address is None:
            await self._app(scope, receive, send)
            return
        zipped = best_encoding(Headers(scope=scope).get("accept-encoding", ""), ("gzip",)) == "gzip"
        answer = await run_in_threadpool(self._file, *address.groups(), zipped)
        await answer(scope, receive, send)

    def _file(self, name: str, file: str, zipped: bool) -> Response:
        if name not in self._folders or file not in NAMES:
            return JSONResponse({"detail": "There is nothing at this address."}, 404)
        path = self._folders[name] / file
        try:
            if file not in _TEXTS:
                return Response(files.read_once(path, MOST_BYTES), media_type="application/octet-stream")
            headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"} if zipped else {"Vary": "Accept-Encoding"}
            data = files.read_once(path, MOST_BYTES)
        except CheckpointError:
            return JSONResponse({"detail": "This file cannot be read."}, 404)
        return Response(_zipped(data) if zipped else data, headers=headers, media_type=_TEXTS[file])


@lru_cache(maxsize=64)
def _zipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)
