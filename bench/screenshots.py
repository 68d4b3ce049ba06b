"""Remakes the pictures of the pages that README and docs show: ``python bench/screenshots.py``.

The same run, size and page give the same picture: a server of its own on a free port, no motion, fonts
loaded, nothing random. Needs Playwright (of the test requirements) and a Chromium: ``CHROMIUM`` names it
where it is not on the path. Pictures are PNG with a palette of at most 256 colours.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from twocurves.errors import BadInputError, Fault

#: Where pictures are put, from the folder of the project.
FOLDER = Path("docs/figures/pages")

#: The largest picture, in bytes.
LARGEST = 200_000

_DESK = (1280, 900)
_PHONE = (390, 844)
_PATIENCE_MS = 180_000

#: Numbers of colours; the first that is small enough is taken.
_PALETTES = (256, 128, 64, 32)

Scheme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a page.

    Attributes
    ----------
    name
        Of its file, without suffix.
    path
        Path and query of the page.
    size
        Width and height of the window in CSS pixels; a whole page is as high as it is.
    scheme
        Light or dark.
    whole
        Whether the whole page is shown rather than its first screen.
    live
        Whether the page's live drawings are waited for.
    """

    name: str
    path: str
    size: tuple[int, int] = _DESK
    scheme: Scheme = "light"
    whole: bool = False
    live: bool = False


PICTURES: tuple[Picture, ...] = (
    Picture("overview", "/"),
    Picture("overview-whole", "/", whole=True),
    Picture("overview-dark", "/", scheme="dark"),
    Picture("overview-phone", "/", _PHONE),
    Picture("scenario", "/scenario?from=open_surge&lag_pub=4.5", live=True),
    Picture("scenario-dark", "/scenario?from=open_surge&lag_pub=4.5", scheme="dark", live=True),
    Picture("scenario-phone", "/scenario?from=open_surge&lag_pub=4.5", _PHONE, live=True),
    Picture("claims", "/claims"),
    Picture("claim", "/claims/C10"),
    Picture("drivers", "/drivers"),
    Picture("data", "/data"),
    Picture("decide", "/decide"),
    Picture("decide-phone-dark", "/decide", _PHONE, "dark"),
    Picture("method", "/method"),
)


def take(address: str, folder: Path, pictures: tuple[Picture, ...] = PICTURES) -> list[Path]:
    """Take pictures of the pages of a server that is warm.

    Raises
    ------
    BadInputError
        There is no Chromium, or a picture is larger than it may be.
    """
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise BadInputError("There is no Chromium here; name one in CHROMIUM.", field="CHROMIUM")
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with sync_playwright() as found:
        browser = found.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--hide-scrollbars"])
        for picture in pictures:
            content = small(_shot(browser, address, picture))
            if len(content) > LARGEST:
                raise BadInputError(
                    f"{picture.name}.png has {len(content):,} bytes; at most {LARGEST:,} are wanted.",
                    field=picture.name,
                )
            path = folder / f"{picture.name}.png"
            path.write_bytes(content)
            written.append(path)
        browser.close()
    return written


def small(png: bytes) -> bytes:
    """Return a PNG with a palette of its own, smaller where the picture would be too large, and no date."""
    from PIL import Image

    content = png
    with Image.open(BytesIO(png)) as image:
        whole = image.convert("RGB")
    for colours in _PALETTES:
        out = BytesIO()
        few = whole.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(out, "PNG", optimize=True)
        content = out.getvalue()
        if len(content) <= LARGEST:
            break
    return content


def _shot(browser: Any, address: str, picture: Picture) -> bytes:
    width, height = picture.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=picture.scheme,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
    )
    page = context.new_page()
    page.goto(address + picture.path, timeout=_PATIENCE_MS, wait_until="load")
    if picture.live:
        page.wait_for_selector("body[data-live]", timeout=_PATIENCE_MS)
        # How long the last answer took is the one thing on a page that differs from time to time.
        page.evaluate("document.getElementById('status').style.visibility = 'hidden'")
    page.evaluate("document.fonts.ready")
    taken: bytes = page.screenshot(full_page=picture.whole, animations="disabled", caret="hide")
    context.close()
    return taken


@contextmanager
def served(run: str, draws: int, seed: int) -> Iterator[str]:
    """Serve the pages on a free port, warm, and stop after use."""
    import uvicorn

    from twocurves.serve.app import create_app
    from twocurves.serve.settings import ServeSettings
    from twocurves.serve.warming import warm

    settings = ServeSettings(run=run, draws=draws, seed=seed)
    app = create_app(settings, start=False)
    house = app.state.house
    house.start()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        warm(app)  # returns when every scenario is known and every figure is drawn
        while not server.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        house.stop()
        server.should_exit = True
        thread.join(10)


def main(arguments: list[str] | None = None) -> int:
    """Take all pictures, or those named."""
    parser = argparse.ArgumentParser(prog="python bench/screenshots.py", description=__doc__)
    parser.add_argument("names", nargs="*", help="pictures to take; all when left out")
    parser.add_argument("-o", "--output", type=Path, default=FOLDER, help=f"folder; {FOLDER} when left out")
    parser.add_argument(
        "--run", default="", help="a stored run; the central one, made where it has to be, when left out"
    )
    parser.add_argument("--draws", type=int, default=1024, help="of the central run")
    parser.add_argument("--seed", type=int, default=7, help="of the central run")
    given = parser.parse_args(arguments)
    known = {picture.name: picture for picture in PICTURES}
    unknown_names = [name for name in given.names if name not in known]
    if unknown_names:
        parser.error(f"no picture {unknown_names[0]!r}; there are {', '.join(known)}")
    chosen = tuple(known[name] for name in given.names) or PICTURES
    try:
        with served(given.run, given.draws, given.seed) as address:
            for path in take(address, given.output, chosen):
                print(f"{path} {path.stat().st_size / 1000:.0f} kB")
    except Fault as fault:
        print(fault.message, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
