"""The page goes first: work waits for a quiet moment, or until somebody needs it."""

import threading

import pytest

from rnnviz.page.lazy_start import Patient

LONG = 3600.0


def test_work_begins_in_the_quiet_moment_after_somebody_looked_and_not_before():
    done = threading.Event()
    patient = Patient(lambda: "found", lambda _: done.set(), quiet=0.01)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("models")]
    patient.put_off()
    assert done.wait(30)


def test_work_that_is_needed_begins_at_once_and_what_follows_it_is_not_waited_for():
    go = threading.Event()
    then: list[str] = []
    patient = Patient(lambda: "found", lambda result: go.wait(30) and then.append(result), quiet=LONG)
    assert patient.result() == "found"
    assert then == []
    go.set()


def test_who_looks_puts_the_work_off(monkeypatch):
    now = [0.0]
    waits: list[float] = []
    begun = threading.Event()
    monkeypatch.setattr("rnnviz.page.lazy_start.time.monotonic", lambda: now[0])

    class Needed(threading.Event):
        def wait(self, timeout=None):
            waits.append(timeout)
            now[0] += timeout
            if len(waits) == 1:
                patient.put_off()  # somebody looks at the end of the first moment
            return False

    monkeypatch.setattr("rnnviz.page.lazy_start.Event", Needed)
    patient = Patient(begun.set, lambda _: None, quiet=2.0)
    patient.put_off()
    assert begun.wait(30)
    assert waits == [2.0, 2.0]


def test_an_error_of_the_work_is_raised_where_its_result_is_asked_for():
    def fails() -> None:
        raise LookupError("nothing there")

    patient = Patient(fails, lambda _: None, quiet=0.0)
    for _ in range(2):
        with pytest.raises(LookupError, match="nothing there"):
            patient.result()
