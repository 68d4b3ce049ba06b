"""Start of the command line, and the one place where faults become words and exit codes.

Exit codes: 0 done, 1 fault of ours or of the surroundings, 2 bad input, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from types import TracebackType

from twocurves.errors import Fault

#: Exit code after Ctrl-C.
STOPPED = 130

#: Set by ``TWOCURVES_TRACEBACK=1`` for those who mend the program.
TRACEBACK_VARIABLE = "TWOCURVES_TRACEBACK"

#: New objects between two runs of the cycle collector. A command makes many small objects that live to its
#: end, and with Python's 700 the collector takes a tenth of its time.
_OBJECTS_PER_COLLECTION = 50_000


def main() -> None:
    """Run the command line with the process's arguments and leave with its exit code."""
    sys.excepthook = _our_fault
    gc.set_threshold(_OBJECTS_PER_COLLECTION)
    # The matrices here are small: waking a second thread for them costs more than it saves, most of all on a
    # busy machine. NumPy reads this when it is first imported; who sets it themselves keeps what they set.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if hasattr(signal, "SIGPIPE"):  # `twocurves data list | head` ends quietly
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; every expected fault is reported here and nowhere else."""
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return _stopped()


def _run(arguments: list[str]) -> int:
    # Here and not above, so that Ctrl-C during these imports is watched for too.
    from typer import Abort, TyperException
    from typer.main import get_command

    from twocurves.cli.app import app
    from twocurves.cli.wrong_use import as_fault

    try:
        result = get_command(app).main(arguments, prog_name="twocurves", standalone_mode=False)
    except Fault as fault:
        return report(fault, as_json=_wants_json(arguments))
    except TyperException as wrong_use:
        return report(as_fault(wrong_use, arguments), as_json=_wants_json(arguments))
    except Abort:
        return _stopped()
    return result if isinstance(result, int) else 0


def _stopped() -> int:
    sys.stderr.write("Stopped.\n")
    return STOPPED


def report(fault: Fault, *, as_json: bool) -> int:
    """Print a fault on standard error: one sentence, or the error object under ``--json``."""
    text = json.dumps({"error": fault.as_record()}, ensure_ascii=False) if as_json else fault.message
    sys.stderr.write(f"{text}\n")
    return fault.exit_code


def _wants_json(arguments: list[str]) -> bool:
    return "--json" in arguments


def _our_fault(kind: type[BaseException], value: BaseException, trace: TracebackType | None) -> None:
    """Say in one sentence that the program itself is at fault; Python then leaves with exit code 1.

    Ctrl-C can come before :func:`run` watches for it; it is no fault and leaves with its own code.
    """
    if issubclass(kind, KeyboardInterrupt):
        _stopped()
        sys.stderr.flush()
        os._exit(STOPPED)  # Python itself would go on to end by the signal, and a shell would say so
    if os.environ.get(TRACEBACK_VARIABLE):
        sys.__excepthook__(kind, value, trace)
        return
    last = trace
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    where = f"{last.tb_frame.f_globals.get('__name__', '?')}, line {last.tb_lineno}" if last else "?"
    fault = Fault(
        f"Twocurves itself failed: {kind.__name__}: {value} (in {where}). "
        f"Set {TRACEBACK_VARIABLE}=1 to see how it came to that."
    )
    report(fault, as_json=_wants_json(sys.argv))
