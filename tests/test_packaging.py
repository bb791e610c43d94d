"""What is installed: public names, lazy imports, pins, layers."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import rnnviz

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "rnnviz"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


# Public names


def imported_for_type_checkers() -> list[str]:
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    return [
        alias.asname or alias.name for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    ]


def test_the_public_names_are_sorted_and_those_that_a_type_checker_sees() -> None:
    assert rnnviz.__all__ == sorted(rnnviz.__all__)
    assert sorted(imported_for_type_checkers()) == rnnviz.__all__


@pytest.mark.parametrize("name", rnnviz.__all__)
def test_every_public_name_is_there_and_is_what_its_module_defines(name: str) -> None:
    found = getattr(rnnviz, name)
    assert found.__name__ in (name, f"rnnviz.{name}")
    assert found is vars(rnnviz)[name]  # looked up once, then a plain attribute


def test_dir_lists_the_public_names_and_the_version() -> None:
    assert set(rnnviz.__all__) <= set(dir(rnnviz))
    assert "__version__" in dir(rnnviz)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'rnnviz' has no attribute 'raed'"):
        rnnviz.raed  # noqa: B018


def test_the_public_names_of_the_figures_are_sorted_and_there() -> None:
    assert rnnviz.figures.__all__ == sorted(rnnviz.figures.__all__)
    assert all(callable(getattr(rnnviz.figures, name)) for name in rnnviz.figures.__all__)


def test_no_function_hides_the_module_it_stands_in() -> None:
    for names in (rnnviz.__all__, rnnviz.figures.__all__):
        folder = PACKAGE if names is rnnviz.__all__ else PACKAGE / "figures"
        modules = {path.stem for path in folder.glob("*.py")}
        assert not [name for name in names if name in modules - {"analysis", "datasets", "tasks"}]


PUBLIC_MODULES = {
    "rnnviz.analysis": ["bimodality", "compare", "half_life", "saturation", "unit_effects", "unit_order"],
    "rnnviz.analysis.claims": ["flags", "masks", "masks_in"],
    "rnnviz.checkpoint": ["Checkpoint", "load"],
    "rnnviz.checks": ["CHECKS", "logits"],
    "rnnviz.claims": ["flags", "masks", "masks_in"],
    "rnnviz.convert": ["converted", "read_words"],
    "rnnviz.datasets": ["Dataset", "FileOptions", "from_hub", "load"],
    "rnnviz.errors": ["CaptureError", "CheckpointError", "DataError", "MemoryLimitError", "RnnvizError", "RoomError"],
    "rnnviz.figures": rnnviz.figures.__all__,
    "rnnviz.foreign": ["read_foreign"],
    "rnnviz.formats": ["FORMATS", "ClassName", "DataFormat", "named_format"],
    "rnnviz.memory": ["contributions", "ledger"],
    "rnnviz.negation": ["fair_set"],
    "rnnviz.packing": ["packed_layout"],
    "rnnviz.reading": ["read", "read_many"],
    "rnnviz.signals": ["SIGNALS"],
    "rnnviz.tasks": ["TASKS", "generate"],
    "rnnviz.text": ["PADDING", "UNKNOWN", "Vocabulary", "WordVectors", "load_vectors", "tokenise"],
    "rnnviz.trace": ["Trace"],
    "rnnviz.training": ["Progress", "Recipe", "prepare", "train"],
}
"""What README, docs and notebooks name, and what a module in another place may not take away."""


@pytest.mark.parametrize("module", PUBLIC_MODULES)
def test_public_modules_keep_their_names(module: str) -> None:
    code = "\n".join(f"from {module} import {name}" for name in PUBLIC_MODULES[module])
    exec(code, {})  # noqa: S102 - as a user writes it
    with pytest.raises(ImportError):
        exec(f"from {module} import raed", {})  # noqa: S102


def test_public_modules_are_attributes_without_an_import_of_their_own() -> None:
    names = ["checks", "claims", "datasets", "errors", "foreign", "formats", "memory", "negation", "tasks", "text"]
    code = "; ".join(["import rnnviz", *(f"rnnviz.{name}" for name in names)])
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


# Lazy imports


def loaded_by(statement: str) -> set[str]:
    """The top-level packages that a fresh Python holds after a statement."""
    code = f"{statement}; import sys; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


def test_pictures_and_the_page_are_there_before_torch() -> None:
    found = loaded_by("import rnnviz.figures, rnnviz.page.layout, rnnviz.page.serving")
    assert {"plotly", "gradio"} <= found
    assert not {"torch", "torchtext"} & found


def test_figures_need_no_gradio_and_the_bare_package_needs_nothing() -> None:
    assert not {"gradio", "torch", "torchtext"} & loaded_by("import rnnviz.figures")
    assert not {"gradio", "torch", "numpy", "plotly", "pandas"} & loaded_by("import rnnviz")


# Pins


def pinned() -> list[Requirement]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def pins(python: str = "3.11") -> dict[str, str]:
    """What requirements.txt installs on one version of Python."""
    chosen = [entry for entry in pinned() if not entry.marker or entry.marker.evaluate({"python_version": python})]
    assert len({entry.name for entry in chosen}) == len(chosen)
    return {entry.name: str(entry.specifier) for entry in chosen}


def runtime() -> list[Requirement]:
    return [Requirement(line) for line in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["app"])]


def test_every_requirement_is_pinned_exactly() -> None:
    assert pinned()
    for entry in pinned():
        assert re.fullmatch(r"==\d+(\.\d+)+", str(entry.specifier)), str(entry)


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
def test_the_pins_are_what_pyproject_asks_for_and_satisfy_it(python: str) -> None:
    found = pins(python)
    assert set(found) == {wanted.name for wanted in runtime()}
    for wanted in runtime():
        assert wanted.specifier.contains(found[wanted.name].removeprefix("==")), str(wanted)


def test_everything_the_package_imports_is_asked_for() -> None:
    """The extras apart, which are imported where they are used."""
    distributions = {
        "charset_normalizer": "charset-normalizer",
        "sklearn": "scikit-learn",
        "typing_extensions": "typing-extensions",
    }
    asked = {wanted.name for wanted in runtime()} | {
        Requirement(line).name
        for extra in ("convert", "fast", "groups", "hub", "ray", "tables", "train")
        for line in PROJECT["optional-dependencies"][extra]
    }
    imported = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.split(".")[0])
    outside = imported - set(sys.stdlib_module_names) - {"rnnviz"}
    assert {distributions.get(name, name) for name in outside} <= asked


def test_the_space_runs_the_pinned_gradio() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    _, front_matter, _ = readme.split("---\n", 2)
    settings = dict(line.split(": ", 1) for line in front_matter.splitlines() if re.match(r"\w+: ", line))
    assert f"=={settings['sdk_version']}" == pins()["gradio"]
    assert settings["sdk"] == "gradio"
    assert (ROOT / settings["app_file"]).is_file()
    assert settings["license"].lower() == PROJECT["license"].lower()


# Shape of the code


def test_the_layers_hold() -> None:
    lint_imports = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint_imports], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout
    assert re.search(r"Contracts: [1-9]\d* kept, 0 broken", done.stdout)


def test_t8_no_text_passes_through_a_template_of_gradio() -> None:
    """SAFETY.md, fact 1: Gradio compiles what stands in double braces as JavaScript."""
    kinds = {".html", ".js", ".css"}
    templates = [path for path in (PACKAGE / "page").rglob("*") if path.suffix in kinds]
    assert {path.suffix for path in templates} == kinds
    assert [path.name for path in templates if "{{" in path.read_text(encoding="utf-8")] == []
