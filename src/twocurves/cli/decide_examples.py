"""Write ``examples/README.md``: every example with its printed answer and why it is so.

``python -m twocurves.cli.decide_examples`` with a run's place decides all of ``examples/*.toml`` anew.
"""

from __future__ import annotations

import sys
from io import StringIO
from pathlib import Path
from textwrap import wrap

from rich.console import Console

from twocurves.cli.decide_command import answering, print_decision
from twocurves.decide.answer import Decision
from twocurves.decide.decision import decide
from twocurves.decide.wording import explained
from twocurves.ensemble.results import StoredRun
from twocurves.files import written_whole

_WIDTH = 108
_PAGE = "README.md"

#: How the page names the run that it was made from; the tests read it back.
RUN_LINE = "Worlds of `{command}`, results {digest}."


def examples(folder: Path) -> list[Path]:
    """Return the workloads of a folder, in order of their names."""
    return sorted(folder.glob("*.toml"))


def page(folder: Path, run: StoredRun) -> str:
    """Return the page of all examples in the worlds of a run."""
    command = run.manifest.command or f"twocurves run {run.plan.scenario}"
    parts = [
        "# Examples",
        "Six workloads, what `twocurves decide` says of each, and why. The page is written by\n"
        "`python -m twocurves.cli.decide_examples RUN`; another run, a newer price catalogue or another\n"
        "version says something else.",
        RUN_LINE.format(command=command.partition(" --into")[0], digest=str(run.digest)[:12]),
    ]
    for path in examples(folder):
        found = decide(path, run)
        parts += [
            f"## {found.workload}",
            _about(path),
            _printed(path, found),
            "\n".join(wrap(f"Why: {explained(found)}", _WIDTH)),
        ]
    return "\n\n".join(parts) + "\n"


def _about(path: Path) -> str:
    """Return the comment with which an example begins."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").strip())
    return "\n".join(lines)


def _printed(path: Path, found: Decision) -> str:
    out = StringIO()
    print_decision(found, Console(file=out, width=_WIDTH, highlight=False, markup=False, emoji=False))
    lines = "\n".join(line.rstrip() for line in out.getvalue().splitlines())
    return f"```\n$ twocurves decide examples/{path.name}\n{lines}\n```"


def main(arguments: list[str]) -> None:
    """Write the page beside the examples, in the worlds of the run named first (the newest without one)."""
    run = answering(arguments[0] if arguments else None)
    folder = Path(arguments[1]) if len(arguments) > 1 else Path("examples")
    text = page(folder, run)
    with written_whole(folder / _PAGE) as temporary:
        temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
