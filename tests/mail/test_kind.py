"""The kinds of mail: by the header where it settles it, else by sender, structure and words in four languages."""

import pytest

from postclerk.core.facts import Headers
from postclerk.core.kind import Kind
from postclerk.mail.header import body, header_fields
from postclerk.mail.kind import kind_of, needs_text
from postclerk.mail.letter import read_body

PERSON = "From: Ann Reed <a.reed@partner.example>\nSubject: Minutes\n"
MUA = PERSON + "User-Agent: Mozilla Thunderbird\n"
REPLY = "From: a.reed@partner.example\nSubject: Re: Minutes\nIn-Reply-To: <1@uni.example>\n"


def told(text: str, envelope_sender: str | None = None) -> Kind:
    """The kind of a message with its body."""
    data = text.encode()
    headers = Headers(header_fields(data))
    return kind_of(headers, envelope_sender, read_body(headers, body(data))).kind


@pytest.mark.parametrize(
    ("header", "sender", "kind"),
    [
        pytest.param("Content-Type: multipart/report; report-type=delivery-status\n", "", Kind.BOUNCE, id="report"),
        pytest.param(
            'Content-Type: multipart/report;\n report-type="disposition-notification"\n',
            "",
            Kind.AUTOREPLY,
            id="a receipt that it was read is a program's answer",
        ),
        pytest.param(
            "Content-Type: multipart/report; report-type=feedback-report\n",
            "x@y.example",
            Kind.NOTIFICATION,
            id="complaint",
        ),
        pytest.param("From: MAILER-DAEMON@mx.example\nSubject: failure notice\n", "", Kind.BOUNCE, id="daemon"),
        pytest.param(PERSON + "X-Failed-Recipients: b@c.example\n", "", Kind.BOUNCE, id="failed recipients"),
        pytest.param(PERSON + "Auto-Submitted: auto-replied\n", "", Kind.AUTOREPLY, id="auto-replied"),
        pytest.param(PERSON + "X-Autoreply: yes\n", None, Kind.AUTOREPLY, id="X-Autoreply"),
        pytest.param("From: a@b.example\nSubject: Автоответ: Отчёт\n", None, Kind.AUTOREPLY, id="subject ru"),
        pytest.param("From: a@b.example\nSubject: Otomatik yanıt: Rapor\n", None, Kind.AUTOREPLY, id="subject tr"),
        pytest.param("From: a@b.example\nSubject: Автоматты жауап: Есеп\n", None, Kind.AUTOREPLY, id="subject kk"),
        pytest.param(MUA + "X-BeenThere: l@lists.example\n", "l-bounces@lists.example", Kind.LIST, id="list"),
        pytest.param(PERSON + "Auto-Submitted: auto-generated\n", "", Kind.NOTIFICATION, id="auto-generated"),
        pytest.param(
            PERSON + "X-GitHub-Reason: mention\nList-Id: <r.github.example>\n", None, Kind.NOTIFICATION, id="vendor"
        ),
        pytest.param(PERSON + "X-Cron-Env: <A=b>\n", None, Kind.NOTIFICATION, id="cron"),
        pytest.param("From: <>\nSubject: b@c.example\n", "", Kind.BOUNCE, id="nobody writes, to be answered by nobody"),
        pytest.param(
            "From: gateway@mx.example\nTo: group-bounces@lists.example\nSubject: Mail could not be delivered\n"
            "List-Id: <group.lists.example>\n",
            "group-admin@lists.example",
            Kind.BOUNCE,
            id="sent to where bounces go, through a list's program",
        ),
        pytest.param(
            "From: Mail Delivery Subsystem <mailer-daemon@mx.example>\nSubject: Rejected\n"
            "Content-Type: multipart/report; report-type=disposition-notification\n",
            "",
            Kind.BOUNCE,
            id="a server refuses what it had taken",
        ),
        pytest.param(
            "From: help@desk.example\nSubject: [desk.example #12] AutoReply: Printer\n",
            None,
            Kind.AUTOREPLY,
            id="an automatic subject behind a number",
        ),
    ],
)
def test_settled_by_the_header(header: str, sender: str | None, kind: Kind) -> None:
    """The header alone tells, and says that it does."""
    headers = Headers(header_fields(header.encode() + b"\n"))
    found = kind_of(headers, sender, None)
    assert (found.kind, bool(found.why), needs_text(headers, sender)) == (kind, True, False)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PERSON + "\nCould you send them?\n", id="nothing said"),
        pytest.param(PERSON + "Auto-Submitted: no\n\nHere they are.\n", id="Auto-Submitted: no"),
        pytest.param(PERSON + "X-Auto-Response-Suppress: All\n\nHere they are.\n", id="suppress proves nothing"),
        pytest.param(
            PERSON + "Precedence: bulk\n\nHere they are. When do we meet?\n", id="a simple webmail's Precedence"
        ),
        pytest.param(REPLY + "\nThanks.\n\n> This is an automatic message, do not reply.\n", id="quotes a program"),
        pytest.param(
            MUA.replace("Minutes", "Fwd: Undelivered Mail") + "\nWhat now?\n\n<b@c.example>: 550 5.1.1 User unknown\n",
            id="passes a bounce on",
        ),
        pytest.param(
            MUA.replace("Minutes", "Fwd: News")
            + "\nSee below.\n\nFrom: News <n@site.example>\nSubject: News\n\nView in browser. Unsubscribe: "
            "https://site.example/unsubscribe?u=1\n",
            id="passes a newsletter on",
        ),
        pytest.param(MUA + "\nПисьмо.\n\nОтписаться от рассылки: https://partner.example/unsubscribe\n", id="footer"),
        pytest.param(PERSON + "\nС понедельника я в отпуске, отчёт пришлю до этого.\n", id="tells of a leave, ru"),
        pytest.param(PERSON + "\nКелесі аптада демалыста боламын, құжаттарды үстелге қойдым.\n", id="of a leave, kk"),
        pytest.param(PERSON + "\nŞifremi sıfırlayamıyorum, yardımcı olur musunuz?\n", id="asks about an account, tr"),
        pytest.param(
            MUA.replace("Minutes", "Out of office next week") + "\nI am away next week. Can we meet before?\n",
            id="a subject that an autoresponder might have",
        ),
        pytest.param(
            MUA.replace("Minutes", "Re: Автоматический ответ: Отчёт") + "\nВижу, что вы в отпуске. Кто вас заменяет?\n",
            id="answers an automatic reply",
        ),
        pytest.param(
            "From: Registry <office@partner.example>\nSubject: Contract\n\nThe contract was signed today.\n\n"
            "Tel: +7 701 000 00 00\nFax: +7 701 000 00 01\nWeb: www.partner.example\nE-mail: office@partner.example\n",
            id="a signature is no table",
        ),
        pytest.param(
            "From: Rooms <booking@partner.example>\nSubject: Room 7\n\nThe room was booked.\nCould you take the key "
            "from me? https://partner.example/b/17\n",
            id="who keeps the rooms asks",
        ),
        pytest.param(
            PERSON + "\nName: Ann Reed\nGroup: 21\nTopic: graphs\n\nCould you look at my thesis?\n",
            id="somebody fills a form in and asks",
        ),
        pytest.param(
            "From: Editor <editor@journal.example>\nSubject: Your manuscript\nContent-Type: multipart/alternative; "
            'boundary="_000_A1_"\n\n--_000_A1_\nContent-Type: text/plain\n\nI have read it and have a question: '
            "may I call you?\n--_000_A1_--\n",
            id="an editor himself",
        ),
        pytest.param(
            "From: Методист <s.metodist@partner.example>\nTo: a.serik@uni.example\n"
            "Subject: зарегистрируйтесь, пожалуйста, до среды\n\nДобрый день! Напоминаю про методический день.\n"
            "Нужно до среды зарегистрироваться в таблице, иначе не успеем заказать обеды.\n",
            id="a colleague who asks to register, ru",
        ),
        pytest.param(
            MUA.replace("Minutes", "automatic reply from your helpdesk?") + "\nI get two of them for every letter.\n",
            id="asks about automatic replies",
        ),
        pytest.param(
            "From: Сергей Иванов <ivanov@partner.example>\nSubject: Договор № 17\n\n"
            "Договор от 12.10.2026 подписан, скан вышлю позже.\n",
            id="a name in an address of Latin letters, and no trace of a mail program",
        ),
        pytest.param(
            "From: Ayşe <ayse@partner.example>\nX-Mailer: WebService/1.1.24866 YMailNorrin\nSubject: Soru\n\n"
            "Hocam, ödevi yarın getirebilir miyim?\n",
            id="a webmail's own word for itself",
        ),
    ],
)
def test_human(text: str) -> None:
    """A person's letter is never taken for a program's."""
    assert told(text, "a.reed@partner.example") is Kind.HUMAN


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param(REPLY + "\nМеня нет на рабочем месте до 20 августа. Отвечу.\n", Kind.AUTOREPLY, id="ru"),
        pytest.param(REPLY + "\nIzindeyim. Acil durumlarda Ali Bey ile iletişime geçin.\n", Kind.AUTOREPLY, id="tr"),
        pytest.param(REPLY + "\nДемалыстамын. Шұғыл болса Ерланға хабарласыңыз.\n", Kind.AUTOREPLY, id="kk"),
        pytest.param(REPLY + "\nI am out of the office. For urgent matters call Bob.\n", Kind.AUTOREPLY, id="en"),
        pytest.param(
            "From: postmaster@mx.example\nSubject: Письмо не доставлено\n\n<b@c.example>: нет такого адреса\n",
            Kind.BOUNCE,
            id="a server's words, ru",
        ),
        pytest.param(
            "From: Сайт <noreply@site.example>\nSubject: Новый комментарий\n\nЭто письмо отправлено автоматически.\n",
            Kind.NOTIFICATION,
            id="no-reply, ru",
        ),
        pytest.param(
            "From: Dükkan <noreply@site.example>\nSubject: Siparişiniz\n\nSiparişiniz kargoya verildi. Bu e-posta "
            "otomatik gönderilmiştir, yanıtlamayınız.\n",
            Kind.NOTIFICATION,
            id="no-reply, tr",
        ),
        pytest.param(
            "From: Portal <portal@site.example>\nSubject: Application 17\n\nApplicant: B. Head\nState: open\n"
            "Handled by: registry\n",
            Kind.NOTIFICATION,
            id="a table of names and values",
        ),
        pytest.param(
            "From: Shop <mailer@shop.example>\nSubject: Your parcel\n\nYour parcel 17 is on its way.\n"
            "This is an automated message, please do not reply.\nhttps://shop.example/p/17\n",
            Kind.NOTIFICATION,
            id="a name of mail servers that a shop bears",
        ),
        pytest.param(
            "From: mailer@mx.example\nSubject: Undeliverable: Minutes\n\nThe address is unknown: 550 5.1.1\n",
            Kind.BOUNCE,
            id="the same name with another sign",
        ),
        pytest.param(
            'From: Meter <m7@site.example>\nSubject: Reading\n\n{"meter": 7, "value": 12}\n',
            Kind.NOTIFICATION,
            id="data",
        ),
        pytest.param(
            "From: Site <site@site.example>\nSubject: Login\nContent-Type: text/html\n"
            "Message-ID: <1@x.sendgrid.net>\n\n<p>A new device was used.</p>\n",
            Kind.NOTIFICATION,
            id="nothing of a mail program, from a service for programs",
        ),
        pytest.param(
            "From: copier-408@uni.example\nX-Mailer: TASKalfa 3253ci\nSubject: Scan\n\nResolution 300x300\n",
            Kind.NOTIFICATION,
            id="a program that nobody writes letters with",
        ),
        pytest.param(
            "From: Library Loans <loans@lib.uni.example>\nSubject: Return by 2026-10-01\n\n"
            "Books to return:\n1. Linguistics, no. 55120, due 01.10.2026\n",
            Kind.NOTIFICATION,
            id="an office's name, numbers and dates, and no trace of a mail program",
        ),
        pytest.param(
            "From: Ann Reed <a.reed@partner.example>\nSender: calendar-notification@calendar.example\n"
            "Subject: Accepted: Guest talk\n\nAnn Reed has accepted this invitation.\n",
            Kind.NOTIFICATION,
            id="a program in a person's name",
        ),
        pytest.param(
            "From: Оргкомитет <conf@conf.example>\nTo: undisclosed-recipients:;\nSubject: Конференция\n\n"
            "Уважаемые преподаватели!\n\nПриглашаем принять участие в конференции. Оргвзнос 4 500 тенге.\n"
            "Просим распространить среди коллег.\n",
            Kind.LIST,
            id="a call to many, to nobody by name, ru",
        ),
        pytest.param(
            "From: Shop <b2b@shop.example>\nX-Mailer: Sendsay.ru\nSubject: Paper\n\nPaper is cheaper now.\n",
            Kind.LIST,
            id="a program for mail to many",
        ),
        pytest.param(
            "From: Help <help@partner.example>\nIn-Reply-To: <1@uni.example>\nSubject: Mesajınız alındı\n\n"
            "Göndermiş olduğunuz e-posta birimimize ulaşmıştır. 30 gün içinde yanıtlanır.\n",
            Kind.AUTOREPLY,
            id="an acknowledgement without a mark, tr",
        ),
        pytest.param(
            "From: Wiki <wiki@site.example>\nSubject: Page changed\nList-Id: <wiki.site.example>\n\n"
            "The page Start has been changed. https://site.example/start\n",
            Kind.NOTIFICATION,
            id="a number for lists, and no way to leave one",
        ),
        pytest.param(
            "From: booking@rooms.example\nSubject: [Rooms] Room 7\n\nRoom 7 was booked for you.\n"
            "https://rooms.example/b/17\n",
            Kind.NOTIFICATION,
            id="a subject that begins with its sender's name",
        ),
        pytest.param(
            "From: Rooms <booking@site.example>\nSubject: Room 7\n\nThe room was booked.\nDetails: "
            "https://site.example/b/17\nA key is kept at the desk.\n",
            Kind.NOTIFICATION,
            id="no trace of a mail program, a numbered link, and nobody who speaks",
        ),
        pytest.param(
            "From: Kurum <bildiri@site.example>\nSubject: Bildirim\n\nBu e-posta otomatik oluşturulmuştur, lütfen "
            "yanıtlamayınız.\n",
            Kind.NOTIFICATION,
            id="not to be answered is no answer, tr",
        ),
        pytest.param(
            "From: Ann Reed <a.reed@partner.example>\nTo: seminar@lists.example\nSubject: [seminar] Room\n\n"
            "We meet in room 7.\n",
            Kind.LIST,
            id="a list's tag before the subject",
        ),
        pytest.param(
            "From: Сайт <news@site.example>\nSubject: Апталық дайджест\nList-Unsubscribe: <mailto:u@site.example>\n\n"
            "Жаңалықтар. Жазылымнан бас тарту: https://site.example/unsubscribe\n",
            Kind.LIST,
            id="newsletter, kk",
        ),
    ],
)
def test_machines_by_words(text: str, kind: Kind) -> None:
    """What no header names is known by sender and words."""
    assert told(text) is kind


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\0\xff\xfe" * 10_000, id="no message"),
        pytest.param(
            b"From: " + b"<" * 50_000 + b"\nSubject: " + b"Re: " * 50_000 + b"\n\n" + b"a" * 99_999, id="long"
        ),
        pytest.param(b"X-A-B: c\n" * 50_000 + b"\n", id="many fields"),
        pytest.param(b"From: a@b.example\n\n" + b"From: x\n" * 20_000, id="begins again and again"),
        pytest.param(b"Return-Path: " + b"a-" * 50_000 + b"\nMessage-ID: " + b"a-" * 50_000 + b"\n\nx\n", id="paths"),
    ],
)
def test_takes_anything(data: bytes) -> None:
    """Whatever comes is of some kind, and in a bounded time."""
    headers = Headers(header_fields(data))
    assert kind_of(headers, None, read_body(headers, body(data))).why


LISTED = "From: Ann Reed <a.reed@partner.example>\nReply-To: group@lists.example\nSubject: Re: Minutes\n"


@pytest.mark.parametrize(
    ("header", "sender", "kind"),
    [
        pytest.param(LISTED + "To: group@lists.example\n", "group-bounce@lists.example", Kind.LIST, id="a list's"),
        pytest.param(LISTED + "To: group@lists.example\n", "a.reed@partner.example", Kind.HUMAN, id="her own wish"),
        pytest.param(LISTED + "To: b.head@uni.example\n", "a.reed@partner.example", Kind.HUMAN, id="another address"),
        pytest.param(
            MUA + f"Resent-To: {', '.join(f'm{number}@club.example' for number in range(40))}\n",
            "info@club.example",
            Kind.LIST,
            id="sent on to forty",
        ),
    ],
)
def test_a_list_that_does_not_say_so(header: str, sender: str, kind: Kind) -> None:
    """Answers that go to the list that it was written to, and mail that is sent on to many."""
    assert told(header + "\nHello, I have read it and agree.\n", sender) is kind


APPOINTMENT = (
    "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n"
    "Let us meet on Monday.\n--b\nContent-Type: text/calendar; method={method}\n\nBEGIN:VCALENDAR\nMETHOD:{method}\n"
    "END:VCALENDAR\n--b--\n"
)


@pytest.mark.parametrize(
    ("subject", "method", "kind"),
    [
        pytest.param("Minutes", "REQUEST", Kind.NOTIFICATION, id="an invitation"),
        pytest.param("Accepted: Minutes", "REPLY", Kind.NOTIFICATION, id="an answer to one"),
        pytest.param("Minutes", "CANCEL", Kind.NOTIFICATION, id="called off"),
        pytest.param("Minutes", "PUBLISH", Kind.HUMAN, id="a file that goes with a letter"),
        pytest.param("Fwd: Minutes", "REQUEST", Kind.HUMAN, id="passed on with a word"),
    ],
)
def test_a_calendar(subject: str, method: str, kind: Kind) -> None:
    """What calendars send each other is no letter, whatever program its author uses."""
    header = f"From: Ann Reed <a.reed@partner.example>\nSubject: {subject}\nUser-Agent: Mozilla Thunderbird\n"
    assert told(header + APPOINTMENT.format(method=method)) is kind
