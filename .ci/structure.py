"""How the package is built, in numbers: rooms at its top level, floors, arrows, circles, and its longest functions.

    python .ci/structure.py [FOLDER]

A room is a module or a folder directly in ``rnnviz/``. An arrow is an import from one room into another. A room's floor
is one above the highest that it imports from. In a circle rooms import each other. Needs grimp and ruff, which
``pip install -e ".[dev]"`` brings.
"""

import ast
import json
import subprocess
import sys
from functools import cache
from itertools import combinations
from pathlib import Path

import grimp


def rooms(folder: Path) -> dict[str, set[str]]:
    """Each room of the package in a checkout, and the rooms that it imports from."""
    sys.path.insert(0, str(folder))
    graph = grimp.build_graph("rnnviz", exclude_type_checking_imports=False, cache_dir=None)
    room_of = {module: ".".join(module.split(".")[:2]) for module in graph.modules}
    arrows: dict[str, set[str]] = {room: set() for room in set(room_of.values()) - {"rnnviz"}}
    for module, room in room_of.items():
        if room != "rnnviz":
            imported = {room_of[one] for one in graph.find_modules_directly_imported_by(module)}
            arrows[room] |= imported - {room, "rnnviz"}
    return arrows


def circles(arrows: dict[str, set[str]]) -> int:
    """How many pairs of rooms lead to each other."""

    @cache
    def reached(room: str) -> frozenset[str]:
        seen: set[str] = set()
        ahead = list(arrows[room])
        while ahead:
            if (one := ahead.pop()) not in seen:
                seen.add(one)
                ahead += arrows[one]
        return frozenset(seen)

    pairs = combinations(sorted(arrows), 2)
    return sum(other in reached(room) and room in reached(other) for room, other in pairs)


def floors(arrows: dict[str, set[str]]) -> int:
    """How many rooms the longest way down leads through; of rooms in a circle, the way back is not taken."""
    heights: dict[str, int] = {}

    def height(room: str, above: frozenset[str] = frozenset()) -> int:
        if room not in heights:
            ahead = above | {room}
            heights[room] = 1 + max((height(one, ahead) for one in arrows[room] - ahead), default=0)
        return heights[room]

    return max(map(height, arrows))


def longest_function(folder: Path) -> tuple[int, str]:
    """Lines of the longest function without its docstring, and where it is."""
    found = [(0, "")]
    for path in sorted((folder / "rnnviz").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
                found.append((lines, f"{path.relative_to(folder)}:{node.name}"))
    return max(found)


def complexity(folder: Path) -> tuple[int, str]:
    """The highest cyclomatic complexity of a function, and where it is."""
    command = ["ruff", "check", "--isolated", "--select=C901", "--config=lint.mccabe.max-complexity=1"]
    done = subprocess.run(
        [*command, "--output-format=json", str(folder / "rnnviz")], capture_output=True, text=True, check=False
    )
    told = [(int(one["message"].split("(")[1].split(" ")[0]), one) for one in json.loads(done.stdout)]
    most, one = max(told, key=lambda pair: pair[0])
    return most, f"{Path(one['filename']).relative_to(folder.resolve())}:{one['message'].split('`')[1]}"


def main() -> None:
    """Print all of it."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    arrows = rooms(folder)
    print(f"rooms at the top level: {len(arrows)}")
    print(f"floors: {floors(arrows)}")
    print(f"arrows: {sum(map(len, arrows.values()))}")
    print(f"pairs of rooms that import each other: {circles(arrows)}")
    print("longest function: {} lines, {}".format(*longest_function(folder)))
    print("highest complexity: {}, {}".format(*complexity(folder)))


if __name__ == "__main__":
    main()
