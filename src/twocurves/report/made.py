"""Section: how the report was made, so that anybody can make it again."""

from __future__ import annotations

import shlex

from twocurves.observed.series import series_catalogue
from twocurves.report.findings import Findings
from twocurves.report.markup import Html, joined, tag


def made(found: Findings) -> Html:
    """Return the section on provenance: commands, seed, versions, digests, credits."""
    run = found.run
    plan, counts = run.plan, run.counts
    command = run.manifest.command or shlex.join(
        ["twocurves", "run", plan.scenario, "--draws", str(plan.draws), "--seed", str(plan.seed)]
    )
    settings = ", ".join(f"{name} = {value}" for name, value in plan.settings) or "none"
    months = plan.months_kept if isinstance(plan.months_kept, str) else f"{len(plan.months_kept)} chosen"
    rows: list[tuple[str, str | Html]] = [
        ("Run made with", tag("code", command)),
        *_commands(found),
        ("Scenario and settings", f"{plan.scenario}; changed: {settings}"),
        ("Seed", str(plan.seed)),
        ("Futures", f"{plan.draws:,} asked, {counts.ok:,} came through, {counts.failed:,} failed"),
        ("Months", f"{plan.from_month} to {plan.until}, kept: {months}"),
        ("Beliefs from", f"the {plan.beliefs_from}, digest {plan.beliefs_digest}"),
        ("Observations", f"to {plan.data_to}, digest {plan.data_digest}"),
        ("Twocurves", f"{plan.code_version}, digest of the code {plan.code_digest}"),
        (
            "Computed with",
            f"jax {plan.jax_version}, numpy {plan.numpy_version}, {plan.precision}, {plan.device}",
        ),
        ("Digest of the plan", run.manifest.plan_digest),
        ("Digest of the results", run.digest or "none: the run is not complete"),
    ]
    pairs = [pair for name, value in rows for pair in (tag("dt", name), tag("dd", value))]
    return joined(
        (
            tag(
                "p",
                "The same command gives the same digest of results on the same kind of machine. ",
                tag("code", f"twocurves runs verify {run.name}"),
                " checks what is stored against it.",
                class_="quiet",
            ),
            tag("dl", pairs, class_="made"),
            _credits(),
        )
    )


def _commands(found: Findings) -> list[tuple[str, Html]]:
    """Return the commands that make what was given with the run, and the report from them."""
    name, given = found.run.name, []
    rows: list[tuple[str, Html]] = []
    if found.drivers is not None:
        target = shlex.quote(str(found.drivers.get("target", "C10")))
        command = f"twocurves drivers {target} --run {name} --json > drivers.json"
        rows.append(("Drivers found with", tag("code", command)))
        given.append("--drivers drivers.json")
    if found.decision is not None:
        command = f"twocurves decide WORKLOAD.toml --run {name} --json > decision.json"
        rows.append(("Decision made with", tag("code", command)))
        given.append("--decision decision.json")
    report = " ".join(["twocurves report", f"--run {name}", *given, "-o report.html"])
    return [*rows, ("Report made with", tag("code", report))]


def _credits() -> Html:
    named = list(dict.fromkeys(entry.credit for entry in series_catalogue().values() if entry.credit))
    return joined(
        (
            tag("h3", "Credits", style="margin-top:1.4rem"),
            tag("ul", [tag("li", credit) for credit in named], class_="small quiet"),
        )
    )
