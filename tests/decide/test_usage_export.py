"""Usage exports as consoles and gateways write them, and what is said of broken ones."""

import json

import pytest

from twocurves.decide.load import read_load
from twocurves.decide.usage_export import read_export
from twocurves.decide.workload import Usage
from twocurves.errors import BadFileError

CSV = """model,timestamp,input_tokens,output_tokens,cost
gpt-5.4,2026-06-01T09:00:00Z,1000,100,0.01
gpt-5.4,2026-06-15T09:30:00Z,3000,300,0.03
claude-opus-4.7,2026-06-30T23:59:00Z,500,50,0.02
"""


def written(folder, text, name="usage.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_month_of_requests_is_summed(tmp_path):
    found = read_export(written(tmp_path, CSV))
    assert (found.input_tokens, found.output_tokens, found.requests) == (4500.0, 450.0, 3.0)
    assert found.cost_usd == pytest.approx(0.06)
    assert list(found.by_model) == ["gpt-5.4", "claude-opus-4.7"]
    assert found.missing == ("cached tokens",)
    assert (found.peak_over_mean or 0.0) > 1.0
    assert found.growth_per_year is None


@pytest.mark.parametrize(
    ("row", "read", "cached"),
    [
        # Within the input, as OpenAI-like logs count them.
        ({"model": "m", "created": 1782000000, "usage": {"prompt_tokens": 100, "completion_tokens": 10,
          "prompt_tokens_details": {"cached_tokens": 40}}}, 100, 40),
        # Beside the input, as Anthropic-like logs count them, in milliseconds.
        ({"model": "m", "timestamp": 1782000000000, "usage": {"input_tokens": 60, "output_tokens": 10,
          "cache_read_input_tokens": 40, "cache_creation_input_tokens": 5}}, 105, 40),
        ({"model_id": "m", "date": "2026-06-21", "tokens_prompt": 100, "tokens_completion": 10}, 100, 0),
        ({"model": "m", "start_time": "2026-06-21T00:00:00+02:00", "input_tokens": 100, "output_tokens": 10,
          "input_cached_tokens": 25, "num_model_requests": 7}, 100, 25),
    ],
)  # fmt: skip
def test_the_common_shapes_of_json_lines_are_understood(tmp_path, row, read, cached):
    found = read_export(written(tmp_path, json.dumps(row) + "\n", "usage.jsonl"))
    days = 730 / 24
    assert found.input_tokens == pytest.approx(read * days)
    assert found.cached_tokens == pytest.approx(cached * days)
    assert found.requests == pytest.approx(row.get("num_model_requests", 1) * days)


def test_growth_and_semicolons(tmp_path):
    rows = ["Model;Date;Input Tokens;Output Tokens"]
    for month, tokens in ((4, 100), (5, 110), (6, 121)):
        rows += [f"m;2026-{month:02d}-{day:02d};{tokens};10" for day in range(1, 31)]
        if month == 5:
            rows.append("m;2026-05-31;110;10")
    found = read_export(written(tmp_path, "\n".join(rows)))
    assert found.peak_over_mean is None  # days are too coarse for a busiest hour
    assert found.growth_per_year == pytest.approx((131 * 30 / (110 * 30)) ** 6 - 1, rel=1e-6)
    assert found.input_tokens == 121 * 30


@pytest.mark.parametrize(
    ("text", "name", "line", "said"),
    [
        ("", "usage.csv", 1, "is empty"),
        ("model,timestamp,input_tokens,output_tokens\n", "usage.csv", 1, "no rows"),
        ("model,timestamp,output_tokens\nm,2026-06-01,1\n", "usage.csv", 2, "no column with input tokens"),
        (
            "model,timestamp,input_tokens,output_tokens\nm,2026-06-01,x,1\n",
            "usage.csv",
            2,
            "column 'inputtokens': 'x'",
        ),
        (
            "model,timestamp,input_tokens,output_tokens\nm,2026-06-01,1,1\nm,2026-06-01,-4,1\n",
            "usage.csv",
            3,
            "-4",
        ),
        ("model,timestamp,input_tokens,output_tokens\nm,yesterday,1,1\n", "usage.csv", 2, "no time"),
        ("model,timestamp,input_tokens,output_tokens\nm,2026-06-01,1\n", "usage.csv", 2, "has 3 columns"),
        (
            "model,timestamp,input_tokens,output_tokens,currency\nm,2026-06-01,1,1,EUR\n",
            "usage.csv",
            2,
            "only USD",
        ),
        ('{"model": "m"\n', "usage.jsonl", 1, "not JSON"),
        ("[1, 2]\n", "usage.jsonl", 1, "not a JSON object"),
    ],
)
def test_a_broken_export_names_line_and_column(tmp_path, text, name, line, said):
    path = written(tmp_path, text, name)
    with pytest.raises(BadFileError) as fault:
        read_export(path)
    assert said in fault.value.message
    assert fault.value.field == f"{path}:{line}"
    assert fault.value.message.count("\n") == 0
    assert fault.value.exit_code == 2


def test_a_missing_or_binary_export_is_told(tmp_path):
    with pytest.raises(BadFileError, match="cannot be read"):
        read_export(tmp_path / "none.csv")
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00model")
    with pytest.raises(BadFileError, match="UTF-8"):
        read_export(tmp_path / "b.csv")


def test_what_a_workload_states_goes_before_its_export(tmp_path):
    written(tmp_path, CSV)
    plain = read_load(Usage(export="usage.csv"), tmp_path)
    stated = read_load(
        Usage(export="usage.csv", growth_per_year=0.5, cached_share=0.5, tasks_per_month=9.0), tmp_path
    )
    assert plain.input_tokens == stated.input_tokens == 4500.0
    assert stated.cached_tokens == 2250.0
    assert (stated.growth_per_year, stated.tasks) == (0.5, 9.0)
    assert plain.tasks == 3.0
    assert plain.request_input_tokens == 1500
