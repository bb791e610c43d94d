"""One table of what ``benchmarks/gpu.sh`` has found: which parts ran, and the figures that have goals.

python benchmarks/gpu_table.py FOLDER
"""

import re
import sys
from pathlib import Path

GOAL = 1.6  # recover, as a ratio to the plain call
ENDS = {"0": "all right", "124": "took too long"}


def main(folder: Path) -> None:
    """Print the table of a folder of outputs."""
    print("| part | what | found | goal |\n|---|---|---|---|")
    for line in (folder / "parts.txt").read_text(encoding="utf-8").splitlines():
        name, code, seconds = line.split("|")
        printed = (folder / f"{name}.txt").read_text(encoding="utf-8")
        print(f"| {name} | {seconds} s | {ENDS.get(code, f'failed ({code})')}: {last_line(printed)} | |")
        for what, found, goal in (*ratios(printed), *rates(printed)):
            print(f"| | {what} | {found} | {goal} |")


def last_line(printed: str) -> str:
    """The last line of an output, which pytest sums up with."""
    lines = [line for line in printed.splitlines() if line.strip()]
    return lines[-1].replace("|", "/")[:100] if lines else "nothing printed"


def ratios(printed: str) -> list[tuple[str, str, str]]:
    """Recovery as a ratio to the plain call, of each row of each table that has it."""
    found, columns = [], []
    for line in printed.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if "recover" in cells:
            columns = cells
        elif line.startswith("| ") and len(cells) == len(columns):
            ratio = re.search(r"\(([\d.]+)\)", cells[columns.index("recover")])
            if ratio:
                found.append((f"recover ÷ plain: {cells[0]}", ratio[1], str(GOAL)))
        elif not line.startswith("|"):
            columns = []
    return found


def rates(printed: str) -> list[tuple[str, str, str]]:
    """Texts a second of both sides of a training."""
    rows = re.findall(r"^\| in the loop \| ([\d.,]+) \| ([\d.,]+) \| ([\d.]+) \| (\d+) \|$", printed, re.MULTILINE)
    return [(f"texts a second, lesson {lesson}, rnnviz {ours}", ratio, goal) for lesson, ours, ratio, goal in rows]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
