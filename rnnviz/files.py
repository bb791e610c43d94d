"""Files and folders written so that a crash never leaves half of one, and read once, within limits.

Several processes may write to one place at once. Each fills a file or a folder under a name that nobody else has, and
moves it into place: the last one wins, and nothing is ever mixed. What is being filled is locked while its writer
lives; the lock goes with its process, so the next writer can tell what a dead one left behind, and removes it. To
replace a folder takes two moves: the folder around it is locked meanwhile, and what was moved aside gets another name
before it is removed. Reading need not write.

Left out: what is in the files.
"""

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from rnnviz.errors import CheckpointError, RnnvizError, StorageError

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


def unique_name(path: Path, prefix: str) -> Path:
    """A path beside ``path`` whose name no other process has."""
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
        yield handle is not None and _try_lock(handle, pauses)
    finally:
        if handle is not None:
            os.close(handle)


def _try_lock(handle: int, pauses: Iterable[float]) -> bool:
    for pause in pauses:
        if lock(handle, wait=False):
            return True
        time.sleep(pause)
    return lock(handle, wait=False)


def tidy(path: Path, prefix: str) -> None:
    """Remove what dead writers of ``path`` left under this prefix. What cannot be removed is in nobody's way."""
    for leftover in siblings(path, prefix):
        with locked(leftover.parent if prefix == REPLACED else leftover) as alone:
            if (alone or _is_old(leftover)) and (prefix != REPLACED or path.exists()):
                discard(leftover, path)


def discard(leftover: Path, path: Path) -> None:
    """Remove a leftover beside ``path``, as far as that is possible.

    A folder gets another name first: half removed, nobody takes it for one that was moved aside.
    """
    with contextlib.suppress(OSError):
        if leftover.is_dir() and not leftover.is_symlink():
            shutil.rmtree(leftover.rename(unique_name(path, STAGING)), ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)


def siblings(path: Path, prefix: str) -> list[Path]:
    """Files and folders beside ``path`` that have its name and this prefix; the last changed comes first."""
    whole = path.absolute()
    pattern = re.compile(f"{re.escape(prefix + whole.name)}({_SIGN[prefix]}{_MARK})?", re.DOTALL)
    try:
        paths = [one for one in whole.parent.iterdir() if pattern.fullmatch(one.name)]
    except OSError:
        return []
    return sorted(paths, key=_changed, reverse=True)


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


ResultT = TypeVar("ResultT")

_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_PAUSES = (0.001,) * 20 + (0.01,) * 50
"""How long somebody waits for another process that is about to move a folder, or to close a file: half a second."""
_TRIES, _TRIES_BESIDE = 20, 10
"""How often a folder is read at most until no save comes between, and how often of those while others may save."""
_WINDOWS = os.name == "nt"
_ADVICE = {
    "Free space on its disk, or choose a place on another.": (errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
    "Choose a folder that you may write to.": (errno.EACCES, errno.EPERM, errno.EROFS),
    "Choose another name, or a shorter one.": (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.EISDIR),
    "Choose a place in a folder.": (errno.ENOENT, errno.ENOTDIR, errno.EEXIST),
}


# --- writing ---


def atomic_write(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data``, or leave it as it was: never half of each.

    The bytes go to a file in the same folder, are flushed to the disk, and take the place of the old file in one
    step. The mode follows the umask. Of several writers at once, the last one wins.

    Raises:
        StorageError: It could not be written; the message says why, and what to do.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        tidy(path, TEMPORARY)
        while not _written(path, data):
            pass  # somebody took the new file for left behind, in the moment before it was locked
        _flush_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and those it lies in, where they are missing.

    Raises:
        StorageError: That is not possible; the message says why, and what to do.
    """
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)


def _written(path: Path, data: bytes) -> bool:
    """Write by way of a file of one's own; whether that was still there in the end."""
    temporary = unique_name(path, TEMPORARY)
    try:
        with temporary.open("xb") as file:
            lock(file.fileno())
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            if os.name == "posix":  # elsewhere no open file can be moved, nor removed by others
                return _moved(temporary, path)
        return _moved(temporary, path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _moved(temporary: Path, path: Path) -> bool:
    try:
        _retry_move(lambda: temporary.replace(path))
    except FileNotFoundError:
        if temporary.exists() or not path.parent.exists():
            raise
        return False
    return True


@contextlib.contextmanager
def replacing_folder(folder: Path, *, rehearsal: bool = False) -> Iterator[Path]:
    """Fill a new folder beside ``folder``, which takes its place when the block ends without an error.

    Wherever the process dies, ``recovered`` finds the old folder or the new one, whole. Of several writers at once, the
    last one wins. In a rehearsal ``folder`` stays as it is: the new one is moved to a name of its own, and removed.

    Raises:
        StorageError: It could not be written; the message says why, and what to do.
    """
    with storage_errors(folder):
        folder = folder.resolve() if folder.is_symlink() else folder  # the folder is replaced, not the link to it
        folder.parent.mkdir(parents=True, exist_ok=True)
        recovered(folder)
        for prefix in (STAGING, REPLACED):
            tidy(folder, prefix)
        with _staging(folder) as staging:
            yield staging
            _flush_folder(staging)
            if rehearsal:
                moved = unique_name(folder, STAGING)
                _retry_move(lambda: staging.rename(moved))
                shutil.rmtree(moved, ignore_errors=True)
                _flush_folder(folder.parent)
            else:
                _put(staging, folder)


def put_folder(filled: Path, folder: Path) -> None:
    """Have a folder that was filled on the same disk take the place of ``folder``, as ``replacing_folder`` does.

    Raises:
        StorageError: That is not possible; the message says why, and what to do.
    """
    with storage_errors(folder):
        folder = folder.resolve() if folder.is_symlink() else folder
        recovered(folder)
        tidy(folder, REPLACED)
        _flush_folder(filled)
        _put(filled, folder)


def _put(filled: Path, folder: Path) -> None:
    with locked(folder.absolute().parent, _PAUSES):
        _swap_in(filled, folder)
    _flush_folder(folder.parent)


@contextlib.contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """A folder of one's own beside ``folder``, locked until it is moved or removed."""
    while True:
        staging = unique_name(folder, STAGING)
        staging.mkdir()
        with locked(staging, _PAUSES):
            if not staging.exists():  # as in atomic_write
                continue
            try:
                yield staging
            finally:
                shutil.rmtree(staging, ignore_errors=True)
        return


def _swap_in(staging: Path, folder: Path) -> None:
    """Put ``staging`` where ``folder`` is; again, where there are no locks and somebody else meanwhile put theirs."""
    while True:
        with _moved_aside(folder):
            try:
                _retry_move(lambda: staging.rename(folder))
                return
            except OSError:
                if not folder.exists():
                    raise


@contextlib.contextmanager
def _moved_aside(folder: Path) -> Iterator[None]:
    """Move a folder aside. At the end, put it back if nothing has taken its place; else remove it."""
    aside = unique_name(folder, REPLACED)
    try:
        with contextlib.suppress(FileNotFoundError):
            _retry_move(lambda: folder.rename(aside))
        yield
    finally:
        with contextlib.suppress(OSError):
            if folder.exists():
                discard(aside, folder)
            else:
                aside.rename(folder)


def _retry_move(move: Callable[[], object]) -> None:
    """Move a file or a folder. On Windows nothing can be moved while somebody reads it, so there it is tried again."""
    for pause in _PAUSES if _WINDOWS else ():
        with contextlib.suppress(PermissionError):
            move()
            return
        time.sleep(pause)
    move()


def _flush_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # only POSIX systems can flush a folder
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems cannot either
            raise
    finally:
        os.close(handle)


@contextlib.contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn an OSError into a StorageError that names the path, the reason and what to do."""
    try:
        yield
    except OSError as error:
        advice = next((one for one, numbers in _ADVICE.items() if error.errno in numbers), "Choose another place.")
        refusal = StorageError("write_failed", path=path, problem=_reason(error), advice=advice)
        refusal.errno = error.errno
        raise refusal from error


def _reason(error: OSError) -> str:
    """Why, in the system's words; an error that is ours already said it in the middle of its own."""
    return str(error.values["problem"]) if isinstance(error, StorageError) else error.strerror or str(error)


# --- reading ---


def read_once(path: Path, limit: int) -> bytes:
    """Read a whole file into memory, once.

    Args:
        path: The file.
        limit: The most bytes that are accepted.

    Raises:
        CheckpointError: It is missing, cannot be read, is larger than ``limit``, or only a Git LFS pointer.
    """
    try:
        if not path.is_file():
            raise FileNotFoundError
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = file.read(min(limit, size) + 1)  # no more memory than it needs
    except FileNotFoundError:
        raise CheckpointError("checkpoint_missing", path=path.parent, name=path.name, example="runs/reviews") from None
    except OSError as error:
        raise CheckpointError("checkpoint_unread", path=path, problem=_reason(error)) from error
    if len(data) > limit:
        raise CheckpointError("checkpoint_large", path=path, found=size, limit=limit)
    if data.startswith(_LFS_POINTER):
        raise CheckpointError("checkpoint_lfs", path=path)
    return data


def sha256(data: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def read_consistently(folder: Path, read: Callable[[Path], ResultT]) -> ResultT:
    """Read a folder so that no save comes between: all of it from before a save, or all of it from after.

    Args:
        folder: The folder.
        read: Reads the folder that it is given. It is called again if a save took place meanwhile. After a few such
            tries the folder is locked, where there are locks, so that saves wait until it is done.

    Raises:
        CheckpointError: It was saved again and again.
    """
    missing = 0
    for turn in range(_TRIES):
        current = recovered(folder)
        with locked(folder.absolute().parent, _PAUSES) if turn >= _TRIES_BESIDE else contextlib.nullcontext():
            before = _version(current)
            missing += before is None
            try:
                result = read(current)
            except (RnnvizError, OSError):
                if _is_unchanged(current, before, missing):
                    raise
            else:
                if _is_unchanged(current, before, missing):
                    return result
        time.sleep(_PAUSES[0])
    raise CheckpointError("checkpoint_saving", path=folder)


def _is_unchanged(folder: Path, before: tuple[int, ...] | None, missing: int) -> bool:
    """Whether no save took place. A missing folder may be about to be moved in, so it has to be missing twice."""
    return before == _version(folder) and (before is not None or missing > 1)


def _version(folder: Path) -> tuple[int, ...] | None:
    """What differs between any two folders that were saved under this name; None where there is none."""
    try:
        status = folder.stat()
    except (OSError, ValueError):  # a name with a null byte
        return None
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns


def recovered(folder: Path) -> Path:
    """The folder itself, put back first if a process died between the two renames of ``replacing_folder``.

    Where nothing may be written, what was moved aside is returned where it is.
    """
    if exists(folder) or not siblings(folder, REPLACED):
        return folder
    with locked(folder.absolute().parent, _PAUSES):  # so nobody is between the two
        aside = None if exists(folder) else next(iter(siblings(folder, REPLACED)), None)
        if aside is None:
            return folder
        try:
            aside.rename(folder)
        except OSError:  # nothing may be written here
            return folder if exists(folder) else aside
    return folder


def folders(folder: Path) -> list[Path]:
    """The folders in a folder, by name: those that a dead process left aside put back, its unfinished ones left out.

    What cannot be read is among them; a link that leads nowhere too.

    Raises:
        CheckpointError: The folder itself cannot be read.
    """
    try:
        for name in {original(one.name) for one in folder.iterdir() if one.name.startswith(REPLACED)}:
            recovered(folder / name)
        return sorted(one for one in folder.iterdir() if not one.name.startswith(OWN) and _is_folder(one))
    except OSError as error:
        raise CheckpointError("checkpoint_unread", path=folder, problem=_reason(error)) from error


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir() or not path.exists()
    except OSError:
        return True


def name_of(folder: Path) -> str:
    """A folder's name as every encoding can carry it: bytes that are no UTF-8 as escapes."""
    return folder.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def lexists(path: Path) -> bool:
    """As ``os.path.lexists``, but true also where the system does not allow to look."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def exists(path: Path) -> bool:
    """As ``Path.exists``, but false where the system does not allow to look."""
    try:
        return path.exists()
    except OSError:
        return False
