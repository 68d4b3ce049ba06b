"""The commands and their help; rooms are imported inside the commands, so that help starts fast."""

from __future__ import annotations

from typing import Annotated

import typer

from twocurves.cli import (
    beliefs_commands,
    claims_command,
    compare_command,
    data_commands,
    decide_command,
    drivers_command,
    fit_commands,
    measure_command,
    plot_command,
    report_command,
    run_command,
    runs_commands,
    serve_command,
)

ABOUT = """Measure, simulate and decide in the two economies of AI models: closed and open.

Start with: twocurves run
"""

app = typer.Typer(
    name="twocurves",
    help=ABOUT,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"twocurves {version('twocurves')}")
        raise typer.Exit


@app.callback()
def _root(
    _version_wanted: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Hold the options that stand before a command."""


app.command("run")(run_command.run)
app.command("claims")(claims_command.claims)
app.command("compare")(compare_command.compare)
app.add_typer(runs_commands.app, name="runs")
app.command("fit")(fit_commands.fit)
app.command("score")(fit_commands.score)
app.add_typer(fit_commands.forecast, name="forecast")
app.command("drivers")(drivers_command.drivers)
app.command("decide")(decide_command.decide)
app.command("report")(report_command.report)
app.command("serve")(serve_command.serve)
app.command("measure")(measure_command.measure)
app.add_typer(data_commands.app, name="data")
app.command("plot")(plot_command.plot)
app.add_typer(beliefs_commands.app, name="beliefs")
