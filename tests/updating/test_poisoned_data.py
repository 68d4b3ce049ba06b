"""Answers that arrive whole and are wrong inside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.updating.samples import KINDS, TODAY, altered, answer, hold, models_dev, source, without
from tests.updating.server import good, serving
from tests.updating.test_misbehaving_servers import one_sentence
from twocurves.observed.updating.faults import Cause
from twocurves.observed.updating.service import Status, update

MODELS, PRICES, ECI, OWN = (answer(name) for name in KINDS)

#: Name of a case: what the server sends, the kind of fault, words of the reason.
Cases = dict[str, tuple[bytes, Cause, str]]


def swap(good: bytes, old: str, new: str, count: int = -1) -> bytes:
    assert old.encode() in good
    return good.replace(old.encode(), new.encode(), count)


def model(**changes: Any) -> bytes:
    return altered("models-dev", **changes)


def price(value: object) -> bytes:
    return altered("genai-prices", input_mtok=value)


def every_price_times(factor: float) -> bytes:
    found = models_dev()
    for entry in found["maker"]["models"].values():
        entry["cost"] = {"input": entry["cost"]["input"] * factor, "output": entry["cost"]["output"] * factor}
    return json.dumps(found).encode()


MODELS_DEV: Cases = {
    "renamed": (swap(MODELS, "open_weights", "open"), Cause.SCHEMA, "lacks open_weights"),
    "an array": (b"[1, 2]", Cause.SCHEMA, "no object"),
    "an error object": (b'{"error": "quota"}', Cause.SCHEMA, "Provider error"),
    "price as text": (model(input="0.5"), Cause.SCHEMA, "no number"),
    "price true": (model(input=True), Cause.SCHEMA, "no number"),
    "flag as text": (model(open_weights="yes"), Cause.SCHEMA, "neither true nor false"),
    "no date": (model(release_date="soon"), Cause.SCHEMA, "no date"),
    "negative": (model(input=-0.5), Cause.POISONED, "maker: model-3 has -0.5"),
    "negative in a tier": (model(context_over_200k={"input": -1}), Cause.POISONED, "negative"),
    "too dear": (model(input=6_000), Cause.POISONED, "above 5000"),
    "thousandfold": (model(input=2_000.0), Cause.POISONED, "1,000-fold"),
    "a thousandth": (model(input=0.002), Cause.POISONED, "1,000-fold"),
    "NaN": (model(input=float("nan")), Cause.POISONED, "holds NaN"),
    "Infinity": (model(input=float("inf")), Cause.POISONED, "holds Infinity"),
    "overflow": (swap(model(input=777), "777", "1e999"), Cause.POISONED, "no finite number"),
    "huge whole number": (model(input=10**400), Cause.POISONED, "no finite number"),
    "another unit": (every_price_times(100), Cause.POISONED, "as if the unit had changed"),
    "future": (model(release_date="2031-01-01"), Cause.FUTURE, "2031-01-01"),
    "prices renamed": (
        swap(MODELS, '"cost"', '"price"'),
        Cause.VANISHED,
        "48 of the 48 held figures are gone",
    ),
    "more than half gone": (without("models-dev", 7), Cause.VANISHED, "7 of the 12 held rows are gone"),
    "nearly all gone": (without("models-dev", 10), Cause.VANISHED, "at least 5"),
    "empty object": (b"{}", Cause.VANISHED, "0 rows"),
}

GENAI_PRICES: Cases = {
    "renamed": (swap(PRICES, '"prices"', '"price"'), Cause.SCHEMA, "lacks prices"),
    "an object": (b"{}", Cause.SCHEMA, "no array"),
    "price as text": (price("1"), Cause.SCHEMA, "no number"),
    "the same twice": (swap(PRICES, "model-5", "model-6"), Cause.SCHEMA, "comes twice"),
    "negative": (price(-1), Cause.POISONED, "negative"),
    "thousandfold": (price(2_500), Cause.POISONED, "1,000-fold"),
    "NaN": (price(float("nan")), Cause.POISONED, "holds NaN"),
    "prices renamed": (swap(PRICES, "tput_mtok", "tput_m"), Cause.VANISHED, "held figures are gone"),
    "no match": (swap(PRICES, '"equals"', '"resembles"'), Cause.SCHEMA, "installed genai-prices"),
    "future": (swap(PRICES, "2026-02-01", "2126-02-01"), Cause.FUTURE, "future"),
    "more than half gone": (without("genai-prices", 8), Cause.VANISHED, "gone"),
}

EPOCH_ECI: Cases = {
    "renamed": (swap(ECI, "eci_ci_low", "low"), Cause.SCHEMA, "lacks the column eci_ci_low"),
    "ragged": (swap(ECI, "Nowhere,", "", 1), Cause.FORMAT, "Line 2 has another number of cells"),
    "open quotes": (swap(ECI, "Nowhere", '"Nowhere', 1), Cause.FORMAT, "not CSV"),
    "word for a score": (swap(ECI, "103.5", "high"), Cause.SCHEMA, "must be a number"),
    "no score": (swap(ECI, "103.5", ""), Cause.SCHEMA, "Line 5 lacks"),
    "the same twice": (swap(ECI, "Model 4,", "Model 5,"), Cause.SCHEMA, "Model 5 again"),
    "no date": (swap(ECI, "2025-05-03", "May 2025"), Cause.SCHEMA, "must be a date"),
    "json": (b'{"error": 1}', Cause.SCHEMA, "lacks the columns"),
    "binary": (b"PK\x03\x04\0\0\0", Cause.FORMAT, "not a text table"),
    "negative": (swap(ECI, "103.5,102,106", "-3,-4,-2"), Cause.POISONED, "negative"),
    "NaN": (swap(ECI, "103.5", "NaN"), Cause.POISONED, "must be a number"),
    "inf": (swap(ECI, "103.5", "inf"), Cause.POISONED, "must be a number"),
    "out of its interval": (swap(ECI, "103.5", "123.5"), Cause.POISONED, "is below value 123.5"),
    "a thousandth": (swap(ECI, "103.5,102,106", "0.1,0.1,0.1"), Cause.POISONED, "1,000-fold"),
    "future": (swap(ECI, "2025-05-03", "2026-07-03"), Cause.FUTURE, "future"),
    "more than half gone": (without("epoch-eci", 7), Cause.VANISHED, "7 of the 12"),
}

OBSERVATIONS: Cases = {
    "renamed": (swap(OWN, "value", "amount"), Cause.SCHEMA, "lacks the column value"),
    "word for a value": (swap(OWN, "4.5", "four"), Cause.SCHEMA, "must be a number"),
    "header only": (OWN.splitlines(keepends=True)[0], Cause.EMPTY, "no rows"),
    "thousandfold": (swap(OWN, ",4.5,", ",4500,"), Cause.POISONED, "1,000-fold"),
    "negative": (swap(OWN, ",4.5,", ",-4.5,"), Cause.POISONED, "negative"),
    "NaN": (swap(OWN, ",4.5,", ",nan,"), Cause.POISONED, "must be a number"),
    "future": (swap(OWN, "2025-05-03", "2026-07-03"), Cause.FUTURE, "future"),
    "more than half gone": (without("own", 7), Cause.VANISHED, "7 of the 12"),
}

CASES = {
    (name, case): entry
    for name, cases in zip(KINDS, (MODELS_DEV, GENAI_PRICES, EPOCH_ECI, OBSERVATIONS), strict=True)
    for case, entry in cases.items()
}


@pytest.mark.parametrize(("name", "case"), CASES)
def test_the_old_stays(name: str, case: str, tmp_path: Path) -> None:
    sent, cause, words = CASES[name, case]
    path = hold(source(name), tmp_path)
    before = path.read_bytes()
    beside = {entry: entry.read_bytes() for entry in path.parent.iterdir()}
    with serving(good(sent, "text/plain")) as site:
        report = update([source(name, site.url)], tmp_path, today=TODAY)
    outcome = report.outcomes[0]
    assert (outcome.status, outcome.cause) == (Status.KEPT, cause), outcome
    assert words in outcome.reason, outcome.reason
    assert one_sentence(outcome), outcome.reason
    assert str(tmp_path) not in outcome.reason
    assert path.read_bytes() == before
    assert {entry: entry.read_bytes() for entry in path.parent.iterdir()} == beside


def test_a_cut_table_of_unknown_length(tmp_path: Path) -> None:
    from tests.updating.server import until_close

    hold(source("epoch-eci"), tmp_path)
    with serving(until_close(answer("epoch-eci")[:-3])) as site:
        report = update([source("epoch-eci", site.url)], tmp_path, today=TODAY)
    assert report.outcomes[0].cause is Cause.TRUNCATED


def test_a_price_list_against_the_packaged_catalogue(tmp_path: Path) -> None:
    """With nothing fetched before, the packaged catalogue is what newer data are held against."""
    with serving(good(answer("models-dev"))) as site:
        report = update([source("models-dev", site.url)], tmp_path, today=TODAY)
    assert report.outcomes[0].cause is Cause.VANISHED
    assert report.outcomes[0].held is None
    assert not (tmp_path / "catalogues").exists()
