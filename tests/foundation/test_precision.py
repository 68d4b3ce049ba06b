"""Where compiled programs are kept, and that 64-bit types are on."""

from pathlib import Path

from twocurves.ensemble.precision import cache_folder, prepare_jax


def test_the_cache_folder_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("TWOCURVES_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path


def test_the_cache_folder_follows_the_user_settings(monkeypatch):
    monkeypatch.delenv("TWOCURVES_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache/someone")
    assert cache_folder() == Path("/var/cache/someone/twocurves")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "twocurves"


def test_double_precision_is_not_narrowed():
    prepare_jax()
    import jax.numpy as jnp

    assert jnp.asarray(1.0).dtype == "float64"
    assert (jnp.ones(3, "float32") * 2.5).dtype == "float32"
