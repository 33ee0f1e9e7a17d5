"""What is shown of a held message to whoever decides on it."""

from __future__ import annotations

import pytest

from postclerk.core.reading import Link
from postclerk.mail.shown import LARGEST, Attached, Shown, shown

MIXED = b"""\
Received: from x
From: =?utf-8?b?0pvQsNC30LDSmw==?= <guest@example.org>
subject: a\x1b[31m
  folded \xff
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: multipart/alternative; boundary=y

--y

what plain programs show
--y
Content-Type: text/html

<p>Please read <a href="https://example.org/a?b">the\tplan</a>\x1b now, it is about
all that we have said about it so far, and tell us.</p>
<script>alert(1)</script><p style="display:none">unseen</p><blockquote>We said so.</blockquote>
--y--
--x
Content-Type: text/plain; name="notes.txt"

12345
--x
Content-Type: application/pdf; name*=utf-8''a%E2%80%AEfdp.exe
Content-Disposition: attachment
Content-Transfer-Encoding: base64

QUJD
REVG
--x
Content-Type: message/rfc822

Subject: inner

x
--x--
"""


def test_all_of_a_message() -> None:
    """Fields decoded, what its reader sees of the text, and everything beside it, all in printable letters."""
    assert shown(MIXED) == Shown(
        main=(("From", "қазақ <guest@example.org>"), ("subject", "a[31m folded \ufffd")),
        fields=(
            ("Received", "from x"),
            ("From", "қазақ <guest@example.org>"),
            ("subject", "a[31m folded \ufffd"),
            ("Content-Type", "multipart/mixed; boundary=x"),
        ),
        text=("Please read the plan\ufffd now, it is about all that we have said about it so far, and tell us.",),
        quoted=("We said so.",),
        links=(Link("https://example.org/a?b", "the plan"),),
        attached=(
            Attached("notes.txt", "text/plain", 5),
            Attached("a\ufffdfdp.exe", "application/pdf", 6),
            Attached("", "message/rfc822", 19),
        ),
        cut=False,
    )


PLAIN = b"Subject: x\n\n"


@pytest.mark.parametrize(
    ("message", "cut"),
    [
        pytest.param(PLAIN + b"short", False, id="whole"),
        pytest.param(b"", False, id="nothing"),
        pytest.param(PLAIN + b"many words " * 2000, True, id="a-long-text"),
        pytest.param(b"Content-Type: text/html\n\n" + b"<p>many words</p>" * 2000, True, id="a-long-page"),
        pytest.param(PLAIN + b"x\n" + b"\n" * LARGEST, True, id="a-large-message"),
        pytest.param(b"X: y\n" * 5000 + b"\n", True, id="many-fields"),
        pytest.param(PLAIN + b"".join(b"http://x%d.example \n" % one for one in range(500)), True, id="many-links"),
        pytest.param(b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\n\n" * 900, True, id="many-parts"),
    ],
)
def test_how_much_is_shown(message: bytes, cut: bool) -> None:
    """What is left out is said; nothing of it grows beyond bounds."""
    view = shown(message)
    assert (view.cut, bool(view.left_out)) == (cut, cut)
    assert (len(view.fields) <= 200, len(view.links) <= 100, sum(map(len, view.text)) <= 16 * 1024) == (True,) * 3
