"""Clause, rule, words, section, test and documentation name each other, in both directions."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import string
from pathlib import Path

import pytest

from postclerk import rules
from postclerk.config import load
from postclerk.core.clauses import CLAUSES, RULES_OF_THE_POLICY
from postclerk.core.rule import Action, Rule, RuleOptions
from postclerk.rules import all_rules
from postclerk.sourcefile import read

ROOT = Path(__file__).parents[2]
FOLDER = Path(inspect.getfile(rules)).parent
each_rule = pytest.mark.parametrize("rule", [pytest.param(rule, id=name) for name, rule in all_rules().items()])


def _tree(rule: Rule) -> ast.Module:
    return ast.parse((FOLDER / f"{rule.name}.py").read_text())


def _findings(rule: Rule) -> list[ast.Call]:
    """The `Finding(…)` that a rule's source makes."""
    return [
        node
        for node in ast.walk(_tree(rule))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding"
    ]


def _code(call: ast.Call) -> str:
    assert isinstance(call.args[0], ast.Constant)
    return str(call.args[0].value)


def test_every_file_is_a_rule_and_nothing_else_is() -> None:
    """The folder is the list of rules."""
    files = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")
    assert files == list(all_rules()) == [rule.name for rule in all_rules().values()]


def test_every_rule_has_its_test() -> None:
    """tests/rules mirrors the rules."""
    tests = sorted(path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py"))
    assert sorted([*all_rules(), "all_rules"]) == tests


@each_rule
def test_the_clause_names_the_rule(rule: Rule) -> None:
    """The rule stands at its clause in the policy, and its docstring begins with that clause."""
    assert rule.name in CLAUSES[rule.clause].rules
    first = (ast.get_docstring(_tree(rule)) or "").partition("\n")[0]
    assert re.fullmatch(rf"{re.escape(rule.clause)}  \S.*\.", first)


def test_a_rule_belongs_to_one_clause() -> None:
    """No rule is named by two clauses, and every rule that exists is named."""
    named = [name for clause in CLAUSES.values() for name in clause.rules]
    assert sorted(set(named)) == sorted(named)
    assert set(all_rules()) <= RULES_OF_THE_POLICY


@each_rule
def test_every_finding_has_words_and_all_words_a_finding(rule: Rule) -> None:
    """What a rule's source can find is what it has words for."""
    assert sorted({_code(call) for call in _findings(rule)}) == sorted(rule.words)


@each_rule
def test_words_use_what_the_finding_holds(rule: Rule) -> None:
    """Every `{name}` in a finding's words is a detail that each place which makes it gives."""
    given: dict[str, list[set[str]]] = {}
    for call in _findings(rule):
        names = {word.arg for word in call.keywords if word.arg}
        if any(word.arg is None for word in call.keywords):  # **detail
            names |= {
                str(key.value)
                for node in ast.walk(_tree(rule))
                if isinstance(node, ast.Dict)
                for key in node.keys
                if isinstance(key, ast.Constant)
            }
        given.setdefault(_code(call), []).append(names)
    lacking = [
        (code, name)
        for code, words in rule.words.items()
        for text in (words.reason, words.outside, words.remedy)
        for _text, name, _spec, _conversion in string.Formatter().parse(text)
        if name and not all(name in names for names in given[code])
    ]
    assert lacking == []


@each_rule
def test_remedies_are_said_as_they_are(rule: Rule) -> None:
    """A remedy is plain text: nothing is filled in."""
    assert [words.remedy for words in rule.words.values() if "{" in words.remedy] == []


@each_rule
def test_outside_words_tell_no_limits_and_no_people(rule: Rule) -> None:
    """An outside sender reads no limits and no directory facts."""
    private = {"limit", "used", "login", "who", "notice"}
    told = [
        (code, name)
        for code, words in rule.words.items()
        if code.startswith(("inside-address", "sender-cannot", "sender-syntax"))  # what outside mail can come to
        for _text, name, _spec, _conversion in string.Formatter().parse(words.outside)
        if name in private | {"address"}
    ]
    assert told == []


@each_rule
def test_codes_are_slugs_and_statuses_are_rfc_3463s(rule: Rule) -> None:
    """A code is lower case with hyphens; an enhanced status has a subject and a detail."""
    assert [code for code in rule.words if not re.fullmatch(r"[a-z]+(-[a-z]+)*", code)] == []
    assert [one for one in rule.words.values() if not re.fullmatch(r"[1-7]\.\d{1,2}", one.enhanced)] == []


@each_rule
def test_switches_and_milder_actions_are_options(rule: Rule) -> None:
    """What a check or a finding names as an option is one."""
    named = {check.when for check in rule.checks if check.when}
    for call in _findings(rule):
        for word in call.keywords:
            if word.arg == "limited_by":
                assert isinstance(word.value, ast.Constant)
                named.add(str(word.value.value))
    assert named <= set(rule.options.model_fields) | {"has_signed_notices"}


@each_rule
def test_every_check_says_what_must_hold(rule: Rule) -> None:
    """A check's docstring is a sentence."""
    assert rule.checks
    says = [inspect.getdoc(check.function) or "" for check in rule.checks]
    assert [text for text in says if not re.match(r"[A-Z].*\.", text)] == []


@each_rule
def test_the_shipped_section_shows_every_option(rule: Rule) -> None:
    """rules.yaml has a section for the rule with its options at their defaults, and an example of each outcome."""
    source = read(ROOT / "rules.yaml")
    section = dict(source.value["rules"][rule.name])
    section.pop("examples")
    own = set(rule.options.model_fields) - set(RuleOptions.model_fields)
    assert own <= set(section)
    assert rule.options.model_validate(section) == rule.options()
    options = dict(load(ROOT / "rules.yaml").settings.rules)[rule.name]
    assert {example.expect for example in options.examples} >= {Action.ACCEPT, Action.REJECT} or rule.name in {
        "return_address"  # what it accepts is what the other rules' examples send
    }


def test_the_shipped_sections_are_the_rules() -> None:
    """rules.yaml has no section but the rules'."""
    assert sorted(read(ROOT / "rules.yaml").value["rules"]) == sorted(all_rules())


@each_rule
def test_every_option_has_its_sentence(rule: Rule) -> None:
    """An option is declared with the one sentence that documents it everywhere."""
    lacking = [
        name
        for name, field in rule.options.model_fields.items()
        if not re.fullmatch(r"[A-Z].*\.", field.description or "")
    ]
    assert lacking == []


@each_rule
def test_modules_are_pure(rule: Rule) -> None:
    """A rule's module imports as a rule and holds nothing that a message could change."""
    module = importlib.import_module(f"postclerk.rules.{rule.name}")
    held = [
        name
        for name, value in vars(module).items()
        if isinstance(value, list | dict | set) and not name.startswith("__")
    ]
    assert held == []
