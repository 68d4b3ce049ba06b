"""The queue: progress, cancel, failures as a status, and a bound."""

import threading
import time

import pytest

from twocurves.errors import BadInputError
from twocurves.serve.jobs import CancelledError, Jobs


def wait(job, seconds=5.0):
    until = time.monotonic() + seconds
    while not job.over and time.monotonic() < until:
        time.sleep(0.005)
    assert job.over
    return job


@pytest.fixture
def jobs():
    found = Jobs(most_waiting=3)
    found.start()
    return found


def test_a_job_tells_how_far_it_is_and_where_its_result_lies(jobs):
    seen = threading.Event()
    go = threading.Event()

    def work(tell, stop):
        tell(1, 4, "a quarter")
        seen.set()
        go.wait(5)
        return "run-1"

    job = jobs.add("ensemble", "A run", "k", work)
    assert seen.wait(5)
    assert (job.status, job.part, job.words) == ("running", 0.25, "a quarter")
    go.set()
    assert (wait(job).status, job.result) == ("done", "run-1")


def test_a_running_job_stops_when_it_is_cancelled(jobs):
    begun = threading.Event()

    def work(tell, stop):
        begun.set()
        while not stop():
            time.sleep(0.002)
        raise CancelledError("Stopped; 64 of 256 draws are stored.")

    job = jobs.add("ensemble", "A run", "k", work)
    assert begun.wait(5)
    jobs.cancel(job.id)
    assert wait(job).status == "cancelled"
    assert "64 of 256" in job.words


def test_a_waiting_job_that_is_cancelled_never_begins(jobs):
    go = threading.Event()
    first = jobs.add("ensemble", "First", "1", lambda tell, stop: str(go.wait(5)))
    ran = []

    def never(tell, stop):
        ran.append(1)
        return ""

    second = jobs.add("ensemble", "Second", "2", never)
    jobs.cancel(second.id)
    go.set()
    wait(first)
    third = jobs.add("ensemble", "Third", "3", lambda tell, stop: "x")
    wait(third)
    assert second.status == "cancelled"
    assert ran == []


def test_a_failure_is_told_and_the_queue_goes_on(jobs):
    def fails(tell, stop):
        raise ZeroDivisionError("no draws")

    job = wait(jobs.add("fit", "A fit", "1", fails))
    assert job.status == "failed"
    assert "no draws" in job.words
    assert wait(jobs.add("fit", "A fit", "2", lambda tell, stop: "ok")).status == "done"


def test_the_same_work_is_queued_once_and_too_much_is_refused(jobs):
    go = threading.Event()
    ones = [jobs.add("ensemble", "Same", "same", lambda tell, stop: str(go.wait(5))) for _ in range(2)]
    assert ones[0] is ones[1]
    for number in range(2):
        jobs.add("ensemble", "Other", str(number), lambda tell, stop: str(go.wait(5)))
    with pytest.raises(BadInputError, match="wait already"):
        jobs.add("ensemble", "Too many", "z", lambda tell, stop: "")
    go.set()


def test_an_unknown_job_is_named(jobs):
    with pytest.raises(BadInputError, match="job-9"):
        jobs.find("job-9")
