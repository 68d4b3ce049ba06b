from pathlib import Path

import pytest

from tests.beliefs.small import load_small
from twocurves.beliefs import Beliefs


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Beliefs:
    folder: Path = tmp_path_factory.mktemp("small")
    return load_small(folder)
