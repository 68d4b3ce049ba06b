"""What the README shows is what the program prints today."""

import re
from collections import Counter
from pathlib import Path

from typer.main import get_group

from twocurves.beliefs import load_beliefs
from twocurves.cli.app import app
from twocurves.cli.entry import run
from twocurves.observed.measures.commodity import dispersion
from twocurves.observed.measures.market_offers import market_offers, one_per_seller
from twocurves.observed.measures.measure import Window
from twocurves.observed.measures.rows import rows
from twocurves.observed.tables import observations

ROOT = Path(__file__).parents[1]


def test_the_output_shown_is_real(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("TWOCURVES_DATA", str(tmp_path))
    monkeypatch.delenv("COLUMNS", raising=False)
    assert run(["measure"]) == 0
    printed = {line.rstrip() for line in capsys.readouterr().out.splitlines()}
    (shown,) = re.findall(r"```\n(These data.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    for line in shown.splitlines():
        assert line in printed or line.startswith("..."), line


def test_the_counts_are_true():
    beliefs = load_beliefs()
    text = (ROOT / "README.md").read_text()
    assert f"{len(beliefs.parameters)} parameters, {len(beliefs.scenarios)} scenarios" in text
    tags = Counter(str(prior.evidence) for prior in beliefs.priors.values())
    assert f"{tags['J']} of {len(beliefs.priors)} priors carry the tag J" in text
    page = (ROOT / "docs" / "beliefs.md").read_text()
    assert f"{len(beliefs.parameters)} parameters in groups; {len(beliefs.names)} numbers" in page
    told = ", ".join(f"{tags[tag]} {tag}" for tag in "DSUV")
    assert f"Of the {len(beliefs.priors)} priors {tags['J']} are J, {told}." in page


def test_the_agreement_with_published_medians_is_true(monkeypatch, tmp_path):
    monkeypatch.setenv("TWOCURVES_DATA", str(tmp_path))
    held = observations()
    offers = market_offers(held, None, Window())
    middle = dispersion(one_per_seller(offers)).filter("open").select("model", "middle")
    both = rows(held, "host_output_price_median", window=Window()).join(middle, on="model")
    off = (both["middle"] / both["value"] - 1).abs()
    near, exact = int((off <= 0.09).sum()), int((off < 1e-9).sum())
    said = f"{near} are reproduced within 9%, {exact} of them exactly"
    assert f"Of {both.height} published medians over hosts, {said}" in (ROOT / "README.md").read_text()


def test_no_page_and_no_docstring_names_a_command_that_is_not_there():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    rooms = ("beliefs", "observed", "cli", "charts")
    code = [path for room in rooms for path in (ROOT / "src" / "twocurves" / room).rglob("*.py")]
    there = set(get_group(app).commands)
    for path in (*pages, *code):
        for named in re.findall(r"`twocurves ([a-z]+)", path.read_text()):
            assert named in there, f"{path.name}: twocurves {named}"


def test_every_document_it_names_exists():
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"
