"""The measures of a month: name, unit, axes, meaning (:mod:`twocurves.economy.measures` computes them)."""

from __future__ import annotations

from typing import NamedTuple


class MeasureInfo(NamedTuple):
    """A measure as it is shown.

    Attributes
    ----------
    name, unit, meaning
        As in the documents; the unit is one of the house's.
    axes
        Names of its axes after draws and months: ``lab``, ``builder``, ``segment``, ``region``, ``layer``.
    """

    name: str
    unit: str
    axes: tuple[str, ...]
    meaning: str


_ECI = "ECI points"
_MONEY = "usd_billion_per_year"

_ROWS: tuple[tuple[str, str, str, str], ...] = (
    ("capability_closed", _ECI, "", "best closed model"),
    ("capability_open", _ECI, "", "best released open weights"),
    ("gap_points", _ECI, "", "best closed less best released open"),
    (
        "lag_months",
        "months",
        "",
        "since the closed frontier stood where open weights stand; a floor before 2023",
    ),
    ("lead_months", "months", "", "since the first lab stood where the second stands"),
    ("capability_by_lab", _ECI, "lab", "each lab's best model"),
    ("capability_by_builder", _ECI, "builder", "each builder's best released weights"),
    ("best_buyable_closed_1usd", _ECI, "", "closed capability on sale at a dollar per WU"),
    ("best_buyable_open_1usd", _ECI, "", "open capability on sale at a dollar per WU"),
    ("best_buyable_closed_10usd", _ECI, "", "closed capability on sale at ten dollars per WU"),
    ("best_buyable_open_10usd", _ECI, "", "open capability on sale at ten dollars per WU"),
    ("labs_near_frontier", "1", "", "labs within ten points of the best"),
    ("builders_near_frontier", "1", "", "builders within ten points of the closed frontier"),
    ("frontier_effort", "1", "builder", "share of effort on the frontier index"),
    ("flagship_open", "1", "builder", "probability that the flagship is released"),
    ("revenue_by_lab", _MONEY, "lab", "sales and advertising"),
    ("revenue_closed", _MONEY, "", "of all labs"),
    ("spending_open", _MONEY, "", "what buyers of open work pay, hosted, self-hosted and on devices"),
    ("spending_hosted", _MONEY, "", "what buyers of hosted open work pay, applications included"),
    ("revenue_hosts", _MONEY, "", "of inference hosts alone"),
    ("net_revenue_closed", _MONEY, "", "labs' revenue less compute bought"),
    ("net_revenue_open", _MONEY, "", "what the layers above compute add, royalties included"),
    ("gross_profit_closed", _MONEY, "", "less other costs of sale"),
    ("gross_profit_open", _MONEY, "", "less the layers' own costs"),
    ("rent_closed", _MONEY, "", "less running costs and research"),
    ("rent_open", _MONEY, "", "less fixed costs and builders' research"),
    ("net_revenue_closed_with_compute", _MONEY, "", "with rent of compute used"),
    ("net_revenue_open_with_compute", _MONEY, "", "with rent of compute used"),
    ("gross_profit_closed_with_compute", _MONEY, "", "with rent of compute used"),
    ("gross_profit_open_with_compute", _MONEY, "", "with rent of compute used"),
    ("rent_closed_with_compute", _MONEY, "", "with rent of compute used"),
    ("rent_open_with_compute", _MONEY, "", "with rent of compute used"),
    ("net_revenue_by_lab", _MONEY, "lab", "revenue less compute bought"),
    ("gross_profit_by_lab", _MONEY, "lab", "less other costs of sale"),
    ("rent_by_lab", _MONEY, "lab", "less running costs and research"),
    ("net_revenue_by_lab_with_compute", _MONEY, "lab", "with rent of compute used"),
    ("gross_profit_by_lab_with_compute", _MONEY, "lab", "with rent of compute used"),
    ("rent_by_lab_with_compute", _MONEY, "lab", "with rent of compute used"),
    ("value_mixed", _MONEY, "", "applications of third parties on closed APIs, imputed; in neither economy"),
    ("gross_margin_by_lab", "1", "lab", "gross profit over revenue"),
    ("research_by_lab", _MONEY, "lab", "research spending, compute included"),
    ("api_share", "1", "", "of closed sales that go through third parties' software"),
    ("api_share_by_lab", "1", "lab", "of each lab's sales"),
    ("api_delay", "months", "lab", "from a lab's own products to its API"),
    ("api_delay_best", "months", "", "of the best lab"),
    ("open_share_tokens", "1", "", "of work done"),
    ("open_share_dollars", "1", "", "of what buyers pay"),
    ("open_share_hours", "1", "", "of accelerator hours that serve, free users included"),
    ("open_share_hosted_tokens", "1", "", "hosted open work of all work not self-hosted"),
    ("open_share_router", "1", "", "hosted open work of developers' work by the token"),
    ("open_share_enterprise", "1", "", "of work in enterprise segments"),
    ("open_share_by_segment", "1", "segment", "of work"),
    ("closed_share_top_spend", "1", "", "closed share of spending by the top decile of users"),
    ("top_user_spend", "usd / user / month", "segment", "of a user in the top band"),
    ("premium_best", "1", "", "API price of the best lab over that of the second best"),
    ("price_closed", "usd_per_work_unit", "", "paid"),
    ("price_open", "usd_per_work_unit", "", "paid"),
    ("lerner_closed", "1", "", "labs' prices over marginal cost: one less cost over sales"),
    ("host_lerner", "1", "", "hosts' price over compute and own cost"),
    ("work", "million_work_units / month", "", "done"),
    ("adopters", "million_adopters", "segment", "by choice"),
    ("adopters_by_lab", "million_adopters", "lab", "who use a lab, several counted by each"),
    ("forced_users", "million_adopters", "", "by order"),
    ("forced_share", "1", "", "of adopters"),
    ("forced_exits", "1/month", "", "of adopters, who stop ordered use"),
    ("free_users", "million_adopters", "", "who do not pay"),
    ("consumer_surplus", _MONEY, "", "of adopters, above what they pay"),
    ("fast_share", "1", "", "of closed sales in the fast tier"),
    ("work_per_kwh", "work_units / kilowatt / hour", "", "of the best closed product"),
    ("subsidy", "1", "lab", "by which list prices lie below target"),
    ("plan_margin_top", "1", "", "margin of plans in the top band"),
    ("rental", "usd_per_hour", "region", "H100-equivalent"),
    ("cover", "1", "", "rental over full cost"),
    ("glut", "1", "", "whether rental over full cost lies under the threshold of a glut"),
    ("scarce", "1", "", "whether it lies above the threshold of scarcity"),
    ("stock", "h100e", "", "in service"),
    ("idle_share", "1", "", "of supplied hours"),
    ("rationed_share", "1", "", "of demanded hours"),
    ("investment", _MONEY, "", "in AI compute"),
    ("firms", "1", "layer", "effective number"),
    ("layer_value_added", _MONEY, "layer", "of the open stack"),
    ("vintage_age", "months", "", "of open weights in use in enterprise segments"),
    ("old_vintage_share", "1", "", "of hosted open work on weights adopted over a year ago"),
    ("value_by_lab", "usd_billion", "lab", "market value"),
    ("cash_by_lab", "usd_billion", "lab", "held"),
    ("presence", "1", "lab", "probability of being in the market"),
    ("hhi_closed", "1", "", "of closed revenue"),
    ("hhi_all", "1", "", "of spending on closed and open work, open sellers as a fringe"),
    ("cr3_closed", "1", "", "share of the three largest labs in closed revenue"),
    ("sentiment", "1", "", "one is normal"),
    ("software_capped", "1", "", "whether growth of software stood at its ceiling"),
)

#: Every measure by name, in the order of the tables.
MEASURES: dict[str, MeasureInfo] = {
    name: MeasureInfo(name, unit, (axis,) if axis else (), meaning) for name, unit, axis, meaning in _ROWS
}

#: Measures that need the whole path, not a month.
OF_THE_PATH = ("lag_months", "lead_months")
