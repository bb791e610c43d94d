"""Where the page is served and for whom: all options of ``rnnviz serve``, and the environment that stands in for them.

A Hugging Face Space or a container runs ``app.py``, which takes no options, so each has an environment variable too.
"""

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rnnviz.errors import SettingError
from rnnviz.page.visitors import Visitors, host

_PATH = re.compile(r"(/(?!\.{1,2}(/|$))[\w.~-]+)*/?", re.ASCII)
_SITE = re.compile(r"(https?://)?(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:([0-9]{1,5}|\*))?/?", re.IGNORECASE)
_LONGEST_NAME = 253
_ANSWERS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


@dataclass(frozen=True)
class ServeOptions:
    """Where the page is served and for whom.

    Attributes:
        host: The address to listen at; empty is every address.
        port: None takes the first free one from 7860.
        allow_hosts: Further names by which visitors may ask for this server, as ``Visitors.names``.
        root_path: The path below which a proxy serves the page, such as "/rnnviz"; empty where that is "/".
        frame_ancestors: Sites that may show the page in a frame, besides Hugging Face.
        training: Whether visitors may train networks; None: only the owner, and nobody with ``allow_hosts`` or
            ``root_path``.
        space: The name of the Hugging Face Space that this is; empty elsewhere.
        api: Whether programs are answered too (``rnnviz.page.api``).
        indexes: Folders of texts that were read by the networks (``rnnviz index``), or folders that hold such folders.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    allow_hosts: tuple[str, ...] = ()
    root_path: str = ""
    frame_ancestors: tuple[str, ...] = ()
    training: bool | None = None
    space: str = ""
    api: bool = False
    indexes: tuple[Path, ...] = ()

    @property
    def visitors(self) -> Visitors:
        """Who may ask, and what they may do. With a further name or a path, a proxy is before the server."""
        of_space = ("*.hf.space",) if self.space else ()
        proxied = bool(self.space or self.allow_hosts or self.root_path)
        return Visitors((*self.allow_hosts, *of_space), self.training, owned=not proxied)


def serve_options(
    *,
    host: str | None = None,
    port: int | None = None,
    allow_hosts: Iterable[str] = (),
    root_path: str | None = None,
    frame_ancestors: Iterable[str] = (),
    training: bool | None = None,
    api: bool | None = None,
    indexes: Iterable[Path] = (),
    environment: Mapping[str, str] = os.environ,
) -> ServeOptions:
    """What the options say, or where they say nothing the environment.

    Args:
        host: Else ``RNNVIZ_HOST``, or ``GRADIO_SERVER_NAME``, which a Hugging Face Space sets.
        port: Else ``PORT`` or ``GRADIO_SERVER_PORT``.
        allow_hosts: Else ``RNNVIZ_ALLOW_HOSTS``, separated by commas or spaces; ``SPACE_HOST`` is always added.
        root_path: Else ``RNNVIZ_ROOT_PATH``.
        frame_ancestors: Else ``RNNVIZ_FRAME_ANCESTORS``, separated by commas or spaces.
        training: Else ``RNNVIZ_TRAINING``, yes or no.
        api: Else ``RNNVIZ_API``, yes or no.
        indexes: Else ``RNNVIZ_INDEXES``, separated as in ``PATH``.
        environment: Taken for the environment.

    Raises:
        SettingError: One of them means nothing.
    """

    def said(name: str) -> str:
        """A variable's text; one that is set to nothing says nothing."""
        return environment.get(name, "").strip()

    names = (*(tuple(allow_hosts) or _listed(said("RNNVIZ_ALLOW_HOSTS"))), *_listed(said("SPACE_HOST")))
    sites = tuple(frame_ancestors) or _listed(said("RNNVIZ_FRAME_ANCESTORS"))
    path = said("RNNVIZ_ROOT_PATH") if root_path is None else root_path
    return ServeOptions(
        host=(said("RNNVIZ_HOST") or said("GRADIO_SERVER_NAME") or ServeOptions.host) if host is None else host,
        port=_port(said("PORT") or said("GRADIO_SERVER_PORT")) if port is None else port,
        allow_hosts=tuple(map(_name, names)),
        root_path=_root_path(path),
        frame_ancestors=tuple(map(_site, sites)),
        training=_answer("RNNVIZ_TRAINING", said("RNNVIZ_TRAINING")) if training is None else training,
        space=said("SPACE_ID"),
        api=bool(_answer("RNNVIZ_API", said("RNNVIZ_API")) if api is None else api),
        indexes=tuple(indexes) or tuple(Path(one) for one in said("RNNVIZ_INDEXES").split(os.pathsep) if one.strip()),
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\s,]+", text))


def _port(text: str) -> int | None:
    if text and not (text.isascii() and text.isdecimal() and 0 < int(text) < 65_536):
        raise SettingError("port", found=text[:20])
    return int(text) if text else None


def _name(text: str) -> str:
    """A name as ``visitors.host`` spells it; a port is left out, for a proxy may listen at another one."""
    if text == "*":
        return text
    below = "*." if text.startswith("*.") else ""
    bare = text.removeprefix(below)
    parsed = None
    if len(bare) <= _LONGEST_NAME:
        with suppress(UnicodeError):  # as the browser writes it, which of "σχολείο.example" is in ASCII
            parsed = host(bare if bare.isascii() else bare.encode("idna").decode()) or host(f"[{bare}]")
    if parsed is None:
        raise SettingError("allow_host", found=text[:80])
    return below + parsed.name


def _root_path(text: str) -> str:
    if not _PATH.fullmatch(text):
        raise SettingError("root_path", found=text[:80])
    return text.rstrip("/")


def _site(text: str) -> str:
    """A site as a Content-Security-Policy names it; nothing else may come in by way of it."""
    if not _SITE.fullmatch(text):
        raise SettingError("frame_ancestor", found=text[:80])
    return text.lower().rstrip("/")


def _answer(name: str, text: str) -> bool | None:
    if text and text.lower() not in _ANSWERS:
        raise SettingError("yes_or_no", name=name, found=text[:20])
    return _ANSWERS[text.lower()] if text else None
