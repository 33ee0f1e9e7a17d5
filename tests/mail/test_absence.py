"""What an automatic reply says of an absence and of the substitute."""

from __future__ import annotations

import datetime
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postclerk.core.absence import Absence, absence_json
from postclerk.mail.absence import absence
from tests.bench.absence import OWN, TABLES, Labelled, labelled

WEDNESDAY = datetime.datetime(2026, 8, 5, 10, tzinfo=datetime.UTC)
ALL = [one for table in TABLES for one in labelled(table)]


def day(month: int, number: int, year: int = 2026) -> datetime.date:
    """A day of the summer in which the replies are sent."""
    return datetime.date(year, month, number)


def _term(text: str, at: datetime.datetime = WEDNESDAY) -> tuple[datetime.date | None, datetime.date | None] | None:
    found = absence("Automatic reply", text, at)
    return (found.begins, found.until) if found is not None else None


def _substitute(text: str) -> str | None:
    found = absence("Automatic reply", f"I am out of the office. {text}", WEDNESDAY, OWN)
    assert found is not None
    return found.substitute


@pytest.mark.parametrize("reply", [pytest.param(one, id=f"{one.language}-{number}") for number, one in enumerate(ALL)])
def test_whole_replies(reply: Labelled) -> None:
    """The replies of the benchmark's tables are read as a person reads them."""
    assert reply.read == reply.says


@pytest.mark.parametrize(
    ("text", "begins", "until"),
    [
        pytest.param("I am away until 15 August.", None, day(8, 15), id="until"),
        pytest.param("I am away till Aug. 15th.", None, day(8, 15), id="short-month"),
        pytest.param("I'm out until Aug 15, 2026", None, day(8, 15), id="month-first"),
        pytest.param("Out of office until 2026-08-15", None, day(8, 15), id="iso"),
        pytest.param("I'm out of the office until the 17th", None, day(8, 17), id="no-month"),
        pytest.param("I'm out of the office until the 3rd", None, day(8, 3), id="just-over"),
        pytest.param("I am on leave until Monday.", None, day(8, 10), id="weekday"),
        pytest.param("I'm away through Friday", None, day(8, 7), id="through"),
        pytest.param("I'm away until Wednesday", None, day(8, 12), id="weekday-of-today"),
        pytest.param("I am on leave, back on Monday.", None, day(8, 9), id="back"),
        pytest.param("I am away and will return on 17 August.", None, day(8, 16), id="return"),
        pytest.param("I will not be back until 17 August.", None, day(8, 16), id="not-back-until"),
        pytest.param("Away until Friday 14 August; back on Monday 17 August.", None, day(8, 14), id="until-and-back"),
        pytest.param("I am on leave from 3 to 14 August", day(8, 3), day(8, 14), id="from-to"),
        pytest.param("I am on leave August 3-14", day(8, 3), day(8, 14), id="dash"),
        pytest.param("On leave from 28 December to 8 January", day(12, 28), day(1, 8, 2027), id="over-new-year"),
        pytest.param("On leave 03/08/2026 - 14/08/2026", day(8, 3), day(8, 14), id="day-first"),
        pytest.param("On leave 08/03/2026 - 08/14/2026", day(8, 3), day(8, 14), id="month-first-by-the-other"),
        pytest.param("Out of the office from Monday to Friday", day(8, 3), day(8, 7), id="weekdays"),
        pytest.param("I'm out of the office today", day(8, 5), day(8, 5), id="today"),
        pytest.param("I'm out of the office tomorrow", day(8, 6), day(8, 6), id="tomorrow"),
        pytest.param("I'm out of the office on 7 August", day(8, 7), day(8, 7), id="one-day"),
        pytest.param("I'm on vacation next week", day(8, 10), day(8, 16), id="next-week"),
        pytest.param("I'm on vacation this week", day(8, 3), day(8, 9), id="this-week"),
        pytest.param("I'm on vacation for two weeks", None, day(8, 19), id="two-weeks"),
        pytest.param("From 10 August I am on vacation for two weeks", day(8, 10), day(8, 23), id="from-for"),
        pytest.param("I am out from 20 August onward", day(8, 20), None, id="no-end"),
        pytest.param("Away until the end of August", None, day(8, 31), id="end-of-month"),
        pytest.param("On parental leave until January 2027", None, day(12, 31), id="until-a-month"),
        pytest.param("I am out of the office until\nMonday, 17 August", None, day(8, 17), id="two-lines"),
        pytest.param("I'm away until further notice.", None, None, id="no-term"),
        pytest.param("I am away until 31 February.", None, None, id="no-such-day"),
        pytest.param("I am away until 99.99.9999.", None, None, id="no-such-date"),
        # Russian
        pytest.param("Я в отпуске до 15 августа", None, day(8, 15), id="ru-until"),
        pytest.param("Меня не будет с 3 по 14 августа", day(8, 3), day(8, 14), id="ru-from-to"),
        pytest.param("Отпуск 03.08–14.08", day(8, 3), day(8, 14), id="ru-dash"),
        pytest.param("Я в отпуске с 03.08.2026 - 14.08.2026 г.", day(8, 3), day(8, 14), id="ru-years"),
        pytest.param("С 1-го по 15-е августа я в отъезде", day(8, 1), day(8, 15), id="ru-ordinals"),
        pytest.param("В отпуске по 14 августа включительно", None, day(8, 14), id="ru-inclusive"),
        pytest.param("Вернусь из отпуска 17 августа", None, day(8, 16), id="ru-return"),
        pytest.param("Я на больничном, на работе буду с 17.08", None, day(8, 16), id="ru-at-work-from"),
        pytest.param("До понедельника я в командировке", None, day(8, 10), id="ru-weekday"),
        pytest.param("Я в отпуске на следующей неделе", day(8, 10), day(8, 16), id="ru-next-week"),
        pytest.param("Буду отсутствовать в течение двух недель", None, day(8, 19), id="ru-two-weeks"),
        pytest.param("Отсутствую сегодня и завтра", day(8, 5), day(8, 6), id="ru-today-and-tomorrow"),
        pytest.param("В отпуске до конца месяца", None, day(8, 31), id="ru-end-of-month"),
        pytest.param("Ya v otpuske do 15 avgusta", None, day(8, 15), id="ru-in-latin-letters"),
        # Turkish
        pytest.param("29 Ağustos'a kadar izinliyim", None, day(8, 29), id="tr-until"),
        pytest.param("29 agustosa kadar izindeyim", None, day(8, 29), id="tr-no-marks"),
        pytest.param("15-29 Ağustos tarihleri arasında izindeyim", day(8, 15), day(8, 29), id="tr-between"),
        pytest.param("15 ile 29 Ağustos arasında izindeyim", day(8, 15), day(8, 29), id="tr-and"),
        pytest.param("3 Ağustos'tan 29 Ağustos'a kadar yokum", day(8, 3), day(8, 29), id="tr-from-to"),
        pytest.param(
            "10.08.2026 tarihinden 21.08.2026 tarihine kadar izinliyim", day(8, 10), day(8, 21), id="tr-dates"
        ),
        pytest.param("İzindeyim, 17 Ağustos'ta döneceğim", None, day(8, 16), id="tr-back"),
        pytest.param("17 Ağustos itibarıyla iş başında olacağım", None, day(8, 16), id="tr-at-work"),
        pytest.param("İzindeyim. Dönüş tarihi: 17 Ağustos", None, day(8, 16), id="tr-label"),
        pytest.param("Gelecek hafta ofiste olmayacağım", day(8, 10), day(8, 16), id="tr-next-week"),
        pytest.param("Cumaya kadar şehir dışındayım", None, day(8, 7), id="tr-weekday"),
        pytest.param("Ağustos sonuna kadar izindeyim", None, day(8, 31), id="tr-end-of-month"),
        pytest.param("İki hafta süreyle izindeyim", None, day(8, 19), id="tr-two-weeks"),
        pytest.param("Bugün ofiste yokum", day(8, 5), day(8, 5), id="tr-today"),
        # Kazakh
        pytest.param("15 тамызға дейін демалыстамын", None, day(8, 15), id="kk-until"),
        pytest.param("2026 жылғы 15 тамызға дейін жұмыста болмаймын", None, day(8, 15), id="kk-year-first"),
        pytest.param("15-29 тамыз аралығында іссапардамын", day(8, 15), day(8, 29), id="kk-between"),
        pytest.param("3 тамыздан 14 тамызға дейін демалыстамын", day(8, 3), day(8, 14), id="kk-from-to"),
        pytest.param("10.08.2026 бастап 21.08.2026 дейін іссапардамын", day(8, 10), day(8, 21), id="kk-dates"),
        pytest.param("Демалыстамын, 17 тамызда ораламын", None, day(8, 16), id="kk-back"),
        pytest.param("Іссапардамын, 17 тамыздан бастап жұмыста боламын", None, day(8, 16), id="kk-at-work-from"),
        pytest.param("Келесі аптада демалыстамын", day(8, 10), day(8, 16), id="kk-next-week"),
        pytest.param("Дүйсенбіге дейін кеңседе болмаймын", None, day(8, 10), id="kk-weekday"),
        pytest.param("Тамыз айының соңына дейін демалыстамын", None, day(8, 31), id="kk-end-of-month"),
        pytest.param("Екі апта бойы жұмыста болмаймын", None, day(8, 19), id="kk-two-weeks"),
        pytest.param("15 тамызга дейин демалыстамын", None, day(8, 15), id="kk-russian-keyboard"),
        pytest.param("15 tamyzga deiin demalystamyn", None, day(8, 15), id="kk-in-latin-letters"),
        # Several languages
        pytest.param("Я в отпуске до 15 августа.\n\nI am on leave until 15 August.", None, day(8, 15), id="two-agree"),
        pytest.param(
            "15 тамызға дейін демалыстамын.\nЯ в отпуске до 16 августа.", None, day(8, 15), id="the-first-counts"
        ),
    ],
)
def test_terms(text: str, begins: datetime.date | None, until: datetime.date | None) -> None:
    """First and last day, as the language means them."""
    assert _term(text) == (begins, until)


@pytest.mark.parametrize(
    ("text", "at", "until"),
    [
        pytest.param("Away until 12 March", day(11, 20), day(3, 12, 2027), id="next-year"),
        pytest.param("Away until 15 August", day(8, 20), day(8, 15), id="forgotten-reply"),
        pytest.param("Away until 3 January", day(12, 28), day(1, 3, 2027), id="over-new-year"),
        pytest.param("Away until 29 February", day(1, 10, 2028), day(2, 29, 2028), id="leap-day"),
        pytest.param("Away until 5 January 2026", day(12, 28), day(1, 5), id="year-as-said"),
    ],
)
def test_years(text: str, at: datetime.date, until: datetime.date) -> None:
    """The year that is left out is that of the nearest day, rather ahead than past."""
    assert _term(text, datetime.datetime.combine(at, datetime.time(9), datetime.UTC)) == (None, until)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("We received your message. Ticket 12345 was opened on 3 August.", id="ticket"),
        pytest.param("You have written outside of our office hours: Monday to Friday, 9:00-18:00.", id="hours"),
        pytest.param("We will get back to you right away.", id="right-away"),
        pytest.param("Ваше обращение принято, ответим до 15 августа.", id="ru-deadline"),
        pytest.param("Режим работы: с понедельника по пятницу с 9:00 до 18:00.", id="ru-hours"),
        pytest.param("Talebiniz alındı, 15 Ağustos'a kadar yanıtlanacaktır.", id="tr-deadline"),
        pytest.param("Өтінішіңіз қабылданды, 15 тамызға дейін жауап береміз.", id="kk-deadline"),
        pytest.param("", id="empty"),
    ],
)
def test_no_absence(text: str) -> None:
    """Confirmations, deadlines and opening hours speak of none."""
    assert absence("Automatic reply", text, WEDNESDAY) is None


@pytest.mark.parametrize(
    "more",
    [
        pytest.param("My phone is +7 701 15 08 26.", id="phone"),
        pytest.param("My book of 2025, version 1.2.27, is out.", id="book"),
        pytest.param("We met on 3 July.", id="past"),
        pytest.param("Applications are accepted until 30 September.", id="deadline"),
        pytest.param("Our office hours from 1 September: 9:00-17:00.", id="hours"),
        pytest.param("\nKind regards,\nA. Serik\nsince 01.09.2020 until 31.12.2030 dean", id="signature"),
        pytest.param("\n-- \nA. Serik, 10.10.2026", id="signature-by-dashes"),
    ],
)
def test_other_dates(more: str) -> None:
    """What is no day of the absence is none."""
    assert _term(f"I am out of the office until 15 August. {more}") == (None, day(8, 15))


@pytest.mark.parametrize(
    ("text", "substitute"),
    [
        pytest.param("Please contact Office@Uni.Example.", "office@uni.example", id="address"),
        pytest.param("Contact Ann Lee on +7 727 250 11 22 or ann@uni.example", "ann@uni.example", id="address-first"),
        pytest.param("Contact Ann Lee on +7 727 250 11 22", "+7 727 250 11 22", id="phone"),
        pytest.param("In my absence please contact Dr. Ann Lee.", "Dr. Ann Lee", id="name"),
        pytest.param("My deputy is Ann Lee.", "Ann Lee", id="deputy"),
        pytest.param("You can still reach me at private@mail.example.", None, id="himself"),
        pytest.param("Call me on +7 701 111 22 33.", None, id="own-phone"),
        pytest.param(
            "Reach me at a@b.example or contact Ann: ann@uni.example", "ann@uni.example", id="himself-and-other"
        ),
        pytest.param("Please write to me@uni.example again.", None, id="own-address"),
        pytest.param("Replies to noreply@uni.example are not read; contact Ann Lee.", "Ann Lee", id="nobody"),
        pytest.param("\nRegards,\nB. Head\nb.head@other.example\n+7 701 222 33 44", None, id="signature"),
        pytest.param("Обращайтесь к Ивановой Анне, тел. 12-10-15.", "12-10-15", id="ru-short-phone"),
        pytest.param("Меня замещает Петров А.П.", "Петров А.П.", id="ru-name"),
        pytest.param("Звоните мне на +7 701 111 22 33", None, id="ru-himself"),
        pytest.param("Пишите на kafedra@uni.example", "kafedra@uni.example", id="ru-address"),
        pytest.param("Ayşe Yılmaz ile iletişime geçiniz.", "Ayşe Yılmaz", id="tr-name"),
        pytest.param("Yerime Prof. Dr. Ali Kaya bakacaktır.", "Prof. Dr. Ali Kaya", id="tr-titles"),
        pytest.param("Bana 0532 111 22 33 numarasından ulaşabilirsiniz.", None, id="tr-himself"),
        pytest.param("0212 555 44 33 numaralı telefonu arayınız.", "0212 555 44 33", id="tr-phone"),
        pytest.param("Орнымда Ерлан Ахметов.", "Ерлан Ахметов", id="kk-name"),
        pytest.param("Серікке хабарласыңыз: serik@uni.example", "serik@uni.example", id="kk-address"),
        pytest.param("Маған +7 701 222 33 44 арқылы хабарласыңыз.", None, id="kk-himself"),
        pytest.param("I shall answer later.", None, id="nobody-is-named"),
    ],
)
def test_substitutes(text: str, substitute: str | None) -> None:
    """The address before the telephone before the name, and never the writer himself."""
    assert _substitute(text) == substitute


def test_the_subject() -> None:
    """It counts where the text names no day, but for what the other person wrote about."""
    assert absence("Out of office until 15 August", "Thank you for your message.", WEDNESDAY) == Absence(
        None, day(8, 15), None
    )
    assert absence("Out of office: Re: Meeting until 15 August", "I am away.", WEDNESDAY) == Absence(None, None, None)


def test_json() -> None:
    """Dates by ISO 8601; null where nothing is said."""
    assert absence_json(Absence(day(8, 3), day(8, 15), "a@uni.example")) == {
        "from": "2026-08-03",
        "until": "2026-08-15",
        "substitute": "a@uni.example",
    }
    assert absence_json(Absence(None, None, None)) == {"from": None, "until": None, "substitute": None}
    assert absence_json(None) is None


_PIECES = st.sampled_from(
    [
        "until",
        "до",
        "с",
        "по",
        "from",
        "back",
        "вернусь",
        "kadar",
        "дейін",
        "бастап",
        "-",
        "–",
        ".",
        ",",
        ";",
        ":",
        "\n",
        "15",
        "31",
        "29",
        "0",
        "99",
        "2026",
        "9999",
        "August",
        "августа",
        "Ağustos'a",
        "тамызға",
        "February",
        "31.02",
        "15.08.2026",
        "29/02/2027",
        "2026-13-45",
        "99.99.9999",
        "Monday",
        "next",
        "week",
        "for",
        "two",
        "weeks",
        "в",
        "течение",
        "недели",
        "end",
        "of",
        "конца",
        "соңына",
        "sonuna",
        "today",
        "завтра",
        "out",
        "office",
        "отпуске",
        "izinliyim",
        "демалыстамын",
        "contact",
        "a@b.example",
        "+77011112233",
        "Ann",
        "Lee",
        "жылғы",
        "2100",
        "1990",
        "May",
        "the",
        "th",
        "'a",
        "(",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES, max_size=40).map(" ".join), st.datetimes(timezones=st.just(datetime.UTC)))
def test_whatever_it_says(text: str, at: datetime.datetime) -> None:
    """No text raises; no absence ends before it begins."""
    found = absence(text[:100], text, at)
    if found is not None and found.begins is not None and found.until is not None:
        assert found.begins <= found.until


@pytest.mark.parametrize(
    "at", [datetime.datetime(1, 1, 1, tzinfo=datetime.UTC), datetime.datetime(9999, 12, 31, tzinfo=datetime.UTC)]
)
@pytest.mark.parametrize(
    "text",
    ["until Monday", "until 1 January", "for 400 days", "until the end of next month", "back on the 1st", "today"],
)
def test_clocks_that_are_wrong(at: datetime.datetime, text: str) -> None:
    """A clock at either end of time raises nothing."""
    assert absence("", f"I am out of the office {text}", at) is not None


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300), st.text(max_size=60))
def test_any_text(text: str, subject: str) -> None:
    """No text raises."""
    absence(subject, f"I am out of office until {text}", WEDNESDAY)


@pytest.mark.parametrize(
    "piece",
    [
        pytest.param("I am away until 15.08.2026. ", id="dates"),
        pytest.param("15 - ", id="numbers"),
        pytest.param("until ", id="words"),
        pytest.param("a" * 63 + ".", id="labels"),
        pytest.param("+7 (", id="phones"),
        pytest.param("Ann ", id="names"),
        pytest.param("next week end of ", id="spans"),
        pytest.param("\u0301", id="accents"),
        pytest.param("\n", id="lines"),
    ],
)
def test_bounded(piece: str) -> None:
    """However long a text is, reading it takes a moment."""
    begun = time.perf_counter()
    absence(piece * 100, f"I am away until {piece * 100_000}", WEDNESDAY)
    assert time.perf_counter() - begun < 1.5
