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
from rnnviz.corpus.index import Index
from rnnviz.errors import CheckpointError, StorageError
from rnnviz.page import assets, network_files
from rnnviz.page.about import about
from rnnviz.page.indexes import indexes
from rnnviz.page.network_files import BrowserNetwork
from rnnviz.page.networks import entries, networks
from rnnviz.page.portable import portable
from rnnviz.page.props import first, page_props
from rnnviz.page.standalone import POLICY, SCRIPT, STYLE, document, in_json, starting_script
from rnnviz.untrusted.strict_json import to_json

MARK, FILE_MARK = (f'<meta name="generator" content="rnnviz site{kind}">' for kind in ("", " --single-file"))
"""Stand in every folder's page, and in every single file, so that nothing else is written over."""
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
    """Write the site as a folder, over a site that is there; what else lies in such a folder, as ``.git``, stays.

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
    dictionaries = {name: to_json(assets.words(name)).encode() for name in assets.TEXTS}
    addresses: dict[str, Any] = {str(name): _address(f"words/{name}.json", data) for name, data in dictionaries.items()}
    corpora = {name: to_json(corpus).encode() for name, corpus in _corpora(folder, found).items()}
    props = _props(folder, found, network_files.described(found), addresses)
    props["corpora"] = {name: _address(f"corpora/{name}.json", data) for name, data in corpora.items()}
    policy = POLICY.format(script="'self'", style="'self'", connect="'self'")
    head = f'{MARK}\n<link rel="stylesheet" id="{STYLE}" href="{_address("rnnviz.css", style)}">'
    end = f'<script id="{SCRIPT}" src="{_address("rnnviz.js", script)}"></script>'
    with files.storage_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    with files.replacing_folder(out / "words") as new:
        for texts, data in dictionaries.items():
            (new / f"{texts}.json").write_bytes(data)
    with files.replacing_folder(out / "corpora") as new:
        for name, data in corpora.items():
            (new / f"{name}.json").write_bytes(data)
    with files.replacing_folder(out / "networks") as new:
        for name, network in found.items():
            (new / name).mkdir()
            for file in network.files:
                (new / name / file).write_bytes(network_files.content(network, file))
    files.atomic_write(out / "rnnviz.js", script)
    files.atomic_write(out / "rnnviz.css", style)
    files.atomic_write(out / ".nojekyll", b"")  # or GitHub Pages would look for templates
    if space:
        files.atomic_write(out / "README.md", _SPACE.encode())
    files.atomic_write(out / INDEX, document(policy, head, in_json(props), end).encode())
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
        StorageError: It could not be written, or ``out`` is something else.
    """
    found = _chosen(folder, names)
    if files.lexists(out) and not _has(out, FILE_MARK):
        raise StorageError("site_other", path=out)
    files.atomic_write(out, single_file(folder, found).encode())
    return list(found)


def single_file(folder: Path, found: Mapping[str, BrowserNetwork]) -> str:
    """One HTML file with networks inside.

    Args:
        folder: Holds the checkpoints, one folder each.
        found: Those that go into the file, by name.
    """
    script, style = starting_script(), f"\n{assets.style()}\n"
    inside = {name: _inside(network) for name, network in found.items()}
    dictionaries: dict[str, Any] = {str(name): assets.words(name) for name in assets.TEXTS}
    props = _props(folder, found, inside, dictionaries) | {"corpora": _corpora(folder, found)}
    policy = POLICY.format(script=_hashed(script), style=_hashed(style), connect="'none'")
    head = f'{FILE_MARK}\n<style id="{STYLE}">{style}</style>'
    return document(policy, head, in_json(props), f'<script id="{SCRIPT}">{script}</script>')


def _chosen(folder: Path, names: Sequence[str] | None) -> dict[str, BrowserNetwork]:
    """The wanted networks, in menu order; of those that a browser may read with."""
    menu = {entry.name: entry.problem for entry in entries(folder)}
    fit = network_files.browser_networks(networks(folder), [name for name, problem in menu.items() if problem])
    for name in names or ():
        if name not in menu:
            raise CheckpointError("site_unknown", name=name, names=", ".join(menu))
        if problem := menu[name]:
            raise problem
        if name not in fit:
            raise CheckpointError("site_unfit", name=name, limit=network_files.MOST_BYTES)
    wanted = [name for name in menu if name in fit and (names is None or name in names)]
    if not wanted:
        raise CheckpointError("site_none", path=folder, limit=network_files.MOST_BYTES)
    return {name: fit[name] for name in wanted}


def _refuse_other_folder(out: Path) -> None:
    if not files.lexists(out) or (out.is_dir() and not any(out.iterdir())):
        return
    if not _has(out / INDEX, MARK):
        raise StorageError("site_other", path=out)


def _has(page: Path, mark: str) -> bool:
    return page.is_file() and mark in page.read_text(encoding="utf-8", errors="replace")


def _props(
    folder: Path,
    found: Mapping[str, BrowserNetwork],
    sources: Mapping[str, dict[str, Any]],
    dictionaries: Mapping[str, Any],
) -> dict[str, Any]:
    models = [entry for entry in entries(folder) if entry.name in found]
    known = about(networks(folder)[first([entry.name for entry in models])])
    return page_props(models, known, None, None, sources) | {"dictionaries": dict(dictionaries)}


def _corpora(folder: Path, found: Mapping[str, BrowserNetwork]) -> dict[str, dict[str, Any]]:
    """The texts that the browser searches, of the networks that have an index with the page."""
    there = networks(folder)
    own = indexes([], {name: there[name] for name in found})
    return {name: portable(Index.load(path)) for name, path in own.items()}


def _inside(network: BrowserNetwork) -> dict[str, Any]:
    data = {name: network_files.content(network, name) for name in network.files}
    return {
        **network_files.described({"": network})[""],
        "files": {name: {"base64": base64.b64encode(part).decode()} for name, part in data.items()},
    }


def _address(name: str, data: bytes) -> str:
    """A relative address that changes with the file, so that no browser mixes two versions."""
    return f"{name}?{files.sha256(data)[:16]}"


def _hashed(text: str) -> str:
    """What a policy calls a script or a style sheet that stands in the page."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
