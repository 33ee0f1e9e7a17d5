"""Mail as no mail program writes it: a clear answer, a session that goes on, and no fault in the log."""

from __future__ import annotations

import pytest

from tests.demo.scenes import HEAD, SERIK, letter
from tests.stack.whole import Stack

FROM = f"From: {SERIK}\r\n".encode()


@pytest.mark.parametrize(
    ("sender", "data", "code"),
    [
        pytest.param(b"a.serik@uni.example", b"", 250, id="empty"),
        pytest.param(b"a.serik@uni.example", b"just a body, no headers\r\n", 250, id="no-headers"),
        pytest.param(b"a.serik@uni.example", b"\r\nonly a body\r\n", 250, id="only-a-body"),
        pytest.param(b"a.serik@uni.example", FROM + b"X: " + b"x" * 100_000 + b"\r\n\r\n", 250, id="header-of-100-KB"),
        pytest.param(
            b"a.serik@uni.example",
            FROM + b"Reply-To: " + b"((" * 50_000 + b"\r\n\r\n",
            550,
            id="comments-in-comments-of-100-KB",
        ),
        pytest.param(
            b"a.serik@uni.example",
            b"From: \xcf\xf0\xe8\xe2\xe5\xf2 <a.serik@uni.example>\r\n\r\nraw letters\r\n",
            250,
            id="no-UTF-8-in-a-name",
        ),
        pytest.param(
            b"a.serik@uni.example", b"From: \xff\xfe <b.head@uni.example>\r\n\r\n", 550, id="no-UTF-8-and-not-own"
        ),
        pytest.param(b"a.serik@uni.example", FROM + b"Subject: a\x00b\r\n\r\na\x00b\r\n", 250, id="NUL"),
        pytest.param(b"a.serik@uni.example", FROM + b"Subject: a\rReply-To: x@y\r\n\r\na\rb\r\n", 250, id="bare-CR"),
        pytest.param(b"a.serik@uni.example", FROM * 500 + b"\r\n", 250, id="500-From-fields"),
        pytest.param(
            b"a.serik@uni.example", FROM + b"From:\r\n b.head@uni.example\r\n\r\n", 550, id="a-second-From-folded"
        ),
        pytest.param(b'"a b\\"@x"@uni.example', FROM + b"\r\n", 550, id="quoted-sender"),
        pytest.param(b"%s%n%d@uni.example", FROM + b"\r\n", 550, id="percent-signs-in-the-reply"),
    ],
)
def test_odd_messages(stack: Stack, sender: bytes, data: bytes, code: int) -> None:
    """Each comes to a decision of ours, and the session takes an ordinary message afterwards."""
    with stack.connect(login="a.serik") as session:
        answered = raw(session, sender, data)
        assert answered[0] == code, answered
        session.rset()
        ordinary = stack.send(letter(SERIK, HEAD, "after it"), sender=SERIK, to=[HEAD], session=session)
        assert ordinary.code == 250
    assert "failed" not in stack.clerk.log()
    assert "Traceback" not in stack.clerk.log()


def raw(session: object, sender: bytes, data: bytes) -> tuple[int, bytes]:
    """One transaction whose octets nobody tidies up; the last answer."""
    assert hasattr(session, "sock")
    for line in (b"MAIL FROM:<" + sender + b">", b"RCPT TO:<" + HEAD.encode() + b">", b"DATA"):
        session.sock.sendall(line + b"\r\n")
        answer = session.getreply()
        if answer[0] >= 400:
            return answer
    session.sock.sendall(data + b"\r\n.\r\n")
    return session.getreply()


def test_thousands_of_recipients(stack: Stack) -> None:
    """As many recipients as Postfix takes in one message are refused together, in one answer."""
    to = [f"reader{number}@uni.example" for number in range(5000)]
    answer = stack.send(letter(SERIK, "readers:;", "to all"), sender=SERIK, to=to, login="a.serik")
    assert answer.code == 550
    assert answer.lines[0] == "5.7.1 [1.3.2-a] 5000 recipients; at most 50 are allowed in one message."
    assert stack.clerk.journal()[-1]["recipient_count"] == 5000


def test_more_recipients_than_postfix_takes(stack: Stack) -> None:
    """Postfix stops a client at its own limit; what it took before is still judged as one message."""
    with stack.connect(login="a.serik") as session:
        session.mail(SERIK)
        codes = {session.rcpt(f"reader{number}@uni.example")[0] for number in range(5001)}
        assert codes == {250, 452}
        assert session.docmd("DATA")[0] == 550


def test_a_second_data_after_a_refusal(stack: Stack) -> None:
    """After a refusal at DATA the next message of the same session is judged as any other."""
    with stack.connect(login="a.serik") as session:
        for _ in range(3):
            refused = stack.send(letter(SERIK, HEAD, "x"), sender=HEAD, to=[HEAD], session=session)
            assert refused.code == 550
            taken = stack.send(letter(SERIK, HEAD, "x"), sender=SERIK, to=[HEAD], session=session)
            assert taken.code == 250
