"""`twocurves serve`: what holds while it serves."""

import signal

import pytest

from twocurves.cli.serve_command import serve


def test_a_visitor_who_leaves_does_not_end_the_server(monkeypatch):
    import uvicorn

    from twocurves.serve import app

    before = signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # as the command line sets it for `| head`
    heard = []
    monkeypatch.setattr(uvicorn, "run", lambda *_, **__: heard.append(signal.getsignal(signal.SIGPIPE)))
    monkeypatch.setattr(app, "create_app", lambda *_: None)
    try:
        serve(port=8977)
    finally:
        signal.signal(signal.SIGPIPE, before)
    assert heard == [signal.SIG_IGN]


@pytest.mark.parametrize("port", [0, 70_000])
def test_a_port_that_cannot_be_is_refused(port):
    from twocurves.errors import BadInputError

    with pytest.raises(BadInputError, match="65535"):
        serve(port=port)
