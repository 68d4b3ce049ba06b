"""The known traps of the tables, one by one."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from importlib import resources
from pathlib import Path

import polars as pl
import pytest

from tests.observed.rows import row, tidied
from twocurves.observed.series import series_catalogue
from twocurves.observed.tables import Observations, observations
from twocurves.observed.traps import exclusions, trap_rules

BREAK = dt.date(2025, 11, 16)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Observations:
    return observations(folder=tmp_path_factory.mktemp("empty"))


def one(held: Observations, series: str, entity: str) -> dict[str, object]:
    return held.series(series).filter(pl.col("entity") == entity).row(0, named=True)


def record(held: Observations, economy: str, day: dt.date) -> str:
    known = held.series("eci").filter(pl.col("economy") == economy, pl.col("date") <= day)
    return str(known.sort("value", descending=True)["entity"][0])


# Capability


def test_a_version_stands_at_its_own_release_and_makes_no_false_record(held: Observations) -> None:
    flash = one(held, "eci", "Gemini 1.5 Flash (Sep 2024)")
    assert (flash["date"], flash["date_listed"]) == (dt.date(2024, 9, 24), dt.date(2024, 5, 10))
    assert record(held, "closed", dt.date(2024, 6, 1)) == "GPT-4o (May 2024)"
    assert record(held.as_listed(), "closed", dt.date(2024, 6, 1)) == "Gemini 1.5 Flash (Sep 2024)"


@pytest.mark.parametrize(
    ("entity", "month"),
    [
        ("GPT-4o (Aug 2024)", "2024-08"),
        ("GPT-4o (Nov 2024)", "2024-11"),
        ("GPT-3.5 Turbo (Jan 2024)", "2024-01"),
        ("GPT-3.5 Turbo (Nov 2023)", "2023-11"),
        ("Mistral Large 2 (Nov 2024)", "2024-11"),
        ("Grok-2 (Dec 2024)", "2024-12"),
        ("Gemini 2.0 Flash (Feb 2025)", "2025-02"),
    ],
)
def test_a_version_named_by_its_month_is_dated_in_it(entity: str, month: str, held: Observations) -> None:
    assert str(one(held, "eci", entity)["date"])[:7] == month


def test_every_month_in_a_name_is_the_month_of_its_date(held: Observations) -> None:
    names = held.series("eci").with_columns(
        month=pl.col("entity").str.extract(r"\(([A-Z][a-z]{2})[a-z]* \d{4}\)"),
        year=pl.col("entity").str.extract(r"\([A-Z][a-z]+ (\d{4})\)"),
    )
    named = names.filter(pl.col("month").is_not_null())
    assert named.height > 20
    off = named.filter(pl.col("date").dt.strftime("%b %Y") != pl.col("month") + " " + pl.col("year"))
    assert off["entity"].to_list() == []


def test_o3_counts_from_its_product_not_its_announcement(held: Observations) -> None:
    for series in ("eci", "gpqa_diamond", "arc_agi_2", "hle", "swe_bench_verified", "apex_agents"):
        o3 = one(held, series, "o3")
        assert o3["date"] == dt.date(2025, 4, 16)
        assert o3["date_listed"] == dt.date(2024, 12, 20)
    assert one(held, "metr_p50_minutes", "o3")["date"] == dt.date(2025, 4, 16)


def test_runs_are_dated_by_the_version_that_ran(held: Observations) -> None:
    gpt_4o = one(held, "swe_bench_verified", "GPT-4o")
    assert gpt_4o["note"] == "run: gpt-4o-2024-11-20"
    assert gpt_4o["date"] == dt.date(2024, 11, 20)


def test_a_new_vintage_with_listed_dates_is_put_right_too(tmp_path: Path) -> None:
    listed = {"series": "eci", "unit": "ECI points", "value": "131", "date": "2024-05-10"}
    frame = tidied(
        tmp_path,
        row(**listed, entity="Gemini 1.5 Flash (Sep 2024)"),
        row(**listed, entity="Gemini 1.5 Flash (May 2024)"),
        row(**{**listed, "date": "2024-09-25"}, entity="Gemini 1.5 Flash (Sep 2024)"),
    )
    assert frame["date"].to_list() == [dt.date(2024, 9, 24), dt.date(2024, 5, 10), dt.date(2024, 9, 25)]
    assert frame["date_listed"].to_list() == [dt.date(2024, 5, 10), None, None]


def test_scale_anchors_have_no_interval_and_say_so(held: Observations) -> None:
    eci = held.series("eci")
    anchors = eci.filter(pl.col("low").is_null())
    assert set(anchors["entity"]) == {"Claude 3.5 Sonnet", "GPT-5"}
    assert set(anchors["interval_kind"]) == {"scale anchor"}
    assert eci.filter(pl.col("low").is_not_null())["high"].null_count() == 0


def test_eci_and_metr_are_pseudo_real_time_and_still_seen_in_the_past(held: Observations) -> None:
    past = held.until(dt.date(2025, 1, 1))
    for series in ("eci", "metr_p50_minutes", "gpqa_diamond", "cumulative_h100e_shipped"):
        rows = past.series(series)
        assert rows.height
        assert rows["pseudo_real_time"].all()
        assert (rows["date"] <= dt.date(2025, 1, 1)).all()


def test_metr_has_almost_no_open_models_and_the_arena_has_both(held: Observations) -> None:
    assert held.series("metr_p50_minutes").filter(pl.col("economy") == "open")["entity"].to_list() == ["gpt2"]
    arena = held.series("lmarena_best_open", "lmarena_best_closed")
    assert set(arena["economy"]) == {"open", "closed"}
    best = {"lmarena_best_open": "open", "lmarena_best_closed": "closed"}
    assert (arena["series"].replace_strict(best) == arena["economy"]).all()


def test_two_figures_of_one_metr_model_are_both_there(held: Observations) -> None:
    opus = held.series("metr_p50_minutes").filter(pl.col("model") == "claude-opus-4.6")
    assert opus["value"].to_list() == [718.807, 870.0]
    assert opus["conflict"].all()
    assert opus["exclude"].to_list() == [None, "superseded"]


def test_derived_and_doubtful_rows_stay_out_of_estimates(held: Observations) -> None:
    for series, reason in {
        "eci_catchup_months_derived": "derived",
        "eci_gap_points_same_month": "derived",
        "aa_gap": "doubtful source",
        "aa_intelligence_index": "doubtful source",
    }.items():
        assert held.series(series)["exclude"].unique().to_list() == [reason]


# Usage


def test_the_break_of_method_is_never_spliced(held: Observations) -> None:
    before = held.series("openrouter_weekly_revenue_backfill")
    after = held.series("openrouter_top10_weekly_revenue")
    assert before["date"].max() < BREAK <= after["date"].min()  # type: ignore[operator]
    assert (before["value"][-1], after["value"][0]) == (6_057_878, 2_740_621)
    catalogue = series_catalogue()
    assert catalogue["openrouter_top10_weekly_revenue"].never_join == ("openrouter_weekly_revenue_backfill",)
    assert catalogue["openrouter_weekly_revenue_backfill"].never_join == ("openrouter_top10_weekly_revenue",)
    assert (before["known_on"] == dt.date(2026, 2, 9)).all()


def test_shares_of_the_top_list_carry_what_is_unclassified(held: Observations) -> None:
    shares = held.series("openrouter_top10_open_token_share")
    march = shares.filter(pl.col("date") == dt.date(2026, 3, 30)).row(0, named=True)
    assert march["low"] == march["value"] == pytest.approx(0.3661)
    assert march["high"] == pytest.approx(0.3661 + 0.294)
    assert "list" in series_catalogue()["openrouter_top10_open_token_share"].caveat


def test_parts_do_not_count_beside_their_whole(held: Observations) -> None:
    assert one(held, "tokens_processed_daily", "OpenAI / GPT-5-Codex")["exclude"] == "part of another row"
    assert one(held, "arr_usd_bn", "Claude Code")["exclude"] == "part of another row"
    assert one(held, "vercel_spend_share", "top-4 US frontier labs")["exclude"] == "sum of parts"


def test_partial_periods_are_left_out(held: Observations) -> None:
    spend = held.series("openrouter_annual_spend_est")
    assert spend.filter(pl.col("exclude").is_null())["value"].to_list() == [170.44]
    assert spend.filter(pl.col("exclude").is_not_null())["exclude"].unique().to_list() == ["partial period"]


def test_percent_and_fraction_are_told_apart(held: Observations) -> None:
    assert held.series("ramp_business_adoption_pct")["unit"].unique().to_list() == ["percent"]
    for name, entry in series_catalogue().items():
        if entry.units[0].startswith("fraction") and entry.scale == "logit":
            values = held.series(name)["value"].drop_nulls()
            assert values.is_between(0, 1).all(), name


def test_a_study_of_mid_2025_is_not_dated_at_its_publication(held: Observations) -> None:
    study = (
        held.series("openrouter_open_weight_token_share").filter(pl.col("value") == 0.2).row(0, named=True)
    )
    assert (study["date"], study["known_on"]) == (dt.date(2025, 6, 15), dt.date(2025, 11, 19))


# Revenue


def test_gross_and_net_of_resale_are_told_apart(held: Observations) -> None:
    april = held.series("arr_usd_bn").filter(
        pl.col("entity") == "Anthropic", pl.col("date") == dt.date(2026, 4, 15)
    )
    found = {
        value: (basis, exclude) for value, basis, exclude in april.select("value", "basis", "exclude").rows()
    }
    assert found[30.0] == ("run rate, gross of resale", None)
    assert found[22.0] == ("run rate, net of resale", "other basis")
    assert found[44.0][1] == "misdated"
    assert april["conflict"].all()


def test_run_rates_that_remain_never_mix_net_with_gross(held: Observations) -> None:
    kept = held.series("arr_usd_bn").filter(pl.col("exclude").is_null(), pl.col("entity") == "Anthropic")
    assert not kept["basis"].str.contains("net").any()


def test_other_revenue_keeps_only_calendar_years(held: Observations) -> None:
    other = held.series("revenue_other_usd_bn")
    kept = other.filter(pl.col("exclude").is_null())
    assert kept["basis"].unique().to_list() == ["calendar year"]
    assert kept["date_precision"].unique().to_list() == ["year"]
    assert set(other.filter(pl.col("exclude") == "scope")["basis"]) == {"one product", "half-year annualised"}


def test_the_valuation_in_euros_is_in_no_sum_of_dollars(held: Observations) -> None:
    values = held.series("valuation_usd_bn")
    euros = values.filter(pl.col("unit").str.starts_with("EUR"))
    assert euros.select("entity", "value", "exclude").rows() == [("Mistral AI", 20.0, "foreign currency")]
    kept = values.filter(pl.col("exclude").is_null())
    assert kept["unit"].unique().to_list() == ["USD billion post-money"]


def test_talks_are_no_valuations(held: Observations) -> None:
    talks = held.series("valuation_usd_bn").filter(pl.col("exclude") == "talks")
    assert set(talks["entity"]) == {"DeepSeek", "Together AI", "Fireworks AI"}


def test_press_tiers_that_differ_stay_visible(held: Observations) -> None:
    together = held.series("arr_usd_bn").filter(
        pl.col("entity") == "Together AI", pl.col("date") == dt.date(2026, 5, 15)
    )
    assert together["value"].to_list() == [1.0, 0.165]
    assert together["conflict"].all()


def test_figures_of_a_prospectus_were_not_known_years_before(held: Observations) -> None:
    zai = held.series("arr_usd_bn").filter(pl.col("entity") == "Z.ai")
    assert (zai["known_on"] >= dt.date(2025, 12, 19)).all()
    assert held.until(dt.date(2025, 6, 1)).series("arr_usd_bn").filter(pl.col("entity") == "Z.ai").is_empty()


def test_flows_of_a_year_stand_in_its_middle(held: Observations) -> None:
    for series in (
        "revenue_year_usd_bn",
        "operating_loss_usd_bn",
        "compute_opex_usd_bn",
        "inference_cost_usd_bn",
    ):
        rows = held.series(series)
        assert set(rows["date_precision"]) == {"year"}
        assert set(rows["date"].dt.strftime("%m-%d")) == {"07-01"}


# Prices


def test_catalogue_rows_are_no_price_history(held: Observations) -> None:
    listed = held.series("list_price_input", "list_price_output")
    later = listed.filter(pl.col("source").str.starts_with("models.dev"))
    assert later.height == 292
    assert later["exclude"].unique().to_list() == ["later price"]
    assert later["price_as_of"].unique().to_list() == [dt.date(2026, 5, 21)]
    assert (later["known_on"] == dt.date(2026, 5, 21)).all()
    o3 = later.filter(pl.col("entity") == "openai/o3", pl.col("series") == "list_price_input")
    assert o3["value"].item() == 2.0
    kept = listed.filter(pl.col("exclude").is_null())
    assert kept["basis"].unique().to_list() == ["dated list price"]
    assert held.until(dt.date(2025, 1, 1)).series("list_price_input")["price_as_of"].null_count() > 0
    assert held.until(dt.date(2025, 1, 1)).series("list_price_input")["price_as_of"].drop_nulls().is_empty()


def test_listed_is_said_not_to_be_paid() -> None:
    for series in ("list_price_input", "list_price_output"):
        assert "not paid" in series_catalogue()[series].caveat


def test_hosts_and_resellers_are_apart(held: Observations) -> None:
    assert held.series("host_output_price_median")["basis"].unique().to_list() == ["direct hosts"]
    assert held.series("reseller_output_price_median")["basis"].unique().to_list() == ["resellers"]
    assert held.series("host_output_price_median")["economy"].unique().to_list() == ["open"]
    assert held.series("reseller_output_price_median")["economy"].unique().to_list() == ["closed"]


def test_an_opinion_is_no_price(held: Observations) -> None:
    stated = held.series("coding_agent_spend").filter(pl.col("value") == 2000)
    assert stated["exclude"].to_list() == ["opinion"]


# Compute


def test_sums_do_not_stand_beside_their_parts(held: Observations) -> None:
    shipped = held.series("cumulative_h100e_shipped")
    kept = shipped.filter(pl.col("exclude").is_null())
    assert "all four (sum of medians)" not in set(kept["entity"])
    year_end = pl.col("date") == dt.date(2025, 12, 31)
    total = shipped.filter(year_end, pl.col("exclude") == "sum of parts")["value"].item()
    assert kept.filter(year_end)["value"].sum() == pytest.approx(total, abs=2)
    spend = held.series("compute_spend").filter(pl.col("exclude") == "sum of parts")
    assert spend.select("maker", "value").rows() == [("anthropic", 2.5), ("openai", 16.0)]


def test_the_partial_quarter_is_left_out(held: Observations) -> None:
    shipped = held.series("cumulative_h100e_shipped")
    last = shipped.filter(pl.col("date") == dt.date(2026, 3, 31))
    assert last["exclude"].to_list() == ["partial quarter", "partial quarter"]
    kept = shipped.filter(pl.col("exclude").is_null())
    assert kept["date"].max() == dt.date(2025, 12, 31)


def test_shipped_never_falls_and_is_said_not_to_be_in_service(held: Observations) -> None:
    shipped = held.series("cumulative_h100e_shipped").sort("date")
    for _, rows in shipped.group_by("entity"):
        assert rows.sort("date")["value"].is_sorted()
    assert "not in service" in series_catalogue()["cumulative_h100e_shipped"].caveat


def test_one_companys_capex_is_part_of_the_five(held: Observations) -> None:
    kept = held.series("hyperscaler_capex_quarter").filter(pl.col("exclude").is_null())
    assert kept["entity"].unique().to_list() == ["MSFT+AMZN+GOOG+META+ORCL"]


def test_undated_training_costs_enter_no_series_in_time(held: Observations) -> None:
    undated = held.series("training_cost").filter(pl.col("date").is_null())
    assert undated.height == 12
    assert undated["exclude"].unique().to_list() == ["undated"]
    assert undated["date_precision"].unique().to_list() == ["undated"]
    assert undated["known_on"].null_count() == 0
    assert held.until(dt.date(2025, 1, 1)).frame.filter(pl.col("date").is_null()).is_empty()


def test_bases_of_training_cost_do_not_mix(held: Observations) -> None:
    kept = held.series("training_cost").filter(
        pl.col("exclude").is_null(), pl.col("unit") == "USD million (2023)"
    )
    assert kept["basis"].unique().to_list() == ["hardware and energy, amortised"]
    llama = held.series("training_cost").filter(pl.col("model") == "llama-3.1-405b")
    assert llama["conflict"].all()
    assert llama.filter(pl.col("exclude").is_null())["value"].to_list() == [73.42]


def test_figures_for_a_year_only_say_so(held: Observations) -> None:
    margins = held.series("gross_margin").filter(pl.col("maker") == "fireworks")
    assert margins["date_precision"].to_list() == ["year"]


# Market


def test_events_are_no_series(held: Observations) -> None:
    events = held.series("access_event", "distillation_incident", "licence_gate")
    assert events["exclude"].unique().to_list() == ["event"]
    without = held.frame.filter(pl.col("value").is_null())
    assert set(without["series"]) == {"access_event"}
    assert without.height == 2


def test_surveys_that_contradict_each_other_stay_apart(held: Observations) -> None:
    both = held.series("a16z_cio_spend_share", "menlo_enterprise_spend_share").filter(
        pl.col("entity") == "OpenAI"
    )
    assert both["value"].to_list() == [0.56, 0.27]
    assert both["conflict"].all()


# The rules


def test_reasons_are_listed(held: Observations) -> None:
    assert set(held.frame["exclude"].drop_nulls()) <= set(exclusions())


def test_rules_catch_the_same_traps_in_a_file_that_only_has_notes(tmp_path: Path) -> None:
    frame = tidied(
        tmp_path,
        row(series="cumulative_h100e_shipped", entity="all six (sum of medians)", unit="H100 equivalents"),
        row(series="cumulative_h100e_shipped", unit="H100 equivalents", note="last quarter looks partial"),
        row(
            series="list_price_input", note="flag=False; price of May 2026, dated at release: cuts are inside"
        ),
        row(series="valuation_usd_bn", unit="EUR billion post-money"),
        row(series="valuation_usd_bn", note="talks"),
        row(series="arr_usd_bn", note="the $30bn net of cloud resale"),
        row(series="revenue_other_usd_bn", note="Product/division revenue; Likely"),
        row(series="training_cost", date=""),
        row(series="access_event", value="", unit=""),
        row(series="anything", note="CONFLICT with a survey"),
        row(series="anything", note="no conflict with a survey", date="2026-02"),
        row(series="never seen", value="", unit="", date="2026-02"),
    )
    assert frame["exclude"].to_list() == [
        "sum of parts",
        "partial quarter",
        "later price",
        "foreign currency",
        "talks",
        "other basis",
        "scope",
        "undated",
        "event",
        None,
        None,
        "event",
    ]
    assert frame["conflict"].to_list()[9:11] == [True, False]
    assert frame["price_as_of"][2] == frame["known_on"][2] == dt.date(2026, 5, 21)


def test_what_a_row_says_itself_stands(tmp_path: Path) -> None:
    frame = tidied(tmp_path, row(series="valuation_usd_bn", note="talks", exclude="superseded"))
    assert frame["exclude"].to_list() == ["superseded"]


def test_rules_name_real_series() -> None:
    for rule in trap_rules():
        assert rule.changes
        assert set(rule.series) <= set(series_catalogue())


def test_the_file_of_rules_describes_the_keys_that_its_rules_have() -> None:
    text = (resources.files("twocurves.observed") / "data" / "traps.toml").read_text(encoding="utf-8")
    head = text[: text.index("[exclusions]")]
    described = set(re.findall(r"^#   (\w+)  ", head, flags=re.MULTILINE))
    written = {key for rule in trap_rules() for key in rule.changes}
    assert described == written
    conditions = {"series", "undated", "entity", "unit", "note", "source"}
    for rule in tomllib.loads(text)["rule"]:
        assert set(rule) <= {"trap"} | conditions | described, rule["trap"]
