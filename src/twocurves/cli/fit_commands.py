"""``twocurves fit``, ``score``, ``forecast freeze``: learn from observations, say how far to trust it."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twocurves.cli.console import Column, console, number, print_json, table
from twocurves.cli.options import AsOf, Json, as_day
from twocurves.errors import BadInputError

if TYPE_CHECKING:
    from twocurves.beliefs import Beliefs
    from twocurves.fit.fitting import Fit, Progress
    from twocurves.fit.learned import Learned
    from twocurves.observed.tables import Observations

#: Files of the fit that decide its numbers.
_DECIDES = (
    "data/hand_set.toml",
    "data/series.toml",
    "fitting.py",
    "laplace.py",
    "latent.py",
    "likelihood.py",
    "series.py",
    "skeleton.py",
    "smc.py",
)

#: Beliefs listed when not all are asked for.
_LISTED = 25

Seed = Annotated[int, typer.Option("--seed", help="Same seed and data, same posterior.")]
Into = Annotated[
    Path | None,
    typer.Option(
        "--into",
        metavar="FOLDER",
        help="Folder of checkpoints; a fit that it holds goes on where it stopped. One of its own in the "
        "data folder when left out.",
        show_default=False,
    ),
]

forecast = typer.Typer(help="Forecasts of record: dated, stamped, to be scored later.", no_args_is_help=True)


def fit(
    as_of: AsOf = None,
    particles: Annotated[
        int | None,
        typer.Option("--particles", help="How many; 1024 when left out.", show_default=False),
    ] = None,
    seed: Seed = 7,
    into: Into = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="Write the posterior here too (.npz).", show_default=False
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Print every belief, not only those moved.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Fit the beliefs to the observations: a posterior, and what was learned.

    Ctrl-C keeps what is done; the same command goes on from there. The posterior of the packaged data ships
    with the package, and `twocurves run` uses it; this command remakes it, or makes one for your own data.
    """
    from twocurves.beliefs import load_beliefs
    from twocurves.fit.fitting import PARTICLES
    from twocurves.fit.fitting import fit as fitted
    from twocurves.fit.learned import learned
    from twocurves.observed.tables import observations

    beliefs = load_beliefs()
    held = observations(as_day(as_of, "--as-of"))
    count = PARTICLES if particles is None else particles
    about = _about(held, beliefs)
    folder = _folder(into, f"fit-{held.as_of or held.data_to}-{count}-{seed}", about)
    told = _teller(quiet=as_json)
    try:
        found = fitted(beliefs, held, folder, seed=seed, particles=count, about=about, told=told)
    except KeyboardInterrupt:
        _say_how_to_go_on(folder)
        raise
    path = folder / "posterior.npz"
    found.posterior.write(path)
    if output is not None:
        found.posterior.write(output)
    rows = learned(found)
    if as_json:
        print_json(
            {
                "posterior": str(output or path),
                "digest": found.posterior.digest,
                "made": found.made,
                "learned": [row.as_record() for row in rows],
            }
        )
    else:
        _print_fit(found, rows, output or path, everything=everything)


def score(
    as_of: Annotated[
        list[str] | None,
        typer.Option(
            "--as-of",
            metavar="YYYY-MM-DD",
            help="Fit to what was known by this day; may be given several times. 2024-12-31 and 2025-06-30 "
            "when left out.",
            show_default=False,
        ),
    ] = None,
    particles: Annotated[
        int | None,
        typer.Option("--particles", help="Of each fit; 512 when left out.", show_default=False),
    ] = None,
    seed: Seed = 7,
    frozen: Annotated[
        Path | None,
        typer.Option(
            "--frozen", metavar="FILE", help="Score a forecast of record instead.", show_default=False
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="CSV", help="New observations to score it on.", show_default=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """Score forecasts: hindcasts of the model against simple baselines, or a forecast of record.

    A hindcast uses what was known by a day, forecasts what came after, and is scored against persistence, a
    damped trend, an exponential and the unfitted prior. Its fits are kept, so a second time is quick.
    """
    if (frozen is None) != (data is None):
        raise BadInputError(
            "A forecast of record is scored with both --frozen FILE and --data CSV.",
            field="--data" if data is None else "--frozen",
            given="nothing",
            allowed="both options, or neither",
        )
    if frozen is not None and data is not None:
        _score_frozen(frozen, data, as_json=as_json)
        return
    _score_hindcasts(as_of, particles, seed, as_json=as_json)


@forecast.command("freeze")
def freeze(
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Where to write it (.json).", show_default=False),
    ] = None,
    draws: Annotated[int, typer.Option("--draws", help="Futures behind the claims.")] = 4096,
    seed: Seed = 7,
    as_json: Json = False,
) -> None:
    """Write the forecast of record: predictive quantiles of every observed series, and every claim.

    Made from the packaged data and their posterior only; a frozen forecast is never changed. Score it when
    new observations come: twocurves score --frozen FILE --data NEW.csv
    """
    from twocurves.beliefs import load_beliefs
    from twocurves.cli.run_command import simulate
    from twocurves.ensemble.answers import probabilities
    from twocurves.ensemble.economy_simulator import posterior_named, posterior_of
    from twocurves.ensemble.plan import code_digest, versions
    from twocurves.ensemble.running import job
    from twocurves.fit.freezing import freeze as frozen_from
    from twocurves.fit.freezing import name_of
    from twocurves.fit.frozen import write_frozen
    from twocurves.observed.tables import observations

    beliefs, held = load_beliefs(), observations()
    posterior = posterior_of(posterior_named(beliefs, "posterior"))
    if posterior is None or posterior.made.get("data_to") != str(held.data_to):
        raise BadInputError(
            f"The packaged posterior was not fitted to observations to {held.data_to}; run `twocurves fit`.",
            field="data",
            given=str(held.data_to),
            allowed="the packaged observations",
        )
    path = Path(name_of(held.data_to)) if output is None else output
    runs = {
        source: simulate(
            job(draws=draws, seed=seed, measures=("revenue_closed",), keep="yearly", beliefs_from=source)
        )
        for source in ("posterior", "prior")
    }
    frozen = frozen_from(
        beliefs,
        held,
        posterior,
        probabilities(runs["posterior"]),
        probabilities(runs["prior"]),
        command=f"twocurves forecast freeze --draws {draws} --seed {seed}",
        seed=seed,
        digests={
            "data": runs["posterior"].plan.data_digest,
            "code": code_digest(),
            "version": versions()["code_version"],
        },
    )
    digest = write_frozen(frozen, path)
    if as_json:
        print_json(
            {"file": str(path), "digest": digest, "series": len(frozen.series), "claims": len(frozen.claims)}
        )
        return
    out = console()
    out.print(
        f"Frozen: {len(frozen.series)} series for {frozen.months[0]} to {frozen.months[-1]} and "
        f"{len(frozen.claims)} questions, from data to {frozen.made.data_to}."
    )
    out.print(f"{path} (digest {digest[:12]})")
    out.print("Next, when new observations come: twocurves score --frozen FILE --data NEW.csv")


def _score_hindcasts(as_of: Sequence[str] | None, particles: int | None, seed: int, *, as_json: bool) -> None:
    from twocurves.beliefs import load_beliefs
    from twocurves.cli.score_page import print_scorecard
    from twocurves.fit.hindcast import ORIGINS, PARTICLES, hindcast
    from twocurves.observed.tables import observations

    beliefs, held = load_beliefs(), observations()
    count = PARTICLES if particles is None else particles
    days = ORIGINS if not as_of else tuple(_origin(text, held.data_to) for text in as_of)
    found = []
    for day in days:
        about = _about(held, beliefs)
        folder = _folder(None, f"hindcast-{day}-{count}-{seed}", about)
        try:
            made = hindcast(
                beliefs,
                held,
                day,
                folder,
                seed=seed,
                particles=count,
                about=about,
                told=_teller(quiet=as_json, what=f"hindcast from {day}"),
            )
        except KeyboardInterrupt:
            _say_how_to_go_on(folder)
            raise
        found.append(made)
    if as_json:
        records = [
            {"origin": str(one.origin)} | one.card.as_record() | {"fit": one.found.made} for one in found
        ]
        print_json(records[0] | {"also": records[1:]})
        return
    for one in found:
        print_scorecard(console(), one.card, data_to=str(held.data_to))


def _score_frozen(frozen: Path, data: Path, *, as_json: bool) -> None:
    from twocurves.cli.score_page import print_frozen_score
    from twocurves.fit.frozen import read_frozen
    from twocurves.fit.frozen_score import score_frozen

    found = score_frozen(read_frozen(frozen), data)
    if as_json:
        print_json(found.as_record())
    else:
        print_frozen_score(console(), found)


def _origin(text: str, last: dt.date) -> dt.date:
    day = as_day(text, "--as-of")
    if day is None or day >= last:
        raise BadInputError(
            f"--as-of {text} leaves nothing to score: the observations end on {last}.",
            field="--as-of",
            given=text,
            allowed=f"a day before {last}",
        )
    return day


def _about(held: Observations, beliefs: Beliefs) -> dict[str, str]:
    """Return digests of code, beliefs and data, by which a fit knows itself again."""
    from twocurves.ensemble.economy_simulator import beliefs_digest, observations_digest
    from twocurves.ensemble.plan import code_digest, files_digest

    package = Path(__file__).parents[1]
    return {
        "beliefs_digest": beliefs_digest(beliefs),
        "data_digest": observations_digest(held),
        "code_digest": code_digest(),
        "fit_digest": files_digest(package, [f"fit/{name}" for name in _DECIDES]),
        "command": "twocurves " + " ".join(sys.argv[1:]),
    }


def _folder(into: Path | None, name: str, about: Mapping[str, str]) -> Path:
    """Return the folder of a fit: one of its own for each state of code, beliefs and data."""
    from twocurves.ensemble.plan import digest_of
    from twocurves.observed.tables import user_data_folder

    if into is not None:
        return into
    made_with = digest_of({key: about[key] for key in sorted(about) if key != "command"})
    return user_data_folder() / "fits" / f"{name}-{made_with[:8]}"


def _teller(*, quiet: bool, what: str = "fit") -> Callable[[Progress], None]:
    """Return what says on standard error how far a fit is."""
    started = time.monotonic()

    def tell(progress: Progress) -> None:
        if quiet and not sys.stderr.isatty():
            return
        seconds = time.monotonic() - started
        if progress.phase == "mode":
            text = f"{what}: climbing to the mode, step {progress.step}, log posterior {progress.figure:.1f}"
        else:
            part = 100.0 * (progress.part or 0.0)
            text = f"{what}: particles, stage {progress.step}, {part:.0f}% of the way"
        sys.stderr.write(f"{text} ({seconds:.0f} s)\n")
        sys.stderr.flush()

    return tell


def _say_how_to_go_on(folder: Path) -> None:
    sys.stderr.write(f"Stopped. What is done is kept in {folder}; the same command goes on from there.\n")


def _print_fit(found: Fit, rows: Sequence[Learned], path: Path, *, everything: bool) -> None:
    from twocurves.fit.learned import UNIDENTIFIED
    from twocurves.fit.series import series_table

    out = console()
    made = found.made
    moved = [row for row in rows if row.gone >= UNIDENTIFIED]
    titles = {name: one.title for name, one in series_table().items()}
    out.print()
    figures, series = made["figures"], len(found.problem.likelihood.names)
    out.print(
        f"{figures} figures of {series} series to {made['data_to']} speak of {made['directions']} directions "
        f"among {len(rows)} beliefs; {len(moved)} beliefs lost a tenth or more of their uncertainty, the "
        "others are as the prior has them."
    )
    out.print()
    drawn = table(
        "belief",
        Column("prior 5, 50, 95%", drop=2),
        "posterior 5, 50, 95%",
        Column("gone", "right"),
        "moved by",
    )
    for row in rows if everything else moved[:_LISTED]:
        drawn.add_row(
            row.name,
            " ".join(number(value) for value in row.prior),
            " ".join(number(value) for value in row.posterior),
            f"{100 * row.gone:.0f}%",
            "; ".join(f"{titles[name]} {shift:+.1f}" for name, shift in row.series),
        )
    out.print(drawn)
    out.print()
    out.print(
        "gone: part of the prior's variance that is gone. moved by: shifts at the mode, in standard "
        "deviations of the prior."
    )
    if not everything and len(moved) > _LISTED:
        out.print(f"{len(moved) - _LISTED} more were moved: twocurves fit --all")
    accepted, failed = 100.0 * made["acceptance"], 100.0 * made["failed_at_first"]
    out.print(
        f"{made['particles']} particles in {made['stages']} stages, {made['distinct_particles']} of them "
        f"distinct, {accepted:.0f}% of moves accepted, {failed:.1f}% of paths failed at first."
    )
    out.print(f"Posterior: {path} (digest {found.posterior.digest[:12]})")
    out.print("Next: twocurves score · twocurves run · twocurves forecast freeze")
