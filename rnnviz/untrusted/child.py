"""A program of our own that opens one file of a stranger's: in a process of its own, within limits of memory and time.

So a file made to fill the memory, or to keep its reader busy, ends that process and no other. What the process hands
back is checked like the file itself. Left out: what the programs do (``rnnviz.convert.unpickle``,
``rnnviz.data.packed_tables``).
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

REFUSED = 3
"""The exit status for a file that is refused; any other but 0 means that opening it broke off."""
_ROOT = Path(__file__).parents[2]  # where rnnviz lies, also if it is not installed
_START = """import runpy, sys
sys.path.append(sys.argv.pop(1))  # last, so that nothing beside rnnviz stands in for the standard library
runpy.run_path(sys.argv.pop(1), run_name="__main__")
"""


def run(
    program: str | Path, arguments: Sequence[object], seconds: float, given: bytes = b""
) -> "subprocess.CompletedProcess[bytes]":
    """Run a program with some arguments and bytes on its standard input.

    Raises:
        subprocess.TimeoutExpired: It took more seconds, and was ended.
    """
    command = [sys.executable, "-P", "-c", _START, str(_ROOT), str(program), *map(str, arguments)]
    return subprocess.run(command, input=given, capture_output=True, timeout=seconds, check=False)  # noqa: S603


def limit_memory(limit_bytes: int) -> None:
    """Allow this process so many bytes more than are in use. Linux alone counts and keeps to them."""
    if not sys.platform.startswith("linux"):
        return
    import resource  # not on Windows

    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    most = used + limit_bytes if hard == resource.RLIM_INFINITY else min(hard, used + limit_bytes)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
