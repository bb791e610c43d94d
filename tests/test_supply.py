"""Where packages come from: what a Hugging Face Space installs can be resolved, and the lock has a hash for all."""

import os
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
REQUIREMENTS = ROOT / "requirements.txt"
LOCK = ROOT / "requirements.lock"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
ZEROGPU = SpecifierSet(">=2.8,<2.12")  # the versions of torch that Hugging Face's documentation lists for ZeroGPU


# What a registry answers


def uv_resolves(requirements: list[str], python: str) -> subprocess.CompletedProcess[str]:
    """Ask uv which versions pip would install. It reads metadata only; nothing is installed."""
    options = ["--python-version", python, "--python-platform", "linux", "--only-binary", ":all:"]
    return subprocess.run(
        [sys.executable, "-m", "uv", "pip", "compile", "-", "--no-header", "--no-annotate", "--quiet", *options],
        input="\n".join(requirements),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "UV_HTTP_TIMEOUT": "20", "UV_HTTP_RETRIES": "1"},
    )


@pytest.fixture(scope="module")
def registry() -> None:
    if uv_resolves(["packaging"], "3.12").returncode:
        pytest.skip("no package registry can be reached")


def front_matter() -> dict[str, str]:
    _, text, _ = (ROOT / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    return {name: value.strip("\"'") for name, value in re.findall(r"^(\w+): (.+)$", text, re.MULTILINE)}


def builders_set() -> list[str]:
    """What the builder of a Gradio Space installs in one go (docs/how-it-works.md, Packages)."""
    gradio = f"gradio[oauth,mcp]=={front_matter()['sdk_version']}"
    return [
        *REQUIREMENTS.read_text(encoding="utf-8").splitlines(),
        gradio,
        "uvicorn>=0.14.0",
        "websockets>=10.4",
        "spaces",
    ]


def versions(resolved: str) -> dict[str, str]:
    return {entry.name: str(entry.specifier)[2:] for entry in map(Requirement, resolved.splitlines())}


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize("python", ["the Space's", "3.11", "3.12"])
def test_the_builder_of_a_space_finds_versions_that_fit_together(python: str) -> None:
    done = uv_resolves(builders_set(), front_matter()["python_version"] if python == "the Space's" else python)
    assert done.returncode == 0, done.stderr
    found = versions(done.stdout)
    assert found["gradio"] == front_matter()["sdk_version"]
    assert {"spaces", "mcp", "authlib", "websockets"} <= set(found)


@pytest.mark.usefixtures("registry")
def test_on_the_python_of_zerogpu_torch_is_one_that_zerogpu_has() -> None:
    done = uv_resolves([*builders_set(), "torch<=2.13.0"], "3.12")
    assert done.returncode == 0, done.stderr
    assert ZEROGPU.contains(versions(done.stdout)["torch"])


@pytest.mark.usefixtures("registry")
def test_a_pin_that_gradios_extras_exclude_is_found() -> None:
    """Gradio 6.31's extra mcp wants pydantic<=2.12.5; this pin once kept the Space from being built."""
    done = uv_resolves(["gradio[oauth,mcp]==6.31.0", "pydantic==2.14.3"], "3.12")
    assert done.returncode != 0
    assert "pydantic" in done.stderr


# The lock


def lock_entries() -> list[tuple[Requirement, list[str]]]:
    text = "\n".join(line for line in LOCK.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    entries = [entry.replace("\\\n", " ").split("--hash=") for entry in re.split(r"\n(?=\S)", text)]
    return [(Requirement(first.strip()), [digest.strip() for digest in hashes]) for first, *hashes in entries]


def locked(python: str) -> dict[str, str]:
    """What the lock installs on Linux on one version of Python: name to version."""
    here = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": "linux",
        "platform_machine": "x86_64",
        "extra": "",
    }
    return {
        canonicalize_name(entry.name): str(entry.specifier)
        for entry, _ in lock_entries()
        if not entry.marker or entry.marker.evaluate(here)
    }


def test_every_package_of_the_lock_is_pinned_and_has_hashes() -> None:
    assert len(lock_entries()) > 60
    for entry, hashes in lock_entries():
        assert re.fullmatch(r"==[\w.+!]+", str(entry.specifier)), str(entry)
        assert hashes, str(entry)
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in hashes), str(entry)


@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_has_what_requirements_txt_pins(python: str) -> None:
    wanted = map(
        Requirement, filter(lambda line: line[:1] != "#", REQUIREMENTS.read_text(encoding="utf-8").splitlines())
    )
    pins = {
        canonicalize_name(entry.name): str(entry.specifier)
        for entry in wanted
        if not entry.marker or entry.marker.evaluate({"python_version": python})
    }
    assert pins.items() <= locked(python).items()


def test_requirements_txt_has_no_hashes_since_a_spaces_builder_adds_packages_without() -> None:
    assert "--hash" not in REQUIREMENTS.read_text(encoding="utf-8")


def brought_by(names: set[str]) -> set[str]:
    """The packages, and all that they need here, as their installed metadata says."""
    found: set[str] = set()
    todo = {canonicalize_name(name) for name in names}
    while todo:
        name = todo.pop()
        found.add(name)
        try:
            needs = [Requirement(line) for line in requires(name) or ()]
        except PackageNotFoundError:
            pytest.fail(f"{name} is needed, but not installed")
        todo |= {canonicalize_name(need.name) for need in needs if not need.marker or need.marker.evaluate()} - found
    return found


def test_the_lock_has_all_that_the_pinned_packages_need_here() -> None:
    """NVIDIA's libraries apart, which PyPI's torch for Linux needs and PyTorch's CPU build does not."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    needed = brought_by({Requirement(line).name for line in REQUIREMENTS.read_text().splitlines() if line[:1] != "#"})
    for_a_gpu = {name for name in needed if name.startswith(("nvidia-", "cuda-")) or name == "triton"}
    assert needed - for_a_gpu <= set(locked(python))


@pytest.mark.usefixtures("registry")
def test_the_lock_is_what_its_script_writes(tmp_path: Path) -> None:
    again = tmp_path / "again.lock"
    again.write_bytes(LOCK.read_bytes())
    subprocess.run([sys.executable, ROOT / ".ci" / "lock.py", again], check=True, timeout=300)
    assert named(again) == named(LOCK)


def named(lock: Path) -> list[str]:
    return [line for line in lock.read_text(encoding="utf-8").splitlines() if not line.startswith(" ")]


def test_the_lock_knows_pytorchs_cpu_wheels_of_each_pinned_torch() -> None:
    listed = [line.split() for line in (ROOT / ".ci" / "torch-cpu.sha256").read_text(encoding="utf-8").splitlines()]
    for entry, hashes in lock_entries():
        if entry.name == "torch":
            version = str(entry.specifier)[2:]
            ours = {f"sha256:{digest}" for digest, wheel in listed if f"torch-{version}+cpu-" in wheel}
            assert ours
            assert ours <= set(hashes)
