"""Bytes of a file that may be gzipped, read piece by piece within limits, so that no small file fills the memory.

Left out: what the bytes mean.
"""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_GZIP = b"\x1f\x8b"
_OTHERS = {
    b"PK\3\4": "a zip archive",
    b"PK\5\6": "a zip archive",
    b"BZh": "packed by bzip2",
    b"\xfd7zXZ\0": "packed by xz",
    b"\x28\xb5\x2f\xfd": "packed by zstd",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
}
_FREE, _RATIO = 1_000_000, 100  # so much a small file may unpack to, a larger one so many times its size


class TooLargeError(ValueError):
    """A file that holds, or unpacks to, more than is read of it; ``limit`` is that in bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"it unpacks to more than {limit:,} bytes")


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
    """What a file holds, unpacked if it is gzipped, as a stream.

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
        raise ValueError(f"it is {other}: unpack it first")
    zipped = start.startswith(_GZIP)
    limit = min(most, max(_FREE, _RATIO * size)) if zipped else most
    try:
        with gzip.open(file) if zipped else file as plain:
            yield io.BufferedReader(_Within(plain, limit), 1 << 16)
    except EOFError:
        raise ValueError("it is cut short: the gzip file ends too early") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"it is damaged: {error}".rstrip(".")) from None
