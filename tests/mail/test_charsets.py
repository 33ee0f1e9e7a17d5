"""Octets as text under right, wrong and missing labels."""

from __future__ import annotations

from base64 import b64encode

import pytest

from postclerk.mail.charsets import decoded, header_text

RUSSIAN = "Для подтверждения регистрации перейдите по ссылке. Если вы не регистрировались, ничего не делайте."
KAZAKH = "Тіркелуді растау үшін сілтемеге өтіңіз. Құрметті қолданушы, тіркелмеген болсаңыз, елемеңіз."
TURKISH = "Hesabınızı doğrulamak için bağlantıya tıklayın. Üyeliğiniz için teşekkür ederiz, iyi günler dileriz."


@pytest.mark.parametrize(
    ("text", "really", "label", "guessed"),
    [
        pytest.param(RUSSIAN, "windows-1251", "windows-1251", False, id="right"),
        pytest.param(RUSSIAN, "windows-1251", "koi8-r", True, id="1251-as-koi8"),
        pytest.param(RUSSIAN, "koi8-r", "windows-1251", True, id="koi8-as-1251"),
        pytest.param(RUSSIAN, "koi8-r", "iso-8859-1", True, id="koi8-as-latin-1"),
        pytest.param(RUSSIAN, "iso-8859-5", "windows-1251", True, id="8859-5-as-1251"),
        pytest.param(RUSSIAN, "cp866", "windows-1251", True, id="866-as-1251"),
        pytest.param(RUSSIAN, "windows-1251", "us-ascii", True, id="1251-as-ascii"),
        pytest.param(RUSSIAN, "windows-1251", "no-such-charset", True, id="unknown-label"),
        pytest.param(RUSSIAN, "utf-8", "windows-1251", True, id="utf-8-as-1251"),
        pytest.param(RUSSIAN, "windows-1251", "utf-8", True, id="1251-as-utf-8"),
        pytest.param(KAZAKH, "kz1048", "kz1048", False, id="kazakh"),
        pytest.param(KAZAKH, "utf-8", "", True, id="kazakh-unlabelled"),
        pytest.param(TURKISH, "iso-8859-9", "iso-8859-9", False, id="turkish"),
        pytest.param(TURKISH, "iso-8859-9", "koi8-r", True, id="turkish-as-koi8"),
        pytest.param("Dies ist Größe", "iso-8859-1", "iso-8859-1", False, id="another-language"),
    ],
)
def test_charsets(text: str, really: str, label: str, guessed: bool) -> None:
    """The text comes out as it was written; a wrong label is put aside."""
    assert decoded(text.encode(really), label) == (text, guessed)


@pytest.mark.parametrize(
    ("octets", "label"),
    [
        pytest.param(b"\xff\xfe", "utf-8", id="half-a-mark"),
        pytest.param(bytes(range(256)) * 20, "utf-8", id="every-octet"),
        pytest.param(b"\x80\x81\x8d\x8f", "windows-1252", id="nothing-there"),
        pytest.param(b"+////-", "utf-7", id="utf-7"),
        pytest.param("п".encode() * 100 + b"\xd0", "utf-8", id="cut-in-a-letter"),
        pytest.param(b"x\xe9", "../../etc/passwd", id="a-path-for-a-label"),
        pytest.param(b"x\xe9", "rot13", id="a-codec-that-is-no-charset"),
        pytest.param(b"x\xe9", "a\x00b", id="nul-in-the-label"),
        pytest.param(b"x\xe9", "idna", id="idna"),
    ],
)
def test_what_fits_nothing(octets: bytes, label: str) -> None:
    """It is replaced and never raises."""
    text, _guessed = decoded(octets, label)
    assert isinstance(text, str)


def _word(text: str, really: str, label: str) -> str:
    return f"=?{label}?B?{b64encode(text.encode(really)).decode()}?="


@pytest.mark.parametrize(
    ("text", "really", "label"),
    [
        pytest.param("Регистрация на сайте", "windows-1251", "windows-1251", id="right"),
        pytest.param("Регистрация на сайте", "windows-1251", "utf-8", id="1251-as-utf-8"),
        pytest.param("Регистрация на сайте", "windows-1251", "iso-8859-1", id="1251-as-latin-1"),
        pytest.param("Регистрация на сайте", "koi8-r", "utf-8", id="koi8-as-utf-8"),
        pytest.param("Регистрация на сайте", "koi8-r", "iso-8859-1", id="koi8-as-latin-1"),
        pytest.param("Подтверждение регистрации", "koi8-r", "windows-1251", id="koi8-as-1251"),
        pytest.param("Регистрация на сайте", "utf-8", "windows-1251", id="utf-8-as-1251"),
        pytest.param("Регистрация на сайте", "windows-1251", "x-nobody-knows", id="unknown-label"),
        pytest.param("Üyeliğinizi doğrulayın", "iso-8859-9", "iso-8859-1", id="8859-9-as-latin-1"),
        pytest.param("Тіркелгіні растаңыз", "kz1048", "windows-1251", id="kazakh-as-1251"),
        pytest.param("Réunion du comité", "iso-8859-1", "iso-8859-1", id="another-language"),
        pytest.param("Grüße aus Almaty", "iso-8859-1", "iso-8859-1", id="and-another"),
    ],
)
def test_encoded_words(text: str, really: str, label: str) -> None:
    """A subject comes out as it was written, whatever charset its encoded words are labelled with."""
    assert header_text(_word(text, really, label)) == text


def test_bare_octets_in_a_header() -> None:
    """A subject that is not encoded at all is read by its octets, with what is encoded beside it."""
    bare = "Регистрация".encode("windows-1251").decode("utf-8", "surrogateescape")
    assert header_text(f"{bare} {_word('на сайте', 'koi8-r', 'koi8-r')}") == "Регистрация на сайте"
    assert header_text("Регистрация") == "Регистрация"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("=?utf-8?B?" + "\udc80" * 50 + "?=", id="octets-in-a-word"),
        pytest.param("=?utf-16?B?//4=?= =?rot13?Q?=E9?=", id="codecs-that-are-no-charsets"),
        pytest.param("\udcff\udcfe" * 100, id="marks"),
    ],
)
def test_headers_that_mean_nothing(value: str) -> None:
    """They are replaced, never raise, and can always be written as UTF-8."""
    assert isinstance(header_text(value).encode(), bytes)
