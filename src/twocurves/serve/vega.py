"""The Vega bundle: emitted by vl-convert once, kept in the cache folder, served from this machine only."""

from __future__ import annotations

import gzip
from functools import cache
from hashlib import sha256
from importlib.metadata import version

import vl_convert

from twocurves.charts.export import vegalite_version
from twocurves.ensemble.precision import cache_folder
from twocurves.files import written_whole

#: What the page calls; expressions are interpreted, so no text is turned into code.
_SNIPPET = "window.vegaEmbed = vegaEmbed;"


@cache
def bundle() -> tuple[bytes, str]:
    """Return the bundle, packed with gzip, and its digest."""
    emitted = f"{version('vl-convert-python')}-{vegalite_version()}"
    path = cache_folder() / "serve" / f"vega-{emitted}.js.gz"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        text = vl_convert.javascript_bundle(_SNIPPET, vl_version=vegalite_version())
        with written_whole(path) as part:
            part.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    content = path.read_bytes()
    return content, sha256(content).hexdigest()[:10]
