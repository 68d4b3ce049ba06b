"""The state of a page, which is its URL: read kindly, written shortly, and honest about what it dropped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from twocurves.beliefs import Beliefs, Settings, from_query, scenario
from twocurves.beliefs.links import START_KEY, Dropped
from twocurves.beliefs.scenarios import CENTRAL
from twocurves.beliefs.settings import NO_SETTINGS
from twocurves.errors import unknown

#: Keys of a URL that say how a page shows, not what is simulated.
VERSION, COMPARE, TAB, FIND, SORT, FORM = "v", "with", "tab", "find", "by", "form"
PAGE_KEYS = (VERSION, COMPARE, TAB, FIND, SORT, FORM, "token")

#: The outcome by whose influence assumptions are sorted unless another is chosen.
USUAL_OUTCOME = "net_revenue_open"

TABS = ("beliefs", "choices", "changed")

_LONGEST = 80


@dataclass(frozen=True, slots=True)
class PageState:
    """What a URL of the Scenario page says.

    Attributes
    ----------
    start, changes
        The scenario to start from, and the changes on top of it.
    compare
        The scenario drawn dashed.
    tab, find, by
        Which assumptions are listed: tab, words looked for, outcome by whose influence they are sorted.
    made_with
        Model and beliefs of the version that made the link; empty when it does not say.
    dropped
        What the link said that means nothing any more.
    """

    start: str = CENTRAL
    changes: Settings = NO_SETTINGS
    compare: str = CENTRAL
    tab: str = "beliefs"
    find: str = ""
    by: str = ""
    made_with: str = ""
    dropped: tuple[Dropped, ...] = ()

    def query(self, *, whole: bool = True) -> str:
        """Return the query of the URL: only what differs from the plain page."""
        pairs: list[tuple[str, str]] = []
        if self.start != CENTRAL:
            pairs.append((START_KEY, self.start))
        pairs += [(name, str(change)) for name, change in self.changes.items()]
        if whole:
            pairs += [
                (key, value)
                for key, value, usual in (
                    (COMPARE, self.compare, CENTRAL),
                    (TAB, self.tab, "beliefs"),
                    (FIND, self.find, ""),
                    (SORT, self.by, ""),
                )
                if value != usual
            ]
        return urlencode(pairs, safe=".")

    def link(self, page: str = "/scenario", **changed: object) -> str:
        """Return the link to a page in this state, with some of it changed."""
        query = replace(self, **changed).query() if changed else self.query()  # type: ignore[arg-type]
        return f"{page}?{query}" if query else page


def read_state(beliefs: Beliefs, query: str, outcomes: tuple[str, ...] = ()) -> PageState:
    """Read the query of the Scenario page; what cannot be used is listed, never a failure.

    Raises
    ------
    BadInputError
        The query has far too many fields.
    """
    link = from_query(beliefs, query, other_keys=PAGE_KEYS)
    said = dict(parse_qsl(query.removeprefix("?"), keep_blank_values=True))
    dropped = list(link.dropped)
    compare = said.get(COMPARE, CENTRAL)
    if compare not in beliefs.scenarios:
        dropped.append(
            Dropped(
                COMPARE,
                compare[:_LONGEST],
                unknown("scenario", compare[:_LONGEST], beliefs.scenarios).message,
            )
        )
        compare = CENTRAL
    tab = said.get(TAB, "beliefs")
    if tab not in TABS:
        dropped.append(Dropped(TAB, tab[:_LONGEST], unknown("tab", tab[:_LONGEST], TABS).message))
        tab = "beliefs"
    by = said.get(SORT, "")
    if by and by not in outcomes:
        dropped.append(Dropped(SORT, by[:_LONGEST], unknown("outcome", by[:_LONGEST], outcomes).message))
        by = ""
    return PageState(
        start=link.start,
        changes=link.settings,
        compare=compare,
        tab=tab,
        find=said.get(FIND, "")[:_LONGEST],
        by=by,
        made_with=said.get(VERSION, "")[:_LONGEST],
        dropped=tuple(Dropped(one.name[:_LONGEST], one.given[:_LONGEST], one.reason) for one in dropped),
    )


def without_unchanged(beliefs: Beliefs, state: PageState, query: str) -> str:
    """Return the query that a submitted form means: fields that say what the scenario says are left out."""
    own = scenario(beliefs, state.start).settings
    kept = state.changes
    for name, change in list(state.changes.items()):
        usual = own.change_of(name)
        if (usual is not None and str(usual) == str(change)) or (
            usual is None and change.kind == "fix" and str(change) == usual_text(beliefs, name)
        ):
            kept = kept.without(name)
    return replace(state, changes=kept, by="" if state.by == USUAL_OUTCOME else state.by).query()


def usual_text(beliefs: Beliefs, name: str) -> str:
    """Return the middle of a parameter as its number field shows it; empty where it has no prior."""
    distribution = beliefs.distributions.get(name)
    if distribution is None:
        return ""
    import numpy as np

    return f"{float(distribution.quantile(np.array([0.5]))[0]):.4g}"
