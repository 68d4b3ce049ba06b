from __future__ import annotations

import json
import os
import re
import struct
import zlib
from pathlib import Path

import altair as alt
import pytest

from tests.charts import svgs
from tests.charts.examples import FIGURES
from twocurves.charts.export import SUFFIXES, check_figure_path, figure_svg, write_figure
from twocurves.errors import BadInputError


@pytest.fixture(scope="module")
def chart() -> alt.TopLevelMixin:
    return FIGURES["interval_strip"]("light")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_writes_each_form_whole(chart: alt.TopLevelMixin, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"figure{suffix.upper()}"
    assert write_figure(chart, path) == path
    assert path.stat().st_size > 1000
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


def test_png_has_twice_the_pixels_and_a_drawing(chart: alt.TopLevelMixin, tmp_path: Path) -> None:
    content = write_figure(chart, tmp_path / "figure.png").read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, kind = struct.unpack(">IIBB", content[16:26])
    wide, high = svgs.size(svgs.parse(figure_svg(chart)))
    assert (width, height) == (round(2 * wide), round(2 * high))
    assert (depth, kind) == (8, 6)
    pixels = _pixels(content)
    assert len({pixels[index : index + 4] for index in range(0, len(pixels), 4)}) > 50


def test_png_draws_with_our_typefaces(chart: alt.TopLevelMixin, tmp_path: Path) -> None:
    ours = write_figure(chart, tmp_path / "ours.png").read_bytes()
    import vl_convert

    svg = figure_svg(chart)
    other = vl_convert.svg_to_png(svg.replace("Twocurves", "Missing"), scale=2.0)
    assert ours != other


def test_json_is_the_spec(chart: alt.TopLevelMixin, tmp_path: Path) -> None:
    spec = json.loads(write_figure(chart, tmp_path / "figure.json").read_text("utf-8"))
    assert spec == chart.to_dict()


def test_html_stands_alone(chart: alt.TopLevelMixin, tmp_path: Path) -> None:
    page = write_figure(chart, tmp_path / "figure.html").read_text("utf-8")
    assert not re.findall(r"(?:src|href)\s*=\s*[\"']?\s*(?:https?:)?//", page)
    assert not re.findall(r"@import|url\(\s*[\"']?https?:", page)
    assert "default-src 'none'" in page
    assert page.count("<script") == page.count("</script>") == 2
    assert "<svg role=" in page
    assert "A sentence that says what this figure shows" in page.partition("</title>")[0]


def test_html_cannot_be_broken_by_data(tmp_path: Path) -> None:
    import polars as pl

    from twocurves.charts.interval_strip import interval_strip

    rows = pl.DataFrame({"row": ["</script><script>alert(1)</script>"], "estimate": [1.0]})
    chart = interval_strip(rows, title="</title><script>", subtitle="<!-- {braces}")
    page = write_figure(chart, tmp_path / "figure.html").read_text("utf-8")
    assert page.count("</script>") == 2
    assert page.count("<title>") == page.count("</title>") == 1
    svgs.parse(figure_svg(chart))


def test_more_rows_than_altairs_limit(tmp_path: Path) -> None:
    import polars as pl

    from twocurves.charts.dispersion import dispersion

    offers = pl.DataFrame(
        {"model": ["M"] * 6000, "kind": ["host"] * 6000, "price": [1.0 + k for k in range(6000)]}
    )
    chart = dispersion(offers, title="Many", subtitle="offers")
    assert json.loads(write_figure(chart, tmp_path / "figure.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("figure.pdf", ".svg, .png, .json or .html"),
        ("figure.sgv", ".svg"),
        ("figure", "no suffix"),
        ("missing/figure.svg", "does not exist"),
    ],
)
def test_refuses_paths_in_one_sentence(
    chart: alt.TopLevelMixin, tmp_path: Path, name: str, words: str
) -> None:
    with pytest.raises(BadInputError) as caught:
        write_figure(chart, tmp_path / name)
    assert words in caught.value.message
    assert caught.value.field == "path"
    assert list(tmp_path.iterdir()) == []


def test_names_the_nearest_suffix(tmp_path: Path) -> None:
    with pytest.raises(BadInputError) as caught:
        check_figure_path(tmp_path / "figure.jsn")
    assert caught.value.suggestion == ".json"


def test_refuses_a_folder_and_what_cannot_be_written(chart: alt.TopLevelMixin, tmp_path: Path) -> None:
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(BadInputError, match="is a folder"):
        check_figure_path(tmp_path / "folder.svg")
    with pytest.raises(BadInputError, match="cannot be written"):
        write_figure(chart, tmp_path / ("x" * 300 + ".svg"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_refuses_a_folder_without_permission(chart: alt.TopLevelMixin, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(BadInputError, match="cannot be written"):
            write_figure(chart, tmp_path / "figure.svg")
    finally:
        tmp_path.chmod(0o700)


def test_a_failed_write_leaves_the_old_file(
    chart: alt.TopLevelMixin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "figure.json"
    path.write_text("old")

    def full(self: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(BadInputError, match="No space left"):
        write_figure(chart, path)
    assert path.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["figure.json"]


def _pixels(png: bytes) -> bytes:
    """Return the filtered bytes of a PNG: enough to see that it is not of one colour."""
    position, parts = 8, []
    while position < len(png):
        (length,) = struct.unpack(">I", png[position : position + 4])
        if png[position + 4 : position + 8] == b"IDAT":
            parts.append(png[position + 8 : position + 8 + length])
        position += 12 + length
    return zlib.decompress(b"".join(parts))
