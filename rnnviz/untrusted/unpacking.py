"""Bytes of a file that may be gzipped or alone in a zip archive, read piece by piece within limits.

So no small file fills the memory.

Left out: what the bytes mean.
"""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_GZIP = b"\x1f\x8b"
_OTHERS = {
    b"PK\5\6": "a zip archive of 0 files",
    b"BZh": "packed by bzip2",
    b"\xfd7zXZ\0": "packed by xz",
    b"\x28\xb5\x2f\xfd": "packed by zstd",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
}
_ZIP = b"PK\3\4"
_MOST_MEMBERS = 10_000
FREE, RATIO = 1_000_000, 100
"""A small file may unpack to so many bytes, a larger one to so many times its own."""


class TooLargeError(ValueError):
    """A file that holds, or unpacks to, more than is read of it; ``limit`` is that in bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"it unpacks to more than {limit:,} bytes")


class OtherPackingError(ValueError):
    """A file that is packed so that nothing of it is read here; ``kind`` says how."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(f"it is {kind}: unpack it first")


class _Within(io.RawIOBase):
    """A stream that refuses to give more than so many bytes."""

    def __init__(self, source: io.BufferedIOBase, limit: int) -> None:
        self._source, self._limit, self._left = source, limit, limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._source.read(len(buffer))
        self._left -= len(piece)
        if self._left < 0:
            raise TooLargeError(self._limit)
        buffer[: len(piece)] = piece
        return len(piece)


@contextmanager
def opened(file: io.BufferedIOBase, most: int) -> Iterator[io.BufferedReader]:
    """What a file holds, unpacked if it is gzipped or a zip archive of one file, as a stream.

    Args:
        file: Open at its beginning, and can be sought in.
        most: The most bytes that are given.

    Raises:
        TooLargeError: There are more, or more than a hundred times what the file has.
        ValueError: It is packed in another way, or damaged; also where that is found while the stream is read.
    """
    start = file.read(8)
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    other = next((name for mark, name in _OTHERS.items() if start.startswith(mark)), None)
    if other:
        raise OtherPackingError(other)
    packed = start.startswith((_GZIP, _ZIP))
    limit = min(most, max(FREE, RATIO * size)) if packed else most
    try:
        with _member(file) if start.startswith(_ZIP) else gzip.open(file) if packed else file as plain:
            yield io.BufferedReader(_Within(plain, limit), 1 << 16)
    except EOFError:
        kind = "zip archive" if start.startswith(_ZIP) else "gzip file"
        raise ValueError(f"it is cut short: the {kind} ends too early") from None
    except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"it is damaged: {error}".rstrip(".")) from None
    except NotImplementedError:
        raise OtherPackingError("a zip archive of an unusual kind") from None


@contextmanager
def _member(file: io.BufferedIOBase) -> Iterator[Any]:
    """The one file that is in a zip archive; what some systems add to it does not count."""
    with zipfile.ZipFile(file) as archive:
        members = [
            member
            for member in archive.infolist()[:_MOST_MEMBERS]
            if not member.is_dir() and not member.filename.startswith("__MACOSX/")
        ]
        if len(members) != 1:
            raise OtherPackingError(f"a zip archive of {len(members):,} files")
        if members[0].flag_bits & 1:
            raise OtherPackingError("a zip archive that is locked by a password")
        with archive.open(members[0]) as plain:
            yield plain
