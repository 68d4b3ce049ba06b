"""One table of names: every model of every table, and no name for two."""

from __future__ import annotations

import tomllib
from importlib import resources

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twocurves.errors import BadFileError
from twocurves.observed.aliases import alias_table, name_key, read_alias_table, resolve_maker, resolve_model
from twocurves.observed.tables import packaged_table

OF_MODELS = (
    "eci",
    "eci_catchup_months_derived",
    "metr_p50_minutes",
    "metr_p80_minutes",
    "lmarena_best_closed",
    "lmarena_best_open",
    "gpqa_diamond",
    "hle",
    "swe_bench_verified",
    "terminal_bench",
    "arc_agi_2",
    "apex_agents",
    "cursorbench",
    "deepswe",
    "aeci_anthropic",
    "list_price_input",
    "list_price_output",
    "host_output_price_median",
    "reseller_output_price_median",
    "training_cost",
    "training_compute",
)


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    return packaged_table()


@pytest.mark.parametrize("series", OF_MODELS)
def test_every_model_resolves(series: str, frame: pl.DataFrame) -> None:
    rows = frame.filter(pl.col("series") == series)
    assert rows.height
    assert rows.filter(pl.col("model").is_null())["entity"].to_list() == []
    assert rows.filter(pl.col("maker").is_null())["entity"].to_list() == []
    assert rows.filter(pl.col("economy").is_null())["entity"].to_list() == []


def test_runs_named_in_notes_are_runs_of_the_model_that_they_stand_for(frame: pl.DataFrame) -> None:
    runs = frame.filter(pl.col("note").str.starts_with("run: "))
    assert runs.height > 300
    moving = {"deepseek-chat"}  # the name of whatever its maker serves today
    for entity, note in runs.select("entity", "note").iter_rows():
        model, run = resolve_model(entity), resolve_model(note.removeprefix("run: "))
        assert model is not None
        assert run is not None
        assert model.family == run.family or run.model in moving, (entity, note)


def test_no_name_stands_for_two_models() -> None:
    raw = tomllib.loads((resources.files("twocurves.observed") / "data" / "aliases.toml").read_text())
    owners: dict[str, set[str]] = {}
    for economies in raw["models"].values():
        for members in economies.values():
            for model, entry in members.items():
                names = entry if isinstance(entry, list) else entry.get("names", [])
                for name in (model, *names):
                    owners.setdefault(name_key(name), set()).add(model)
    assert {key: found for key, found in owners.items() if len(found) > 1} == {}


def test_a_name_for_two_models_is_refused() -> None:
    raw = {
        "makers": {"x": {"title": "X", "layer": "model"}},
        "models": {"x": {"closed": {"m-1": ["Big One"], "m-2": ["big-one"]}}},
        "endings": [],
        "prefixes": [],
    }
    with pytest.raises(BadFileError, match="'big-one' stands for both 'm-1' and 'm-2'"):
        read_alias_table(raw)
    with pytest.raises(BadFileError, match="no maker"):
        read_alias_table({**raw, "models": {"y": {}}})


@pytest.mark.parametrize(
    ("names", "model", "economy"),
    [
        (
            (
                "Claude Opus 4.5",
                "claude_opus_4_5",
                "anthropic/claude-opus-4-5-20251101",
                "claude-opus-4-5-20251101_16K",
                "us.anthropic.claude-opus-4-5-20251101-v1:0",
                "claude-opus-4.5@20251101",
            ),
            "claude-opus-4.5",
            "closed",
        ),
        (("GPT-5.2", "gpt_5_2", "gpt-5.2-2025-12-11_xhigh", "openai/gpt-5.2-high"), "gpt-5.2", "closed"),
        (
            ("DeepSeek-R1 (May 2025)", "DeepSeek-R1-0528", "deepseek-ai/deepseek-r1-0528"),
            "deepseek-r1-0528",
            "open",
        ),
        (("GPT-4o (Aug 2024)", "openai/gpt-4o-2024-08-06"), "gpt-4o-2024-08-06", "closed"),
        (("gpt2",), "gpt-2", "open"),
        (("davinci_002",), "gpt-3", "closed"),
        (("claude_4_1_opus", "claude-opus-4-1-20250805"), "claude-opus-4.1", "closed"),
        (("Meta-Llama-3.1-405b-Instruct-bf16", "Llama 3.1-405B"), "llama-3.1-405b", "open"),
        (("fireworks/kimi-k2p5", "Kimi K2.5", "kimi-k2-5"), "kimi-k2.5", "open"),
        (("chocolate (Early Grok-3)", "grok-3-beta"), "grok-3", "closed"),
        (("GLM-5.1", "zai/glm-5.1", "glm-5-1"), "glm-5.1", "open"),
        (("qwen3-5-397b-a17b",), "qwen3.5-397b-a17b", "open"),
        (("Qwen 3.5 Plus (hosted 397B-A17B)", "qwen3.5-plus"), "qwen3.5-plus", "closed"),
        (("Gemini 2.5 Pro (Jun 2025)", "gemini-2.5-pro", "gemini-2-5-pro"), "gemini-2.5-pro", "closed"),
    ],
)
def test_spellings_of_one_model_meet(names: tuple[str, ...], model: str, economy: str) -> None:
    for name in names:
        found = resolve_model(name)
        assert found is not None, name
        assert (found.model, found.economy) == (model, economy)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("DeepSeek-R1", "DeepSeek-R1-0528"),
        ("gpt-5", "gpt-5-mini"),
        ("gpt-5.1", "gpt-5.1-codex"),
        ("claude-opus-4", "claude-opus-4.1"),
        ("kimi-k2", "kimi-k2-thinking"),
        ("Gemini 1.5 Flash (May 2024)", "Gemini 1.5 Flash (Sep 2024)"),
        ("llama-3.1-8b", "llama-3.1-70b"),
        ("grok-4", "grok-4.20"),
        ("mistral-large-2411", "mistral-large-2512"),
        ("glm-4.5", "glm-4.5v"),
        ("gemini-2.5-flash", "gemini-2.5-flash-lite"),
    ],
)
def test_different_models_stay_apart(one: str, other: str) -> None:
    first, second = resolve_model(one), resolve_model(other)
    assert first is not None
    assert second is not None
    assert first.model != second.model


@pytest.mark.parametrize(
    "name", ["", "GPT", "Claude", "gpt-9", "Gemini 3 / Claude", "2024-05-13", "preview", "/", "()"]
)
def test_what_is_no_model_resolves_to_nothing(name: str) -> None:
    assert resolve_model(name) is None


def test_effort_and_stamp_are_variants_of_the_model() -> None:
    found = resolve_model("gpt-5.4-2026-03-05_xhigh")
    assert found is not None
    assert found.model == "gpt-5.4"
    assert found.variant == "2026-03-05-xhigh"


def test_snapshots_belong_to_their_family() -> None:
    snapshots = [identity for identity in alias_table().models.values() if identity.family != identity.model]
    assert snapshots
    for identity in snapshots:
        base = resolve_model(identity.family)
        assert base is not None
        assert base.model == identity.family == base.family
        assert (base.maker, base.economy) == (identity.maker, identity.economy)


@given(
    st.sampled_from(sorted(alias_table().models)), st.sampled_from(["", "x/", "accounts/fireworks/models/"])
)
def test_spelling_does_not_matter(model: str, prefix: str) -> None:
    for name in (
        model,
        model.upper(),
        model.replace("-", "_"),
        model.replace("-", " "),
        model.replace(".", "-"),
    ):
        found = resolve_model(prefix + name)
        assert found is not None
        assert found.model == model


@given(st.text(max_size=40))
def test_any_text_is_answered(name: str) -> None:
    found = resolve_model(name)
    assert found is None or found.model in alias_table().models
    assert resolve_maker(name) is None or resolve_maker(name) in alias_table().makers


def test_access_and_alias_table_agree(frame: pl.DataFrame) -> None:
    for entity, access in frame.filter(pl.col("access").is_not_null()).select("entity", "access").iter_rows():
        found = resolve_model(entity)
        if found is not None:
            assert found.economy == access, entity


def test_makers() -> None:
    assert resolve_maker("Google DeepMind,Google") == "google"
    assert resolve_maker("OpenAI / ChatGPT") == "openai"
    assert resolve_maker("Z.ai (Zhipu AI)") == "zai"
    assert resolve_maker("Nobody & Sons") is None
    assert alias_table().makers["together"].layer == "host"
