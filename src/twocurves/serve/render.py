"""Pages from templates: everything escaped, links to static files stamped with what they hold."""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from twocurves.charts.palette import PALETTES
from twocurves.serve.settings import static_folder, templates_folder
from twocurves.serve.sliders import ordinal, unit_words

#: Pages in the navigation: path and name.
PAGES = (
    ("/", "Overview"),
    ("/scenario", "Scenario"),
    ("/claims", "Claims"),
    ("/drivers", "Drivers"),
    ("/data", "Data"),
    ("/decide", "Decide"),
)


@cache
def environment() -> Environment:
    """Return the environment of the templates."""
    made = Environment(
        loader=FileSystemLoader(templates_folder()),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(pages=PAGES, static=static_link, drawn=Markup, unit_words=unit_words, ordinal=ordinal)
    made.filters["data"] = data_text
    return made


def render(template: str, **given: Any) -> str:
    """Return a page."""
    return environment().get_template(template).render(**given)


def data_text(value: Any) -> Markup:
    """Return a value as JSON that may stand inside a data block of a page."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704


@cache
def static_link(name: str) -> str:
    """Return the link to a static file; it changes when the file does."""
    path = static_folder() / name
    return f"/static/{name}?{sha256(path.read_bytes()).hexdigest()[:10]}"


@cache
def theme_rules() -> str:
    """Return the rules of style that put the dark colour in place of each light one in drawings."""
    light, dark = PALETTES["light"], PALETTES["dark"]
    names = [name for name in light.__dataclass_fields__ if getattr(light, name) != getattr(dark, name)]
    variables = {
        theme: "".join(f"--{name.replace('_', '-')}:{getattr(colours, name)};" for name in names)
        for theme, colours in PALETTES.items()
    }
    rules = [
        f":root{{color-scheme:light;{variables['light']}}}",
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{color-scheme:dark;"
        f"{variables['dark']}}}}}",
        f":root[data-theme=dark]{{color-scheme:dark;{variables['dark']}}}",
        f"@media print{{:root,:root[data-theme=dark]{{color-scheme:light;{variables['light']}}}}}",
    ]
    rules += [
        f'svg [{kind}="{getattr(light, name)}" i]{{{kind}:var(--{name.replace("_", "-")})}}'
        for name in names
        for kind in ("fill", "stroke")
    ]
    return "\n".join(rules)
