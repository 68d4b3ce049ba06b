"""How scores are printed: within any width, and plainly where the model loses."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from tests.fit.test_frozen import frozen, new
from tests.fit.test_scorecard import card, targets
from tests.observed.rows import write
from twocurves.cli.score_page import print_frozen_score, print_scorecard
from twocurves.fit.frozen_score import score_frozen
from twocurves.fit.scorecard import ScoredClaim, Skipped

WIDTHS = (40, 60, 80, 120)


def printed(show, width):
    out = Console(width=width, file=io.StringIO(), highlight=False, markup=False, no_color=True)
    show(out)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def scores(**changes):
    claims = [ScoredClaim("C01.spend_2028", 0.8, 1.0), ScoredClaim("C02.b", 0.3, 0.5)]
    return card(
        targets(**changes), claims=claims, skipped=[Skipped(f"s{n}", "one point only") for n in range(20)]
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_a_scorecard_fits_and_keeps_what_matters(width):
    text = printed(lambda out: print_scorecard(out, scores(), data_to="2026-06-30"), width)
    assert all(cell_len(line) <= width for line in text.splitlines())
    flat = " ".join(text.split())
    for words in (
        "The model beats the damped trend",
        "Bar met",
        "By series",
        "damped",
        "in 90%",
        "Not scored (20)",
    ):
        assert words in flat
    assert "and 8 more" in flat
    assert "Mean Brier score" in flat


@pytest.mark.parametrize("width", WIDTHS)
def test_a_model_that_loses_is_printed_plainly(width):
    text = printed(lambda out: print_scorecard(out, scores(shifts={"model": 2.0})), width)
    flat = " ".join(text.split())
    assert "The model does not beat the damped trend" in flat
    assert "Bar missed" in flat
    assert "−" in flat


@pytest.mark.parametrize("width", WIDTHS)
def test_a_frozen_score_fits_too(width, tmp_path):
    rows = [new(), new(value="70", source="Another"), new(series="moon_price", entity="Moon", unit="USD")]
    score = score_frozen(frozen(), write(tmp_path / "new.csv", rows))
    text = printed(lambda out: print_frozen_score(out, score), width)
    assert all(cell_len(line) <= width for line in text.splitlines())
    flat = " ".join(text.split())
    assert "moon_price: 1 row: no forecast was made of it" in flat
    assert "contradict each other" in flat
    assert "joint" not in flat


def test_nothing_to_score_is_one_sentence(tmp_path):
    rows = [new(series="moon_price", entity="Moon", unit="USD")]
    score = score_frozen(frozen(), write(tmp_path / "new.csv", rows))
    assert "nothing to be scored on" in " ".join(
        printed(lambda out: print_frozen_score(out, score), 60).split()
    )
