"""The header that all of our mails have."""

from __future__ import annotations

import datetime

import pytest

from postclerk.mails.message import Sender, header

SENDER = Sender("postmaster@uni.example", "Қазақ университеті", "mx.uni.example")
AT = datetime.datetime(2026, 11, 24, 9, 0, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        pytest.param("List-Unsubscribe", f"<https://x/{'y' * 90}>", f"\r\n <https://x/{'y' * 90}>", id="long-link"),
        pytest.param("References", f"<a@x> <{'b' * 90}@x>", f" <a@x>\r\n <{'b' * 90}@x>", id="long-id"),
        pytest.param("X-Short", "a b", " a b", id="short"),
        pytest.param("X-Words", "Қазақ", " =?utf-8?b?0prQsNC30LDSmw==?=", id="other-letters"),
    ],
)
def test_fields_are_written_so_that_programs_read_them(name: str, value: str, written: str) -> None:
    """What is ASCII stays as it is; only what is not is encoded."""
    mail = header(SENDER, "a.serik@uni.example", "x", ["kk"], at=AT)
    mail[name] = value
    content = mail.as_bytes().decode()
    assert f"\r\n{name}:{written}\r\n" in content
    assert max(map(len, content.splitlines())) <= 998
