"""Probabilities over batches: bounds, errors, streaming, and every shipped question both ways."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.claims.contract import contract, random_paths
from twocurves.beliefs import monte_carlo_error
from twocurves.claims import Evaluator, Ledger, MeasureTable, Question, Tally, compile_question, tallied
from twocurves.claims.evaluate import _AT_ONCE
from twocurves.errors import BadFileError

Ask = Callable[..., Question]
Paths = dict[str, NDArray[np.float64]]


def _turned(paths: Paths, question_id: str, table: MeasureTable) -> Paths:
    """Give half of the draws the turn that a question asks for and that no wandering path takes."""
    changed = dict(paths)
    if question_id == "C20.longer_2036":
        years = np.arange(table.months) / 12.0
        bend = np.exp(np.where(years < 8.0, 0.5 * years, 4.0 + 3.0 * (years - 8.0)))
        for name, path in (("net_revenue_closed", np.exp(1.5 * years)), ("net_revenue_open", bend)):
            changed[name] = paths[name].copy()
            changed[name][::2] = path
    if question_id.startswith("C16.plans"):
        changed["plan_margin_top"] = paths["plan_margin_top"] - 1.0
    return changed


def test_every_shipped_question_can_be_true_and_false(shipped: Ledger, table: MeasureTable) -> None:
    draws = 768
    compiled = [compile_question(question, table) for question in shipped]
    paths = random_paths(table, draws, 11, frozenset().union(*(one.measures for one in compiled)))
    for one in compiled:
        found = set(one.truth(_turned(paths, one.question.id, table), draws).tolist())
        assert found == {0, 1}, one.question.id


def test_each_value_read_matters(shipped: Ledger, table: MeasureTable) -> None:
    paths = random_paths(table, 8, 5)
    for question in shipped:
        compiled = compile_question(question, table)
        assert (compiled.truth(paths, 8) >= 0).all()
        for name in compiled.measures:
            spoilt = {**paths, name: np.full_like(paths[name], np.nan)}
            assert (compiled.truth(spoilt, 8) == -1).all(), (question.id, name)


def test_streaming_in_any_order_equals_all_at_once(shipped: Ledger, table: MeasureTable) -> None:
    draws = 192
    whole = Evaluator(shipped, table)
    paths = random_paths(table, draws, 7, whole.measures)
    rng = np.random.default_rng(1)
    ok = rng.random(draws) > 0.1
    paths["cover"][17] = np.nan
    truths = whole.add(paths, ok, np.arange(draws))
    parts, other = Evaluator(shipped, table), Evaluator(shipped, table)
    for number, place in enumerate(np.array_split(rng.permutation(draws), 5)):
        half = parts if number % 2 else other
        seen = half.add({name: path[place] for name, path in paths.items()}, ok[place], place)
        for name, truth in seen.items():
            assert (truth == truths[name][place]).all()
    parts.merge(other)
    assert parts.probabilities() == whole.probabilities()
    again = tallied([(truths["C15.tight_2028"], ok, np.arange(draws))])
    assert again.probability("C15.tight_2028") == whole.probabilities()["C15.tight_2028"]
    assert whole.probabilities()["C15.tight_2028"].undetermined == int(ok[17])


def test_large_batches_are_cut(ask: Ask, table: MeasureTable) -> None:
    draws = 2 * _AT_ONCE + 3
    short = contract("2028-12", "2028-12")
    evaluator = Evaluator([ask("at(cover, date)", threshold=1.0, sense="above")], short)
    paths = random_paths(short, draws, 2, evaluator.measures)
    truth = evaluator.add(paths, np.ones(draws), np.arange(draws))["T01.q"]
    assert (truth == (paths["cover"][:, 0] > 1.0)).all()
    assert evaluator.add({"cover": np.empty((0, 1))}, [], [])["T01.q"].shape == (0,)


@given(st.lists(st.sampled_from([1, 0, -1, 9]), min_size=0, max_size=300))
def test_counts_bounds_and_error(answers: list[int]) -> None:
    given_answers = np.array(answers, dtype=np.int64)
    ok = given_answers != 9
    index = np.arange(len(answers))
    tally = Tally()
    tally.add(given_answers, ok, index)
    found = tally.probability("q")
    k, n = answers.count(1), len(answers)
    unanswered = answers.count(-1) + answers.count(9)
    assert (found.draws, found.true, found.failed, found.undetermined) == (
        n,
        k,
        answers.count(9),
        answers.count(-1),
    )
    if n == 0:
        assert found.lower is found.upper is found.probability is None
        return
    assert (found.lower, found.upper) == (k / n, (k + unanswered) / n)
    answered = np.isin(given_answers, (0, 1))
    reference = monte_carlo_error(given_answers[answered], index[answered] % 8)
    assert found.probability == pytest.approx(reference.mean)
    assert (found.standard_error is None) == (reference.standard_error is None)
    if found.standard_error is not None:
        assert found.standard_error == pytest.approx(reference.standard_error, abs=1e-12)
        assert found.half_width == pytest.approx(reference.half_width, abs=1e-12)
    if found.probability is not None:
        assert found.lower is not None
        assert found.upper is not None
        assert found.lower <= found.probability <= found.upper
    assert found.as_record()["bounds"] == [found.lower, found.upper]


def test_what_a_run_cannot_answer_is_skipped_with_the_reason(shipped: Ledger) -> None:
    short = Evaluator(shipped, contract(last="2029-06"))
    why = {one.id: one.why for one in short.skipped}
    assert "C07.both_2031" in why
    assert "2031-12" in why["C07.both_2031"]
    assert "C05.growth_2028" not in why
    full = contract()
    few = MeasureTable({"cover": full.measures["cover"]}, full.names, full.first, full.last)
    kept = Evaluator(shipped, few, catalogue=full)
    assert {one.question.id for one in kept.compiled} == {"C15.tight_2027", "C19.glut_2031"}
    assert "did not keep" in kept.skipped[0].why
    with pytest.raises(BadFileError, match=r"C01\.toml:\d+: C01\.spend_2028: no measure"):
        Evaluator(shipped, few)


def test_a_wrong_claim_is_an_error_even_with_a_catalogue(ask: Ask) -> None:
    full = contract()
    with pytest.raises(BadFileError, match="did you mean 'cover'"):
        Evaluator([ask("at(coverr, date) > 1")], full, catalogue=full)


def test_batches_of_another_shape_are_refused(ask: Ask, table: MeasureTable) -> None:
    evaluator = Evaluator([ask("at(cover, date) > 1")], table)
    with pytest.raises(ValueError, match="lacks the measure cover"):
        evaluator.add({}, [True], [0])
    with pytest.raises(ValueError, match="cover has the shape"):
        evaluator.add({"cover": np.ones((1, 3))}, [True], [0])
    with pytest.raises(ValueError, match="one length"):
        evaluator.add({}, [True], [0, 1])
    with pytest.raises(ValueError, match="different questions"):
        evaluator.merge(Evaluator([], table))
