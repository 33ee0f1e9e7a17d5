"""`postclerk digest` as it is used: sent, previewed, for one person, and what it says to bad use."""

from __future__ import annotations

import json
from email import message_from_bytes
from pathlib import Path

import pytest

from postclerk import cli
from tests.test_digests import MONDAY, RULES, House


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A letter waits for a.serik."""
    house = House(tmp_path)
    house.letter("a.serik", "<b>Bold</b> \u202ematter")
    return house


def _digest(house: House, *options: str) -> int:
    return cli.main(["digest", "--rules", str(house.rules), "--at", MONDAY.isoformat(), *options])


def test_json(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each that is written; a second time there is none."""
    assert _digest(house, "--json") == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {"week": "2026-W48", "kind": "personal", "login": "a.serik", "to": "a.serik@uni.example", "letters": 1},
        {"week": "2026-W48", "kind": "unit", "login": "b.head", "to": "b.head@uni.example", "letters": 1},
    ]
    assert _digest(house) == 0
    assert capsys.readouterr().out == "0 digests of 2026-W48 are on their way\n"


def test_one_person(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """By address or login; exit 1 where there is none for him."""
    assert _digest(house, "--to", "A.Serik@uni.example") == 0
    assert house.outbox() == ["a.serik@uni.example"]
    assert _digest(house, "--to", "c.new") == 1
    assert "0 digests" in capsys.readouterr().out


def test_previews(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mails and pages in a folder, whether they were sent or not; nothing is sent. Without Chromium, no pictures."""
    monkeypatch.setenv("PATH", str(tmp_path))
    _digest(house)
    sent = house.outbox()
    folder = tmp_path / "previews"
    assert _digest(house, "--preview", str(folder)) == 0
    assert sorted(one.name for one in folder.iterdir()) == [
        "personal-a.serik.eml", "personal-a.serik.html", "unit-b.head.eml", "unit-b.head.html",
    ]  # fmt: skip
    assert house.outbox() == sent
    mail = message_from_bytes((folder / "personal-a.serik.eml").read_bytes())
    assert (mail["To"], mail["Auto-Submitted"]) == ("a.serik@uni.example", "auto-generated")
    page = (folder / "personal-a.serik.html").read_text()
    assert "<b>Bold" not in page
    assert "cid:" not in page


def test_when_due(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """Once at its time; before and after that nothing happens and nothing is said."""
    early = ["--at", MONDAY.replace(hour=7).isoformat()]
    assert cli.main(["digest", "--rules", str(house.rules), *early, "--when-due"]) == 0
    assert house.outbox() == []
    assert _digest(house, "--when-due") == 0
    assert len(house.outbox()) == 2
    capsys.readouterr()
    assert _digest(house, "--when-due") == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param(["--week", "2026-60"], "'2026-60' is not a week such as 2026-W47", id="no-week"),
        pytest.param(["--to", "x@uni.example"], "--to: the directory knows nobody with x@uni.example", id="nobody"),
        pytest.param(["--to", "x@"], "--to: ", id="no-address"),
        pytest.param(["--preview", "/dev/null/x"], "Not a directory", id="no-folder"),
    ],
)
def test_bad_use(house: House, capsys: pytest.CaptureFixture[str], options: list[str], says: str) -> None:
    """One line, exit 2, and nothing sent."""
    assert _digest(house, *options) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"postclerk: {says}") or says in said
    assert said.count("\n") == 1
    assert house.outbox() == []


@pytest.mark.parametrize(("missing", "says"), [("tracker", "no section `tracker`"), ("mail", "no section `mail`")])
def test_what_it_needs(house: House, capsys: pytest.CaptureFixture[str], missing: str, says: str) -> None:
    """Without a tracker nobody knows what waits; without mail nothing can be sent."""
    house.rules.write_text(RULES.replace(f"{missing}: {{}}\n", ""))
    assert _digest(house) == 2
    assert says in capsys.readouterr().err
