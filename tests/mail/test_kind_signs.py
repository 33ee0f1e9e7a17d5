"""What a sender is called: a person, or an office, a site and a machine."""

import pytest

from postclerk.mail.kind_signs import is_persons_name


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
