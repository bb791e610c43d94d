import pytest

from tests.web.engine import Engine, missing

WORST = pytest.StashKey[dict[str, dict[str, float]]]()


@pytest.fixture(scope="session")
def engine(tmp_path_factory):
    """The engine of the browser in Node."""
    if problem := missing():
        pytest.skip(problem)
    with Engine(tmp_path_factory.mktemp("engine")) as running:
        yield running


@pytest.fixture(scope="session")
def plain_engine(tmp_path_factory):
    """The engine in Node without WebAssembly, as where a policy forbids it."""
    if problem := missing():
        pytest.skip(problem)
    with Engine(tmp_path_factory.mktemp("plain"), plain=True) as running:
        yield running


@pytest.fixture(scope="session")
def worst(request):
    """The largest differences from double precision, which are printed at the end: by network and kind of number."""
    return request.config.stash.setdefault(WORST, {})


def pytest_terminal_summary(terminalreporter, config):
    """Tell how far the browser and Python were from double precision, each value against itself or 1."""
    for name, errors in config.stash.get(WORST, {}).items():
        terminalreporter.write_line(f"{name}: " + ", ".join(f"{kind} {error:.1e}" for kind, error in errors.items()))
