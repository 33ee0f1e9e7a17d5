"""What is asked before the score is: whether a letter says anything that a registration says."""

from __future__ import annotations

import pytest

from postclerk.core.reading import Link
from postclerk.core.registration import CEILING, LIKELY, Letter, may_be, score
from postclerk.core.registration.signals import SIGNALS

TOKEN = "https://forum.example/confirm/9f8e7d6c5b4a39281706f5e4d3c2b1a0"


def test_no_score_is_missed() -> None:
    """What a letter without any of the words can reach stays far below what is called a registration."""
    assert CEILING < LIKELY / 2


@pytest.mark.parametrize(
    "letter",
    [
        pytest.param(Letter("Minutes", "Dear colleagues, the minutes of Tuesday are below."), id="a plain letter"),
        pytest.param(Letter("Есеп", "Құрметті әріптестер, есеп қосымшада."), id="kk"),
        pytest.param(
            Letter("", "Please ignore this.", (Link(TOKEN, "here"),), sender="noreply@forum.example"),
            id="all that is left to see without words",
        ),
    ],
)
def test_says_nothing_of_the_kind(letter: Letter) -> None:
    """Then the score is not asked for, and would have been low."""
    assert not may_be(letter)
    assert score(letter).value <= CEILING


@pytest.mark.parametrize(
    "letter",
    [
        pytest.param(Letter("Confirm your account", "Click below."), id="en, in the subject"),
        pytest.param(Letter("Здравствуйте", "Подтвердите регистрацию."), id="ru"),
        pytest.param(Letter("Merhaba", "Hesabınızı onaylayın."), id="tr"),
        pytest.param(Letter("Сәлем", "Тіркелуді растаңыз."), id="kk"),
        pytest.param(Letter("Hello", "Hi!", (Link(TOKEN, "Confirm"),)), id="on a button"),
        pytest.param(Letter("Hello", "P\u0430ssw\u043erd: 1234"), id="letters that look alike"),
    ],
)
def test_may_be_one(letter: Letter) -> None:
    """In every language, wherever it stands."""
    assert may_be(letter)


def test_every_signal_for_one_needs_a_word() -> None:
    """No signal that speaks for a registration, beyond those that count towards the ceiling, is seen without one."""
    from postclerk.core.registration import WITHOUT_WORDS

    bare = Letter(
        "Hello", "Please ignore it if it expires. Click here: 4711.", (Link(TOKEN, "here"),), "noreply@x.example",
        ("a@uni.example",),
    )  # fmt: skip
    assert not may_be(bare)
    seen = {signal.name for signal in SIGNALS if signal.speaks_for and signal.seen(bare)}
    assert seen <= set(WITHOUT_WORDS)


@pytest.mark.parametrize(
    ("letter", "seen"),
    [
        pytest.param(
            Letter("Ваш пароль", "Имя пользователя: aserik\nПароль: mibofetu47", sender="noreply@wiki.example"),
            {"gives_credentials"},
            id="a site that makes the password itself",
        ),
        pytest.param(
            Letter("Access", "You are registered.\nLogin:\na.serik@uni.example\nPassword:\nAk7-tolqyn-52"),
            {"registered", "gives_credentials"},
            id="each on a line of its own",
        ),
        pytest.param(
            Letter("Your new password", "User name: aserik\nPassword: mibofetu47"),
            {"gives_credentials", "subject_resets"},
            id="who has lost his password",
        ),
        pytest.param(
            Letter("Welcome!", "Welcome to the shop."), {"subject_welcomes", "welcomes"}, id="who is welcomed"
        ),
        pytest.param(
            Letter("HOSGELDIN15", "%15 hoş geldin indiriminiz bugün bitiyor."), set(), id="what is off for newcomers"
        ),
        pytest.param(Letter("Вам открыт доступ к файлу", "Коллега поделился с вами файлом."), set(), id="a file"),
        pytest.param(
            Letter("Турнир", "Сіздің командаңыз жарысқа сәтті тіркелді."), set(), id="a team that takes part, kk"
        ),
        pytest.param(Letter("Yeni ilan", "Kayıtlı aramanla eşleşen yeni bir ilan."), set(), id="a saved search"),
        pytest.param(Letter("WELCOME15", "Your welcome discount ends tonight."), set(), id="the same, en"),
    ],
)
def test_what_is_seen(letter: Letter, seen: set[str]) -> None:
    """What tells a letter to somebody new from one to who is there already."""
    told = {"registered", "gives_credentials", "subject_resets", "subject_welcomes", "welcomes"}
    assert {signal.name for signal in SIGNALS if signal.name in told and signal.seen(letter)} == seen
