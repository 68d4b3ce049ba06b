"""The Scenario page with the real kernel."""

import numpy as np
import pytest

from twocurves.beliefs import read_settings
from twocurves.ensemble.columns import columns

pytestmark = pytest.mark.usefixtures("started")


def test_live_draws_are_the_futures_of_the_stored_run(started, real_run):
    found = started.engine.sample(
        started.settings_of("central", read_settings(started.beliefs, [])), 64, timeout=60
    )
    index, stored = columns(real_run, ["net_revenue_open", "lag_months"])
    assert index.tolist() == found.index.tolist()
    for name in stored:
        np.testing.assert_array_equal(found.measures[name], stored[name])


def test_the_page_shows_its_state_and_says_what_an_old_link_dropped(client):
    text = client.get("/scenario?from=open_surge&lag_pub=4.5&gone_long_ago=3&v=0.0.1-x").text
    assert "Open surge with 1 change" in text
    assert "gone_long_ago was dropped" in text
    assert "made with 0.0.1-x" in text
    assert 'name="lag_pub" value="4.5"' in text
    assert text.count("data-figure=") == 4
    assert 'id="redo"' in text


def test_a_form_without_javascript_leads_to_the_short_link(client):
    answer = client.get("/scenario?form=1&lag_pub=4.5&find=&tab=beliefs&with=central")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/scenario?lag_pub=4.5"


def test_the_empty_states_are_words(client):
    assert "No changes yet" in client.get("/scenario?tab=changed").text
    assert "No assumption matches" in client.get("/scenario?find=zzzzzz").text


def test_live_data_fit_the_specification(client):
    specs = client.get("/api/v1/scenario/figures").json()
    body = client.get("/api/v1/scenario?lag_pub=4.5&draws=64").json()
    assert body["draws"]["asked"] == 64
    assert set(specs) == set(body["figures"])
    for name, feed in body["figures"].items():
        assert set(feed["datasets"]) <= set(specs[name]["datasets"])
        assert set(feed["params"]) <= {one["name"] for one in specs[name]["params"]}
        assert all(not isinstance(rows, str) for rows in specs[name]["datasets"].values())
    assert {one["id"] for one in body["claims"]} == {f"C{n:02d}" for n in range(1, 21)}


def test_an_unchanged_scenario_changes_no_claim(client):
    body = client.get("/api/v1/scenario").json()
    assert all(one["change"] == 0 for one in body["claims"])
    assert "in the middle run" in body["title"]


def test_what_is_asked_for_is_bounded(client):
    assert client.get("/api/v1/scenario?draws=100000").status_code == 422
    assert client.post("/api/v1/jobs", json={"kind": "ensemble", "draws": 10**9}).status_code == 422


def test_a_dropped_field_is_told_in_the_answer(client):
    body = client.get("/api/v1/scenario?lag_pub=400").json()
    assert body["dropped"][0]["name"] == "lag_pub"
    assert "months" in body["dropped"][0]["reason"]


def test_the_fit_page_shows_the_central_path_and_the_hindcasts(client):
    text = client.get("/data/fit").text
    assert "Closed revenue" in text
    assert "Hindcast: " in text
    assert "Against persistence" in text
