"""What the text of a message is made of: data, a table, links that count, a person who speaks."""

import pytest

from postclerk.core.lexicon import Lexicon, fold
from postclerk.core.reading import Link
from postclerk.mail.kind_structure import (
    bears_a_telephone,
    is_data,
    is_exact,
    is_numbered,
    is_table,
    speaks_of_himself,
    tells_what_was_done,
    tokens_of_links,
)


@pytest.mark.parametrize(
    ("text", "table"),
    [
        pytest.param("Host: db1\nState: down\nSince: 10:14", True, id="a program's report"),
        pytest.param("* Автор: Д. Серик\n* Статус: новая\n* Срок: завтра", True, id="behind marks, ru"),
        pytest.param("Host: db1\nHost: db2\nHost: db3", False, id="one name again and again"),
        pytest.param(
            "Regards\nTel: +7 701 000 00 00\nMob: +7 702 000 00 00\nE-mail: a@b.example", False, id="signature"
        ),
        pytest.param("From: a@b.example\nTo: c@d.example\nSubject: x\nDate: today", False, id="a header passed on"),
        pytest.param("Dear Ann: here it is.\nNote: I am away.", False, id="sentences"),
        pytest.param("a" * 100 + ": b\n" + "c: " + "d" * 500 + "\n" * 3000 + "e: f\ng: h\ni: j", False, id="bounded"),
    ],
)
def test_tables(text: str, table: bool) -> None:
    """Several names with values are a table, a signature is none."""
    assert is_table(text) is table


@pytest.mark.parametrize(
    ("subject", "numbered"),
    [
        pytest.param("№ ЖТ-2026-03114205 өтінішіңізге жауап дайын", True, id="a number, kk"),
        pytest.param("[Warning] backup", True, id="a mark before it"),
        pytest.param("Disk is 90% full", True, id="a share"),
        pytest.param("NLE-2026-0188: sent to reviewers", True, id="a code"),
        pytest.param("Minutes of Monday", False, id="words"),
        pytest.param("Встреча в 15:00", False, id="an hour"),
    ],
)
def test_numbered(subject: str, numbered: bool) -> None:
    """Programs name things by their numbers, people mostly by words."""
    assert is_numbered(subject) is numbered


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        pytest.param("Seen at 2026-10-14 03:12:44 by camera", True, id="a moment"),
        pytest.param("Мерзімі: 01.10.2026", True, id="a date in figures"),
        pytest.param("1 22 333 4444 and 55555 or so", True, id="figures"),
        pytest.param("We meet at 15:00 in room 7, and then have lunch together.", False, id="an hour and a room"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_exact(text: str, exact: bool) -> None:
    """Dates in figures and many figures are a program's."""
    assert is_exact(text) is exact


@pytest.mark.parametrize(
    ("text", "data"),
    [
        pytest.param('<?xml version="1.0"?><a/>', True, id="XML"),
        pytest.param('\n{"a": 1}', True, id="JSON"),
        pytest.param("{this} is a sentence", False, id="braces"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_data(text: str, data: bool) -> None:
    """XML and JSON are for programs."""
    assert is_data(text) is data


def test_links_that_count() -> None:
    """Tokens are counted for each site, and a path without one not at all."""
    token = "/c/" + "0123456789abcdef"
    urls = [f"https://go.example{token}{number}" for number in range(3)]
    urls += [f"https://b.example{token}", "https://b.example/minutes", "mailto:a@b.example", ""]
    assert tokens_of_links(Link(url, "") for url in urls) == 3
    assert tokens_of_links([]) == 0


@pytest.mark.parametrize(
    ("text", "himself", "done"),
    [
        pytest.param("I have sent my draft", True, False, id="en"),
        pytest.param("Прошу прислать отчёт", True, False, id="ru"),
        pytest.param("Yarın gönderiyorum", True, False, id="tr"),
        pytest.param("Құжатты ертең жіберемін", True, False, id="kk"),
        pytest.param("The room was booked", False, True, id="done, en"),
        pytest.param("Заявление отправлено", False, True, id="done, ru"),
        pytest.param("Başvurunuz sonuçlanmıştır", False, True, id="done, tr"),
        pytest.param("Құжат тіркелді, нөмір жаңартылды", False, True, id="done, kk"),
        pytest.param("Yorum, tarım, birim", False, False, id="words that end alike"),
        pytest.param("Напоминаю о собрании.", True, False, id="who reminds, ru"),
        pytest.param("Посылаю отчёт.", True, False, id="who sends, ru"),
        pytest.param("Исполнитель: Николаю Есенбаю", False, False, id="a name that ends as a verb does, ru"),
    ],
)
def test_who_speaks(text: str, himself: bool, done: bool) -> None:
    """Somebody speaks of himself, or something was done."""
    sentence = Lexicon({}).sentence(fold(text))
    assert (speaks_of_himself([sentence]), tells_what_was_done([sentence])) == (himself, done)


@pytest.mark.parametrize(
    ("text", "signed"),
    [
        pytest.param("Ann Reed\nTel. +7 701 000 00 00", True, id="en"),
        pytest.param("С уважением\nвн. 102-15", True, id="ru"),
        pytest.param("Call 7 days a week", False, id="a sentence"),
        pytest.param("Tel. +7 701 000 00 00\n" + "text\n" * 200, False, id="at the beginning"),
    ],
)
def test_telephones(text: str, signed: bool) -> None:
    """A telephone number at the end is a person's signature."""
    assert bears_a_telephone(text) is signed
