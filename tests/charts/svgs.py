"""Reading an SVG as a checker must: where each mark lies, how large each text is, which colours are used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from twocurves.charts.text_width import text_width

_NUMBER = r"-?\d*\.?\d+(?:e-?\d+)?"
_COMMAND = re.compile(rf"([A-Za-z])|({_NUMBER})")
_ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "A": 7, "Z": 0}


@dataclass
class Box:
    """The bounding box of one element, in pixels of the SVG."""

    tag: str
    left: float
    top: float
    right: float
    bottom: float
    text: str = ""


def parse(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def size(root: ET.Element) -> tuple[float, float]:
    return float(root.attrib["width"]), float(root.attrib["height"])


def texts(root: ET.Element) -> Iterator[tuple[str, float, str]]:
    """Yield each text with its font size and family."""
    for node in root.iter():
        if _tag(node) == "text" and "".join(node.itertext()):
            yield (
                "".join(node.itertext()),
                float(node.attrib["font-size"].removesuffix("px")),
                node.attrib["font-family"],
            )


def colours(root: ET.Element) -> set[str]:
    found = set()
    for node in root.iter():
        for name in ("fill", "stroke"):
            value = node.attrib.get(name)
            if value not in (None, "none", "transparent"):
                found.add(str(value).upper())
    return found


def boxes(root: ET.Element) -> list[Box]:
    """Return the box of every visible mark and text, transforms applied."""
    return list(_walk(root, 0.0, 0.0, 1.0))


def _tag(node: ET.Element) -> str:
    return node.tag.rpartition("}")[2]


def _walk(node: ET.Element, dx: float, dy: float, scale: float) -> Iterator[Box]:
    transform = node.attrib.get("transform", "")
    if moved := re.search(rf"translate\(({_NUMBER}),\s*({_NUMBER})\)", transform):
        dx, dy = dx + float(moved[1]) * scale, dy + float(moved[2]) * scale
    points: list[tuple[float, float]] = []
    tag = _tag(node)
    visible = any(node.attrib.get(name, "none") != "none" for name in ("fill", "stroke"))
    if tag == "path" and visible and node.attrib.get("display") != "none":
        points = _path(node.attrib.get("d", ""))
    elif tag == "line":
        points = [(0.0, 0.0), (float(node.attrib.get("x2", 0)), float(node.attrib.get("y2", 0)))]
    elif tag == "rect" and visible:
        x, y = float(node.attrib.get("x", 0)), float(node.attrib.get("y", 0))
        points = [(x, y), (x + float(node.attrib["width"]), y + float(node.attrib["height"]))]
    elif tag == "text":
        yield from _text(node, dx, dy)
    if points:
        across, down = [x * scale + dx for x, _ in points], [y * scale + dy for _, y in points]
        yield Box(tag, min(across), min(down), max(across), max(down))
    for child in node:
        yield from _walk(child, dx, dy, scale)


def _text(node: ET.Element, dx: float, dy: float) -> Iterator[Box]:
    spans = [child for child in node if _tag(child) == "tspan"]
    lines = ["".join(child.itertext()) for child in spans] or ["".join(node.itertext())]
    font = float(node.attrib["font-size"].removesuffix("px"))
    for index, line in enumerate(lines):
        # The estimate is on the safe side by a tenth or so; a frame that holds it less that holds the text.
        wide = 0.85 * text_width(line, font)
        left = dx - {"start": 0.0, "middle": wide / 2, "end": wide}[node.attrib.get("text-anchor", "start")]
        base = dy + index * 15
        yield Box("text", left, base - 0.75 * font, left + wide, base + 0.25 * font, line)


def _path(d: str) -> list[tuple[float, float]]:
    tokens = [letter or float(number) for letter, number in _COMMAND.findall(d)]
    points: list[tuple[float, float]] = []
    x = y = 0.0
    command = "M"
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if isinstance(token, str):
            command = token
            index += 1
            if command.upper() == "Z":
                continue
        count = _ARGUMENTS[command.upper()]
        values = [float(value) for value in tokens[index : index + count]]
        index += count
        relative = command.islower()
        if command.upper() == "H":
            x = x + values[0] if relative else values[0]
        elif command.upper() == "V":
            y = y + values[0] if relative else values[0]
        else:
            x, y = (x + values[-2], y + values[-1]) if relative else (values[-2], values[-1])
        points.append((x, y))
    return points
