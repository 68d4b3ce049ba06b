"""A house over a small real run, and clients that ask it for pages."""

import pytest
from starlette.testclient import TestClient

from tests.real_run import real_run  # noqa: F401  (a fixture)
from twocurves.serve.app import create_app
from twocurves.serve.house import House
from twocurves.serve.settings import ServeSettings

BASE = "http://127.0.0.1:8765"


@pytest.fixture(scope="session")
def house(real_run) -> House:  # noqa: F811
    """A house that shows the small run; its engine is not started."""
    return House(ServeSettings(run=real_run.path, engine_processes=False))


@pytest.fixture(scope="session")
def app(house):
    """The application, without warming up."""
    return create_app(house.settings, house, start=False)


@pytest.fixture
def client(app) -> TestClient:
    """A client that follows no redirect by itself."""
    return TestClient(app, base_url=BASE, follow_redirects=False, raise_server_exceptions=False)


@pytest.fixture(scope="session")
def started(house: House) -> House:
    """The house with its engine compiled: the same program as the small run's."""
    house.jobs.start()
    house.engine.start()
    assert house.engine.ready.wait(300)
    return house
