"""What lies beside a file or folder while it is written: under which name, and whether whoever wrote it is alive.

A writer locks what it fills, and the lock goes with its process, however that ends. So what nobody has locked was left
behind; where there are no locks (Windows, some network file systems), what is an hour old.

Left out: writing and reading (``rnnviz.files``).
"""

import contextlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows has no such locks
    fcntl = None  # type: ignore[assignment]

OWN = ".rnnviz-"
"""How every name begins that is there only while something is written."""
TEMPORARY, STAGING, REPLACED = f"{OWN}partial-", f"{OWN}new-", f"{OWN}old-"
_SIGN = {TEMPORARY: "-", STAGING: "~", REPLACED: "~"}  # before the mark that makes a name one's own
_MARK = "[0-9a-f]{8}"
_OLD_SECONDS = 3_600


def own_name(path: Path, prefix: str) -> Path:
    """A name beside ``path`` that nobody else has."""
    whole = path.absolute()  # "." has no name of its own
    return whole.parent / f"{prefix}{whole.name}{_SIGN[prefix]}{secrets.token_hex(4)}"


def lock(handle: int, wait: bool = True) -> bool:
    """Lock an open file or folder until it is closed or the process ends; whether that is possible here and now."""
    if not fcntl:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return False
    return True


@contextlib.contextmanager
def locked(folder: Path, pauses: Iterable[float] = ()) -> Iterator[bool]:
    """Lock a folder, or where a link leads, if it is there and nobody else has; says whether that was possible.

    Args:
        folder: The folder.
        pauses: Where somebody else has, how long to wait before trying again, in seconds: once for each.
    """
    handle = None
    if fcntl:
        with contextlib.suppress(OSError):
            handle = os.open(folder, os.O_RDONLY | os.O_NONBLOCK)
    try:
        yield handle is not None and _locked_in_the_end(handle, pauses)
    finally:
        if handle is not None:
            os.close(handle)


def _locked_in_the_end(handle: int, pauses: Iterable[float]) -> bool:
    for pause in pauses:
        if lock(handle, wait=False):
            return True
        time.sleep(pause)
    return lock(handle, wait=False)


def tidy(path: Path, prefix: str) -> None:
    """Remove what dead writers of ``path`` left under this prefix. What cannot be removed is in nobody's way."""
    for found in beside(path, prefix):
        with locked(found.parent if prefix == REPLACED else found) as alone:
            if (alone or _is_old(found)) and (prefix != REPLACED or path.exists()):
                discard(found, path)


def discard(found: Path, path: Path) -> None:
    """Remove what lies beside ``path``, as far as that is possible.

    A folder gets another name first: half removed, nobody takes it for one that was moved aside.
    """
    with contextlib.suppress(OSError):
        if found.is_dir() and not found.is_symlink():
            shutil.rmtree(found.rename(own_name(path, STAGING)), ignore_errors=True)
        else:
            found.unlink(missing_ok=True)


def beside(path: Path, prefix: str) -> list[Path]:
    """What lies beside ``path`` under this prefix, whoever put it there; first what was changed last."""
    whole = path.absolute()
    wanted = re.compile(f"{re.escape(prefix + whole.name)}({_SIGN[prefix]}{_MARK})?", re.DOTALL)
    try:
        found = [one for one in whole.parent.iterdir() if wanted.fullmatch(one.name)]
    except OSError:
        return []
    return sorted(found, key=_changed, reverse=True)


def _changed(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0


def _is_old(path: Path) -> bool:
    """Whether it is an hour old, so that no writer is at it, wherever that lives: where locks tell nothing."""
    return 0 < _changed(path) < time.time() - _OLD_SECONDS


def original(name: str) -> str:
    """The name of what was moved aside under this one."""
    return re.sub(f"{_SIGN[REPLACED]}{_MARK}$", "", name.removeprefix(REPLACED))
