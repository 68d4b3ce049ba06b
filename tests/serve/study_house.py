"""A house over a run that is large enough to say what decides a claim."""

import fcntl

import pytest
from starlette.testclient import TestClient

from tests.serve.conftest import BASE
from twocurves.ensemble.running import carry_out, job
from twocurves.serve.app import create_app
from twocurves.serve.house import House
from twocurves.serve.routes_pages import view_of
from twocurves.serve.services.run_view import RunView
from twocurves.serve.settings import ServeSettings

DRAWS = 192


def view_shown(house: House) -> RunView:
    """Return the run that a house shows."""
    found = view_of(house)
    assert found is not None
    return found


@pytest.fixture(scope="session")
def study_run(tmp_path_factory):
    """A run of 192 draws with seed 7, in the folder that all test processes share."""
    shared = tmp_path_factory.getbasetemp().parent / "runs"
    shared.mkdir(exist_ok=True)
    planned = job(draws=DRAWS)
    with (shared / "making.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return carry_out(
            planned,
            shared / planned.plan.name,
            command=f"twocurves run central --draws {DRAWS} --seed 7",
        )


@pytest.fixture(scope="session")
def study_house(study_run) -> House:
    """A house that shows it; its engine is not started."""
    return House(ServeSettings(run=study_run.path))


@pytest.fixture(scope="session")
def study_client(study_house) -> TestClient:
    """A client of its pages."""
    app = create_app(study_house.settings, study_house, start=False)
    return TestClient(app, base_url=BASE, follow_redirects=False, raise_server_exceptions=False)


@pytest.fixture(scope="session")
def unsure(study_house) -> str:
    """The claim of which the run is least sure: something decides it."""
    claims = view_shown(study_house).claims

    def apart(claim: str) -> float:
        (headline,) = (one for one in study_house.ledger.of(claim) if one.headline)
        share = claims[headline.id].probability
        return 1.0 if share is None else abs(share - 0.5)

    found: str = min((one.id for one in study_house.ledger.claims), key=apart)
    return found
