import pytest

from twocurves.beliefs import Beliefs, load_beliefs
from twocurves.observed.tables import Observations, packaged_table
from twocurves.observed.tidying import flag_conflicts


@pytest.fixture(scope="session")
def packaged() -> Beliefs:
    return load_beliefs()


@pytest.fixture(scope="session")
def held() -> Observations:
    """The packaged observations, without the user's own."""
    return Observations(flag_conflicts(packaged_table()))
