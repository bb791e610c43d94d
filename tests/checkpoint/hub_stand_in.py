"""A server on this machine that answers what huggingface_hub asks of the Hub, from files in memory."""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "hf_nobody"  # noqa: S105


class StandIn:
    """The Hub's repositories, and what was asked of it.

    Attributes:
        repositories: Name to files; a test fills it.
        earlier: Name and commit to the files of then; ``remember`` fills it.
        private: Which of them were made private, as they were made.
        sizes: What is said of the bytes of a file, if not the truth: repository and file to number.
        asked: Method and path of each request.
        down: Answer everything with 503.
    """

    def __init__(self) -> None:
        self.repositories: dict[str, dict[str, bytes]] = {}
        self.earlier: dict[tuple[str, str], dict[str, bytes]] = {}
        self.private: dict[str, object] = {}
        self.sizes: dict[tuple[str, str], int] = {}
        self.asked: list[tuple[str, str]] = []
        self.down = False
        self.url = ""

    def fetched(self) -> set[str]:
        """Names of the files whose content was asked for."""
        return {path.split("/resolve/")[1].split("/", 1)[1] for way, path in self.asked if "/resolve/" in path}

    def commit(self, files: dict[str, bytes]) -> str:
        """A hash of all files of a repository, of a commit's form."""
        return hashlib.sha1(repr(sorted(files.items())).encode()).hexdigest()  # noqa: S324

    def remember(self, name: str) -> str:
        """Keep what a repository holds now under its commit, which is returned."""
        files = dict(self.repositories[name])
        self.earlier[name, self.commit(files)] = files
        return self.commit(files)

    def files(self, name: str, revision: str) -> dict[str, bytes] | None:
        """The files of a revision."""
        now = self.repositories[name]
        return now if revision in ("main", self.commit(now)) else self.earlier.get((name, revision))

    def details(self, name: str, file: str, data: bytes) -> dict[str, object]:
        return {"size": self.sizes.get((name, file), len(data)), "oid": hashlib.sha1(data).hexdigest()}  # noqa: S324


@contextmanager
def running() -> Iterator[StandIn]:
    """A server for as long as the block runs."""
    hub = StandIn()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    hub: StandIn

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.hub.asked.append((self.command, path))
        if self.hub.down:
            return self._send(503, b"")
        if self.command == "POST":
            return self._write(path, body)
        if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/(revision|tree)/(.+))?", path):
            return self._describe(found[1], found[2] or "revision", found[3] or "main")
        if found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            return self._file(found[1], found[2], found[3])
        return self._send(404, b"", {"X-Error-Code": "EntryNotFound"})

    def _files(self, name: str, revision: str) -> dict[str, bytes] | None:
        if name not in self.hub.repositories:
            self._send(404, b"", {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"})
            return None
        files = self.hub.files(name, revision)
        if files is None:
            self._send(404, b"", {"X-Error-Code": "RevisionNotFound", "X-Error-Message": f"Invalid rev id: {revision}"})
        return files

    def _describe(self, name: str, kind: str, revision: str) -> None:
        files = self._files(name, revision)
        if files is None:
            return
        details = {file: self.hub.details(name, file, data) for file, data in files.items()}
        if kind == "tree":
            return self._json([{"type": "file", "path": file} | details[file] for file in files])
        with_sizes = "blobs" in parse_qs(urlsplit(self.path).query)
        siblings = []
        for file in files:
            sizes = {"size": details[file]["size"], "blobId": details[file]["oid"]} if with_sizes else {}
            siblings.append({"rfilename": file} | sizes)
        self._json({"id": name, "modelId": name, "sha": self.hub.commit(files), "siblings": siblings, "tags": []})

    def _file(self, name: str, revision: str, file: str) -> None:
        files = self._files(name, revision)
        if files is None:
            return
        headers = {"X-Repo-Commit": self.hub.commit(files)}
        if file not in files:
            return self._send(404, b"", headers | {"X-Error-Code": "EntryNotFound"})
        self._send(200, files[file], headers | {"ETag": f'"{self.hub.details(name, file, files[file])["oid"]}"'})

    def _write(self, path: str, body: bytes) -> None:
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self._send(401, json.dumps({"error": "Invalid username or password."}).encode())
        if path == "/api/validate-yaml":
            return self._json({"warnings": [], "errors": []})
        if path == "/api/repos/create":
            asked = json.loads(body)
            name = f"{asked['organization']}/{asked['name']}"
            if name in self.hub.repositories:
                known = {"error": "You already created this model repo", "url": f"{self.hub.url}/{name}"}
                return self._send(409, json.dumps(known).encode())
            self.hub.repositories[name] = {".gitattributes": b""}
            seen = asked.get("visibility")  # which older versions of huggingface_hub say as "private"
            self.hub.private[name] = asked.get("private") if seen is None else seen == "private"
            return self._json({"url": f"{self.hub.url}/{name}", "name": name})
        name, kind = re.fullmatch(r"/api/models/([^/]+/[^/]+)/(preupload|commit)/main", path).groups()
        if kind == "preupload":
            asked = json.loads(body)["files"]
            answer = {"uploadMode": "regular", "shouldIgnore": False}
            return self._json({"files": [{"path": entry["path"]} | answer for entry in asked]})
        for line in body.splitlines():
            entry = json.loads(line)
            if entry["key"] == "file":
                self.hub.repositories[name][entry["value"]["path"]] = base64.b64decode(entry["value"]["content"])
            elif entry["key"] == "deletedFile":
                del self.hub.repositories[name][entry["value"]["path"]]
        commit = self.hub.commit(self.hub.repositories[name])
        self._json({"success": True, "commitOid": commit, "commitUrl": f"{self.hub.url}/{name}/commit/{commit}"})

    def _json(self, value: object) -> None:
        self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, data: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(data))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
