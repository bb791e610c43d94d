"""Write requirements.lock: all that requirements.txt brings, each package with its hashes, for machines without a GPU.

`python .ci/lock.py` needs uv (the extra [dev] has it). Versions that stand in requirements.lock stay as long as they
fit; for newer ones delete the file first. Another file may be named: `python .ci/lock.py /tmp/new.lock`.

PyPI's torch for Linux brings gigabytes of NVIDIA's libraries. They are left out, and beside the hashes of PyPI's torch
stand those of PyTorch's own CPU wheels. .ci/torch-cpu.sha256 holds them as PyTorch's index lists them
(https://download.pytorch.org/whl/cpu/torch/); a new version of torch needs new lines there.
"""

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
HEADER = """\
# All packages that requirements.txt brings, with hashes; written by .ci/lock.py. For machines without a GPU:
# pip install --require-hashes --extra-index-url https://download.pytorch.org/whl/cpu -r requirements.lock
"""
FOR_A_GPU = re.compile(r"(nvidia|cuda)-|triton==")


def compiled(target: Path) -> list[str]:
    """What uv finds, an entry a package; versions in the target are kept if they fit."""
    command = ["uv", "pip", "compile", "requirements.txt", "--universal", "--python-version", "3.11"]
    options = ["--generate-hashes", "--no-annotate", "--no-header", "--quiet", "--output-file", str(target.resolve())]
    subprocess.run([sys.executable, "-m", *command, *options], check=True, cwd=HERE.parent)
    return re.split(r"\n(?=\S)", target.read_text(encoding="utf-8").strip())


def cpu_hashes(version: str) -> list[str]:
    """The hashes of PyTorch's CPU wheels of one version."""
    rows = [line.split() for line in (HERE / "torch-cpu.sha256").read_text(encoding="utf-8").splitlines()]
    found = [digest for digest, wheel in rows if wheel.startswith(f"torch-{version}+cpu-")]
    if not found:
        sys.exit(f".ci/torch-cpu.sha256 has no wheel of torch {version}; add the lines of PyTorch's index.")
    return found


def with_cpu_wheels(entry: str) -> str:
    """The entry; torch's with the hashes of the CPU wheels beside the others."""
    torch = re.match(r"torch==([\d.]+)", entry)
    if not torch:
        return entry
    first, *lines = entry.split(" \\\n")
    lines += [f"    --hash=sha256:{digest}" for digest in cpu_hashes(torch[1])]
    return " \\\n".join([first, *sorted(set(lines))])


def main() -> None:
    """Write the file."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "requirements.lock"
    entries = [with_cpu_wheels(entry) for entry in compiled(target) if not FOR_A_GPU.match(entry)]
    target.write_text(HEADER + "\n".join(entries) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
