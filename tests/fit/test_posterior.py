from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from twocurves.errors import BadFileError
from twocurves.fit.posterior import FORMAT, Posterior, read_posterior

NAMES = tuple(f"belief_{place}" for place in range(7))


def rounded(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float32).astype(np.float64)


@pytest.fixture(scope="module")
def made() -> Posterior:
    random = np.random.default_rng(1)
    directions = np.linalg.qr(random.normal(size=(7, 3)))[0]
    width = np.array([1.0, 2.0, 1.0, 1.0, 2.0, 1.0, 1.0])
    about = {"data_digest": "abc", "seed": 7, "as_of": None}
    coordinates, ratios = rounded(random.normal(size=(5, 3))), rounded(random.normal(size=(5, 2)))
    return Posterior(NAMES, width, rounded(directions), coordinates, ("one", "two"), ratios, about)


def test_a_file_holds_it_all(made: Posterior, tmp_path: Path) -> None:
    path = tmp_path / "folder" / "one.npz"
    made.write(path)
    found = read_posterior(path)
    assert (found.names, found.series) == (made.names, made.series)
    assert found.made == made.made
    assert found.digest == made.digest
    for name in ("width", "directions", "coordinates", "log_ratio"):
        np.testing.assert_array_equal(getattr(found, name), getattr(made, name))
    found.write(tmp_path / "again.npz")
    assert read_posterior(tmp_path / "again.npz").digest == made.digest


def test_the_digest_is_of_what_was_learned(made: Posterior) -> None:
    moved = made.coordinates.copy()
    moved[2, 1] += 1e-3
    others = [
        replace(made, coordinates=moved),
        replace(made, names=(*NAMES[:-1], "another")),
        replace(made, made={**made.made, "data_digest": "abd"}),
        replace(made, width=made.width * 1.5),
        replace(made, log_ratio=made.log_ratio + 0.1),
        replace(made, series=("one", "another")),
    ]
    assert len({made.digest, *(other.digest for other in others)}) == 7
    assert replace(made, made={**made.made, "command": "another"}).digest == made.digest


def fails(path: Path, words: str) -> None:
    with pytest.raises(BadFileError, match=words) as caught:
        read_posterior(path)
    sentence = caught.value.message
    assert sentence.endswith(".")
    assert ". " not in sentence
    assert "\n" not in sentence


def test_no_file(tmp_path: Path) -> None:
    fails(tmp_path / "none.npz", "cannot be read")


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"PK\x03\x04 but no archive", b"\x93NUMPY", bytes(100), b"\x80\x04K\x01."]
)
def test_a_foreign_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(content)
    fails(tmp_path / "a.npz", "no posterior that this version can read")


def test_arrays_of_another_kind(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros(3))
    np.savez(tmp_path / "b.npz", width=np.zeros(3))
    arrays: dict[str, Any] = dict.fromkeys(
        ("width", "directions", "coordinates", "log_ratio"), np.zeros((1, 1))
    )
    np.savez(tmp_path / "c.npz", about=np.frombuffer(b"[1, 2]", dtype=np.uint8), **arrays)
    for name in ("a.npy", "b.npz", "c.npz"):
        fails(tmp_path / name, "no posterior that this version can read")


def test_another_version(made: Posterior, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twocurves.fit.posterior.FORMAT", FORMAT + 1)
    made.write(tmp_path / "a.npz")
    monkeypatch.undo()
    fails(tmp_path / "a.npz", f"has format {FORMAT + 1}; this version reads {FORMAT}")


def test_another_content(made: Posterior, tmp_path: Path) -> None:
    made.write(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as held:
        arrays = dict(held)
    arrays["coordinates"][0, 0] += 1
    np.savez(tmp_path / "a.npz", **arrays)
    fails(tmp_path / "a.npz", "damaged: its digest")


@hypothesis_settings(max_examples=60)
@given(data=st.data())
def test_a_damaged_file_is_told_or_harmless(
    made: Posterior, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "a.npz"
    made.write(path)
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content) - 1))]
    else:
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    with suppress(BadFileError):
        # Read after all where the byte means nothing, such as a time in the archive.
        assert read_posterior(path).digest == made.digest


def own_numbers(draws: int, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(len(NAMES), draws))


def narrow(made: Posterior) -> Posterior:
    """The same posterior, fitted under the package's own prior."""
    return replace(made, width=np.ones_like(made.width))


def test_a_wider_prior_counts_where_figures_speak_and_nowhere_else(made: Posterior) -> None:
    own = own_numbers(64)
    told = made.directions @ made.coordinates[np.arange(64) % 5].T
    wider = made.blended(own, 0) - narrow(made).blended(own, 0)
    np.testing.assert_allclose(wider, (made.width[:, None] - 1.0) * told, atol=1e-6)


def test_a_draw_has_its_particle_in_the_informed_directions(made: Posterior) -> None:
    own = own_numbers(64)
    numbers = narrow(made).blended(own, 128)
    found = (made.directions.T @ numbers).T
    np.testing.assert_allclose(found, made.coordinates[(128 + np.arange(64)) % 5], atol=1e-6)


def test_elsewhere_it_has_the_priors_numbers(made: Posterior) -> None:
    other = np.linalg.qr(np.concatenate([made.directions, np.eye(7)], axis=1))[0][:, 3:7]
    own = own_numbers(64)
    numbers = narrow(made).blended(own, 0)
    np.testing.assert_allclose(other.T @ numbers, other.T @ own, atol=1e-6)


def test_elsewhere_it_is_standard_normal(made: Posterior) -> None:
    other = np.linalg.qr(np.concatenate([made.directions, np.eye(7)], axis=1))[0][:, 3:7]
    parts = [narrow(made).blended(own_numbers(64, seed), 64 * seed) for seed in range(400)]
    along = other.T @ np.concatenate(parts, axis=1)
    assert np.abs(along.mean(axis=1)).max() < 5 / np.sqrt(along.shape[1])
    np.testing.assert_allclose(np.cov(along), np.eye(4), atol=0.05)
