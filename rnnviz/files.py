"""Writing files so that a crash never leaves half of one, and reading them once, within limits.

Left out: what is in the files.
"""

import contextlib
import glob
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from rnnviz.errors import CheckpointError

_TEMPORARY = ".rnnviz-partial-"
_MARK_LENGTH = 8
_STAGING, _REPLACED = ".rnnviz-new-", ".rnnviz-old-"
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"


def atomic_write(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data``, or leave it as it was: never half of each.

    The bytes go to a file in the same folder, are flushed to the disk, and take the place of the old file in one
    step. The mode follows the umask. What an earlier crash left behind in the folder for this file is removed, so a
    file has one writer at a time.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    prefix = f"{_TEMPORARY}{path.name}-"
    for stale in path.parent.glob(glob.escape(prefix) + "?" * _MARK_LENGTH):  # not those of a longer name
        stale.unlink(missing_ok=True)
    temporary = path.with_name(prefix + secrets.token_hex(_MARK_LENGTH // 2))
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _flush_folder(path.parent)


def read_once(path: Path, limit: int) -> bytes:
    """Read a whole file into memory, once.

    Args:
        path: The file.
        limit: The most bytes that are accepted.

    Raises:
        CheckpointError: It is missing, larger than ``limit``, or only a Git LFS pointer.
    """
    if not path.is_file():
        raise CheckpointError("checkpoint_missing", path=path.parent, name=path.name, example="runs/reviews")
    with path.open("rb") as file:
        data = file.read(min(limit, path.stat().st_size) + 1)  # no more room than it needs
    if len(data) > limit:
        raise CheckpointError("checkpoint_large", path=path, found=path.stat().st_size, limit=limit)
    if data.startswith(_LFS_POINTER):
        raise CheckpointError("checkpoint_lfs", path=path)
    return data


def sha256(data: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _flush_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # only POSIX systems can flush a folder
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """Fill a new folder beside ``folder``, which takes its place when the block ends without an error.

    Wherever the process dies, ``recovered`` finds the old folder or the new one, whole.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging, replaced = _beside(recovered(folder), _STAGING), _beside(folder, _REPLACED)
    for left_behind in (staging, replaced):
        shutil.rmtree(left_behind, ignore_errors=True)
    staging.mkdir()
    try:
        yield staging
        _flush_folder(staging)
        _take_place(staging, folder, replaced)
        _flush_folder(folder.parent)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        recovered(folder)
        shutil.rmtree(replaced, ignore_errors=True)


def _take_place(staging: Path, folder: Path, replaced: Path) -> None:
    """Put ``staging`` where ``folder`` is. A reader may put the old one back in between, and then it is moved again."""
    while True:
        if folder.exists():
            folder.rename(replaced)
        try:
            staging.rename(folder)
            return
        except OSError:
            if not folder.exists():
                raise


def recovered(folder: Path) -> Path:
    """The folder itself, put back first if a process died between the two renames of ``replacing_folder``."""
    replaced = _beside(folder, _REPLACED)
    if replaced.is_dir() and not folder.exists():
        try:
            replaced.rename(folder)
        except OSError:  # the process is alive, and was quicker
            if not folder.exists():
                raise
    return folder


def folders(folder: Path) -> list[Path]:
    """The folders in a folder, by name: those that a dead process left aside put back, its unfinished ones left out."""
    for aside in folder.glob(f"{_REPLACED}*"):
        recovered(folder / aside.name.removeprefix(_REPLACED))
    beside = (_STAGING, _REPLACED)
    return sorted(one for one in folder.iterdir() if one.is_dir() and not one.name.startswith(beside))


def _beside(folder: Path, prefix: str) -> Path:
    whole = folder.absolute()  # "." has no name of its own
    return whole.parent / (prefix + whole.name)
