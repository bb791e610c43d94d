"""Where the process that opens a file is not what is tested, there is none."""

import pytest

from tests.convert.opening import in_this_process as in_this_process


@pytest.fixture(autouse=True)
def without_a_process(in_this_process: None) -> None:
    """For all tests of this folder whose module does not say otherwise."""
