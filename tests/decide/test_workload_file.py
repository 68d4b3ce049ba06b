"""Workload files: the template, and one clear sentence with a line for every fault."""

import tomllib

import pytest

from twocurves.decide.workload import Tuning, Workload
from twocurves.decide.workload_file import read_workload, template, write_template
from twocurves.errors import BadInputError

GOOD = """name = "made"
segment = "niche_enterprise"

[usage]
input_tokens_per_month = 1_000_000
output_tokens_per_month = 100_000

[now]
model = "gpt-5.4"

[quality]
eci = 145
"""


def read(folder, text):
    path = folder / "work.toml"
    path.write_text(text, encoding="utf-8")
    return read_workload(path)


def test_a_short_workload_takes_the_rest_from_defaults(tmp_path):
    found = read(tmp_path, GOOD)
    assert found.horizon.months == 36
    assert found.constraints.residency == "any"
    assert found.switching.usd == 0.0


def test_the_template_is_a_workload_and_its_lines_can_be_made_active(tmp_path):
    path = tmp_path / "new.toml"
    write_template(path)
    found = read_workload(path)
    assert found.usage.tasks_per_month == 500_000
    with pytest.raises(BadInputError, match="there already"):
        write_template(path)
    # Every key that stands behind a # is one that would be understood.
    tables = [field.annotation for field in Workload.model_fields.values()]
    known = {key for table in tables for key in getattr(table, "model_fields", {})} | set(Tuning.model_fields)
    for line in template().splitlines():
        key, is_key, value = line.removeprefix("# ").partition(" = ")
        if line.startswith("# ") and is_key:
            tomllib.loads(f"{key} = {value}")
            assert key in known


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        (
            "input_tokens_per_month = 1_000_000",
            "input_tokens_per_month = -5",
            5,
            "usage.input_tokens_per_month is -5",
        ),
        ('name = "made"', 'name = "made"\ncurrency = "EUR"', 2, "only USD"),
        ("eci = 145", "eci = 145\npass_rat = 0.9", 13, "did you mean 'pass_rate'"),
        ("eci = 145", 'eci = 145\nas_good_as = "gpt-5"', 11, "exactly one of"),
        ("eci = 145", "pass_rate = 0.9", 11, "pass_rate_now"),
        ("eci = 145", "", 11, "exactly one of"),
        ('model = "gpt-5.4"', 'model = "gpt-5.4"\nthrough = "phone"', 10, "phone"),
        ('model = "gpt-5.4"', 'model = "gpt-5.4"\nseats = 4', 8, "usd_per_seat_month"),
        ("[now]", "[now", 8, "not TOML"),
        ("output_tokens_per_month = 100_000", "", 4, "output_tokens_per_month"),
        ("eci = 145", "eci = 145\n[horizon]\nmonths = 3", 14, "months"),
        ("eci = 145", 'eci = 145\n[contract]\ncommitted_until = "soon"', 14, "a month such as"),
        ("output_tokens_per_month = 100_000", "output_tokens_per_month = nan", 6, "finite"),
        ('segment = "niche_enterprise"', "", 1, "segment of made is missing"),
    ],
)
def test_faults_name_the_line(tmp_path, old, new, line, said):
    with pytest.raises(BadInputError) as fault:
        read(tmp_path, GOOD.replace(old, new))
    assert fault.value.exit_code == 2
    assert said in fault.value.message, fault.value.message
    assert fault.value.field == f"work.toml:{line}"
    assert "\n" not in fault.value.message


def test_a_file_that_is_not_there_says_how_to_write_one(tmp_path):
    with pytest.raises(BadInputError, match="decide new"):
        read_workload(tmp_path / "none.toml")
    read(tmp_path, GOOD)
    with pytest.raises(BadInputError, match=r"did you mean .*work\.toml"):
        read_workload(tmp_path / "wrok.toml")
