"""The real observations, read once."""

import pytest

from twocurves.observed.tables import Observations, observations


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Observations:
    return observations(folder=tmp_path_factory.mktemp("no-own-data"))
