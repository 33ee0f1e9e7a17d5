"""The rules.yaml that is shipped says what is so: its values are the declared defaults, and its examples hold."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from postclerk import bootstrap, config
from postclerk.core.rule import RuleOptions
from postclerk.rules import all_rules
from postclerk.settings import Imap, Settings, Tracker

RULES = Path(__file__).parents[1] / "rules.yaml"


def test_it_is_right() -> None:
    """It has no mistakes, warns of nothing, and its examples hold."""
    assert bootstrap.read_site(RULES).config.warnings == []


@pytest.mark.parametrize(
    "section",
    ["milter", "dns", "journal", "calendar", "relays", "directory", "service_notices", "web", "held", "digest"],
)
def test_sections_show_the_defaults(section: str) -> None:
    """Whatever is left out has the value that is shown."""
    written = config.load(RULES).settings
    assert getattr(written, section) == Settings.model_fields[section].get_default(call_default_factory=True)


def _uncommented(lines: list[str], key: str) -> list[str]:
    """The lines of a section that is written as a comment, without the first # of each."""
    first = next(number for number, line in enumerate(lines) if line.lstrip("# ").startswith(f"{key}:"))
    margin = lines[first].index(f"{key}:")
    inner = itertools.takewhile(lambda line: line[:margin] == lines[first][:margin] and line[margin:margin + 1] in " #",
                                lines[first + 1 :])  # fmt: skip
    return [line[margin:] for line in (lines[first], *inner)]


def test_the_tracker_is_off_and_shows_its_defaults(tmp_path: Path) -> None:
    """What it keeps of everybody's mail, somebody decides to keep; whatever he then leaves out has the value shown."""
    assert config.load(RULES).settings.tracker is None
    tracker = _uncommented(RULES.read_text().splitlines(), "tracker")
    imap = [f"  {line}" for line in _uncommented(tracker, "imap")]
    path = tmp_path / "rules.yaml"
    path.write_text("\n".join(["site: {hostname: mx.uni.example, domains: [uni.example]}", *tracker, *imap]))
    written = config.load(path).settings.tracker
    assert written is not None
    assert written.imap is not None
    assert written.model_copy(update={"imap": None}) == Tracker()
    assert written.imap == Imap(server=written.imap.server, password_file=written.imap.password_file)
    assert written.model_fields_set == set(Tracker.model_fields)
    assert written.imap.model_fields_set == set(Imap.model_fields)


@pytest.mark.parametrize("name", sorted(all_rules()))
def test_rules_show_the_defaults(name: str) -> None:
    """A rule's section shows each of its own options with its default, and examples."""
    rule, written = all_rules()[name], config.load(RULES).settings.rules[name]
    assert written.model_copy(update={"examples": []}) == rule.options()
    own = set(rule.options.model_fields) - set(RuleOptions.model_fields) | {"action", "examples"}
    assert own <= written.model_fields_set
