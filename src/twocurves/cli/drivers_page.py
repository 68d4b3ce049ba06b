"""What the terminal shows of drivers: beliefs and choices apart, worlds, what would change the answer."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from twocurves.claims import load_ledger
from twocurves.cli.console import MUTED, Column, table
from twocurves.drivers.claims_table import ClaimsTable
from twocurves.drivers.discovery import World
from twocurves.drivers.explain import Explained
from twocurves.drivers.flips import Flip, Flips
from twocurves.drivers.local import Local
from twocurves.drivers.report import Drivers
from twocurves.drivers.sobol_indices import Indices
from twocurves.drivers.sobol_run import Design
from twocurves.drivers.study import Effect, Study
from twocurves.ensemble.results import StoredRun

#: Inputs shown of each nature.
_BELIEFS, _CHOICES = 8, 4

#: Inputs shown of slopes.
_SLOPES = 10

#: Width below which a name has a line of its own.
_ROOM_FOR_NAMES = 84

#: Half samples told of a condition.
_OUT_OF = 10

_HEADS = {
    "true": "It holds in {density} of the futures with",
    "false": "It does not hold in {density} of the futures with",
    "high": "It is among the highest fifth in {density} of the futures with",
    "low": "It is among the lowest fifth in {density} of the futures with",
}


def print_drivers(out: Console, found: Drivers) -> None:
    """Print what decides a target."""
    study = found.study
    target = study.target
    out.print()
    out.print(Text(f"What decides {target.name}", style="bold"))
    out.print(Text(target.sentence))
    said = (
        f"true in {target.say(study.level)} of them"
        if target.is_claim
        else f"median {target.say(study.level)}"
    )
    out.print(Text(f"{study.run.name}: {study.draws:,} futures, {said}.", style=MUTED))
    out.print()
    _print_effects(out, study, "Beliefs: how the world is", study.of("belief"), _BELIEFS)
    _print_effects(out, study, "Choices: what somebody decides", study.of("choice"), _CHOICES)
    out.print(Text(_floor_in_words(study), style=MUTED))
    for effect in study.above[: _BELIEFS + _CHOICES]:
        if effect.moves_with:
            out.print(Text(f"{effect.input.name} was drawn together with {effect.moves_with}.", style=MUTED))
    out.print()
    _print_worlds(out, found.discovered.worlds)
    if found.flips is not None:
        _print_flips(out, found.flips)
    if found.local is not None:
        _print_local(out, found.local)
    if found.sobol is not None:
        _print_sobol(out, *found.sobol)
    out.print(Text(_next(found)))


def print_claims(out: Console, run: StoredRun, found: ClaimsTable) -> None:
    """Print which belief and which choice decides each claim."""
    out.print()
    out.print(Text("What decides each claim", style="bold"))
    out.print(
        Text(
            f"{run.name}: {found.draws:,} futures. Effects are between −1 and 1: the rank correlation with "
            "what the other inputs leave. Inputs that do no more than made-up ones are left out.",
            style=MUTED,
        )
    )
    out.print()
    listing = table(
        Column("", whole=True),
        Column("decided most by", whole=True),
        Column("effect", "right"),
        Column("then by", whole=True, drop=1),
        Column("claim", drop=0, width=30),
    )
    for question in load_ledger().headlines:
        if question.id in found.claims:
            first, second = (*found.deciders(question.id, most=2), None, None)[:2]
            listing.add_row(
                Text(question.claim.id, style="bold"),
                Text("nothing that can be seen", style=MUTED) if first is None else first.input.name,
                "" if first is None else _signed(first.effect),
                "" if second is None else second.input.name,
                question.claim.title,
            )
        elif question.id in found.skipped:
            listing.add_row(
                Text(question.claim.id, style="bold"),
                Text(found.skipped[question.id], style=MUTED),
                "",
                "",
                question.claim.title,
            )
    out.print(listing)
    out.print()
    if not any(one.nature == "choice" for one in found.inputs):
        out.print(Text("No choice differs between the futures of this run.", style=MUTED))
    out.print(Text("Next: twocurves drivers C10 · twocurves drivers net_revenue_open@2035-12"))


def print_explained(out: Console, found: Explained) -> None:
    """Print why two runs differ."""
    target = found.target
    out.print()
    out.print(Text(f"Why {target.name} differs: {found.b.name} less {found.a.name}", style="bold"))
    what = "Probability" if target.is_claim else "Mean"
    out.print(
        Text(
            f"{what} {target.say(found.before)} → {target.say(found.after)} over the same {found.draws:,} "
            "futures in both."
        )
    )
    out.print()
    listing = table(
        Column("", whole=out.width >= _ROOM_FOR_NAMES),
        Column("share", "right"),
        Column("±", "right", drop=0),
        Column("moved in order", "right", drop=1),
    )
    for part in found.parts:
        listing.add_row(
            Text(part.name, style="bold"),
            _share(found, part.shapley),
            "" if found.exact else _share(found, part.error).lstrip("+"),
            _share(found, part.ordered),
        )
    listing.add_row(
        Text("together", style=MUTED), _share(found, found.change), "", _share(found, found.change)
    )
    out.print(listing)
    out.print()
    how = "all orders" if found.exact else "orders drawn at random and their reverses"
    out.print(
        Text(
            f"Shares are Shapley's: the mean, over {how}, of what changes when a parameter moves from the "
            "one run to the other.",
            style=MUTED,
        )
    )


def _print_effects(out: Console, study: Study, title: str, effects: Sequence[Effect], most: int) -> None:
    above = [effect for effect in effects if effect.above_noise]
    out.print(Text(title, style="underline"))
    if not effects:
        out.print(
            Text(
                "None differs between these futures. Set one with `twocurves run --set`, then use --against.",
                style=MUTED,
            )
        )
        out.print()
        return
    if not above:
        out.print(Text("None has an effect that can be told from nothing.", style=MUTED))
        out.print()
        return
    shown = above[:most]
    if out.width < _ROOM_FOR_NAMES:
        for effect in shown:
            out.print(Text(effect.input.name, style="bold"))
            out.print(Text(f"  {_moved(study, effect)}   {_signed(effect.effect)}"))
    else:
        listing = table(
            Column("", whole=True),
            Column("lowest tenth", "right"),
            Column("", "right"),
            Column("highest tenth", "right"),
            Column("effect", "right"),
            Column("90% interval", "right", drop=0),
            Column("share", "right", drop=1),
        )
        for effect in shown:
            low, high = effect.interval
            listing.add_row(
                Text(effect.input.name, style="bold"),
                study.target.say(effect.tenths[0]),
                "→",
                study.target.say(effect.tenths[-1]),
                _signed(effect.effect),
                Text(f"{_signed(low)} to {_signed(high)}", style=MUTED),
                Text("" if effect.total is None else f"{100 * effect.total:.0f}%", style=MUTED),
            )
        out.print(listing)
    if len(above) > most:
        out.print(Text(f"and {len(above) - most} more above the noise", style=MUTED))
    out.print()


def _moved(study: Study, effect: Effect) -> str:
    return f"{study.target.say(effect.tenths[0])} → {study.target.say(effect.tenths[-1])}"


def _floor_in_words(study: Study) -> str:
    under = len(study.effects) - len(study.above)
    what = "the claim's probability" if study.target.is_claim else "the median"
    return (
        f"Tenths: {what} where the input is lowest and highest. Effect: rank correlation with what the "
        f"others leave. Share: of the variance, with others, at least; all together explain "
        f"{100 * study.explained:.0f}%, the rest is shocks and finer detail. Noise floor: "
        f"{study.floors.rank:.2f}, what a made-up input reaches; {under} of {len(study.effects)} inputs lie "
        "under it, so with these futures they decide nothing that can be seen."
    )


def _print_worlds(out: Console, worlds: Sequence[World]) -> None:
    if not worlds:
        return
    out.print(Text("In which worlds", style="underline"))
    for world in worlds:
        out.print(
            Text.assemble(
                _HEADS[world.holds].format(density=_percent(world.density)),
                (f" (of all: {_percent(world.base)})", MUTED),
            )
        )
        for condition in world.conditions:
            again = f"  in {_OUT_OF * condition.seen_in:.0f} of {_OUT_OF} half samples"
            out.print(Text.assemble("  ", (condition.words, "bold"), (again, MUTED)))
        out.print(
            Text(
                f"They are {_percent(world.mass)} of all futures and {_percent(world.coverage)} of those "
                f"where it is so. In halves not looked at: {_percent(world.density_elsewhere)}, "
                f"{_percent(world.coverage_elsewhere)}.",
                style=MUTED,
            )
        )
        out.print()


def _print_flips(out: Console, found: Flips) -> None:
    out.print(Text("What would change the answer", style="underline"))
    said = [
        ("One alone", found.single),
        ("Two together", found.pair),
        ("Nearest within its prior", found.nearest),
    ]
    for head, flip in said:
        if flip is not None:
            out.print(Text.assemble((f"{head}: ", MUTED), *_flip_in_words(flip)))
    if found.single is None and found.pair is None:
        out.print(Text("No move of one or two inputs within four standard deviations takes it across 50%."))
    if all(flip is None or flip.tried is None for _, flip in said):
        out.print(
            Text(
                "By a smooth curve through the stored futures; --try computes them with the move.",
                style=MUTED,
            )
        )
    out.print()


def _flip_in_words(flip: Flip) -> list[str | tuple[str, str]]:
    words = " and ".join(move.words for move in flip.moves)
    where = "inside the prior" if flip.inside else "outside the prior"
    percentiles = " and ".join(
        f"{100 * move.percentile:.0f}" for move in flip.moves if move.percentile is not None
    )
    where += f" (percentile {percentiles})" if percentiles else ""
    chance = flip.expected if flip.tried is None else flip.tried
    how = "would be" if flip.tried is None else f"was, in {flip.tried_draws} futures,"
    return [(words, "bold"), f", {where}; its probability {how} {_percent(chance)}."]


def _print_local(out: Console, found: Local) -> None:
    out.print(
        Text(
            f"At the middle: {found.target.name} is {found.target.say(found.centre)}; moved by an input from "
            "its 10th to its 90th percentile",
            style="underline",
        )
    )
    listing = table(
        Column("", whole=out.width >= _ROOM_FOR_NAMES),
        Column("straight line", "right"),
        Column("true move", "right"),
    )
    for effect in found.effects[:_SLOPES]:
        finite = "–" if effect.finite is None else _plus(found.target.say(effect.finite))
        listing.add_row(
            Text(effect.input.name, style="bold"), _plus(found.target.say(effect.straight)), finite
        )
    out.print(listing)
    out.print()


def _print_sobol(out: Console, design: Design, found: Indices) -> None:
    out.print(Text(f"Sobol indices from {found.rows} rows, with 90% intervals", style="underline"))
    listing = table(
        Column("", whole=out.width >= _ROOM_FOR_NAMES),
        Column("alone", "right"),
        Column("", "right", drop=0),
        Column("with others", "right"),
        Column("", "right", drop=1),
    )
    for place, name in enumerate(design.inputs):
        listing.add_row(
            Text(name, style="bold"),
            f"{found.first[place]:.2f}",
            Text(_span(found.first_interval[place]), style=MUTED),
            f"{found.total[place]:.2f}",
            Text(_span(found.total_interval[place]), style=MUTED),
        )
    out.print(listing)
    out.print()


def _span(interval: Sequence[float]) -> str:
    return f"{interval[0]:.2f} to {interval[1]:.2f}".replace("-", "−")


def _next(found: Drivers) -> str:
    name = found.study.target.name
    if found.study.target.is_claim:
        return f"Next: twocurves claims {name} · twocurves drivers {name} --try · twocurves drivers"
    more = f"twocurves drivers {name} --local · " if found.local is None else ""
    return f"Next: {more}twocurves drivers C10 · twocurves drivers"


def _share(found: Explained, value: float) -> str:
    if found.target.is_claim:
        return f"{100 * value:+.1f} pts".replace("-", "−")
    return _plus(found.target.say(value))


def _plus(text: str) -> str:
    return text if text.startswith(("−", "-")) else f"+{text}"


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _percent(value: float) -> str:
    return f"{100 * value:.0f}%"
