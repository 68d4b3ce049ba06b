"""Figure: what many hosts charge for the same model, one row per model on one log axis."""

from __future__ import annotations

import statistics

import altair as alt
import polars as pl

from twocurves.charts.canvas import caption_layer, check_size, data, finish, heading, layered, sentence
from twocurves.charts.marks import economy_point
from twocurves.charts.number_text import check_style, say
from twocurves.charts.palette import ThemeName, palette
from twocurves.charts.row_plot import RowPlot, name_room, row_height, word_room
from twocurves.charts.tables import finite_values, require, require_economies, require_positive
from twocurves.charts.ticks import span_of
from twocurves.errors import BadInputError, unknown

KINDS = ("host", "reseller", "maker")

#: More rows than this no longer fit a page.
MOST_MODELS = 30

#: Kinds that serve a model themselves: the median and the number of hosts count them alike.
DIRECT = ("host", "maker")

_KEY = "A thin tick is one host, a long tick the median of hosts{mark}{resellers}."


def dispersion(
    offers: pl.DataFrame,
    *,
    title: str = "",
    subtitle: str = "",
    number: str = "usd",
    caption: str = "",
    theme: ThemeName = "light",
    width: int = 400,
    name_width: int | None = None,
    worded: bool = True,
) -> alt.LayerChart:
    """Draw the spread of prices for each model: hosts as ticks, their median, the maker's own price.

    Parameters
    ----------
    offers
        ``model``, ``price`` (above 0, one unit throughout), ``kind`` (``host``, ``reseller`` or ``maker``);
        optional ``economy`` (``open`` where missing). One row per firm. Models are drawn by the median of
        their hosts, dearest first. A maker that serves its model itself is one of its hosts; resellers are
        drawn faint and kept out of the median.
    title, subtitle
        A sentence; the unit and the scale.
    number, caption, theme
        As in :func:`twocurves.charts.measured.measured_figure`.
    width
        Of the plot area, in pixels; the height follows from the models.
    name_width
        Of the names at most; as wide as they are when left out.
    worded
        Whether median, number of hosts and the maker's price stand beside each row.

    Raises
    ------
    BadInputError
        Nothing to draw, a malformed table, an unknown kind, or more than ``MOST_MODELS`` models.
    """
    check_size(width, 200)
    check_style(number)
    colours = palette(theme)
    table = _checked(offers)
    models = _ordered(table)
    if len(models) > MOST_MODELS:
        raise BadInputError(
            f"offers holds {len(models)} models; a figure shows at most {MOST_MODELS}. Choose some.",
            field="offers.model",
            given=len(models),
            allowed=f"1 to {MOST_MODELS}",
        )
    said = {model: _said(table.filter(pl.col("model") == model), number) for model in models}
    right = word_room(list(said.values())) if worded else 24
    widest = {} if name_width is None else {"widest": float(name_width)}
    x = span_of(finite_values(table, ("price",)), "log", number)
    plot = RowPlot(
        width, len(models), row_height(models, **widest), x, colours, name_room(models, **widest), right
    )
    layers = plot.grid()
    for index, model in enumerate(models):
        own = table.filter(pl.col("model") == model)
        layers.append(plot.name(index, model))
        layers += _row_layers(plot, index, own, number)
        if worded:
            layers += plot.words(index, *said[model])
    key = _key(table)
    foot = " ".join(part for part in (key, caption) if part)
    layers += caption_layer(foot, plot.full_width(), plot.left, plot.height, colours)
    chart = layered(layers, width, plot.height, heading(title, subtitle, plot.full_width(), plot.left))
    words = [sentence(title), sentence(subtitle)]
    words += [sentence(f"{model}: {a}, {b}") for model, (a, b) in said.items()]
    return finish(chart, theme, " ".join([*words, sentence(caption)]))


def _checked(offers: pl.DataFrame) -> pl.DataFrame:
    table = require(offers, "offers", texts=("model", "kind"), numbers=("price",))
    economy = (
        offers["economy"].cast(pl.String) if "economy" in offers.columns else pl.lit(None, dtype=pl.String)
    )
    table = table.with_columns(economy.alias("economy")).with_columns(pl.col("economy").fill_null("open"))
    require_economies(table, "offers")
    for kind in table["kind"].unique(maintain_order=True):
        if kind not in KINDS:
            raise unknown("kind of offer", str(kind), KINDS, field="offers.kind")
    require_positive(table, "offers", ("price",), "log")
    return table


def _ordered(table: pl.DataFrame) -> list[str]:
    """Return models by the median of their hosts, dearest first; of all offers where none is a host's."""
    ranked = (
        table.group_by("model", maintain_order=True)
        .agg(
            hosts=pl.col("price").filter(pl.col("kind").is_in(DIRECT)).median(),
            everyone=pl.col("price").median(),
        )
        .with_columns(rank=pl.coalesce("hosts", "everyone"))
        .sort("rank", "model", descending=[True, False])
    )
    return ranked["model"].to_list()


def _row_layers(plot: RowPlot, index: int, own: pl.DataFrame, number: str) -> list[alt.Chart]:
    economy = own["economy"][0]
    colour = plot.colours.economy(economy)
    layers: list[alt.Chart] = []
    everyone = own["price"].to_list()
    layers.append(
        alt.Chart(data([{"row": index, "low": min(everyone), "high": max(everyone)}]))
        .mark_rule(color=colour, strokeWidth=1, opacity=0.35, aria=False)
        .encode(x=plot.values("low"), x2=alt.X2("high:Q"), y=plot.row())
    )
    for kind, opacity, size in (("reseller", 0.35, 8.0), ("host", 0.75, 12.0)):
        prices = own.filter(pl.col("kind") == kind)["price"].sort().to_list()
        if prices:
            rows = [
                {"row": index, "price": price, "text": f"{kind}: {say(price, number)}"} for price in prices
            ]
            layers.append(
                alt.Chart(data(rows))
                .mark_tick(color=colour, thickness=1.5, size=size, opacity=opacity, orient="vertical")
                .encode(
                    x=plot.values("price"),
                    y=plot.row(),
                    description=alt.Description("text:N"),
                    tooltip=alt.Tooltip("text:N"),
                )
            )
    hosts = own.filter(pl.col("kind").is_in(DIRECT))["price"]
    if hosts.len():
        layers.append(
            alt.Chart(data([{"row": index, "median": hosts.median()}]))
            .mark_tick(color=plot.colours.ink, thickness=2.5, size=20, orient="vertical", opacity=1)
            .encode(x=plot.values("median"), y=plot.row())
        )
    makers = own.filter(pl.col("kind") == "maker")["price"].to_list()
    if makers:
        rows = [{"row": index, "price": price, "text": f"maker: {say(price, number)}"} for price in makers]
        layers.append(
            alt.Chart(data(rows))
            .mark_point(**economy_point(economy, plot.colours, larger=20), opacity=1)
            .encode(
                x=plot.values("price"),
                y=plot.row(),
                description=alt.Description("text:N"),
                tooltip=alt.Tooltip("text:N"),
            )
        )
    return layers


def _said(own: pl.DataFrame, number: str) -> tuple[str, str]:
    hosts = own.filter(pl.col("kind").is_in(DIRECT))["price"].to_list()
    makers = own.filter(pl.col("kind") == "maker")["price"].to_list()
    maker = f"maker {say(statistics.median(makers), number)}" if makers else ""
    if not hosts:
        count = f"{own.height} resellers" if own.height != 1 else "1 reseller"
        return f"from {say(min(own['price'].to_list()), number)}", count
    median = say(statistics.median(hosts), number)
    ratio = max(hosts) / min(hosts)
    count = (
        f"{len(hosts)} hosts, {say(ratio, 'times', 2 if ratio >= 2 else 3)} apart"
        if len(hosts) > 1
        else "1 host"
    )
    return f"median {median}", ", ".join(part for part in (count, maker) if part)


def _key(table: pl.DataFrame) -> str:
    economies = set(table.filter(pl.col("kind") == "maker")["economy"])
    marks = {"open": "a diamond", "closed": "a dot"}
    shapes = " or ".join(marks[name] for name in ("open", "closed") if name in economies)
    mark = f", {shapes} the maker’s own price, which counts among them" if shapes else ""
    resellers = ", a faint short tick a reseller" if "reseller" in set(table["kind"]) else ""
    return _KEY.format(mark=mark, resellers=resellers)
