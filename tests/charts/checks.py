"""What must hold of every drawing, checked on its SVG or its spec."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.charts import svgs
from twocurves.charts.palette import PALETTES, ThemeName


def finite_xml(svg: str) -> None:
    assert svgs.parse(svg).tag.endswith("svg")
    assert not re.search(r"\bNaN\b|Infinity|undefined|\bnull\b", svg)


def inside_the_frame(svg: str) -> None:
    root = svgs.parse(svg)
    width, height = svgs.size(root)
    found = svgs.boxes(root)
    assert len(found) > 10
    outside = [
        box
        for box in found
        if box.left < -0.5 or box.top < -0.5 or box.right > width + 0.5 or box.bottom > height + 0.5
    ]
    assert outside == []


def readable(svg: str) -> None:
    found = list(svgs.texts(svgs.parse(svg)))
    assert len(found) > 5
    assert all(size >= 11.5 for _, size, _ in found), min(found, key=lambda item: item[1])
    assert all("Twocurves Sans" in family or "Twocurves Serif" in family for _, _, family in found)
    assert all("font-style" not in text for text, _, _ in found)


def only_palette_colours(svg: str, theme: ThemeName) -> None:
    assert svgs.colours(svgs.parse(svg)) <= {colour.upper() for colour in PALETTES[theme].colours()}


def texts_apart(svg: str) -> None:
    texts = [box for box in svgs.boxes(svgs.parse(svg)) if box.tag == "text" and box.text]
    clashes = [
        (one.text, other.text)
        for index, one in enumerate(texts)
        for other in texts[index + 1 :]
        if one.left < other.right - 1
        and other.left < one.right - 1
        and one.top < other.bottom - 2
        and other.top < one.bottom - 2
    ]
    assert clashes == []


def stands_alone(spec: dict[str, Any], theme: ThemeName) -> None:
    text = json.dumps(spec)
    assert spec["config"]["background"] == PALETTES[theme].paper
    assert spec["config"]["aria"] is True
    assert len(spec["description"]) > 60
    assert "\n" not in spec["description"]
    assert set(re.findall(r"https?://[^\"]*", text)) == {spec["$schema"]}
    assert not re.search(r'"url"', text)
    assert all(len(axis.get("values", [])) <= 5 for axis in _axes(spec))


def _axes(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, list):
        return [axis for part in node for axis in _axes(part)]
    if not isinstance(node, dict):
        return []
    own = [node["axis"]] if isinstance(node.get("axis"), dict) else []
    return own + [axis for key, part in node.items() if key not in ("axis", "config") for axis in _axes(part)]
