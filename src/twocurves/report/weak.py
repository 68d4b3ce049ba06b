"""Section: where the report is weak."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from twocurves.report.bets import not_drawn
from twocurves.report.findings import Findings
from twocurves.report.markup import Html, joined, tag

#: A share of failed draws from which they might tilt the answers.
_MANY_FAILED = 0.01

#: Decades between the ends of an 80% range from which it is said to be wide.
_WIDE = 2.0


def weak(found: Findings) -> Html:
    """Return the section on weaknesses: those of this run first, then those of any."""
    return joined(
        (
            tag("h3", "In this run", style="margin-top:.8rem"),
            tag("ul", [tag("li", line) for line in of_this_run(found)], class_="weak"),
            tag("h3", "In any run", style="margin-top:1.2rem"),
            tag(
                "ul",
                [tag("li", tag("strong", f"{about}. "), says) for about, says in known()],
                class_="weak",
            ),
        )
    )


@cache
def known() -> tuple[tuple[str, str], ...]:
    """Return the known weaknesses of every run: of what, and the sentence."""
    text = resources.files("twocurves.report").joinpath("data", "weak.toml").read_text("utf-8")
    return tuple((entry["about"], entry["says"]) for entry in tomllib.loads(text)["weak"])


def of_this_run(found: Findings) -> list[str]:
    """Say what limits this run: its source of beliefs, its failures, its size, what it leaves open."""
    run, counts = found.run, found.run.counts
    lines = []
    if not found.fitted:
        lines.append(
            "Its beliefs are drawn from the priors: nothing observed has corrected them, and its early years "
            "need not fit what was measured."
        )
    if counts.failed:
        causes = ", ".join(f"{count:,} {cause}" for cause, count in counts.causes.items())
        tilt = counts.failed > _MANY_FAILED * counts.stored
        lines.append(
            f"{counts.failed:,} of {counts.stored:,} futures failed and are left out ({causes})"
            + ("; that is enough to tilt the answers." if tilt else ".")
        )
    else:
        lines.append(f"None of {counts.stored:,} futures failed a certificate.")
    errors = [half for half in found.claims["half_width"].to_list() if half is not None]
    if errors:
        lines.append(
            f"Sampling alone leaves a claim's probability uncertain by up to ±{100 * max(errors):.0f} "
            "points; more draws shrink that and nothing else."
        )
    missing = found.claims.filter(found.claims["probability"].is_null())["claim"].to_list()
    if missing:
        lines.append(f"It does not answer {', '.join(missing)}.")
    wide = _wide(found)
    if wide:
        lines.append(f"At the end its ranges span a factor of a hundred or more for {'; '.join(wide)}.")
    if not run.complete:
        lines.append(f"It was stopped: {counts.stored:,} of {run.plan.draws:,} futures are stored.")
    lost = not_drawn(run)
    if lost:
        lines.append(f"It does not keep {', '.join(lost)}, so figures of these are missing.")
    if found.scorecard is None:
        lines.append("No scorecard stands beside it.")
    return lines


def _wide(found: Findings) -> list[str]:
    names = []
    last = max((one.month for one in found.outcomes), default=None)
    for row in found.outcomes:
        spread = row.spread
        told = row.month == last and row.outcome.shown and spread.draws > 0 and spread.low > 0
        if told and spread.high / spread.low >= 10**_WIDE:
            names.append(row.outcome.title.lower())
    return names
