from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from twocurves.errors import BadFileError
from twocurves.observed.updating.sources import allowed_address, load_sources

GOOD = """
[[source]]
id = "mine"
title = "Mine"
kind = "observations"
url = "https://data.example/mine.csv"
licence = "CC0"
credit = "me"
unit = "USD"
timeout_seconds = 5.0
max_bytes = 1000
max_redirects = 1
expected = { columns = ["series"] }
[source.limits]
least_rows = 1
greatest_vanished_share = 0.5
greatest_ratio = 1000.0
greatest_median_ratio = 10.0
least_changed_for_median = 20
lowest = 0.0
days_ahead = 1
"""


def test_the_packaged_sources() -> None:
    sources = load_sources()
    assert [source.id for source in sources] == ["models-dev", "genai-prices", "epoch-eci"]
    for source in sources:
        assert urlsplit(source.url).scheme == "https"
        assert source.licence
        assert source.credit
        assert source.limits.greatest_ratio == 1000
        assert source.limits.lowest == 0
    assert "CC BY 4.0" in sources[2].credit


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(GOOD)
    (source,) = load_sources(path)
    assert source.limits.highest is None
    assert not source.is_catalogue


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("https:", "http:", "source 1, url: must be an https address"),
        ("https:", "file:", "must be an https address"),
        ("https://data.example/mine.csv", "https://[", "must be an https address"),
        ('"observations"', '"parquet"', "source 1, kind: input should be"),
        (
            "timeout_seconds = 5.0",
            "timeout_seconds = 0.0",
            "timeout_seconds: input should be",
        ),
        ("timeout_seconds = 5.0", "timeout_seconds = nan", "timeout_seconds"),
        ("max_redirects = 1", "max_redirects = 40", "max_redirects"),
        ("lowest = 0.0", "lowest = 1.0\nhighest = 1.0", "source 1, limits: lowest (1.0) must be below"),
        ("days_ahead = 1", "days_ahed = 1", "limits.days_ahead: field required"),
        ('{ columns = ["series"] }', "{}", "source 1: expected must name columns for kind 'observations'"),
        ('id = "mine"', 'id = "../mine"', "source 1, id"),
        ("[[source]]", "[source]", "must hold [[source]] tables"),
        ("[[source]]", "[[sources]]", "must hold [[source]] tables"),
        ("unit =", "unit", "is not valid TOML"),
    ],
)
def test_malformed(old: str, new: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(BadFileError) as caught:
        load_sources(path)
    assert words in caught.value.message, caught.value.message
    assert str(path) in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.exit_code == 2


def test_twice(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(GOOD + GOOD)
    with pytest.raises(BadFileError, match="names the source 'mine' twice"):
        load_sources(path)


def test_unreadable(tmp_path: Path) -> None:
    with pytest.raises(BadFileError, match="No such file"):
        load_sources(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadFileError, match="not a text file"):
        load_sources(tmp_path / "binary.toml")


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://epoch.ai/data/eci_scores.csv", True),
        ("http://127.0.0.1:8000/x", True),
        ("http://localhost/x", True),
        ("http://epoch.ai/x", False),
        ("http://127.0.0.1.example/x", False),
        ("http://localhost@data.example/x", False),
        ("ftp://epoch.ai/x", False),
        ("file:///etc/passwd", False),
        ("epoch.ai/x", False),
        ("https:///x", False),
        ("", False),
    ],
)
def test_addresses(url: str, allowed: bool) -> None:
    assert allowed_address(url) is allowed
