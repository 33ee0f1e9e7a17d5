"""The rules.yaml that is shipped says what is so: its values are the declared defaults, and its examples hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from postclerk import bootstrap, config
from postclerk.core.rule import RuleOptions
from postclerk.rules import all_rules
from postclerk.settings import Settings

RULES = Path(__file__).parents[1] / "rules.yaml"


def test_it_is_right() -> None:
    """It has no mistakes, warns of nothing, and its examples hold."""
    assert bootstrap.read_site(RULES).config.warnings == []


@pytest.mark.parametrize(
    "section", ["milter", "dns", "journal", "calendar", "relays", "directory", "service_notices", "web", "held"]
)
def test_sections_show_the_defaults(section: str) -> None:
    """Whatever is left out has the value that is shown."""
    written = config.load(RULES).settings
    assert getattr(written, section) == Settings.model_fields[section].get_default(call_default_factory=True)


@pytest.mark.parametrize("name", sorted(all_rules()))
def test_rules_show_the_defaults(name: str) -> None:
    """A rule's section shows each of its own options with its default, and examples."""
    rule, written = all_rules()[name], config.load(RULES).settings.rules[name]
    assert written.model_copy(update={"examples": []}) == rule.options()
    own = set(rule.options.model_fields) - set(RuleOptions.model_fields) | {"action", "examples"}
    assert own <= written.model_fields_set
