"""Start of the command line, and the one place where faults become words and exit codes.

Exit codes: 0 done, 1 fault of ours or of the surroundings, 2 bad input, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import json
import signal
import sys
from types import TracebackType

from typer import Abort, TyperException
from typer.main import get_command

from twocurves.errors import BadInputError, Fault, nearest

#: Set by ``TWOCURVES_TRACEBACK=1`` for those who mend the program.
TRACEBACK_VARIABLE = "TWOCURVES_TRACEBACK"


def main() -> None:
    """Run the command line with the process's arguments and leave with its exit code."""
    sys.excepthook = _our_fault
    if hasattr(signal, "SIGPIPE"):  # `twocurves data list | head` ends quietly
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; every expected fault is reported here and nowhere else."""
    from twocurves.cli.app import app

    try:
        result = get_command(app).main(arguments, prog_name="twocurves", standalone_mode=False)
    except Fault as fault:
        return report(fault, as_json=_wants_json(arguments))
    except TyperException as wrong_use:
        return report(_as_fault(wrong_use, arguments), as_json=_wants_json(arguments))
    except (KeyboardInterrupt, Abort):
        print("Stopped.", file=sys.stderr)  # noqa: T201
        return 130
    return result if isinstance(result, int) else 0


def report(fault: Fault, *, as_json: bool) -> int:
    """Print a fault on standard error: one sentence, or the error object under ``--json``."""
    text = json.dumps({"error": fault.as_record()}, ensure_ascii=False) if as_json else fault.message
    print(text, file=sys.stderr)  # noqa: T201
    return fault.exit_code


def _wants_json(arguments: list[str]) -> bool:
    return "--json" in arguments


def _as_fault(wrong_use: TyperException, arguments: list[str]) -> Fault:
    """Turn the parser's complaint into a fault with field, given, allowed and the nearest valid name."""
    message = getattr(wrong_use, "format_message", wrong_use.__str__)().strip()
    context = getattr(wrong_use, "ctx", None)
    command = context.command_path if context is not None else "twocurves"
    option = getattr(wrong_use, "option_name", None)
    if option is not None and context is not None:
        options = sorted(name for parameter in context.command.params for name in parameter.opts)
        near = nearest(option, options)
        hint = f"; did you mean {near}?" if near else f"; there are {', '.join(options)}."
        if message.startswith("No such option"):
            message = f"No option {option} for {command}{hint}"
        return BadInputError(message, field=option, allowed=options, suggestion=near)
    commands = list(getattr(context.command, "commands", {})) if context is not None else []
    if message.startswith("No such command"):
        given = next((word for word in reversed(arguments) if repr(word) in message), "")
        near = nearest(given, commands)
        hint = f"; did you mean {near!r}?" if near else f"; there are {', '.join(commands)}."
        return BadInputError(
            f"No command {given!r} in {command}{hint}",
            field="command",
            given=given,
            allowed=commands,
            suggestion=near,
        )
    parameter = getattr(wrong_use, "param", None)
    field = parameter.opts[0] if parameter is not None else None
    return BadInputError(message, field=field) if getattr(wrong_use, "exit_code", 1) == 2 else Fault(message)


def _our_fault(kind: type[BaseException], value: BaseException, trace: TracebackType | None) -> None:
    """Say in one sentence that the program itself is at fault; Python then leaves with exit code 1."""
    import os

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
