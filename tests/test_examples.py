"""The examples that rules carry."""

from __future__ import annotations

from pathlib import Path

import pytest

from postclerk import bootstrap, config, examples
from postclerk.core.rule import Example
from tests.conftest import PEOPLE, SITE

ME = "{login: a.serik, from: a.serik@$domain"


def _failures(tmp_path: Path, rules: str, site: str = SITE) -> list[str]:
    (tmp_path / "people.yaml").write_text(PEOPLE)
    path = tmp_path / "rules.yaml"
    path.write_text(f"{site}rules:\n{rules}")
    read = config.load(path)
    failed = examples.failures(read, bootstrap.directories(read))
    lines = len(site.splitlines()) + 1
    found = []
    for one in failed:
        assert one.file == str(path)
        found.append(f"{one.line - lines}:{one.column}: {one.message}")
    return found


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(ME + "}", id="accepted-by-default"),
        pytest.param(ME + ", to: 3, expect: accept}", id="a-number-of-recipients"),
        pytest.param(ME + ", to: 4, expect: reject, code: too-many-recipients}", id="refused-with-its-code"),
        pytest.param(ME + ", sent_before: 5, expect: reject, code: too-many-in-a-while}", id="sent-before"),
        pytest.param(ME + ", to: [staff@$domain, x@example.org], expect: reject}", id="a-list"),
        pytest.param("{login: $domain, from: ''}", id="the-null-sender"),
        pytest.param("{client: 192.0.2.9, from: root@$domain, to: 4, expect: reject}", id="a-client"),
        pytest.param("{from: x@nowhere.invalid-example.org, to: 4}", id="the-dns-is-not-asked"),
    ],
)
def test_promises_that_hold(tmp_path: Path, example: str) -> None:
    """What comes out is what the example says, so nothing is said."""
    rules = f"  recipients: {{per_message: 3, per_hour: 5, examples: [{example}]}}\n"
    assert _failures(tmp_path, rules) == []


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        pytest.param(
            f"  recipients:\n    per_message: 3\n    examples:\n      - {ME}, to: 4}}\n",
            ["4:9: the example expects accept; it comes to reject (too-many-recipients)"],
            id="another-action",
        ),
        pytest.param(
            "  recipients:\n    examples:\n      - {about: Few are many., login: a, from: a@$domain, expect: hold}\n",
            ["3:9: the example “Few are many.” expects hold; it comes to accept (no finding)"],
            id="no-finding",
        ),
        pytest.param(
            "  recipients:\n    per_message: 3\n    examples:\n"
            f"      - {ME}, to: 4, expect: reject, code: sender-not-own}}\n",
            ["4:9: the example expects sender-not-own; it comes to reject (too-many-recipients)"],
            id="another-code",
        ),
        pytest.param(
            f"  recipients:\n    per_message: 1\n    examples: [{ME}, to: 2}}, {ME}, to: 3}}]\n",
            [
                "3:16: the example expects accept; it comes to reject (too-many-recipients)",
                "3:64: the example expects accept; it comes to reject (too-many-recipients)",
            ],
            id="all-that-fail",
        ),
        pytest.param(
            f"  sender:\n  recipients: {{action: 'off', per_message: 1, examples: [{ME}, to: 2, expect: reject}}]}}\n",
            [],
            id="a-rule-that-is-off-promises-nothing",
        ),
    ],
)
def test_promises_that_do_not_hold(tmp_path: Path, rules: str, said: list[str]) -> None:
    """What comes out instead is told at the example's place."""
    assert said == _failures(tmp_path, rules)


def test_monitor_hides_nothing(tmp_path: Path) -> None:
    """A rule or a site on monitor is held to its examples as if it were in force."""
    rules = f"  recipients: {{per_message: 1, monitor: true, examples: [{ME}, to: 2, expect: reject}}]}}\n"
    assert _failures(tmp_path, rules, SITE.replace("helpdesk:", "monitor: true\n  helpdesk:")) == []


def test_the_shipped_examples_hold() -> None:
    """The rules.yaml in the repository keeps its promises."""
    read = config.load(Path(__file__).parents[1] / "rules.yaml")
    assert [str(one) for one in examples.failures(read, bootstrap.directories(read))] == []
    assert examples.count(read.settings) >= 2 * len(read.settings.rules)


def test_an_example_may_be_empty() -> None:
    """Every field of an example has a default."""
    assert Example.model_validate(None) == Example()
