import pytest

from tests.web.engine import Engine, missing


@pytest.fixture(scope="session")
def engine(tmp_path_factory):
    """The engine of the browser in Node."""
    if problem := missing():
        pytest.skip(problem)
    running = Engine(tmp_path_factory.mktemp("engine"))
    yield running
    running.close()
