"""The page of drivers: a target, an assumption looked at closely, two pinned, worlds, the grid."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.serve.study_house import study_client, study_house, study_run, unsure, view_shown  # noqa: F401  (fixtures)
from twocurves.drivers.inputs import Input
from twocurves.drivers.target import Target
from twocurves.serve.services import drivers
from twocurves.serve.services.driver_focus import claim_moves, tenths_of, wilson
from twocurves.serve.services.driver_inputs import Picked, inputs_known, is_log, parts_of
from twocurves.serve.services.driver_pair import cells_of, sentence_of

CLAIM = Target("C00.x", "It holds.")


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def seen(values, outcome):
    return Picked(Input("a", "belief"), np.asarray(values, float), np.asarray(outcome, float))


def test_an_outcome_has_all_its_figures(study_client):  # noqa: F811
    answer = study_client.get("/drivers")
    assert answer.status_code == 200
    for name in ("scatter", "fan", "pair"):
        assert f'data-figure="{name}"' in answer.text
    text = words(answer)
    assert "A dummy that does nothing reaches" in text
    assert "Beliefs" in text
    assert "Choices" in text
    for svg in re.findall(r"<svg aria-hidden.*?</svg>", answer.text, flags=re.DOTALL):
        ET.fromstring(svg if "xmlns" in svg else svg.replace("xlink:", ""))
        assert "NaN" not in svg


def test_a_claim_has_tenths_and_no_fan(study_client, unsure):  # noqa: F811
    text = study_client.get(f"/drivers?target={unsure}").text
    assert 'data-figure="scatter"' in text
    assert 'data-figure="fan"' not in text
    assert "In which worlds" in text


def test_assumption_and_pin_are_in_the_address(study_client, study_house):  # noqa: F811
    names = list(inputs_known(study_house, view_shown(study_house)))[:2]
    answer = study_client.get("/drivers", params={"belief": names[0], "pin": names[1]})
    assert answer.status_code == 200
    assert f'<option value="{names[0]}" selected>' in answer.text
    assert f'<option value="{names[1]}" selected>' in answer.text


@pytest.mark.parametrize(
    "query", ["belief=nope", "pin=nope", "target=nope", "target=net_revenue_open@2090-01"]
)
def test_what_there_is_not_is_refused_in_a_sentence(study_client, query):  # noqa: F811
    answer = study_client.get(f"/drivers?{query}")
    assert answer.status_code == 422
    assert "nope" in answer.text or "2090-01" in answer.text


def test_two_pinned_must_differ(study_client, study_house):  # noqa: F811
    name = next(iter(inputs_known(study_house, view_shown(study_house))))
    answer = study_client.get("/drivers", params={"belief": name, "pin": name})
    assert answer.status_code == 422
    assert "must differ" in answer.text


def test_a_claim_on_which_all_runs_agree_keeps_the_page(study_client, study_house):  # noqa: F811
    view = view_shown(study_house)
    sure = next(one for one in study_house.ledger.headlines if view.claims[one.id].probability == 1.0)
    answer = study_client.get(f"/drivers?target={sure.claim.id}")
    assert answer.status_code == 200
    assert "Nothing decides it in this run" in answer.text
    assert 'name="target"' in answer.text


def test_too_few_runs_are_said_so(client):
    answer = client.get("/drivers")
    assert answer.status_code == 422
    assert "64 futures" in answer.text


def test_the_grid_holds_beliefs_apart_from_choices_and_sorts(study_client, study_house, unsure):  # noqa: F811
    view = view_shown(study_house)
    assert study_client.get("/drivers/grid").text.count('class="heat"') == 1
    found = drivers.claims_found(study_house, view)
    shown = drivers.grid(study_house, view, unsure)
    assert shown is not None
    assert [part[0] for part in shown.parts] == ["Beliefs", "Choices"]
    place = [claim for claim, _ in shown.claims].index(unsure)
    natures = {one.name: one.nature for one in found.inputs}
    for (_, _, rows), nature in zip(shown.parts, ("belief", "choice"), strict=True):
        assert {natures[row.name] for row in rows} <= {nature}
        radii = [row.cells[place].radius if row.cells[place].clear else 0.0 for row in rows]
        assert radii == sorted(radii, reverse=True)
    text = study_client.get(f"/drivers?sort={unsure}").text
    assert 'class="heat"' in text
    assert 'data-late="/drivers/grid' not in text
    assert drivers.decided_by(study_house, view).keys() <= {question.id for question in study_house.ledger}


def test_files_of_the_page(study_client, study_house):  # noqa: F811
    view = view_shown(study_house)
    table = pl.read_csv(study_client.get("/download/drivers/effects.csv").content)
    assert {"assumption", "nature", "effect", "noise_floor"} <= set(table.columns)
    name = table["assumption"][0]
    draws = pl.read_csv(study_client.get(f"/download/drivers/draws.csv?belief={name}").content)
    assert draws.height == view.run.counts.ok
    assert study_client.get(f"/download/drivers/claims.csv?belief={name}").status_code == 200
    assert study_client.get("/download/drivers/grid.parquet").content[:4] == b"PAR1"
    assert study_client.get("/download/drivers/nothing.csv").status_code == 404


def test_ends_of_claims_are_shares_and_beyond_chance(study_house):  # noqa: F811
    view = view_shown(study_house)
    for name in list(inputs_known(study_house, view))[:5]:
        moved, unmoved = claim_moves(study_house, view, name)
        assert moved.height + unmoved == len(study_house.ledger.claims)
        assert moved["low"].is_between(0, 1).all()
        assert ((moved["high"] - moved["low"]).abs() > 2 * moved["error"]).all()


@given(st.lists(st.floats(-1e6, 1e6), min_size=30, max_size=200, unique=True), st.integers(2, 10))
def test_parts_are_even_and_in_order(values, number):
    held = np.array(values)
    codes = parts_of(held, number)
    assert codes.min() >= 0
    assert codes.max() <= number - 1
    order = np.argsort(held)
    assert (np.diff(codes[order]) >= 0).all()
    counts = np.bincount(codes, minlength=number)
    assert counts.max() - counts.min() <= 2


def test_ties_stay_together():
    codes = parts_of(np.array([1.0] * 40 + [2.0] * 60), 5)
    assert len(set(codes[:40].tolist())) == 1
    assert len(set(codes[40:].tolist())) == 1


def test_tenths_follow_a_claim():
    values = np.linspace(0.0, 1.0, 1000)
    table = tenths_of(CLAIM, seen(values, values > 0.5))
    assert table.height == 10
    assert table["level"].to_list()[:4] == [0.0] * 4
    assert table["level"].to_list()[-4:] == [1.0] * 4
    assert table["runs"].sum() == 1000
    assert (table["low"] <= table["level"]).all()
    assert (table["level"] <= table["high"]).all()


@given(st.integers(0, 60), st.integers(1, 60))
def test_the_interval_of_a_share_holds_it(true, more):
    count = true + more
    low, high = wilson(true / count, count)
    assert 0.0 <= low <= true / count + 1e-12
    assert true / count - 1e-12 <= high <= 1.0


def test_two_that_act_together_are_told_from_two_that_do_not():
    rng = np.random.default_rng(1)
    one, two = rng.uniform(size=4000), rng.uniform(size=4000)
    together = (one > 0.5) & (two > 0.5)
    alone = one > 0.5
    names = ("First", "Second")
    cells = cells_of(CLAIM, seen(one, together), seen(two, together))
    assert cells.height == 9
    assert cells["runs"].sum() == 4000
    assert "more than chance" in sentence_of(CLAIM, cells, names)
    apart = cells_of(CLAIM, seen(one, alone), seen(two, alone))
    assert "within chance" in sentence_of(CLAIM, apart, names)


def test_a_log_axis_is_for_positive_numbers_over_orders():
    assert is_log(np.geomspace(1.0, 1000.0, 100))
    assert not is_log(np.linspace(1.0, 2.0, 100))
    assert not is_log(np.linspace(-1.0, 1000.0, 100))
