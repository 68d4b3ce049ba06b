"""Building the options of a workload, each from its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from twocurves.decide import constraints as rules
from twocurves.decide import machines
from twocurves.decide.assumptions import number, size_of
from twocurves.decide.ladder import Rung, cheapest, not_dominated
from twocurves.decide.market import Offer, spread
from twocurves.decide.options import MONTHS_PER_YEAR, TITLES, Option, Setting, Truths
from twocurves.decide.workload import Workload
from twocurves.decide.world import Paths
from twocurves.errors import BadInputError
from twocurves.months import Month

#: What each way of using the model now is as an option, for open and for closed models.
_THROUGH = {
    ("seats", False): "closed_seats",
    ("api", False): "closed_api",
    ("cloud", False): "closed_cloud",
    ("hosted", True): "hosted_open",
    ("api", True): "hosted_open",
    ("cloud", True): "hosted_open",
    ("dedicated", True): "dedicated_open",
    ("own", True): "own_open",
}

_CLOSED = rules.CLOSED_OPTIONS


def build_options(setting: Setting) -> list[Option]:
    """Return what is in use first, then every other way of buying, those ruled out with the reason.

    Raises
    ------
    BadInputError
        The model in use cannot be used as stated, or the constraints leave nothing to move to.
    """
    workload, market = setting.workload, setting.market
    rules.check_names(workload.constraints, market)
    model = market.named(workload.now.model, "now.model")
    offers_now = market.priced(model, "now.model")
    status = _status_name(workload, model, is_open=offers_now[0].is_open)
    others = [name for name in rules.ALL_OPTIONS if name != status]
    rules.check_possible(workload, market, _meaningful(others, workload, is_open=offers_now[0].is_open))
    builder = _Builder(setting, model, status, _offer_now(workload, offers_now))
    return [builder.status(), *(builder.option(name) for name in others)]


def _status_name(workload: Workload, model: str, *, is_open: bool) -> str:
    through = workload.now.through
    status = _THROUGH.get((through, is_open))
    if status is None:
        kind = "open" if is_open else "closed"
        allowed = [name for name, opened in _THROUGH if opened == is_open]
        raise BadInputError(
            f'now.model {model} is {kind}, so it cannot be bought through "{through}"; '
            f"it may be {', '.join(allowed)}.",
            field="now.through",
            given=through,
            allowed=allowed,
        )
    return status


def _meaningful(names: Sequence[str], workload: Workload, *, is_open: bool) -> list[str]:
    """Leave out what the workload gives no ground for: seats without seats, tuning without its cost."""
    return [
        name
        for name in names
        if not (name == "closed_seats" and workload.now.seats is None)
        and not (name.startswith("tuned") and workload.tuning is None)
        and not (name in ("closed_api", "closed_cloud", "closed_seats", *rules.OF_BOTH) and is_open)
    ]


def _offer_now(workload: Workload, found: Sequence[Offer]) -> Offer:
    provider = workload.now.provider
    if provider is not None:
        named = [offer for offer in found if offer.provider == provider]
        if not named:
            sellers = sorted({offer.provider for offer in found})
            raise BadInputError(
                f"now.provider {provider!r} states no price for {found[0].model}; "
                f"sellers of it are {', '.join(sellers[:8])}.",
                field="now.provider",
                given=provider,
                allowed=sellers,
            )
        return named[0]
    kinds = {"cloud": "cloud", "hosted": "host"}
    wanted = kinds.get(workload.now.through)
    preferred = [offer for offer in found if (offer.kind == wanted if wanted else offer.first_party)]
    return min(preferred or found, key=lambda offer: offer.price.usd(1e6, 1e6, 0.0))


class _Builder:
    """Builds the options of one setting; what several of them share is computed once."""

    def __init__(self, setting: Setting, model: str, status: str, offer: Offer) -> None:
        self.setting = setting
        self.model = model
        self.name_now = status
        self.offer = offer
        self.is_open = offer.is_open
        self.shape = (setting.world.size, setting.world.months)
        self._ladders: dict[str, list[Rung]] = {}
        self._counts: dict[str, Paths | None] = {}
        self.now = self._now()

    def status(self) -> Option:
        """Return what is in use, with its contract."""
        return self.now

    def option(self, name: str) -> Option:
        """Return one way of buying."""
        workload = self.setting.workload
        refused = rules.refuses(workload.constraints, name)
        if not refused and name not in _meaningful([name], workload, is_open=self.is_open):
            refused = {
                "closed_seats": "the workload states no seats",
                "routed_mix": "an open model is in use already",
                "keep_both": "an open model is in use already",
                "closed_api": "an open model is in use; closed_cheapest stands for closed ones",
                "closed_cloud": "an open model is in use; closed_cheapest stands for closed ones",
            }.get(name, "the workload states no [tuning]")
        if refused:
            return self._refused(name, refused)
        if name in ("closed_api", "closed_cloud"):
            return self._closed_by_token(name)
        if name == "closed_seats":
            return self._seats(name)
        if name == "closed_cheapest":
            return self._by_token(name, opened=False, price_factor=1.0, uplift=None)
        if name == "hosted_open":
            return self._by_token(name, opened=True, price_factor=1.0, uplift=None)
        if name == "tuned_hosted":
            return self._by_token(
                name,
                opened=True,
                price_factor=number("tuned_price_factor"),
                uplift=self.setting.need.tuning_uplift,
            )
        if name in (*rules.ON_RENTED_MACHINES, *rules.ON_OWN_MACHINES):
            uplift = self.setting.need.tuning_uplift if name.startswith("tuned") else None
            return self._on_machines(name, owned=name in rules.ON_OWN_MACHINES, uplift=uplift)
        return self._routed(name) if name == "routed_mix" else self._both(name)

    # -- what is in use ------------------------------------------------------------------------------------

    def _now(self) -> Option:
        workload, world = self.setting.workload, self.setting.world
        if self.is_open and self.name_now != "hosted_open":
            cost = self._machine_cost(self.model, owned=self.name_now == "own_open")
            if cost is None:
                raise BadInputError(
                    f"now.model {self.model} cannot be costed on machines: its size is not known; "
                    'give a model whose size is, or what it costs through = "hosted".',
                    field="now.model",
                    given=self.model,
                    allowed="an open model of known size",
                )
            tokens = cost + self.setting.staff_usd
        else:
            ratio = world.price_open if self.is_open else world.price_closed
            tokens = self.setting.tokens_usd(self.offer.price) * self._locked(ratio) * self.setting.volume
            if workload.now.through == "seats":
                tokens = self._plan_usd(self._locked(self._fee())) + (1.0 - workload.now.seats_cover) * tokens
        contract = workload.contract
        until = self._month_index(contract.committed_until, "contract.committed_until")
        bound = np.arange(self.shape[1]) < until
        tokens = np.where(bound, np.maximum(tokens, contract.committed_usd_per_month), tokens)
        quality = self._quality_now()
        failing = np.broadcast_to(self.setting.failing_usd(quality), self.shape)
        risks = self._risks(self.name_now)
        return Option(
            name=self.name_now,
            title=TITLES[self.name_now],
            what=f"{self.model} at {self.offer.provider}",
            running=tokens + failing + _sum(risks, self.shape),
            entry=np.zeros(self.shape),
            allowed=np.ones(self.shape, dtype=np.bool_),
            refused=rules.refuses_staying(workload.constraints, self.name_now, self.offer),
            token_usd=tokens,
            failing_usd=failing,
            risk_usd=risks,
            sellers=self._spread(self.setting.market.of(self.model)),
        )

    def _plan_usd(self, fee: Paths) -> Paths:
        """Return a month's plans, at a path of their fee."""
        now = self.setting.workload.now
        return (now.seats or 0) * (now.usd_per_seat_month or 0.0) * fee

    def _fee(self) -> Paths:
        """Return the ratio of a plan's fee to today's: flat, and dearer as the lab's subsidy ends.

        Cheaper tokens widen what a plan includes instead of lowering its fee.
        """
        subsidy = self.setting.world.subsidy.get(self.offer.maker)
        if subsidy is None:
            return np.ones(self.shape)
        return (1.0 - subsidy) / (1.0 - subsidy[:, :1])

    def _locked(self, ratio: Paths) -> Paths:
        """Return a price's path with the months in which the contract fixes it."""
        fixed = self._month_index(
            self.setting.workload.contract.price_fixed_until, "contract.price_fixed_until"
        )
        return np.where(np.arange(self.shape[1]) < fixed, 1.0, ratio)

    def _month_index(self, given: str | None, what: str) -> int:
        """Return how many months from the start a contract's month includes."""
        if given is None:
            return 0
        return max(0, int(Month.parse(given, what) - self.setting.world.start) + 1)

    def _quality_now(self) -> Paths:
        need, world = self.setting.need, self.setting.world
        if need.score_now is None:
            # Without a score, what is in use is taken to be just what is needed.
            return need.level + (0.0 if self.is_open else world.closed_api_gain)
        gain = world.open_gain if self.is_open else world.closed_api_gain
        penalty = need.open_penalty if self.is_open else 0.0
        return need.score_now - penalty + gain

    # -- closed --------------------------------------------------------------------------------------------

    def _closed_by_token(self, name: str) -> Option:
        offers = [
            offer
            for offer in self.setting.market.of(self.model)
            if (offer.kind == "cloud") == (name == "closed_cloud")
            and rules.allows_offer(self.setting.workload.constraints, offer)
        ]
        if not offers:
            return self._refused(name, f"nobody within the constraints sells {self.model} this way")
        offer = min(offers, key=lambda one: self.setting.tokens_usd(one.price))
        tokens = self.setting.tokens_usd(offer.price) * self.setting.world.price_closed * self.setting.volume
        return self._option(
            name,
            f"{self.model} at {offer.provider}",
            tokens,
            self._quality_now(),
            sellers=self._spread(offers),
        )

    def _seats(self, name: str) -> Option:
        now, world = self.setting.workload.now, self.setting.world
        rest = (1.0 - now.seats_cover) * self.setting.tokens_usd(self.offer.price)
        tokens = self._plan_usd(self._fee()) + rest * self.setting.volume * world.price_closed
        return self._option(name, f"{now.seats} plans", tokens, self._quality_now())

    # -- ladders: the cheapest model that suffices ---------------------------------------------------------

    def _by_token(self, name: str, *, opened: bool, price_factor: float, uplift: Paths | None) -> Option:
        ladder = self._ladder("open" if opened else "closed")
        if not ladder:
            kind = "open" if opened else "closed"
            return self._refused(name, f"no {kind} model with a score is on offer within the constraints")
        got = cheapest(self.setting, ladder, opened=opened, uplift=uplift)
        within = self.setting.workload.constraints
        sellers = [one for one in self.setting.market.of(got.rung.model) if rules.allows_offer(within, one)]
        seller = "" if got.rung.offer is None else f" at {got.rung.offer.provider}"
        made = self._option(
            name,
            f"{got.rung.model}{seller}",
            got.tokens * price_factor,
            failing=got.failing,
            allowed=got.enough,
            sellers=self._spread(sellers),
        )
        return self._with_tuning(made) if name.startswith("tuned") else made

    def _ladder(self, economy: str) -> list[Rung]:
        if economy not in self._ladders:
            opened = economy == "open"
            ratio = self.setting.world.price_open if opened else self.setting.world.price_closed
            best: dict[str, Offer] = {}
            for offer in self.setting.market.offers:
                if offer.is_open != opened or not rules.allows_offer(
                    self.setting.workload.constraints, offer
                ):
                    continue
                held = best.get(offer.model)
                if held is None or self.setting.tokens_usd(offer.price) < self.setting.tokens_usd(held.price):
                    best[offer.model] = offer
            rungs = []
            for model, offer in best.items():
                score = self.setting.market.score(model)
                if score is None:
                    continue
                usd = self.setting.tokens_usd(offer.price)
                rungs.append(Rung(model, score, offer, usd, partial(_times, usd, ratio, self.setting.volume)))
            self._ladders[economy] = not_dominated(rungs)
        return self._ladders[economy]

    def _machine_ladder(self, *, owned: bool) -> list[Rung]:
        name = f"machines {owned}"
        if name not in self._ladders:
            unit = self._unit_usd(owned=owned)
            rungs = []
            for model in sorted({offer.model for offer in self.setting.market.offers if offer.is_open}):
                score = self.setting.market.score(model)
                count = None if score is None else self._count(model)
                if score is None or count is None:
                    continue
                cost = count * unit
                rungs.append(Rung(model, score, None, float(cost[:, 0].mean()), partial(_same, cost)))
            self._ladders[name] = not_dominated(rungs)
        return self._ladders[name]

    # -- machines ------------------------------------------------------------------------------------------

    def _unit_usd(self, *, owned: bool) -> Paths:
        """Return a month of one machine: its rent, or its running and its purchase spread over its life."""
        one = np.ones(self.shape)
        operations = self.setting.workload.operations
        if not owned:
            return machines.rented_usd(one, self.setting.world, operations)
        return machines.owned_running_usd(one) + self._bought / number("hardware_life_months")

    @cached_property
    def _bought(self) -> Paths:
        return machines.bought_usd(
            self.setting.world, self.setting.workload.operations, self.setting.discount
        )

    def _owned_usd(self, count: Paths) -> Paths:
        """Return a month on machines that are there: running them, and buying what growth adds."""
        added = np.maximum(np.diff(count, axis=1, prepend=count[:, :1]), 0.0)
        return machines.owned_running_usd(count) + added * self._bought

    def _machine_cost(self, model: str, *, owned: bool) -> Paths | None:
        """Return a month's machines for the model in use; None where its size is not known."""
        count = self._count(model)
        if count is None:
            return None
        return self._owned_usd(count) if owned else count * self._unit_usd(owned=False)

    def _count(self, model: str) -> Paths | None:
        """Return how many machines a model needs in each month; None where its size is not known."""
        if model not in self._counts:
            self._counts[model] = self._counted(model)
        return self._counts[model]

    def _counted(self, model: str) -> Paths | None:
        size = size_of(model)
        if size is None:
            return None
        needs = machines.serving(size, self.setting.workload.operations)
        load = self.setting.load
        seconds = needs.seconds(load.input_tokens, load.output_tokens, load.cached_tokens)
        path = seconds * self.setting.volume * self.setting.world.hours
        return machines.accelerators(needs, path, load.peak_over_mean)

    def _on_machines(self, name: str, *, owned: bool, uplift: Paths | None) -> Option:
        ladder = self._machine_ladder(owned=owned)
        if not ladder:
            return self._refused(name, "no open model of known size and score can be put on machines")
        got = cheapest(self.setting, ladder, opened=True, uplift=uplift)
        count = np.rint(got.tokens / self._unit_usd(owned=owned))
        made = self._option(
            name,
            f"{got.rung.model} on {round(float(np.median(count[:, 0])))} H100-equivalents",
            (self._owned_usd(count) if owned else got.tokens) + self.setting.staff_usd,
            failing=got.failing,
            allowed=got.enough,
            setup=self.setting.workload.operations.setup_usd,
        )
        if owned:
            made = replace(made, entry=made.entry + count * self._bought)
        return self._with_tuning(made) if name.startswith("tuned") else made

    # -- tuned, mixed, both --------------------------------------------------------------------------------

    def _with_tuning(self, made: Option) -> Option:
        tuning = self.setting.workload.tuning
        usd = 0.0 if tuning is None else tuning.usd
        life = np.maximum(self.setting.world.belief("customisation_life"), 1.0)[:, None]
        again = np.broadcast_to(usd / life, self.shape)
        return replace(
            made,
            running=made.running + again,
            entry=made.entry + usd,
            token_usd=made.token_usd + again,
        )

    def _routed(self, name: str) -> Option:
        ladder = self._ladder("open")
        if not ladder:
            return self._refused(name, "no open model with a score is on offer within the constraints")
        share, points = number("easy_share"), number("easy_points")
        got = cheapest(self.setting, ladder, opened=True, easier_by=points)
        easy = share * got.tokens * (1.0 + number("router_cost_share"))
        return self._option(
            name,
            f"{got.rung.model} for {share:.0%}, {self.model} for the rest",
            easy + (1.0 - share) * self.now.token_usd,
            failing=share * got.failing + (1.0 - share) * self.now.failing_usd,
            allowed=got.enough,
        )

    def _both(self, name: str) -> Option:
        ladder = self._ladder("open")
        if not ladder:
            return self._refused(name, "no open model with a score is on offer within the constraints")
        got = cheapest(self.setting, ladder, opened=True)
        closed, failing = self.now.token_usd, self.now.failing_usd
        use_open = got.enough & (got.tokens + got.failing < closed + failing)
        upkeep = self.setting.workload.switching.usd * number("keeping_both_per_year") / MONTHS_PER_YEAR
        return self._option(
            name,
            f"{self.model} and {got.rung.model}",
            np.where(use_open, got.tokens, closed) + upkeep,
            failing=np.where(use_open, got.failing, failing),
            allowed=got.enough,
        )

    # -- shared --------------------------------------------------------------------------------------------

    def _option(
        self,
        name: str,
        what: str,
        tokens: Paths,
        quality: Paths | None = None,
        *,
        failing: Paths | None = None,
        allowed: Truths | None = None,
        setup: float = 0.0,
        sellers: Mapping[str, float] | None = None,
    ) -> Option:
        if failing is None:
            found = self.setting.failing_usd(quality) if quality is not None else 0.0
            failing = np.broadcast_to(found, self.shape)
        if name not in (*_CLOSED, *rules.OF_BOTH):
            again = self.setting.workload.switching.usd * number("evaluating_open_per_year") / MONTHS_PER_YEAR
            tokens = tokens + again
        risks = self._risks(name)
        running = tokens + failing + _sum(risks, self.shape)
        permitted = np.ones(self.shape, dtype=np.bool_) if allowed is None else allowed
        if allowed is not None and not self.now.refused:
            # In months when nothing there is good enough after a move, what is in use today is bought again.
            running = np.where(permitted, running, self.now.running)
        entry = np.full(self.shape, self._switching_usd(name) + setup)
        if name not in rules.OF_BOTH:  # these go on with what is in use, and so with its commitment
            entry = entry + self._still_committed()
        return Option(
            name=name,
            title=TITLES[name],
            what=what,
            running=running,
            entry=entry,
            allowed=permitted,
            token_usd=tokens,
            failing_usd=failing,
            risk_usd=risks,
            sellers=sellers,
        )

    def _switching_usd(self, name: str) -> float:
        full = self.setting.workload.switching.usd
        if self.is_open:
            return full * number("move_back_to_closed" if name in _CLOSED else "move_within_open")
        if name == "closed_cheapest":
            return full * number("move_within_closed")
        return full * (number("move_within_vendor") if name in _CLOSED else 1.0)

    def _still_committed(self) -> NDArray[np.float64]:
        """Return what a commitment still costs after leaving in each month, as of that month."""
        contract = self.setting.workload.contract
        until = self._month_index(contract.committed_until, "contract.committed_until")
        months = np.arange(self.shape[1])
        due = np.where(months < until, contract.committed_usd_per_month, 0.0)
        left = np.zeros(self.shape[1])
        value = 0.0
        for month in reversed(months):
            value = due[month] + self.setting.discount * value
            left[month] = value
        return left

    def _risks(self, name: str) -> dict[str, Paths]:
        """Return the expected cost of each month's risks, those that are not in prices already."""
        world, full = self.setting.world, self.setting.workload.switching.usd
        risks: dict[str, Paths] = {}
        closed = name in (*_CLOSED, *rules.OF_BOTH)
        hosted = name in ("hosted_open", "tuned_hosted", *rules.OF_BOTH)
        if closed:
            again = full * number("forced_migration_share")
            risks["forced_migration"] = np.broadcast_to(
                world.belief("forced_migration")[:, None] * again, self.shape
            )
            presence = world.presence.get(self.offer.maker)
            if presence is not None:
                leaving = -np.diff(np.log(np.maximum(presence, 1e-9)), axis=1, prepend=np.nan)
                leaving[:, 0] = 0.0
                risks["lab_exit"] = np.maximum(leaving, 0.0) * full * number("move_within_closed")
        if hosted:
            leaves = number("host_exit_per_month") * full * number("host_exit_share")
            risks["host_exit"] = np.full(self.shape, leaves)
        by_machines = name in (*rules.ON_OWN_MACHINES, *rules.ON_RENTED_MACHINES)
        unavailable = number("unavailable_own" if by_machines else "unavailable_api")
        if name == "keep_both":
            unavailable = unavailable**2
        outage = self.setting.outage_usd(unavailable)
        if outage.any():
            risks["outage"] = np.broadcast_to(outage, self.shape)
        return risks

    def _refused(self, name: str, why: str) -> Option:
        return Option(
            name=name,
            title=TITLES[name],
            what="",
            running=np.zeros(self.shape),
            entry=np.zeros(self.shape),
            allowed=np.zeros(self.shape, dtype=np.bool_),
            token_usd=np.zeros(self.shape),
            failing_usd=np.zeros(self.shape),
            refused=why,
        )

    def _spread(self, offers: Sequence[Offer]) -> dict[str, float] | None:
        load = self.setting.load
        if not offers:
            return None
        return spread(offers, load.input_tokens, load.output_tokens, load.cached_tokens)


def _sum(risks: Mapping[str, Paths], shape: tuple[int, int]) -> Paths:
    total = np.zeros(shape)
    for cost in risks.values():
        total = total + cost
    return total


def _times(usd: float, ratio: Paths, volume: NDArray[np.float64]) -> Paths:
    return usd * ratio * volume


def _same(cost: Paths) -> Paths:
    return cost
