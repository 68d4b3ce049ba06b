"""A kill, an interrupt or a second update at any moment leaves whole data with their record."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.updating.samples import BEFORE, TODAY, answer, hold, source
from twocurves.errors import Fault
from twocurves.observed.updating.fetch import Fetched
from twocurves.observed.updating.held import exclusive, held_catalogue
from twocurves.observed.updating.service import Status, update

OLD = answer("models-dev")
NEW = OLD.replace(b'"output": 8,', b'"output": 9,')
assert NEW != OLD


def fetched(content: bytes) -> Fetched:
    return Fetched(content, "application/json", True)


#: For each folder a child that updates it and kills itself before the step of the folder's number, among
#: those that change the disk; prints how each ended. Children are forked: starting Python takes longest.
KILLS_ITSELF = """
import os, signal, sys
from pathlib import Path
from tests.updating.samples import TODAY, source
from tests.updating.test_durable import NEW, fetched
from twocurves.observed.updating.service import update
near = source("models-dev")
steps = 0
def dying(original, last):
    def step(*given):
        global steps
        if steps == last:
            os.kill(os.getpid(), signal.SIGKILL)
        steps += 1
        return original(*given)
    return step
for last, folder in enumerate(sys.argv[1:]):
    child = os.fork()
    if child == 0:
        os.replace, os.fsync = dying(os.replace, last), dying(os.fsync, last)
        update([near], Path(folder), opener=lambda _: fetched(NEW), today=TODAY)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""

#: For each folder a child that updates it on and on, from one content to the other, until it is killed.
IS_KILLED = """
import os, signal, sys, time
from itertools import cycle
from pathlib import Path
from tests.updating.samples import TODAY, source
from tests.updating.test_durable import NEW, OLD, fetched
from twocurves.observed.updating.service import update
near = source("models-dev")
for number, folder in enumerate(sys.argv[1:]):
    child = os.fork()
    if child == 0:
        for content in cycle([NEW, OLD]):
            update([near], Path(folder), opener=lambda _: fetched(content), today=TODAY)
    time.sleep(0.02 + 0.0037 * number)
    os.kill(child, signal.SIGKILL)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def endings(script: str, folders: list[Path]) -> list[int]:
    for folder in folders:
        hold(source("models-dev"), folder)
    command = [sys.executable, "-c", script, *map(str, folders)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=True)
    return [int(line) for line in done.stdout.split()]


def test_kill_at_every_step(tmp_path: Path) -> None:
    """Two files are flushed, put in place, their folder flushed: only the fifth step changes the data."""
    folders = [tmp_path / str(step) for step in range(7)]
    assert endings(KILLS_ITSELF, folders) == [-signal.SIGKILL] * 6 + [0]
    for step, folder in enumerate(folders):
        held = held_catalogue("models-dev", folder)
        assert held is not None
        found = (held.path.read_bytes(), held.fetched_on)
        assert found == ((OLD, BEFORE) if step < 5 else (NEW, TODAY))
        after = update([source("models-dev")], folder, opener=lambda _: fetched(NEW), today=TODAY)
        assert after.outcomes[0].status is (Status.REPLACED if step < 5 else Status.UNCHANGED)
        assert held.path.read_bytes() == NEW
        names = sorted(entry.name for entry in held.path.parent.iterdir())
        assert names == ["models-dev.json", "models-dev.origin.json"]


def test_kill_at_any_moment(tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(16)]
    assert endings(IS_KILLED, folders) == [-signal.SIGKILL] * 16
    for folder in folders:
        held = held_catalogue("models-dev", folder)
        assert held is not None
        assert held.path.read_bytes() in (OLD, NEW)
        with exclusive(folder):  # the lock went with the process
            pass


def test_interrupt(tmp_path: Path) -> None:
    path = hold(source("models-dev"), tmp_path)

    def interrupted(_: object) -> Fetched:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        update([source("models-dev")], tmp_path, opener=interrupted, today=TODAY)
    assert path.read_bytes() == OLD
    with exclusive(tmp_path):
        pass


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = hold(source("models-dev"), tmp_path)
    real, calls = os.fsync, []

    def full(file: int) -> None:
        calls.append(file)
        if len(calls) == 3:  # the data themselves
            raise OSError(28, "No space left on device")
        real(file)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Fault, match="cannot be written: No space left on device; the old data stay"):
        update([source("models-dev")], tmp_path, opener=lambda _: fetched(NEW), today=TODAY)
    monkeypatch.undo()
    held = held_catalogue("models-dev", tmp_path)
    assert held is not None
    assert held.fetched_on == BEFORE
    assert path.read_bytes() == OLD


def test_two_updates_at_once(tmp_path: Path) -> None:
    hold(source("models-dev"), tmp_path)
    seen: list[Fault] = []

    def meanwhile(_: object) -> Fetched:
        with pytest.raises(Fault) as caught:
            update([source("models-dev")], tmp_path, opener=lambda _: fetched(OLD), today=TODAY)
        seen.append(caught.value)
        return fetched(NEW)

    report = update([source("models-dev")], tmp_path, opener=meanwhile, today=TODAY)
    assert report.outcomes[0].status is Status.REPLACED
    assert seen[0].exit_code == 1
    assert seen[0].message == (
        f"Another update (process {os.getpid()}) is at work in {tmp_path}; wait until it has ended."
    )


def test_the_record_holds_the_old_and_the_present_data_only(tmp_path: Path) -> None:
    near = source("models-dev")
    digests = set()
    for content in (OLD, NEW, OLD + b" ", NEW + b" "):
        path = hold(near, tmp_path, content)
        held = held_catalogue(near.id, tmp_path)
        assert held is not None
        digests.add(held.digest)
    record = json.loads(path.with_suffix(".origin.json").read_text())
    assert len(record) == 2
    assert held is not None
    assert held.digest in record
    assert len(digests) == 4
