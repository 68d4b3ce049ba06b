"""Which offers and ways of buying a workload allows; where nothing is left, which two rules conflict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import get_args

from twocurves.decide.assumptions import number
from twocurves.decide.market import Market, Offer
from twocurves.decide.workload import Constraints, OptionName, Workload
from twocurves.errors import BadInputError, unknown

#: Ways of buying, by where the work is done.
ON_OWN_MACHINES = ("own_open", "tuned_own")
ON_RENTED_MACHINES = ("dedicated_open", "tuned_dedicated")
BY_THE_TOKEN = ("closed_api", "closed_cloud", "closed_cheapest", "hosted_open", "tuned_hosted")
OF_BOTH = ("routed_mix", "keep_both")
CLOSED_OPTIONS = ("closed_seats", "closed_api", "closed_cloud", "closed_cheapest")
OPEN_OPTIONS = ("hosted_open", "tuned_hosted", *ON_RENTED_MACHINES, *ON_OWN_MACHINES)
ALL_OPTIONS: tuple[OptionName, ...] = get_args(OptionName)

_EU = frozenset(
    [
        "at",
        "be",
        "bg",
        "hr",
        "cy",
        "cz",
        "dk",
        "ee",
        "fi",
        "fr",
        "de",
        "gr",
        "hu",
        "ie",
        "it",
        "lv",
        "lt",
        "lu",
        "mt",
        "nl",
        "pl",
        "pt",
        "ro",
        "sk",
        "si",
        "es",
        "se",
    ]
)

#: The keys of a workload's constraints, in the order in which conflicts are told.
_RULES = (
    "residency",
    "options",
    "exclude_providers",
    "exclude_countries",
    "min_tokens_per_second",
    "context_tokens",
)


def check_names(constraints: Constraints, market: Market) -> None:
    """Refuse sellers that the catalogues do not have.

    Raises
    ------
    BadInputError
        A seller has no offer; the nearest is suggested.
    """
    sellers = {offer.provider for offer in market.offers}
    for name in constraints.exclude_providers:
        if name not in sellers:
            raise unknown("provider", name, sellers, field="constraints.exclude_providers")


def allows_offer(constraints: Constraints, offer: Offer) -> bool:
    """Say whether an offer by the token is within the constraints."""
    if offer.provider in constraints.exclude_providers:
        return False
    if constraints.exclude_countries and (
        not offer.country or offer.country in constraints.exclude_countries
    ):
        return False
    if constraints.context_tokens and (offer.context_tokens or 0) < constraints.context_tokens:
        return False
    if constraints.residency == "on_premises":
        return False
    if constraints.residency == "own_cloud":
        return offer.kind == "cloud"
    if constraints.residency == "eu":
        return offer.region == "eu" or (offer.country in _EU and offer.region in ("", "eu"))
    if constraints.residency == "us":
        return offer.region == "us" or (offer.country == "us" and offer.region in ("", "us"))
    return True


def refuses(constraints: Constraints, option: str) -> str:
    """Say why a way of buying is ruled out whatever is on offer; empty when it is not."""
    if constraints.options and option not in constraints.options:
        return "not among constraints.options"
    if constraints.residency == "on_premises" and option not in ON_OWN_MACHINES:
        return "constraints.residency is on_premises"
    if constraints.residency == "own_cloud" and option == "closed_seats":
        return "constraints.residency is own_cloud"
    machines = option in (*ON_OWN_MACHINES, *ON_RENTED_MACHINES)
    if machines and constraints.min_tokens_per_second > number("tokens_per_second_per_answer"):
        return "constraints.min_tokens_per_second is above what machines sized for throughput give"
    return ""


def refuses_staying(constraints: Constraints, option: str, offer: Offer) -> str:
    """Say why what is in use cannot stay: its seller or place is ruled out; empty when it can.

    ``options`` and speeds are about what may be moved to and say nothing of what is there.
    """
    if constraints.residency == "on_premises" and option not in ON_OWN_MACHINES:
        return "constraints.residency is on_premises"
    on_machines = option in (*ON_OWN_MACHINES, *ON_RENTED_MACHINES)
    if on_machines or allows_offer(constraints.model_copy(update={"context_tokens": 0}), offer):
        return ""
    return f"{offer.provider} is ruled out by the constraints"


def permitted(constraints: Constraints, market: Market, options: Iterable[str]) -> list[str]:
    """Return the ways of buying for which something is on offer within the constraints."""
    return [
        option
        for option in options
        if not refuses(constraints, option)
        and (option not in (*BY_THE_TOKEN, *OF_BOTH) or _on_offer(constraints, market, option))
    ]


def check_possible(workload: Workload, market: Market, options: Sequence[str]) -> None:
    """Refuse constraints that leave nothing to move to, and name the one or the two that do.

    Raises
    ------
    BadInputError
        Nothing is left of ``options``.
    """
    given = workload.constraints
    if permitted(given, market, options):
        return
    default = Constraints()
    active = [name for name in _RULES if getattr(given, name) != getattr(default, name)]
    for count in (1, 2):
        for names in combinations(active, count):
            only = default.model_copy(update={name: getattr(given, name) for name in names})
            if not permitted(only, market, options):
                raise conflict([f"constraints.{name} = {_shown(getattr(given, name))}" for name in names])
    raise conflict([f"constraints.{name} = {_shown(getattr(given, name))}" for name in active])


def conflict(said: Sequence[str], why: str = "leaves nothing to move to") -> BadInputError:
    """Build the fault of constraints that cannot all hold."""
    if len(said) == 1:
        message = f"{said[0]} {why}; loosen it."
    else:
        listed = f"{', '.join(said[:-1])} and {said[-1]}"
        message = f"{listed} conflict: together they {why.replace('leaves', 'leave', 1)}; loosen one of them."
    fields = [text.partition(" = ")[0] for text in said]
    return BadInputError(
        message, field=" and ".join(fields), given=list(said), allowed="constraints that can hold"
    )


def _on_offer(constraints: Constraints, market: Market, option: str) -> bool:
    wants_open = option in ("hosted_open", "tuned_hosted", *OF_BOTH)
    return any(
        offer.is_open == wants_open
        and (option != "closed_cloud" or offer.kind == "cloud")
        and allows_offer(constraints, offer)
        for offer in market.offers
    )


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{item}"' for item in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)
