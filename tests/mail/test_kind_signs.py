"""What the header tells: what a sender is called, and how a message was made."""

import pytest

from postclerk.core.facts import Headers
from postclerk.mail.header import header_fields
from postclerk.mail.kind_signs import is_persons_name, signs


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Ann Reed", id="en"),
        pytest.param("Серик Аманов", id="ru"),
        pytest.param("Ahmet Yılmaz", id="tr"),
        pytest.param("Reed, Ann", id="the surname first"),
        pytest.param("A. B. Reed", id="letters of names"),
        pytest.param("Ludwig van der Berg", id="small words between"),
    ],
)
def test_people(name: str) -> None:
    """Two words with capitals or more."""
    assert is_persons_name(name)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="nothing"),
        pytest.param("Indico", id="one word"),
        pytest.param("Veeam Backup", id="a program"),
        pytest.param("Учебный отдел", id="an office, ru"),
        pytest.param("Merkez Kütüphane", id="an office, tr"),
        pytest.param("Оқу бөлімі", id="an office, kk"),
        pytest.param("ACME IT Help", id="letters of a name that is none"),
        pytest.param("Server 7", id="a number"),
        pytest.param("a.reed@partner.example", id="an address"),
        pytest.param("Ann " * 50_000, id="without end"),
    ],
)
def test_others(name: str) -> None:
    """What offices, sites and machines are called, and what is no name."""
    assert not is_persons_name(name)


WRITTEN = "From: library@uni.example\nTo: a@uni.example\nSubject: Books\n"


def machine(header: str) -> float:
    """What a header weighs for a program, beside what every such header does."""
    found, bare = (signs(Headers(header_fields(text.encode())), None) for text in (WRITTEN + header, WRITTEN))
    return round(found.machine - bare.machine, 1)


@pytest.mark.parametrize(
    ("header", "weighs"),
    [
        pytest.param("Message-ID: <287866217.38.1795236920193@host.example>\n", 1.2, id="JavaMail"),
        pytest.param("Message-ID: <172c564272b5f95adcf11599920bffa0@uni.example>\n", 1.2, id="Symfony"),
        pytest.param("Message-ID: <20261003125529.793A0519C9B@mx.example>\n", 0.7, id="Postfix gave the number"),
        pytest.param("Message-ID: <20261003125529.4Y2Gx72zqXz1Fw8@mx.example>\n", 0.7, id="a long one"),
        pytest.param("Message-ID: <E1tFabc-00AbCd-1X@mx.example>\n", 0.7, id="Exim gave the number"),
        pytest.param("Message-ID: <202611030617.IAA02787@mx.example>\n", 0.7, id="sendmail gave the number"),
        pytest.param("Message-ID: <CAF1234@mx.example>\n", 0.0, id="a number that tells nothing"),
        pytest.param('Content-Type: multipart/alternative; boundary="----=_Part_39_523194593.17"\n', 0.8, id="parts"),
        pytest.param("Received: by mx.example (Postfix, from userid 33)\n\tid 1A2B; today\n", 1.0, id="handed over"),
        pytest.param("Received: from www-data by mx.example with local (Exim 4.96)\n", 1.0, id="handed to Exim"),
    ],
)
def test_how_it_was_made(header: str, weighs: float) -> None:
    """Libraries and mail servers leave their traces where no mail program left its own."""
    assert machine(header) == weighs


def test_people_whose_server_gives_the_number() -> None:
    """Where a mail program names itself, what servers and libraries leave weighs nothing."""
    mua = "User-Agent: Roundcube Webmail\n"
    assert machine(mua + "Message-ID: <172c564272b5f95adcf11599920bffa0@uni.example>\n") == machine(mua)
