"""A plan is its content: stable digests, and differences said in words."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.ensemble.fake_simulator import plan
from twocurves.ensemble.microbatch import MICRO_BATCH
from twocurves.ensemble.plan import (
    Plan,
    code_digest,
    differences,
    files_digest,
    kept_months,
    make_plan,
    versions,
)
from twocurves.errors import BadInputError


def test_the_digest_is_the_same_in_another_process():
    code = "from tests.ensemble.fake_simulator import plan; print(plan(settings={'b': '1', 'a': '2'}).digest)"
    told = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "5", "PATH": ""},
    )
    assert told.stdout.strip() == plan(settings={"a": "2", "b": "1"}).digest


def test_the_digest_of_a_known_plan_does_not_change():
    assert plan().digest == KNOWN[MICRO_BATCH]
    assert {size: plan(micro_batch=size).digest for size in KNOWN} == KNOWN
    assert plan() == Plan.model_validate_json(plan().model_dump_json())
    assert Plan.model_validate_json(plan().model_dump_json()).digest == plan().digest


#: Digest of the plan by the size of its micro-batch, which is all that differs.
KNOWN = {
    32: "f619731f7da19efbc18676fdcc46ebbaa071a87e3ea50d02c6ed60ec8215468d",
    64: "758946c2f966534662a9e284b816287c3c88f245f8376ce86e90465e97e997f7",
}

CHANGES = {
    "scenario": "glut",
    "settings": {"lag_pub": "3"},
    "seed": 8,
    "draws": 301,
    "from_month": "2022-12",
    "until": "2025-01",
    "precision": "float64",
    "device": "gpu",
    "measures": ("share",),
    "months_kept": "yearly",
    "beliefs_from": "posterior",
    "beliefs_digest": "e" * 64,
    "posterior": "packaged",
    "code_version": "0.2.0",
    "code_digest": "e" * 64,
    "data_digest": "e" * 64,
    "data_to": "2026-05-31",
    "jax_version": "0.11.0",
    "numpy_version": "2.5.0",
    "compiler_flags": ("--one",),
    "micro_batch": 128,
}


def test_every_field_is_tried():
    assert set(CHANGES) == set(Plan.model_fields)


@pytest.mark.parametrize("field", CHANGES)
def test_each_field_changes_the_digest_and_is_named(field):
    other = plan(**{field: CHANGES[field]})
    assert other.digest != plan().digest
    (said,) = differences(plan(), other)
    assert said.startswith(("the ", "where "))
    assert " now" in said or "with" in said


def test_equal_plans_have_no_differences():
    assert differences(plan(), plan()) == []
    assert differences(plan(settings={"a": "1"}), plan(settings={"a": "2"})) == [
        "the settings (without a=1 and with a=2)"
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"draws": 0}, "draws: input should be greater than or equal to 1; you gave 0."),
        ({"draws": "many"}, "draws: input should be a valid integer.*; you gave 'many'"),
        ({"seed": None}, "seed: input should be a valid integer"),
        ({"speed": 1}, "speed: extra inputs are not permitted; you gave 1."),
    ],
)
def test_a_field_that_cannot_be_is_named(change, sentence):
    fields = {name: getattr(plan(), name) for name in Plan.model_fields}
    assert make_plan(**fields) == plan()
    with pytest.raises(BadInputError, match=sentence):
        make_plan(**(fields | change))


def test_a_plan_cannot_be_changed():
    with pytest.raises(ValidationError):
        plan().seed = 3


def test_names_are_short_and_readable():
    assert plan(scenario="Compute glut, 2027!").name.startswith("compute-glut-2027-7-")


@pytest.mark.parametrize(("kept", "first", "count"), [("all", "2023-01", 30), ("quarterly", "2023-03", 10)])
def test_months_kept(kept, first, count):
    months = kept_months("2023-01", "2025-06", kept)
    assert (str(months[0]), str(months[-1]), len(months)) == (first, "2025-06", count)


def test_yearly_keeps_decembers_and_the_last_month():
    assert [str(month) for month in kept_months("2023-01", "2025-06", "yearly")] == [
        "2023-12",
        "2024-12",
        "2025-06",
    ]


def test_months_outside_the_run_are_refused():
    with pytest.raises(BadInputError, match="between 2023-01 and 2024-12; you gave 2030-01"):
        plan(months_kept=("2023-05", "2030-01"))
    with pytest.raises(BadInputError, match="until must be 2023-01 or later"):
        plan(until="2022-01")
    with pytest.raises(BadInputError, match="you gave 'weekly'"):
        kept_months("2023-01", "2024-01", "weekly")


@given(draws=st.integers(1, 10_000), size=st.integers(1, 512))
def test_micro_batches_cover_every_draw_once(draws, size):
    made = plan(draws=draws, micro_batch=size)
    spans = [made.span(number) for number in range(made.micro_batches)]
    covered = [draw for first, count in spans for draw in range(first, first + count)]
    assert covered == list(range(draws))


def test_files_digest_tells_content_names_and_absence(tmp_path):
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "a.py").write_text("1")
    one = files_digest(tmp_path, ["room", "later.py"])
    assert one == files_digest(tmp_path, ["later.py", "room"])
    (tmp_path / "later.py").write_text("")
    two = files_digest(tmp_path, ["room", "later.py"])
    (tmp_path / "room" / "a.py").rename(tmp_path / "room" / "b.py")
    assert len({one, two, files_digest(tmp_path, ["room", "later.py"])}) == 3


def test_code_and_versions_are_told():
    assert len(code_digest()) == 64
    assert code_digest() == code_digest()
    assert set(versions()) == {"code_version", "jax_version", "numpy_version"}
