"""Links that nobody can forge, and the key that they rest on."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from postclerk.adapters.links import Links, SecretError, secret

KEY = "k" * 64


def _token(link: str) -> str:
    return link.partition("?t=")[2]


def test_a_link_says_what_it_was_made_for() -> None:
    """The page, and for whom."""
    links = Links(KEY, "https://mail.uni.example/e/", 60)
    link = links.explanation("7KQ2M4XD", "a.serik")
    assert link.startswith("https://mail.uni.example/e/7KQ2M4XD?t=")
    assert links.read("explanation", _token(link)) == ["7KQ2M4XD", "a.serik"]
    assert links.read("decision", _token(links.decision(12, "b.head"))) == [12, "b.head"]


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: "x" + t, lambda t: t.swapcase(), lambda t: "", lambda t: "\0" * 9]
)
def test_a_changed_link_says_nothing(change: object) -> None:
    """Forged, torn or empty."""
    links = Links(KEY, "https://mail.uni.example/e/", 60)
    token = _token(links.explanation("7KQ2M4XD", "a.serik"))
    assert links.read("explanation", change(token)) is None  # type: ignore[operator]


def test_a_link_is_for_its_purpose_alone() -> None:
    """Whoever may read an explanation may not decide; another key signs another site's links."""
    links = Links(KEY, "https://mail.uni.example/e/", 60)
    token = _token(links.explanation("7KQ2M4XD", "a.serik"))
    assert links.read("decision", token) is None
    assert Links("o" * 64, "https://mail.uni.example/e/", 60).read("explanation", token) is None


def test_a_link_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time it says nothing."""
    links = Links(KEY, "https://mail.uni.example/e/", 60)
    token = _token(links.explanation("7KQ2M4XD", "a.serik"))
    now = time.time()  # noqa: TID251 - itsdangerous reads the clock itself
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + 3600)
    assert links.read("explanation", token) is None


def test_without_pages_there_are_no_links() -> None:
    """A site that serves none puts none into its mails."""
    assert Links(KEY, "", 60).explanation("7KQ2M4XD", "a.serik") == ""


def test_the_key_is_made_once(tmp_path: Path) -> None:
    """For the service's eyes alone, and the same ever after."""
    path = tmp_path / "key"
    first = secret(path)
    assert (len(first), path.stat().st_mode & 0o777, secret(path)) == (64, 0o600, first)


def test_a_key_that_is_none(tmp_path: Path) -> None:
    """Open to others, too short, or a link to something else."""
    path = tmp_path / "key"
    secret(path)
    path.chmod(0o644)
    with pytest.raises(SecretError, match="open to others"):
        secret(path)
    path.write_text("short\n")
    path.chmod(0o600)
    with pytest.raises(SecretError, match="no key"):
        secret(path)
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(OSError, match="symbolic links"):
        secret(tmp_path / "link")
