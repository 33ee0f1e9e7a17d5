"""Whether a message wants an answer; when that is not sure, it does."""

import pytest

from postclerk.core.facts import Headers
from postclerk.core.kind import Classified, Kind
from postclerk.mail.answerable import addressed, answerable, calendar_method
from postclerk.mail.header import body, header_fields
from postclerk.mail.parts import parts
from postclerk.mail.text import reading

NEW = "From: a.reed@partner.example\nTo: b.head@uni.example\nSubject: Minutes\n"
REPLY = NEW.replace("Minutes", "Re: Minutes") + "In-Reply-To: <1@uni.example>\n"
OWN = {"b.head@uni.example"}


def wants(text: str, kind: Kind = Kind.HUMAN, *, asking_nothing: bool = True, words: tuple[str, ...] = ()) -> bool:
    """Whether a message of this kind wants an answer."""
    data = text.encode()
    headers = Headers(header_fields(data))
    read = reading(parts(headers.fields, body(data)))
    found = answerable(headers, Classified(kind, ()), read, own=OWN, asking_nothing=asking_nothing, words=words)
    assert found.why
    return found.wants_answer


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(NEW + "\nHere they are.\n", id="a new letter"),
        pytest.param(NEW + "\nThank you.\n", id="thanks that open a conversation"),
        pytest.param(NEW + "\n", id="nothing"),
        pytest.param(REPLY + "\nThank you! Could you send the annex too?\n", id="thanks and a question"),
        pytest.param(REPLY + "\nСпасибо. Пришлите, пожалуйста, приложение.\n", id="ru"),
        pytest.param(REPLY + "\nTeşekkürler. Eki de gönderir misiniz?\n", id="tr"),
        pytest.param(REPLY + "\nРахмет. Қосымшасын қашан жібересіз?\n", id="kk"),
    ],
)
def test_wanted(text: str) -> None:
    """A letter, and whatever asks."""
    assert wants(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(REPLY + "\nThank you!\n", id="en"),
        pytest.param(REPLY + "\nOk, got it.\n\nBest regards,\nAnn\n", id="en, understood"),
        pytest.param(REPLY + "\nДобрый день!\nСпасибо, получил.\n\nС уважением,\nИван Петров\n", id="ru"),
        pytest.param(REPLY + "\nTamamdır, teşekkürler.\n\nSaygılarımla,\nElif\n", id="tr"),
        pytest.param(REPLY + "\nАлдым, рахмет.\n\nҚұрметпен,\nБек\n", id="kk"),
    ],
)
def test_closing_thanks(text: str) -> None:
    """The closing thank you wants none, whatever the setting."""
    assert not wants(text, asking_nothing=False)


def test_an_answer_that_asks_nothing() -> None:
    """It wants none, unless the setting says so."""
    text = REPLY + "\nThe room is booked for Tuesday at ten, and the projector is there.\n"
    assert (wants(text), wants(text, asking_nothing=False)) == (False, True)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.HUMAN])
def test_programs(kind: Kind) -> None:
    """A program's mail wants none, whatever it asks."""
    assert not wants(NEW + "\nCould you confirm?\n", kind)


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(NEW + "X-No-Reply-Needed: yes\n", id="header"),
        pytest.param(NEW.replace("Minutes", "[NRN] Minutes"), id="short"),
        pytest.param(NEW.replace("Minutes", "Minutes (no reply needed)"), id="en"),
        pytest.param(NEW.replace("Minutes", "Протокол, ответ не требуется"), id="ru"),
        pytest.param(NEW.replace("Minutes", "Tutanak - yanıt gerekmez"), id="tr"),
        pytest.param(NEW.replace("Minutes", "Хаттама, жауап қажет емес"), id="kk"),
        pytest.param(NEW.replace("a.reed@partner.example", "B.Head@uni.example"), id="from himself"),
        pytest.param(NEW + "Content-Type: text/calendar; method=REQUEST\n", id="invitation"),
        pytest.param(NEW + "Content-Type: text/calendar; method=REPLY\n", id="answer to one"),
    ],
)
def test_unwanted(header: str) -> None:
    """Its sender says so, or is the person himself, or the calendar answers."""
    assert not wants(header + "\nWhen?\n")


def test_words_of_the_site() -> None:
    """A site may have words of its own."""
    text = NEW.replace("Minutes", "FYI: minutes") + "\nHere.\n"
    assert (wants(text), wants(text, words=("fyi:",))) == (True, False)


def test_addressed() -> None:
    """The field in which the person stands."""
    headers = Headers(header_fields(b"To: x@uni.example\nCc: B.Head@UNI.example\n\n"))
    assert (addressed(headers, OWN), addressed(headers, {"x@uni.example"}), addressed(headers, {"y@z"})) == (
        "cc",
        "to",
        "",
    )


@pytest.mark.parametrize(
    ("method", "wanted"), [("REQUEST", False), ("REPLY", False), ("CANCEL", False), ("COUNTER", True), ("", True)]
)
@pytest.mark.parametrize("declared", [True, False])
def test_invitation_in_the_body(method: str, wanted: bool, declared: bool) -> None:
    """An invitation beside its text is answered by calendar; a counter-proposal wants a person's word."""
    parameter = f"; method={method}" if declared else ""
    data = (
        f"{NEW}Content-Type: multipart/alternative; boundary=b\n\n--b\n\nShall we?\n--b\n"
        f"Content-Type: text/calendar{parameter}\n\nBEGIN:VCALENDAR\nMETHOD:{method}\nEND:VCALENDAR\n--b--\n"
    ).encode()
    headers = Headers(header_fields(data))
    message = parts(headers.fields, body(data))
    found = answerable(
        headers, Classified(Kind.HUMAN, ()), reading(message), own=OWN, calendar=calendar_method(message)
    )
    assert found.wants_answer is wanted
