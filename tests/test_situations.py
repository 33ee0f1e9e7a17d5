"""Every sending situation, judged by the rules alone; and the page that shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from postclerk import bootstrap, config
from postclerk.adapters.signatures import MailVerifier
from postclerk.collect import Envelope
from postclerk.core.facts import Headers, Suspension
from postclerk.judge import Judge, Outside
from postclerk.mail.header import body, header_fields
from tests import situations
from tests.conftest import StillCounters, StillDns, StillStanding
from tests.situations import Situation

NOON = 1_795_410_000.0
"""2026-11-23 10:00 in the site's time zone."""


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """The site's judge, with the keys in its DNS and nobody's mail counted."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "people.yaml").write_text(situations.PEOPLE)
    (folder / "rules.yaml").write_text(situations.rules("22:00-23:00"))
    read = config.load(folder / "rules.yaml")
    dns, standing = StillDns(), StillStanding()
    dns.records = {key.name: (key.record,) for key in situations.KEYS}
    dns.silent |= {situations.SILENT.domain}
    standing.granted = list(situations.GRANTS)
    standing.suspended = dict.fromkeys(situations.SUSPENDED, Suspension("x", "", automatic=False))
    return Judge(read.settings, Outside(bootstrap.directories(read), standing, StillCounters(), dns, MailVerifier(dns)))


@pytest.mark.parametrize("one", [pytest.param(one, id=name) for name, one in situations.ALL])
def test_the_rules(judge: Judge, one: Situation) -> None:
    """What comes of it, and the finding that leads to it."""
    message = one.message()
    case = judge.open(Envelope(one.client, one.login, f"<{one.sender}>", [f"<{to}>" for to in one.to]), NOON)
    verdict = case.at_data()
    if not verdict.action.refuses:
        verdict = case.at_headers(Headers(header_fields(message)))
    if not verdict.action.refuses:
        verdict = case.at_end(body(message) if case.wanted_of_body != 0 else b"")
    codes = [ruling.finding.code for ruling in verdict.rulings if ruling.action.value != "accept"]
    assert (verdict.action.value, sorted(set(codes))) == (one.expect, [one.code] if one.code else [])


def test_they_are_many() -> None:
    """At least forty, and none twice."""
    assert len({name for name, _one in situations.ALL}) == len(situations.ALL) >= 40


def test_the_page() -> None:
    """docs/situations.md shows what is tested. To make it anew: python -m tests.test_situations"""
    assert PAGE.read_text() == situations.as_markdown()


PAGE = Path(__file__).parents[1] / "docs/situations.md"

if __name__ == "__main__":
    PAGE.write_text(situations.as_markdown())
