"""The made-up run that the tests of this folder share, and the small run of the real economy."""

import pytest

from tests.drivers.made_run import made_run
from tests.real_run import real_run

__all__ = ["real_run"]


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    return made_run(tmp_path_factory.mktemp("made") / "made-run", draws=1536, failing=97)
