"""A process that runs the fake simulator; tests kill it. Arguments: place, workers, chunk, seconds."""

import sys

from tests.ensemble.fake_simulator import DESCRIPTION, fake, plan
from twocurves.ensemble.executor import LocalExecutor, execute
from twocurves.ensemble.faults import Interrupted
from twocurves.errors import Fault


def say(words):
    """Write a line at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main(place, workers, chunk, seconds):
    """Run and return the exit code."""
    try:
        execute(
            plan(draws=1500),
            DESCRIPTION,
            fake(failing=40, seconds=float(seconds)),
            place,
            executor=LocalExecutor(int(workers)),
            chunk=int(chunk),
            progress=lambda done, *_: say(done),
        )
    except Interrupted as stopped:
        say(stopped.resume)
        return stopped.exit_code
    except Fault as fault:
        say(fault.message)
        return fault.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
