"""How wide text is, near enough to wrap a title and to keep labels apart."""

from __future__ import annotations

#: Advances in ems of the semi-bold sans, by kind of letter.
_EMS: dict[str, float] = {
    **dict.fromkeys("ilj|I'’.,:;! ·", 0.29),
    **dict.fromkeys("tfr()[]-/", 0.39),
    **dict.fromkeys("mw", 0.87),
    **dict.fromkeys("MW%@—", 0.95),
}
_CAPITAL = 0.69
_DIGIT = 0.66
_OTHER = 0.59


def text_width(text: str, size: float) -> float:
    """Return the width of a text in pixels at a font size, a little on the safe side."""
    ems = sum(
        _EMS.get(letter, _CAPITAL if letter.isupper() else _DIGIT if letter.isdigit() else _OTHER)
        for letter in text
    )
    return ems * size


def wrap(text: str, size: float, width: float) -> list[str]:
    """Break a text into as few lines as fit a width in pixels, of about equal length.

    A word longer than the width stays whole.
    """
    lines = _break(text, size, width)
    if len(lines) < 2:
        return lines
    narrower = width
    while len(shorter := _break(text, size, narrower - size)) == len(lines):
        lines = shorter
        narrower -= size
        if narrower <= size:
            break
    return lines


def _break(text: str, size: float, width: float) -> list[str]:
    lines: list[str] = []
    for paragraph in text.splitlines():
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}" if line else word
            if line and text_width(longer, size) > width:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    return [line for line in lines if line]
