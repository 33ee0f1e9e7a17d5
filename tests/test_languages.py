"""The catalogues are whole, and their texts can be filled in and counted."""

from __future__ import annotations

import datetime

import pytest

from postclerk.config import placeholders
from postclerk.core.verdict import GENERAL_WORDS
from postclerk.explained import Role, explained
from postclerk.languages import LANGUAGES, Language, Languages
from postclerk.rules import all_rules
from tests.messages import TRANSLATED, catalogue, messages


@pytest.mark.parametrize("code", TRANSLATED)
def test_nothing_is_missing_and_nothing_is_left_over(code: str) -> None:
    """Each message is translated, in every plural form, and the catalogue holds no other."""
    there = catalogue(code)
    wanted = messages()
    assert {one.id if isinstance(one.id, str) else tuple(one.id) for one in there if one.id} == set(wanted)
    for one in there:
        forms = [one.string] if isinstance(one.string, str) else list(one.string)
        assert all(form.strip() for form in forms), one.id
        assert not one.fuzzy
        if one.pluralizable:
            assert len(forms) == there.num_plurals


@pytest.mark.parametrize("code", TRANSLATED)
def test_placeholders_are_the_same(code: str) -> None:
    """A translation has the placeholders of its original, no other and no fewer, and none twice by mistake."""
    for one in catalogue(code):
        if not one.id:
            continue
        original = one.id if isinstance(one.id, str) else one.id[-1]
        for form in [one.string] if isinstance(one.string, str) else one.string:
            assert placeholders(form) == placeholders(original), one.id
            assert (form[:1].isspace(), form[-1:].isspace()) in ((original[:1].isspace(), False), (False, False))


@pytest.mark.parametrize("code", TRANSLATED)
def test_nothing_is_left_in_english(code: str) -> None:
    """A translation is none that is the original again."""
    same = [one.id for one in catalogue(code) if one.id and one.string == one.id]
    assert same == []


def test_russian_plurals() -> None:
    """One, few and many; 11 and 21 are no exceptions to the rule."""
    count = Language("ru").count
    said = [
        count(
            "Before it, the same happened to {n} other message.",
            "Before it, the same happened to {n} other messages.",
            number,
        )
        for number in (1, 2, 5, 11, 21)
    ]
    assert [text.split()[-1] for text in said] == ["письмом.", "письмами.", "письмами.", "письмами.", "письмом."]


def test_dates() -> None:
    """As people write them."""
    at = datetime.datetime(2026, 11, 24, 9, 5, tzinfo=datetime.UTC)
    assert [Language(code).moment(at) for code in LANGUAGES] == [
        "2026 жылғы 24 қараша, 09:05",
        "24 ноября 2026, 09:05",
        "24 Kasım 2026, 09:05",
        "24 November 2026, 09:05",
    ]


@pytest.mark.parametrize(
    ("header", "wanted", "code"),
    [
        pytest.param("", "", "kk", id="nothing-said"),
        pytest.param("tr-TR,tr;q=0.9,en;q=0.8", "", "tr", id="first"),
        pytest.param("de, en;q=0.3, ru;q=0.7", "", "ru", id="by-weight"),
        pytest.param("ru;q=0, en", "", "en", id="not-wanted"),
        pytest.param("en", "kk", "kk", id="chosen"),
        pytest.param("en", "xx", "en", id="chosen-wrongly"),
        pytest.param("en;q=x, ;;,,=" * 1000, "", "kk", id="nonsense"),
        pytest.param("*", "", "kk", id="anything"),
    ],
)
def test_the_readers_language(header: str, wanted: str, code: str) -> None:
    """What he chose, else what his browser says, else the site's first."""
    assert Languages(LANGUAGES).accepted(header, wanted).code == code


ALL_WORDS = [(rule.name, code) for rule in all_rules().values() for code in rule.words] + [
    ("sender", code) for code in GENERAL_WORDS
]


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("role", Role)
def test_every_finding_can_be_explained(code: str, role: Role) -> None:
    """To every reader in every language, also where the journal lost a detail; nothing in braces is left."""
    for rule, finding in ALL_WORDS:
        entry = {
            "action": "reject",
            "login": None,
            "findings": [
                {"rule": rule, "code": finding, "clause": "1.3.2-a", "action": "reject", "monitor": False, "detail": {}}
            ],
        }
        why = explained(entry, role, Language(code))
        assert why.heading
        assert why.happened
        assert "{" not in " ".join((*why.happened, *why.todo))


def test_a_rule_that_is_gone() -> None:
    """Journals outlive rules: such a finding is told by its clause."""
    finding = {"rule": "gone", "code": "x", "clause": "9.9", "action": "hold", "monitor": False, "detail": {}}
    why = explained({"action": "hold", "login": "a", "findings": [finding]}, Role.SENDER, Language("en"))
    assert (why.heading, why.happened, why.clauses) == (
        "Your message is being held back",
        ("The message does not agree with the e-mail policy.",),
        (),
    )


def test_a_sites_own_words() -> None:
    """They take the place of ours in their language alone, and are filled in the same way."""
    texts = {"en": {"recipients.too-many-recipients": {"todo": "Ask the press office; {limit} is all."}}}
    detail = {"count": 51, "limit": 50}
    finding = {"rule": "recipients", "code": "too-many-recipients", "clause": "1.3.2-a", "action": "reject"}
    entry = {"action": "reject", "login": "a", "findings": [{**finding, "monitor": False, "detail": detail}]}
    english, turkish = Languages(["en", "tr"], texts).all
    assert explained(entry, Role.SENDER, english).todo == ("Ask the press office; 50 is all.",)
    assert "Press" not in explained(entry, Role.SENDER, turkish).todo[0]
