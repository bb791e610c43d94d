"""The page as a static site, in which the visitor's browser reads: a folder of files, or one HTML file.

No Gradio and no torch. All addresses are relative, so the folder may lie below any path; nothing is asked of another
host. The script, the style sheet and the template are those of the page that is served.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rnnviz import files
from rnnviz.errors import CheckpointError, StorageError
from rnnviz.page import assets, network_files
from rnnviz.page.about import about
from rnnviz.page.error_replies import objection
from rnnviz.page.networks import entries, networks
from rnnviz.page.props import first, page_props
from rnnviz.page.standalone import POLICY, document, in_json, starting_script
from rnnviz.untrusted.strict_json import to_json

MARK = '<meta name="generator" content="rnnviz site">'
"""Stands in every page that is written here, so that only such a folder is replaced."""
INDEX = "index.html"
_SPACE = """---
title: rnnviz
emoji: 🔎
colorFrom: blue
colorTo: yellow
sdk: static
app_file: index.html
pinned: false
license: apache-2.0
short_description: See what a recurrent network remembers
---

# rnnviz

Type a sentence and see what an RNN, a GRU or an LSTM does with each word. The network runs in your browser: nothing
that you type leaves your machine. `rnnviz site --space` wrote this folder.
"""


def write_folder(out: Path, folder: Path, names: Sequence[str] | None = None, *, space: bool = False) -> list[str]:
    """Write the site as a folder, which replaces a site that is there.

    Args:
        out: The folder to write.
        folder: Holds the checkpoints, one folder each.
        names: Which of them; None for all that a browser may read with.
        space: Whether to add what Hugging Face asks of a static Space.

    Returns:
        The names of the networks, in menu order.

    Raises:
        CheckpointError: There is no such network, or none that a browser may read with.
        StorageError: It could not be written, or ``out`` holds something else.
    """
    found = _chosen(folder, names)
    _refuse_other_folder(out)
    script, style = starting_script().encode(), assets.style().encode()
    dictionaries = {language: to_json(assets.words(language)).encode() for language in assets.LANGUAGES}
    addresses = {name: _address(f"words/{name}.json", data) for name, data in dictionaries.items()}
    props = _props(folder, found, network_files.offered(found), addresses)
    policy = POLICY.format(script="'self'", style="'self'", connect="'self'")
    head = f'{MARK}\n<link rel="stylesheet" href="{_address("rnnviz.css", style)}">'
    end = f'<script src="{_address("rnnviz.js", script)}"></script>'
    with files.replacing_folder(out) as new:
        (new / INDEX).write_text(document(policy, head, in_json(props), end), encoding="utf-8")
        (new / "rnnviz.js").write_bytes(script)
        (new / "rnnviz.css").write_bytes(style)
        (new / ".nojekyll").write_bytes(b"")  # or GitHub Pages would look for templates in it
        (new / "words").mkdir()
        for language, data in dictionaries.items():
            (new / "words" / f"{language}.json").write_bytes(data)
        for name, path in found.items():
            (new / "networks" / name).mkdir(parents=True)
            for file, data in _files(path).items():
                (new / "networks" / name / file).write_bytes(data)
        if space:
            (new / "README.md").write_text(_SPACE, encoding="utf-8")
    return list(found)


def write_file(out: Path, folder: Path, names: Sequence[str] | None = None) -> list[str]:
    """Write the site as one HTML file, which works without a server and without a network connection.

    Args:
        out: The file to write.
        folder: Holds the checkpoints, one folder each.
        names: Which of them go into the file; None for all that a browser may read with.

    Returns:
        The names of the networks, in menu order.

    Raises:
        CheckpointError: There is no such network, or it is one that a browser may not read with.
        StorageError: It could not be written.
    """
    found = _chosen(folder, names)
    files.atomic_write(out, single_file(folder, found).encode())
    return list(found)


def single_file(folder: Path, found: Mapping[str, Path]) -> str:
    """One HTML file with networks inside.

    Args:
        folder: Holds the checkpoints, one folder each.
        found: The folders of those that go into the file, by name.
    """
    script, style = starting_script(), f"\n{assets.style()}\n"
    inside = {name: _inside(path) for name, path in found.items()}
    dictionaries = {language: assets.words(language) for language in assets.LANGUAGES}
    props = _props(folder, found, inside, dictionaries)
    policy = POLICY.format(script=_hashed(script), style=_hashed(style), connect="'none'")
    return document(policy, f"{MARK}\n<style>{style}</style>", in_json(props), f"<script>{script}</script>")


def _chosen(folder: Path, names: Sequence[str] | None) -> dict[str, Path]:
    """The folders of the wanted networks, in menu order; of those that a browser may read with."""
    folders = networks(folder)
    known = [entry.name for entry in entries(folder)]
    for name in names or ():
        if name not in folders:
            raise CheckpointError("site_unknown", name=name, names=", ".join(known))
    fit = network_files.offered(folders)
    for name in names or ():
        if name not in fit:
            raise CheckpointError("site_large", name=name, limit=network_files.MOST_BYTES)
    wanted = [name for name in known if name in fit and (names is None or name in names)]
    if not wanted:
        raise CheckpointError("site_none", path=folder, limit=network_files.MOST_BYTES)
    return {name: folders[name] for name in wanted}


def _refuse_other_folder(out: Path) -> None:
    if not files.lexists(out) or (out.is_dir() and not any(out.iterdir())):
        return
    index = out / INDEX
    if not index.is_file() or MARK not in index.read_text(encoding="utf-8", errors="replace"):
        raise StorageError("site_other", path=out)


def _props(
    folder: Path, found: Mapping[str, Path], sources: Mapping[str, dict[str, Any]], dictionaries: Mapping[str, Any]
) -> dict[str, Any]:
    menu = [entry for entry in entries(folder) if entry.name in found]
    unread = {entry.name: objection(entry.problem) for entry in menu if entry.problem}
    models = [entry[:2] for entry in menu]
    known = about(found[first([entry[:2] for entry in menu if not entry.problem])])
    return page_props(models, known, None, unread, sources) | {"dictionaries": dict(dictionaries)}


def _files(folder: Path) -> dict[str, bytes]:
    there = [name for name in network_files.NAMES if files.exists(folder / name)]
    return {name: files.read_once(folder / name, network_files.MOST_BYTES) for name in there}


def _inside(folder: Path) -> dict[str, Any]:
    data = _files(folder)
    encoded = {name: {"base64": base64.b64encode(part).decode()} for name, part in data.items()}
    return {"bytes": sum(map(len, data.values())), "files": encoded}


def _address(name: str, data: bytes) -> str:
    """A relative address that changes with the file, so that no browser mixes two versions."""
    return f"{name}?{files.sha256(data)[:16]}"


def _hashed(text: str) -> str:
    """What a policy calls a script or a style sheet that stands in the page."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
