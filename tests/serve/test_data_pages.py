"""The Data pages: choices are links, what means nothing is said, every dot has its source."""

import re
from html import unescape

import polars as pl
import pytest

from twocurves.serve.services.data import SUBJECTS, data_page, fit_page
from twocurves.serve.services.series_state import SeriesState, read_series_state


@pytest.fixture(scope="module", autouse=True)
def _measured(house, app):
    """Measure once outside any request, as a started server does ahead of the first visitor."""
    house.once("data page", lambda: data_page(house, app.state.drawings))


def text_of(client, path, status=200):
    answer = client.get(path)
    assert answer.status_code == status, answer.text[:300]
    return answer.text


def current(page):
    return [
        unescape(one) for one in re.findall(r'class="swap choice" aria-current="true"[^>]*>([^<]*)', page)
    ]


def test_the_first_subject_has_curves_weights_and_a_hindcast(client):
    page = text_of(client, "/data")
    assert "Best closed model" in current(page)
    weights = re.findall(r"<td><b>([^<]*%)</b></td>", page)
    assert len(weights) >= 3
    assert "the 90% interval of the forecast from December 2024 held" in page
    assert "Not seen by the fit" in page
    assert "Projection" in page


def found_in(pattern: str, page: str) -> str:
    """Return what a pattern's group holds in a page."""
    found = re.search(pattern, page, re.DOTALL)
    assert found is not None
    return unescape(found[1])


@pytest.mark.parametrize("subject", [one.id for one in SUBJECTS])
def test_every_subject_has_a_figure_of_its_rows(client, subject):
    page = text_of(client, f"/data?show={subject}")
    assert 'data-goto="row-' in page
    assert 'class="note"' not in page


def test_every_dot_leads_to_a_row_with_a_source(client):
    page = text_of(client, "/data/series/arr_usd_bn?whom=OpenAI")
    dots = set(re.findall(r'data-goto="(row-\d+)"', page))
    rows = dict(re.findall(r'<tr id="(row-\d+)">(.*?)</tr>', page))
    assert dots
    assert dots <= rows.keys()
    assert all("https://" in rows[dot] or "<td" in rows[dot] for dot in dots)
    assert 'xlink:href="http' not in page


def test_a_curve_is_taken_out_by_a_link_and_put_back(client):
    page = text_of(client, "/data/series/arr_usd_bn?whom=OpenAI")
    link = found_in(r'href="([^"]*)" data-key="curve break"', page)
    assert "fits=steady%2Clogistic" in link
    without = text_of(client, link.partition("#")[0])
    assert "weight" in without
    drawn = found_in(r'<div class="wide">(.*?)</div><div class="narrow">', without)
    assert "Break" not in drawn
    back = found_in(r'href="([^"]*)" data-key="curve break"', without)
    assert "fits" not in back


def test_scale_version_and_origin_are_the_address(client):
    page = text_of(client, "/data/series/arr_usd_bn?whom=Anthropic&basis=run+rate&scale=linear")
    assert {"Anthropic", "run rate", "linear"} <= set(current(page))
    other = text_of(client, "/data?from=2025-06-30")
    assert "from June 2025" in other


def test_versions_of_another_method_are_named_and_not_joined(client):
    page = text_of(client, "/data/series/openrouter_weekly_revenue_backfill")
    assert 'href="/data/series/openrouter_top10_weekly_revenue"' in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("fits=parabola", "fits=parabola is no curve"),
        ("whom=Nobody", "whom=Nobody means nothing here"),
        ("scale=cubic", "scale=cubic means nothing here"),
        ("from=1999-01-01", "from=1999-01-01 means nothing here"),
        ("basis=%3Cscript%3Ealert(1)%3C/script%3E", "basis=&lt;script&gt;"),
    ],
)
def test_what_a_link_says_that_means_nothing_is_told(client, query, said):
    page = text_of(client, f"/data/series/arr_usd_bn?{query}")
    assert said in page
    assert "<script>alert" not in page


def test_an_unknown_subject_is_told_and_the_first_shown(client):
    page = text_of(client, "/data?show=nothing")
    assert "show=nothing means nothing here" in page
    assert "Best closed model" in current(page)


@pytest.mark.parametrize("fits", [(), ("steady",), ("steady", "break"), ("steady", "logistic", "break")])
@pytest.mark.parametrize("whom", ["", "OpenAI", "a & b/c?d=e#f"])
def test_a_state_survives_its_link(fits, whom):
    state = SeriesState(whom=whom, scale="log", fits=fits, origin="2024-12-31", basis="run rate")
    from urllib.parse import parse_qsl

    assert read_series_state(dict(parse_qsl(state.query()))) == state


def test_what_is_shown_can_be_had_as_data_and_as_a_drawing(client):
    csv = client.get("/download/shown/arr_usd_bn.csv?whom=OpenAI")
    frame = pl.read_csv(csv.content)
    assert set(frame["entity"]) == {"OpenAI"}
    assert {"value", "source", "steady_curve", "break_weight"} <= set(frame.columns)
    parquet = client.get("/download/shown/arr_usd_bn.parquet?whom=OpenAI")
    assert parquet.content[:4] == b"PAR1"
    svg = client.get("/download/shown/arr_usd_bn.svg?whom=OpenAI&fits=steady")
    assert svg.headers["content-type"].startswith("image/svg")
    assert "xlink:href" not in svg.text
    assert client.get("/download/shown/nothing.csv").status_code == 404


def test_a_series_without_a_course_says_so(client):
    page = text_of(client, "/data/series/licence_gate")
    assert "there is no course to draw" in page


def test_the_fit_page_draws_every_series_that_was_judged(client, house, app):
    house.once("fit page", lambda: fit_page(house, app.state.drawings))  # it compiles the central path
    page = text_of(client, "/data/fit")
    drawn = set(re.findall(r'data-figure="hindcast-([a-z0-9_]+)"', page))
    assert {"closed_frontier", "open_frontier", "revenue_openai", "rental_h100"} <= drawn
    later = text_of(client, "/data/fit?from=2025-06-30")
    assert 'data-figure="hindcast-revenue_anthropic"' in later
    assert text_of(client, "/data/fit?from=nonsense").count("hindcast-closed_frontier") >= 1
