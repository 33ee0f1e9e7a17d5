"""Whether a message wants an answer of the person whom it is for; when that is not sure, it does."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from postclerk.core.facts import Headers
from postclerk.core.kind import Answerable, Classified, Kind
from postclerk.core.lexicon import Lexicon, fold
from postclerk.core.reading import Reading
from postclerk.mail.charsets import header_text
from postclerk.mail.kind_signs import is_reply_subject
from postclerk.mail.parts import Parts

_LONGEST = 2000
_LONGEST_CLOSING = 200
_MOST_SENTENCES = 60

_KINDS = {
    Kind.AUTOREPLY: "an automatic reply wants none",
    Kind.BOUNCE: "a report on delivery wants none",
    Kind.LIST: "mail of a list wants none",
    Kind.NOTIFICATION: "a program's message wants none",
}

_NO_REPLY_FIELDS = ("x-no-reply-needed", "no-reply-needed", "x-noreplyneeded")
_NO_REPLY_WORDS = (
    "[nrn]", "(nrn)", "nrn:", "no reply needed", "no reply necessary", "no reply required", "no response needed",
    "no response required", "no need to reply", "no need to respond", "no answer needed",
    "ответ не требуется", "ответа не требует", "ответ не нужен", "не требует ответа", "можно не отвечать", "без ответа",
    "отвечать не нужно", "отвечать не надо",
    "cevap gerekmez", "cevap gerekmiyor", "yanıt gerekmez", "yanıt gerekmiyor", "cevap vermenize gerek yok",
    "yanıtlamanıza gerek yok", "cevap beklenmiyor", "yanıt beklenmiyor",
    "жауап қажет емес", "жауап керек емес", "жауап беру қажет емес", "жауап күтілмейді",
)  # fmt: skip
_NO_REPLY_FOLDED = tuple(map(fold, _NO_REPLY_WORDS))

_MEANINGS = {
    "thanks": """
        thank thanks thx tnx cheers appreciate grateful much_obliged =ty
        спасиб спс благодар признательн
        teşekkür sağol sağ_ol minnet eyvallah =tşk
        рахмет рақмет алғыс ризамын
        danke merci gracias
    """,
    "agreed": """
        =ok =okay =k got_it noted understood agreed sounds_good will_do perfect great received fine =done =sure
        =yes excellent wonderful
        =ок =окей =ok понял понятно принял принято получил получено хорошо ладно договорились согласен согласна
        ясно отлично
        учту учтем прекрасно =да здорово супер готово
        tamam tamamdır anladım anlaşıldı aldım anlaştık oldu olur peki harika =süper =evet not_aldım ulaştı
        жарайды жақсы түсінд түсінікті алдым келістік =иә =ия =болды мақұл ұқтым тамаша керемет
    """,
    "asks": """
        =please =pls =could =can =would =will_you =when =what =where =which =who =how =why let_me_know tell_me send_me
        do_you are_you =need waiting_for look_forward awaiting =kindly =confirm remind =but =however
        =прошу =пожалуйста =когда =что =где =какой =какая =какие =кто =как =почему =сколько сообщит пришлит подскаж
        уточнит отправьте напиш жду ожида =нужно =надо можете можешь могли =но =однако =ли подтвердит скажите
        lütfen =rica =ne =nerede =hangi =kim =nasıl =neden =kaç zaman bekliyor gönderir misiniz mısınız musunuz
        müsünüz misin
        mısın =mi =mı =mu =mü bildirin haber_ver gerek =ama =ancak =fakat gönderin iletin
        өтін =қашан =не =қайда =қандай =кім =қалай =неге =қанша күтем жіберіңіз жіберсеңіз хабарлаңыз =ма =ме =ба
        =бе =па =пе
        =бірақ =керек айтыңыз беріңіз
    """,
}
_LEXICON = Lexicon({name: [stem.replace("_", " ") for stem in stems.split()] for name, stems in _MEANINGS.items()})

_GREETING = re.compile(
    r"^(?:hi|hello|hey|dear|good (?:morning|day|afternoon|evening)|здравствуйте|добрый (?:день|вечер)|доброе утро|"
    r"уважаем\w+|привет|приветствую|merhaba\w*|selam\w*|sayın|sevgili|iyi günler|günaydın|сәлеметсіз\w*|сәлем\w*|"
    r"құрметті|қайырлы|ассалаумағалейкум)\b[^.!?\n]{0,60}[,!.\n]+",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"\n(?:-- ?\n|--+$|best\b|kind\b|regards|sincerely|yours\b|cheers,|с уважением|с наилучшими|искренне|"
    r"saygılar\w*|iyi çalışmalar|sevgiler\w*|құрметпен|ізгі ниетпен|sent from|отправлено|mobil cihaz|[-_=]{3,})",
    re.IGNORECASE,
)


def answerable(
    headers: Headers,
    classified: Classified,
    reading: Reading | None,
    *,
    own: Collection[str],
    asking_nothing: bool = True,
    words: Iterable[str] = (),
    calendar: str = "",
) -> Answerable:
    """Whether a message wants an answer of the person with these addresses (comparison keys).

    `asking_nothing`: a message that itself answers and asks nothing wants none. `words` are the site's own for a
    subject that says that no reply is needed. `calendar` is the method of an invitation in its body: see
    `calendar_method`. Whom it is addressed to is not looked at: see `addressed`.
    """
    if classified.kind is not Kind.HUMAN:
        return Answerable(False, _KINDS[classified.kind])
    if own and any(box.address.key in own for box in headers.mailboxes("from").mailboxes):
        return Answerable(False, "it is from the person himself")
    subject = header_text((headers.first("subject") or "")[:_LONGEST])
    for name in _NO_REPLY_FIELDS:
        if name in headers and (headers.first(name) or "").strip().lower() not in ("no", "false", "0"):
            return Answerable(False, "its sender says in the header that no reply is needed")
    folded = " ".join(fold(subject).split())
    if any(word in folded for word in _NO_REPLY_FOLDED) or any(fold(word) in folded for word in words if word):
        return Answerable(False, "its subject says that no reply is needed")
    if of_calendar := _CALENDARS.get(calendar or _method_in_header(headers)):
        return Answerable(False, of_calendar)
    if reading is None:
        return Answerable(True, "a person wrote it")
    return _by_text(reading, answers=answers(headers), asking_nothing=asking_nothing)


def answers(headers: Headers) -> bool:
    """Whether a message says that it answers one."""
    if "in-reply-to" in headers or "references" in headers:
        return True
    return is_reply_subject(header_text((headers.first("subject") or "")[:_LONGEST]))


def addressed(headers: Headers, own: Collection[str]) -> str:
    """The field in which the person with these addresses (comparison keys) stands: `to`, `cc`, or nothing."""
    for name in ("to", "cc"):
        if any(box.address.key in own for box in headers.mailboxes(name).mailboxes):
            return name
    return ""


_CALENDAR = re.compile(r"text/calendar", re.IGNORECASE)
_METHOD = re.compile(r"method\s*=\s*\"?(\w+)", re.IGNORECASE)


def calendar_method(message: Parts) -> str:
    """The method of the invitation that lies in a message, in lower case, or nothing (RFC 6047)."""
    for part in message.leaves:
        if part.kind == "text/calendar":
            found = _METHOD_LINE.search(part.payload[:_LONGEST])
            return (part.parameters.get("method") or (found[1].decode() if found else "")).lower()
    return ""


_METHOD_LINE = re.compile(rb"^METHOD:([A-Za-z]+)", re.MULTILINE)


def _method_in_header(headers: Headers) -> str:
    """The same, where the whole message is an invitation."""
    kind = (headers.first("content-type") or "")[:_LONGEST].strip()
    if _CALENDAR.match(kind):
        found = _METHOD.search(kind)
        return found[1].lower() if found else ""
    return "request" if "content-classes:calendarmessage" in (headers.first("content-class") or "").lower() else ""


_CALENDARS = {
    "request": "it is an invitation, which the calendar answers",
    "reply": "it answers an invitation",
    "cancel": "it calls off an appointment",
    "publish": "it publishes an appointment",
}


def _by_text(reading: Reading, *, answers: bool, asking_nothing: bool) -> Answerable:
    text = _without_frame(reading.fresh)
    folded = fold(text[:_LONGEST])
    sentences = tuple(_LEXICON.sentences(folded, _MOST_SENTENCES))
    asks = "?" in text or "؟" in text or any(one.has("asks") for one in sentences)
    if asks or reading.cut:
        return Answerable(True, "it asks something")
    closes = bool(sentences) and all(one.any("thanks", "agreed") or len(one.words) <= 2 for one in sentences)
    says = any(one.any("thanks", "agreed") for one in sentences)
    if answers and says and closes and len(text) <= _LONGEST_CLOSING:
        return Answerable(False, "it only says thank you, or that it has been understood")
    if answers and asking_nothing and sentences:
        return Answerable(False, "it answers a message, and asks nothing")
    return Answerable(True, "a person wrote it")


def _without_frame(text: str) -> str:
    """A text without its greeting and signature, which ask nothing and answer nothing."""
    text = text.strip()
    greeted = _GREETING.sub("", text, count=1).strip() or text
    return _SIGNATURE.split("\n" + greeted, maxsplit=1)[0].strip() or greeted
