"""NumPy's files of arrays (.npy, .npz), read as if a stranger had written them: sizes first, numbers afterwards.

What a file declares is compared with the bytes that there are before anything is unpacked, and nothing is unpickled.
Whatever is wrong is a ValueError whose text says what. Left out: what the arrays mean (``rnnviz.trace_file``,
``rnnviz.vectors``).
"""

import io
import math
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

_MOST_HEADER, _MOST_AXES = 10_000, 8
_MOST_ARRAYS = 1_000  # where any name is allowed
_PIECE = 1 << 20
_END = struct.Struct(
    "<4s4H2LH"
)  # of a zip archive: mark, two disks, entries here and in all, directory's size and offset
_LEAST_ENTRY, _MOST_ENTRY = 46, 1_000  # bytes of one entry of the directory
_LOCAL = 30  # bytes of what stands before an entry's name where its data lies
_DAMAGES = (OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""What reading an archive raises where it is damaged; RuntimeError if it is encrypted."""


@runtime_checkable
class Stream(Protocol):
    """What bytes are read from: a file, or one in an archive."""

    def read(self, size: int = -1, /) -> bytes:
        """So many bytes, or all; fewer at the end."""


class Header(NamedTuple):
    """What an array's file declares: its shape, its kind of number, and which axis runs fastest."""

    shape: tuple[int, ...]
    dtype: np.dtype
    fortran: bool

    @property
    def bytes(self) -> int:
        """Of the numbers."""
        return math.prod(self.shape) * self.dtype.itemsize


def read_header(file: Stream) -> Header:
    """Read the header of a .npy file, so that its numbers come next.

    Raises:
        ValueError: It is no such file, or one of Python objects.
    """
    start = file.read(10)
    if start[:6] != b"\x93NUMPY" or start[6:8] not in (b"\1\0", b"\2\0"):
        raise ValueError("it is no .npy file of version 1 or 2")
    if start[6] == 2:
        start += file.read(2)
    size = int.from_bytes(start[8:], "little")
    if size > _MOST_HEADER:
        raise ValueError(f"a header of {size:,} bytes; at most {_MOST_HEADER:,} are read")
    whole = io.BytesIO(start + file.read(size))
    np.lib.format.read_magic(whole)
    read = np.lib.format.read_array_header_2_0 if start[6] == 2 else np.lib.format.read_array_header_1_0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # NumPy warns before it mends a header of Python 2
            shape, fortran, dtype = read(whole)
    except Exception:  # NumPy parses it as Python's own tokens, and these have a dozen kinds of objection
        raise ValueError("its header is none of a .npy file") from None
    if dtype.hasobject or dtype.names or dtype.subdtype or not dtype.itemsize:
        raise ValueError("it holds Python objects or records, not numbers")
    if len(shape) > _MOST_AXES or any(isinstance(size, bool) or size < 0 for size in shape):
        raise ValueError("its shape is none")
    return Header(shape, dtype, fortran)


def read_numbers(file: Stream, header: Header) -> np.ndarray:
    """Read the numbers after a header: exactly as many as it declares.

    Raises:
        ValueError: There are fewer or more.
    """
    buffer, filled = np.empty(header.bytes, np.uint8), 0
    while filled < header.bytes:
        piece = file.read(min(_PIECE, header.bytes - filled))
        if not piece:
            raise ValueError(f"it ends after {filled:,} of {header.bytes:,} bytes of numbers")
        buffer[filled : filled + len(piece)] = np.frombuffer(piece, np.uint8)
        filled += len(piece)
    values = buffer.view(header.dtype)
    if file.read(1):  # an archive checks its sum here
        raise ValueError("there is more after its numbers")
    return values.reshape(header.shape[::-1]).T if header.fortran else values.reshape(header.shape)


class Archive:
    """A .npz file whose directory has been checked; ``headers`` are those of its arrays, by name."""

    def __init__(self, opened: zipfile.ZipFile) -> None:
        self._opened = opened
        self.headers = {info.filename.removesuffix(".npy"): self._header(info) for info in opened.infolist()}

    def _header(self, info: zipfile.ZipInfo) -> Header:
        with self._opened.open(info) as file:
            header = read_header(file)
            if file.tell() + header.bytes != info.file_size:
                raise ValueError(f"{_shown(info)} declares {header.bytes:,} bytes of numbers and has others")
        return header

    def read(self, name: str) -> np.ndarray:
        """The array of this name."""
        with self._opened.open(f"{name}.npy") as file:
            return read_numbers(file, read_header(file))


@contextmanager
def open_archive(path: Path, names: Iterable[str] | None, most: int, free: int, ratio: int) -> Iterator[Archive]:
    """Open an .npz file, having checked its directory.

    Args:
        path: The file.
        names: The arrays that it may hold; None allows a thousand of any name.
        most: The most bytes that it may have, packed or unpacked.
        free: So many bytes it may unpack to however small it is.
        ratio: Above that, at most so many times its own size.

    Raises:
        ValueError: It is something else, or damaged; also where reading an array inside the block finds that out.
    """
    try:
        if not path.is_file():
            raise ValueError("there is no such file")
        with path.open("rb") as file:
            entries, at = _end(file, most)
            allowed = None if names is None else {f"{name}.npy" for name in names}
            if entries > (belong := _MOST_ARRAYS if allowed is None else len(allowed)):
                raise ValueError(f"it holds {entries:,} arrays; at most {belong:,} belong into it")
            with zipfile.ZipFile(file) as opened:
                _check(opened.infolist(), allowed, at, min(most, max(free, ratio * path.stat().st_size)))
                yield Archive(opened)
    except _DAMAGES as error:
        raise ValueError(_reason(error)) from None


def _reason(error: Exception) -> str:
    if type(error) is ValueError:
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "it is damaged"


def _end(file: io.BufferedReader, most: int) -> tuple[int, int]:
    """How many entries an archive has, and where its directory begins: one that ends where the file does."""
    size = file.seek(0, io.SEEK_END)
    if size > most:
        raise ValueError(f"{size:,} bytes; at most {most:,} are read")
    if size < _END.size:
        raise ValueError("it is no .npz file")
    file.seek(-_END.size, io.SEEK_END)
    mark, disk, first_disk, here, entries, length, at, comment = _END.unpack(file.read(_END.size))
    if mark != b"PK\5\6":
        raise ValueError("it is no .npz file, or something follows its end")
    if disk or first_disk or comment or here != entries or at + length + _END.size != size:
        raise ValueError("the end of its directory is not where it should be")
    if not _LEAST_ENTRY * entries <= length <= _MOST_ENTRY * entries:
        raise ValueError(f"a directory of {length:,} bytes for {entries:,} arrays")
    file.seek(at)
    if b"PK\6\7" in file.read(length):  # it would send the reader to a second directory (Zip64)
        raise ValueError("it has a second directory")
    return entries, at


def _shown(info: zipfile.ZipInfo) -> str:
    return ascii(info.filename)[:60]


def _check(entries: list[zipfile.ZipInfo], allowed: set[str] | None, end: int, most: int) -> None:
    """Refuse an archive by its directory: names, kinds of packing, sizes, and entries that lie over each other."""
    for info in entries:
        if not info.filename.endswith(".npy") or (allowed is not None and info.filename not in allowed):
            raise ValueError(f"{_shown(info)} does not belong into it")
    if len({info.filename for info in entries}) != len(entries):
        raise ValueError("it holds an array twice")
    for info in entries:
        if info.flag_bits & 1:
            raise ValueError("it is encrypted")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError("it is packed by a method that is not read")
        if info.compress_type == zipfile.ZIP_STORED and info.file_size != info.compress_size:
            raise ValueError("its sizes contradict each other")
    unpacked = sum(info.file_size for info in entries)
    if unpacked > most:
        raise ValueError(f"it unpacks to {unpacked:,} bytes; at most {most:,} are read of a file of its size")
    free_from = 0
    for info in sorted(entries, key=lambda info: info.header_offset):
        if info.header_offset < free_from:
            raise ValueError("its arrays lie over each other")
        free_from = info.header_offset + _LOCAL + len(info.filename) + info.compress_size
    if free_from > end:
        raise ValueError("its arrays lie over its directory")


def packed(arrays: dict[str, np.ndarray], free: int, ratio: int) -> bytes:
    """An .npz file of some arrays that ``open_archive`` opens: compressed, but not beyond the ratio.

    None of them may hold Python objects, which ``open_archive`` refuses.
    """

    def written(save: Any) -> bytes:
        buffer = io.BytesIO()
        save(buffer, **arrays)  # `allow_pickle=False` would be one more array to NumPy 2.0
        return buffer.getvalue()

    data = written(np.savez_compressed)
    unpacked = sum(values.nbytes + _MOST_HEADER for values in arrays.values())
    return data if unpacked <= max(free, ratio * len(data)) else written(np.savez)
