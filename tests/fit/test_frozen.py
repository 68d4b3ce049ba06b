"""The forecast of record: stamped, unchanged, and scored on tables it has never seen."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.observed.rows import as_csv, row, write
from twocurves.claims import load_ledger
from twocurves.errors import BadFileError, BadInputError
from twocurves.fit.frozen import (
    HORIZON,
    LEVELS,
    Frozen,
    FrozenClaim,
    FrozenSeries,
    Made,
    Matching,
    frozen_history,
    months_after,
    quantile_table,
    read_frozen,
    write_frozen,
)
from twocurves.fit.frozen_score import score_frozen
from twocurves.fit.scales import to_scale
from twocurves.randomness import normals

DATA_TO = dt.date(2026, 6, 30)
FIRST = "2026-07"


def quantiles(scale, level, spread=0.3, growth=0.0, name="q"):
    drawn = normals(1, name, 0, 2000, HORIZON)
    return quantile_table(to_scale(scale, level) + growth * np.arange(HORIZON) + spread * drawn, scale)


def series(name, family, scale, level, match, *, unit="USD bn", spread=0.3, baselines=True):
    others = {
        "persistence": quantiles(scale, level, 1.3 * spread, name="p"),
        "damped_trend": quantiles(scale, level, 1.6 * spread, name="d"),
    }
    return FrozenSeries(
        id=name,
        title=name,
        family=family,
        unit=unit,
        scale=scale,
        matched_by=match,
        quantiles=quantiles(scale, level, spread),
        baselines=others if baselines else {},
    )


def frozen(claims=True, **more):
    made = Made(
        data_to=DATA_TO,
        data_digest="a" * 64,
        posterior_digest="b" * 64,
        code_version="0.1.0",
        seed=1,
        draws=2000,
    )
    first = next(iter(load_ledger())).id
    return Frozen(
        made=made,
        command="twocurves forecast freeze",
        months=months_after(DATA_TO),
        series=(
            series(
                "revenue_anthropic",
                "revenue",
                "log",
                50.0,
                Matching(series=("arr_usd_bn",), entities=("Anthropic",)),
            ),
            series(
                "margin",
                "revenue",
                "linear",
                0.5,
                Matching(series=("gross_margin",), entities=("OpenAI",)),
                unit="1",
                spread=0.1,
            ),
            series(
                "open_share",
                "usage",
                "logit",
                0.4,
                Matching(series=("vercel_open_weight_token_share",)),
                unit="1",
            ),
            series(
                "frontier",
                "capability",
                "linear",
                160.0,
                Matching(take="record", series=("eci",), economy="closed", best_so_far=158.0),
                unit="ECI points",
                spread=4.0,
            ),
            series(
                "api_revenue",
                "revenue",
                "log",
                10.0,
                Matching(take="year", series=("api_revenue_usd_bn",), entities=("OpenAI",)),
            ),
            series(
                "catch_up",
                "capability",
                "linear",
                8.0,
                Matching(take="none", why="waits are censored"),
                unit="months",
            ),
        ),
        claims=(
            FrozenClaim(id=first, probability=0.7, error=0.01),
            FrozenClaim(id="C99.gone", probability=0.5),
        )
        if claims
        else (),
        **more,
    )


@pytest.fixture(scope="module")
def forecast():
    return frozen()


SOUND = {
    "series": "arr_usd_bn",
    "entity": "Anthropic",
    "date": "2026-08-10",
    "value": "55",
    "unit": "USD billion/yr",
}


def new(**cells):
    return row(**{**SOUND, **cells})


def scored(forecast, tmp_path, *rows, **more):
    return score_frozen(forecast, write(tmp_path / "new.csv", rows), **more)


def why(score, name):
    return [one.why for one in score.skipped if one.series == name]


# --- the file ---------------------------------------------------------------------------------------------


def test_what_is_written_is_read_again_with_its_digest(forecast, tmp_path):
    path = tmp_path / "deep" / "2026-06-30.json"
    digest = write_frozen(forecast, path)
    assert read_frozen(path) == forecast
    content = json.loads(path.read_text())
    assert content["digest"] == digest == forecast.digest
    assert list(content) == sorted(content)
    assert max(map(len, path.read_text().splitlines())) < 400
    assert list(tmp_path.joinpath("deep").iterdir()) == [path]


def test_the_digest_is_of_the_content_and_not_of_its_layout(forecast, tmp_path):
    path = tmp_path / "f.json"
    write_frozen(forecast, path)
    path.write_text(json.dumps(json.loads(path.read_text())))
    assert read_frozen(path).digest == forecast.digest
    assert frozen().digest == forecast.digest
    assert frozen(claims=False).digest != forecast.digest


def test_any_changed_figure_is_noticed(forecast, tmp_path):
    path = tmp_path / "f.json"
    write_frozen(forecast, path)
    content = json.loads(path.read_text())
    content["series"][0]["quantiles"][3][4] *= 1.01
    path.write_text(json.dumps(content))
    with pytest.raises(BadFileError, match="changed after it was written"):
        read_frozen(path)


def test_another_format_a_torn_file_and_another_file_are_named(forecast, tmp_path):
    path = tmp_path / "f.json"
    write_frozen(forecast, path)
    whole = path.read_text()
    cases = {
        json.dumps({**json.loads(whole), "format": 2}): "is of format 2",
        whole[: len(whole) // 2]: "is no frozen forecast",
        "[]": "is no frozen forecast",
        "{}": "is no frozen forecast",
        "\x00\xff": "is no frozen forecast",
        whole.replace("0.01,", "NaN,", 1): "changed after",
    }
    for text, words in cases.items():
        path.write_bytes(text.encode("latin-1", errors="ignore"))
        with pytest.raises(BadFileError, match=words):
            read_frozen(path)
    with pytest.raises(BadFileError, match="cannot be read"):
        read_frozen(tmp_path / "none.json")


def test_a_forecast_of_record_is_not_changed(forecast, tmp_path):
    path = tmp_path / "f.json"
    write_frozen(forecast, path)
    before = path.read_bytes()
    assert write_frozen(forecast, path) == forecast.digest
    with pytest.raises(BadInputError, match="is not changed"):
        write_frozen(frozen(claims=False), path)
    assert path.read_bytes() == before
    write_frozen(frozen(claims=False), path, replace=True)
    assert read_frozen(path).claims == ()


def test_what_does_not_hang_together_is_refused(forecast):
    whole = forecast.model_dump()
    one = whole["series"][0]
    falling = [[*reversed(line)] for line in one["quantiles"]]
    cases: dict[str, dict[str, Any]] = {
        "fall": {"series": [{**one, "quantiles": falling}]},
        "rows of 9": {"series": [{**one, "quantiles": one["quantiles"][:-1]}]},
        "no place": {"series": [{**one, "quantiles": [[-1.0] * 9] * HORIZON}]},
        "same baselines": {"series": [one, {**whole["series"][1], "baselines": {}}]},
        "one id": {"series": [one, one]},
        "follow each other": {"months": [*whole["months"][:-1], "2030-01"]},
        "before the data end": {"made": {**whole["made"], "data_to": "2026-07-02"}},
        "rise strictly": {"levels": list(reversed(LEVELS))},
    }
    for words, values in cases.items():
        with pytest.raises(ValueError, match=words):
            Frozen.model_validate({**whole, **values})


def test_the_months_are_those_after_the_data():
    assert months_after(DATA_TO)[0] == FIRST
    assert len(months_after(DATA_TO)) == HORIZON
    assert months_after(dt.date(2026, 6, 2))[0] == "2026-07"


@given(st.sampled_from(["log", "logit", "linear"]), st.floats(0.02, 0.98), st.floats(0.01, 3.0))
def test_quantiles_rise_and_stand_on_their_scale(scale, level, spread):
    table = np.array(quantiles(scale, level, spread))
    assert table.shape == (HORIZON, len(LEVELS))
    assert (np.diff(table, axis=1) >= 0).all()
    assert to_scale(scale, table).shape == table.shape


def test_the_history_lists_every_forecast_by_its_data(forecast, tmp_path):
    assert frozen_history(tmp_path / "none") == ()
    write_frozen(forecast, tmp_path / "later.json")
    older = forecast.model_copy(
        update={"made": forecast.made.model_copy(update={"data_to": dt.date(2026, 3, 31)})}
    )
    write_frozen(older, tmp_path / "z.json")
    found = frozen_history(tmp_path)
    assert [(one.name, one.data_to.isoformat()) for one in found] == [
        ("z.json", "2026-03-31"),
        ("later.json", "2026-06-30"),
    ]
    assert found[1].claims[forecast.claims[0].id].probability == 0.7
    assert found[1].digest == forecast.digest
    (tmp_path / "z.json").write_text("{}")
    with pytest.raises(BadFileError):
        frozen_history(tmp_path)


def test_the_packaged_forecasts_can_be_read():
    assert all(one.digest for one in frozen_history())


# --- scoring ----------------------------------------------------------------------------------------------


def test_rows_are_matched_and_scored_by_month(forecast, tmp_path):
    score = scored(
        forecast,
        tmp_path,
        new(date="2026-08"),
        new(date="2026-09-30", value="60"),
        new(series="gross_margin", entity="OpenAI", unit="fraction", date="2026-Q3", value="0.45"),
        new(
            series="vercel_open_weight_token_share",
            entity="Vercel AI Gateway",
            unit="fraction",
            date="2026-11-03",
            value="0.5",
        ),
    )
    assert score.card is not None
    found = {(one["series"], one["month"]): one for one in score.card.targets.to_dicts()}
    assert set(found) == {
        ("revenue_anthropic", "2026-08"),
        ("revenue_anthropic", "2026-09"),
        ("margin", "2026-08"),
        ("open_share", "2026-11"),
    }
    assert found["revenue_anthropic", "2026-08"]["observed"] == pytest.approx(np.log(55))
    assert found["revenue_anthropic", "2026-08"]["inside90"]
    assert found["margin", "2026-08"]["observed"] == 0.45
    assert any("middle month 2026-08" in note for note in score.notes)
    assert set(score.card.forecasters) == {"model", "persistence", "damped_trend"}
    assert score.card.overall.energy == {}
    assert (score.rows, score.used) == (4, 4)
    assert why(score, "catch_up") == ["waits are censored"]
    assert why(score, "frontier")[-1].startswith("the table has nothing of it")
    assert json.loads(json.dumps(score.as_record(), allow_nan=False))["overall"]["n"] == 4
    assert "4 figures of 3 series" in score.sentences()[0]


def test_rows_that_contradict_each_other_count_once_and_are_named(forecast, tmp_path):
    score = scored(forecast, tmp_path, new(value="40"), new(value="62.5", source="Another"))
    assert score.card is not None
    assert score.card.overall.n == 1
    assert score.card.targets["observed"][0] == pytest.approx(np.log(50))
    assert len(score.notes) == 1
    assert "contradict each other, 40 to 62.5" in score.notes[0]
    assert "new.csv:2, new.csv:3" in score.notes[0]


def test_several_days_of_a_month_are_no_contradiction(forecast, tmp_path):
    score = scored(
        forecast, tmp_path, new(value="40", date="2026-08-01"), new(value="62.5", date="2026-08-28")
    )
    assert score.card is not None
    assert score.card.overall.n == 1
    assert score.notes == ()


def test_what_was_not_forecast_is_named_and_left_out(forecast, tmp_path):
    score = scored(
        forecast,
        tmp_path,
        new(),
        new(series="moon_price", entity="Moon", unit="USD"),
        new(series="moon_price", entity="Moon", unit="USD", date="2026-09-01"),
        new(entity="Cursor", value="3"),
        new(date="2026-06-12", value="52"),
        new(date="2029-01-01"),
        new(date="2027", value="70"),
        new(value="eleven"),
        new(date="some day"),
        new(unit="EUR billion"),
        new(value=""),
        new(value="-3", date="2026-10-01"),
        new(date=""),
    )
    assert score.card is not None
    assert score.card.overall.n == 1
    assert why(score, "moon_price") == ["2 rows: no forecast was made of it"]
    said = " | ".join(why(score, "arr_usd_bn") + why(score, "revenue_anthropic"))
    for words in (
        "no forecast was made of Cursor",
        "known when the forecast was made",
        "dated after 2028-06",
        "stands for a year",
        "'eleven' is no number",
        "'some day' is no date",
        "EUR billion",
        "value is empty",
        "value -3",
    ):
        assert words in said, words
    assert score.rows == 13


def test_nothing_forecast_is_said_and_is_no_error(forecast, tmp_path):
    score = scored(forecast, tmp_path, new(series="moon_price", entity="Moon", unit="USD"))
    assert score.card is None
    assert "nothing to be scored on" in score.sentences()[0]
    record = json.loads(json.dumps(score.as_record()))
    assert record["overall"] is None
    assert record["series"] == []
    path = tmp_path / "empty.csv"
    path.write_text(as_csv([new()]).splitlines()[0] + "\n")
    assert score_frozen(forecast, path).card is None


def test_a_record_is_looked_at_where_quarters_end(forecast, tmp_path):
    def model(name, value, day, access="closed"):
        return new(
            series="eci",
            entity=name,
            unit="ECI points",
            value=value,
            date=day,
            access=access,
            organisation="OpenAI",
        )

    score = scored(
        forecast,
        tmp_path,
        model("Zeta 1", "155", "2026-07-10"),
        model("Zeta 2", "163", "2026-11-10"),
        model("Zeta 3", "180", "2026-12-10", "open"),
    )
    assert score.card is not None
    found = dict(score.card.targets.select("month", "observed").iter_rows())
    assert found == {"2026-09": 158.0, "2026-12": 163.0}


def test_years_are_matched_where_years_were_forecast(forecast, tmp_path):
    def year(date):
        return new(series="api_revenue_usd_bn", entity="OpenAI", unit="USD billion/yr", date=date, value="12")

    score = scored(forecast, tmp_path, year("2027"), year("2026"), year("2027-03-01"))
    assert score.card is not None
    assert score.card.targets.select("series", "month").rows() == [("api_revenue", "2027-01")]
    assert len(why(score, "api_revenue")) == 2


def test_claims_are_scored_once_answered(forecast, tmp_path):
    asked = forecast.claims[0].id
    open_yet = scored(forecast, tmp_path, new())
    assert (open_yet.claims, open_yet.open_claims) == ((), 1)
    assert why(open_yet, "C99.gone") == ["the ledger has no such question any more"]
    said = scored(
        forecast,
        tmp_path,
        new(),
        new(series="claim_outcome", entity=asked, unit="1", value="1", date="2026-12-31"),
    )
    assert [(one.id, one.outcome) for one in said.claims] == [(asked, 1.0)]
    assert said.claims[0].brier == pytest.approx(0.09)
    assert said.as_record()["claims"][0]["brier"] == pytest.approx(0.09)


def test_a_better_forecast_of_what_came_has_skill(forecast, tmp_path):
    rows = [new(date=f"2026-{month:02d}-15", value=f"{50 + month % 3}") for month in range(7, 13)]
    score = scored(forecast, tmp_path, *rows)
    assert score.card is not None
    assert score.card.overall.skill["damped_trend"].estimate > 0


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "series,entity,date,value,unit\nx,y,2026,1,1\n", "\x00"])
def test_what_is_no_table_is_one_clear_fault(forecast, tmp_path, text):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(BadFileError):
        score_frozen(forecast, path)
    with pytest.raises(BadFileError):
        score_frozen(forecast, tmp_path / "none.csv")


CELLS = {
    "series": st.sampled_from(
        ["arr_usd_bn", "eci", "gross_margin", "ECI", "", "no series!", "list_price_input"]
    ),
    "entity": st.sampled_from(["Anthropic", "OpenAI", "C01.spend_2028", "Zeta; 'x'", ""]),
    "date": st.sampled_from(
        ["2026-08-01", "2026-08", "2026-Q4", "2026", "2026-H2", "", "2026-13", "1850-01-01", "2040"]
    ),
    "value": st.sampled_from(["1", "0", "-1", "1e308", "nan", "inf", "", "x", "158", "0.4"]),
    "unit": st.sampled_from(["USD billion/yr", "fraction", "ECI points", "EUR bn", "", "%"]),
    "source": st.sampled_from(["Somebody", ""]),
    "known_on": st.sampled_from(["", "2026-09-01", "2020-01-01", "never"]),
    "access": st.sampled_from(["open", "closed", "ajar", ""]),
}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=8))
def test_no_table_of_rows_stops_the_score(forecast, tmp_path, rows):
    score = scored(forecast, tmp_path, *rows)
    assert score.rows == len(rows)
    assert score.used <= len(rows)


@pytest.mark.parametrize("table", ["revenue", "capability", "usage", "prices", "compute", "market"])
def test_the_packaged_tables_moved_two_years_on_are_scored(forecast, tmp_path, table):
    source = Path(__file__).parents[2] / "src" / "twocurves" / "observed" / "data" / f"{table}.csv"
    text = source.read_text(encoding="utf-8")
    path = tmp_path / f"{table}.csv"
    for year in (2026, 2025, 2024):
        text = text.replace(f",{year}-", f",{year + 2}-")
    path.write_text(text, encoding="utf-8")
    score = score_frozen(forecast, path)
    assert score.rows > 40
    assert score.skipped
    if table in ("revenue", "capability"):
        assert score.card is not None
