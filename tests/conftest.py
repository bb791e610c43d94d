"""What all tests share: no network, no progress bars of others, free inputs that are the same in every run."""

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

os.environ["OMP_NUM_THREADS"] = "1"  # the tests share the cores out among processes; torch reads it when imported
os.environ["HF_HUB_OFFLINE"] = "1"  # huggingface_hub reads it when it is first imported
os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"

settings.register_profile(
    "rnnviz",
    derandomize=True,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],  # the first example of a session pays for slow imports
)
settings.load_profile("rnnviz")

ROOT = Path(__file__).parent.parent
FIRST = {folder: place for place, folder in enumerate(("web", "browser", "training", "page", "tests"))}
"""Folders with tests that take long: were they the last, one process would end long after the others."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long first, else in the order of the folders."""
    items.sort(key=lambda item: FIRST.get(item.path.parent.name, len(FIRST)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """How many processes ``-n auto`` means: at least four, since they often wait for a browser or another process."""
    return max(4, os.cpu_count() or 1)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each process whole files, in their order, so that what the tests of a file share is made once."""
    from xdist.scheduler import LoadFileScheduling

    config.option.loadscopereorder = False
    return LoadFileScheduling(config, log)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The full data sets, which may not be given away with the code: $RNNVIZ_DATA, else ../shared/data."""
    folder = Path(os.environ.get("RNNVIZ_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"the full data sets are not in {folder} (set RNNVIZ_DATA to where they are)")
    return folder


@pytest.fixture
def as_shipped() -> Iterator[Callable[[str], ModuleType]]:
    """Load a module as users have it, without the annotations that are checked only under test.

    So a test can hand it what the annotations would have refused before rnnviz's own words came to be said.
    """
    loaded: list[str] = []

    def load(name: str) -> ModuleType:
        spec = importlib.util.find_spec(f"rnnviz.{name}")
        assert spec is not None
        assert spec.origin is not None
        alias = f"{name}_as_shipped"
        plain = importlib.util.spec_from_file_location(alias, spec.origin)
        assert plain is not None
        assert plain.loader is not None
        module = importlib.util.module_from_spec(plain)
        sys.modules[alias] = module
        loaded.append(alias)
        plain.loader.exec_module(module)
        return module

    yield load
    for alias in loaded:
        del sys.modules[alias]
