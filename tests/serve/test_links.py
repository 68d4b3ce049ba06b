"""A page's URL is its state: it reads back, and says what it dropped."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twocurves.beliefs import load_beliefs, read_settings
from twocurves.serve.links import PageState, read_state, usual_text, without_unchanged
from twocurves.serve.sliders import priors

BELIEFS = load_beliefs()
PRIORS = priors(BELIEFS)
OUTCOMES = ("net_revenue_open", "lag_months")


@st.composite
def states(draw):
    names = draw(st.lists(st.sampled_from(sorted(PRIORS)), unique=True, max_size=5))
    changes = {}
    for name in names:
        low, high = PRIORS[name].quantiles[4], PRIORS[name].quantiles[94]
        value = low + draw(st.floats(0.0, 1.0)) * (high - low)
        changes[name] = float(f"{value:.4g}") if low <= float(f"{value:.4g}") <= high else value
    return PageState(
        start=draw(st.sampled_from(sorted(BELIEFS.scenarios))),
        changes=read_settings(BELIEFS, changes),
        compare=draw(st.sampled_from(sorted(BELIEFS.scenarios))),
        tab=draw(st.sampled_from(["beliefs", "choices", "changed"])),
        find=draw(st.text(max_size=12)).strip(),
        by=draw(st.sampled_from(["", *OUTCOMES])),
    )


@given(states())
def test_a_url_reads_back_as_the_state_that_wrote_it(state):
    read = read_state(BELIEFS, state.query(), OUTCOMES)
    assert read.dropped == ()
    assert (read.start, read.compare, read.tab, read.find, read.by) == (
        state.start,
        state.compare,
        state.tab,
        state.find,
        state.by,
    )
    assert dict(read.changes) == dict(state.changes)


def test_only_what_differs_stands_in_the_url():
    assert PageState().query() == ""
    assert PageState().link() == "/scenario"


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("lagg_pub=4.5", "lagg_pub"),
        ("lag_pub=400", "lag_pub"),
        ("from=nowhere", "from"),
        ("with=nowhere", "with"),
        ("tab=nothing", "tab"),
        ("by=nothing", "by"),
        ("lag_pub=%3Cscript%3E", "lag_pub"),
        ("=3", ""),
    ],
)
def test_what_means_nothing_is_dropped_with_a_reason(query, named):
    (dropped,) = read_state(BELIEFS, query, OUTCOMES).dropped
    assert dropped.name == named
    assert dropped.reason.endswith((".", "?"))


@given(st.text(max_size=200))
def test_no_query_is_a_failure(text):
    read_state(BELIEFS, text, OUTCOMES)


def test_a_submitted_form_keeps_only_what_was_changed():
    fields = {name: usual_text(BELIEFS, name) for name in sorted(PRIORS)[:20]}
    fields["lag_pub"] = "4.5"
    state = read_state(BELIEFS, urlencode(fields), OUTCOMES)
    assert without_unchanged(BELIEFS, state, "") == "lag_pub=4.5"
