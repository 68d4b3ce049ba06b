import pytest

from tests.economy.central import Path, run, world


@pytest.fixture(scope="session")
def central() -> Path:
    """The path at the medians of the beliefs, without shocks."""
    return run([world()])[0]
