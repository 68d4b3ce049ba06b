"""``twocurves serve``: the pages, on this machine."""

from __future__ import annotations

import signal
from typing import Annotated

import typer

from twocurves.cli.console import print_json
from twocurves.cli.options import Json
from twocurves.errors import BadInputError


def serve(
    host: Annotated[
        str, typer.Option("--host", help="Where to listen; another address needs --token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Port.")] = 8765,
    token: Annotated[
        str,
        typer.Option(
            "--token",
            envvar="TWOCURVES_TOKEN",
            help="What visitors must show: 16 characters or more.",
            show_default=False,
        ),
    ] = "",
    name: Annotated[
        list[str] | None,
        typer.Option("--name", metavar="HOST", help="Another host name asked for.", show_default=False),
    ] = None,
    run: Annotated[
        str, typer.Option("--run", metavar="RUN", help="A stored run to show.", show_default=False)
    ] = "",
    draws: Annotated[
        int, typer.Option("--draws", help="Of the central run, where it has to be made.")
    ] = 1024,
    seed: Annotated[int, typer.Option("--seed", help="Of the central run.")] = 7,
    prior: Annotated[
        bool, typer.Option("--prior", help="Draw beliefs from the priors, not from the fit to observations.")
    ] = False,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the pages in a browser.")] = False,
    as_json: Json = False,
) -> None:
    """Serve the pages: overview, scenario, claims, drivers, data, decide.

    Opens the stored central run, or makes it on the first start. Ctrl-C stops.
    """
    try:
        import uvicorn

        from twocurves.serve.app import create_app
    except ModuleNotFoundError as missing:
        raise BadInputError(
            f"The pages need {missing.name}, which is not installed; install twocurves anew.",
            field="serve",
            given=missing.name,
        ) from missing
    from twocurves.serve.settings import ServeSettings

    settings = ServeSettings(
        host=host,
        port=port,
        token=token,
        run=run,
        draws=draws,
        seed=seed,
        beliefs_from="prior" if prior else "",
        names=tuple(name or ()),
    )
    _refuse_taken(settings.host, settings.port)
    app = create_app(settings)
    address = settings.address + (f"?token={token}" if token else "")
    if as_json:
        print_json(
            {
                "address": settings.address,
                "pages": ["/", "/scenario", "/claims", "/drivers", "/data", "/decide"],
            }
        )
    else:
        typer.echo(f"Twocurves at {address} (Ctrl-C stops)", err=True)
    if open_browser:
        import threading
        import webbrowser

        threading.Timer(0.8, webbrowser.open, [address]).start()
    if hasattr(signal, "SIGPIPE"):  # a visitor who leaves before the answer must not end the server
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    uvicorn.run(app, host=settings.host, port=settings.port, log_level="warning", server_header=False)


def _refuse_taken(host: str, port: int) -> None:
    """Refuse a port that another program holds, before anything is opened.

    Raises
    ------
    BadInputError
        The port is taken, or the address is not this machine's.
    """
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError as fault:
            raise BadInputError(
                f"{host}:{port} cannot be used: {fault.strerror or fault}; try --port {port + 1}.",
                field="--port",
                given=port,
                suggestion=str(port + 1),
            ) from fault
