"""What the parser of the command line complains of, as one sentence: field, given, allowed, nearest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from twocurves.errors import BadInputError, Fault, nearest

if TYPE_CHECKING:
    from typer import TyperException

_TOO_MANY = re.compile(r"unexpected extra arguments?(?:\(s\))? \((?P<given>.*)\)")
_NO_CHOICE = re.compile(r"is not one of (?P<allowed>.*?)\.?$")
_HOW_MANY = {0: "no arguments", 1: "one argument", 2: "two arguments"}


def as_fault(wrong_use: TyperException, arguments: Sequence[str]) -> Fault:
    """Turn the parser's complaint into a fault of ours.

    Parameters
    ----------
    wrong_use
        The complaint.
    arguments
        The command line that was given, without the program's name.
    """
    message = getattr(wrong_use, "format_message", wrong_use.__str__)().strip()
    context = getattr(wrong_use, "ctx", None)
    command = context.command_path if context is not None else "twocurves"
    option = getattr(wrong_use, "option_name", None)
    if option is not None and message.startswith("No such option") and context is not None:
        return _no_option(option, context.command, command)
    if message.startswith("No such command") and context is not None:
        return _no_command(message, arguments, list(getattr(context.command, "commands", {})), command)
    too_many = _TOO_MANY.search(message)
    if too_many and context is not None:
        return _too_many(too_many["given"], context.command, command)
    parameter = getattr(wrong_use, "param", None)
    if parameter is not None:
        return _no_value(message, parameter, arguments, command)
    if option is not None:
        return BadInputError(message, field=option)
    return BadInputError(message) if getattr(wrong_use, "exit_code", 1) == 2 else Fault(message)


def _no_option(option: str, command: Any, path: str) -> BadInputError:
    options = sorted(_options(command))
    behind = [name for name, one in getattr(command, "commands", {}).items() if option in _options(one)]
    if behind:
        allowed = [f"{path} {name} {option}" for name in behind]
        return BadInputError(
            f"{option} belongs behind a command, for example: {allowed[0]}.",
            field=option,
            allowed=allowed,
            suggestion=allowed[0],
        )
    near = nearest(option, options)
    hint = f"; did you mean {near}?" if near else f"; there are {', '.join(options)}." if options else "."
    return BadInputError(
        f"No option {option} for {path}{hint}", field=option, allowed=options, suggestion=near
    )


def _options(command: Any) -> Iterator[str]:
    return (name for parameter in command.params for name in parameter.opts if name.startswith("-"))


def _no_command(message: str, arguments: Sequence[str], commands: list[str], path: str) -> BadInputError:
    given = next((word for word in reversed(arguments) if repr(word) in message), "")
    near = nearest(given, commands)
    hint = f"; did you mean {near!r}?" if near else f"; there are {', '.join(commands)}."
    return BadInputError(
        f"No command {given!r} in {path}{hint}",
        field="command",
        given=given,
        allowed=commands,
        suggestion=near,
    )


def _too_many(given: str, command: Any, path: str) -> BadInputError:
    taken = sum(parameter.param_type_name == "argument" for parameter in command.params)
    allowed = _HOW_MANY.get(taken, f"{taken} arguments")
    return BadInputError(
        f"{path} takes {allowed}{' at most' if taken else ''}; {given!r} is too much.",
        field="argument",
        given=given,
        allowed=allowed,
    )


def _no_value(message: str, parameter: Any, arguments: Sequence[str], path: str) -> BadInputError:
    field = parameter.opts[-1]
    if message.startswith("Missing"):
        name = field if field.startswith("-") else field.upper()
        return BadInputError(f"Missing {name}; see {path} --help.", field=field)
    given = _given(parameter.opts, arguments)
    shown = "" if given is None else f"; you gave {given!r}"
    choice = _NO_CHOICE.search(message)
    if choice:
        allowed: list[str] = re.findall(r"'([^']*)'", choice["allowed"])
        near = nearest(given or "", allowed)
        said = f"{field} must be {' or '.join(allowed)}{shown}."
        return BadInputError(said, field=field, given=given, allowed=allowed, suggestion=near)
    if "valid integer" in message:
        return BadInputError(
            f"{field} must be a whole number such as 1024{shown}.",
            field=field,
            given=given,
            allowed="a whole number",
        )
    return BadInputError(f"{field} cannot be used: {message.rstrip('.')}{shown}.", field=field, given=given)


def _given(names: Sequence[str], arguments: Sequence[str]) -> str | None:
    """Return what stands behind an option on the command line."""
    for place, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if name in names and equals:
            return value
        if word in names and place + 1 < len(arguments):
            return arguments[place + 1]
    return None
