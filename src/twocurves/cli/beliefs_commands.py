"""``twocurves beliefs``: the numbers that go into the model, and draws of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from twocurves.cli.console import MUTED, Column, console, in_words, number, print_csv, print_json, table
from twocurves.cli.options import Csv, Json, Set, one_format
from twocurves.errors import BadInputError

if TYPE_CHECKING:
    from twocurves.beliefs import Beliefs, Draws

app = typer.Typer(
    no_args_is_help=True, help="What is believed and what is chosen: parameters, actors, scenarios, draws."
)

Folder = Annotated[
    list[Path] | None,
    typer.Option(
        "--with",
        metavar="FOLDER",
        help="Lay a folder of belief files over the packaged ones.",
        show_default=False,
    ),
]


@app.command("list")
def list_beliefs(folders: Folder = None, as_json: Json = False, as_csv: Csv = False) -> None:
    """List every parameter with unit, prior and evidence, and the scenarios."""
    one_format(as_json=as_json, as_csv=as_csv)
    from twocurves.beliefs.views import beliefs_table

    beliefs = _beliefs(folders)
    frame = beliefs_table(beliefs)
    if as_json:
        print_json(
            {
                "parameters": frame.to_dicts(),
                "scenarios": [s.model_dump() for s in beliefs.scenarios.values()],
            }
        )
        return
    if as_csv:
        print_csv(frame)
        return
    out = console()
    for (group,), rows in frame.group_by("group", maintain_order=True):
        drawn = table(
            str(group),
            Column("5%", "right", drop=3),
            Column("median", "right", drop=5),
            Column("95%", "right", drop=4),
            Column("unit", drop=2),
            Column("kind", drop=0),
            Column("evidence", drop=1),
        )
        for row in rows.iter_rows(named=True):
            drawn.add_row(
                row["full_name"],
                number(row["p05"]),
                Text(number(row["p50"]), style="bold"),
                number(row["p95"]),
                Text(row["unit"], style=MUTED),
                row["nature"] if row["role"] == "input" else row["role"],
                row["evidence"] or "",
            )
        out.print()
        out.print(drawn)
    out.print()
    scenarios = table("scenario", Column("", drop=1), Column("changes", "right", drop=0))
    for scenario in beliefs.scenarios.values():
        scenarios.add_row(scenario.id, Text(scenario.title), str(len(scenario.set)))
    out.print(scenarios)
    out.print(
        Text("Next: twocurves beliefs show NAME · twocurves beliefs draw SCENARIO --draws 1024", style=MUTED)
    )


@app.command("show")
def show_belief(
    name: Annotated[str, typer.Argument(help="A parameter (name or symbol), an actor, or a scenario.")],
    folders: Folder = None,
    as_json: Json = False,
) -> None:
    """Show all that is said of one parameter, actor or scenario: meaning, prior, source, what pins it."""
    from twocurves.beliefs.views import describe

    record = describe(_beliefs(folders), name)
    if as_json:
        print_json(record)
        return
    out = console()
    out.print()
    for key, value in record.items():
        if value in (None, "", (), [], {}):
            continue
        if isinstance(value, list) and value and isinstance(value[0], dict):
            out.print(Text(key.replace("_", " "), style="bold"))
            drawn = table(*[str(head) for head in value[0]])
            for row in value:
                drawn.add_row(
                    *[number(cell) if isinstance(cell, float) else str(cell) for cell in row.values()]
                )
            out.print(drawn)
        else:
            out.print(Text.assemble((f"{key.replace('_', ' ')}: ", MUTED), str(value)))
    out.print()


@app.command("draw")
def draw_beliefs(
    scenario: Annotated[str, typer.Argument(help="A scenario's name, or a scenario file.")] = "central",
    draws: Annotated[int, typer.Option("--draws", help="How many draws.")] = 1024,
    seed: Annotated[int, typer.Option("--seed", help="Same seed, same numbers.")] = 7,
    changes: Set = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="Write the draws to a .parquet or .csv file.", show_default=False
        ),
    ] = None,
    folders: Folder = None,
    as_json: Json = False,
) -> None:
    """Draw the beliefs of a scenario, say what came out, and write the draws to a file if asked."""
    from twocurves.beliefs import draws as draw
    from twocurves.beliefs import read_settings
    from twocurves.beliefs import scenario as read_scenario
    from twocurves.beliefs.views import accounting, draws_table

    if draws < 1:
        raise BadInputError(
            f"--draws must be at least 1; you gave {draws}.",
            field="--draws",
            given=draws,
            allowed="1 or more",
        )
    if output is not None and output.suffix not in {".parquet", ".csv"}:
        raise BadInputError(
            f"--output must end in .parquet or .csv; you gave {output.name!r}.",
            field="--output",
            given=str(output),
            allowed=[".parquet", ".csv"],
        )
    beliefs = _beliefs(folders)
    settings = read_scenario(beliefs, scenario).settings.merge(read_settings(beliefs, changes or []))
    drawn = draw(beliefs, settings, seed=seed, count=draws)
    if output is not None:
        _write(drawn, output)
    summary = draws_table(beliefs, drawn)
    counted = accounting(drawn)
    if as_json:
        print_json(
            {
                "scenario": scenario,
                "seed": seed,
                "draws": counted,
                "parameters": summary.to_dicts(),
            }
        )
        return
    out = console()
    rejected = (
        f", {counted['failed']} rejected ({in_words(counted['causes'])})"
        if counted["failed"]
        else ", none rejected"
    )
    out.print(Text(f"{counted['asked']:,} draws of {scenario}, seed {seed}{rejected}.", style="bold"))
    listing = table(
        "parameter",
        Column("5%", "right", drop=2),
        Column("median", "right", drop=4),
        Column("95%", "right", drop=3),
        Column("error of mean", "right", drop=0),
        Column("unit", drop=1),
    )
    for row in summary.iter_rows(named=True):
        listing.add_row(
            row["full_name"],
            number(row["p05"]),
            number(row["p50"]),
            number(row["p95"]),
            number(row["mean_error"]),
            Text(row["unit"], style=MUTED),
        )
    out.print(listing)
    if output is not None:
        out.print(Text(f"Written to {output}", style=MUTED))


def _beliefs(folders: list[Path] | None) -> Beliefs:
    from twocurves.beliefs import load_beliefs

    return load_beliefs(*(folders or []))


def _write(drawn: Draws, path: Path) -> None:
    from twocurves.files import written_whole

    frame = drawn.frame()
    with written_whole(path) as temporary:
        if path.suffix == ".parquet":
            frame.write_parquet(temporary)
        else:
            frame.write_csv(temporary)
