"""1.3.2-e: mail that registers a work address, from outside and to outside."""

from __future__ import annotations

from typing import Any

import pytest

from postclerk.core.rule import Action
from postclerk.core.verdict import Verdict
from tests.conftest import Build
from tests.stack.keys import Key

RULE = "  registration: {official: [egov.example, journals.example], off_for: ['unit:press']}\n"
OUTSIDE: dict[str, Any] = {
    "login": None,
    "client": "203.0.113.5",
    "sender": "<noreply@forum.example>",
    "recipients": ["<a.serik@uni.example>"],
}

ACTIVATE = """\
Thank you for registering at Forum! To activate your account, please follow this link:
https://forum.example/activate?token=8f1c9a7be02d4c6f8a55
If you did not register, just ignore this message.
"""
LIKELY = "Hello! Your user name is: serik\n"
SIGN_IN = "Your code is 482913\nIt expires in 10 minutes. Ignore this message if you did not ask for it.\n"


def _outside(built: Any, subject: str, body: str, **envelope: Any) -> Verdict:
    envelope = {**OUTSIDE, **envelope}
    sender = envelope["sender"].strip("<>")
    return built.verdict(headers={"From": f"Forum <{sender}>", "Subject": subject}, body=body, **envelope)  # type: ignore[no-any-return]


def _told(verdict: Verdict) -> tuple[str, list[str]]:
    return verdict.action.value, [one.finding.code for one in verdict.rulings]


@pytest.mark.parametrize(
    ("subject", "body", "told"),
    [
        pytest.param("Activate your account", ACTIVATE, ("reject", ["outside-registration"]), id="sure"),
        pytest.param("Welcome to Forum", LIKELY, ("hold", ["outside-registration"]), id="likely"),
        pytest.param("Your verification code", SIGN_IN, ("hold", ["perhaps-signing-in"]), id="a-code"),
        pytest.param("Minutes of Friday", "Dear colleague, here they are.\n", ("accept", []), id="a-letter"),
        pytest.param(
            "Reset your password",
            "Somebody asked to reset your password: https://forum.example/reset?token=8f1c9a7be02d4c6f8a55\n",
            ("accept", []),
            id="a-password",
        ),
        pytest.param(
            "Подтвердите регистрацию",
            "Спасибо за регистрацию на сайте! Для активации учётной записи перейдите по ссылке:\n"
            "https://forum.example/activate?token=8f1c9a7be02d4c6f8a55\n",
            ("reject", ["outside-registration"]),
            id="ru",
        ),
        pytest.param(
            "Hesabınızı etkinleştirin",
            "Kaydolduğunuz için teşekkürler! Hesabınızı etkinleştirmek için bağlantıya tıklayın:\n"
            "https://forum.example/activate?token=8f1c9a7be02d4c6f8a55\n",
            ("reject", ["outside-registration"]),
            id="tr",
        ),
        pytest.param(
            "Тіркелгіңізді растаңыз",
            "Тіркелгеніңізге рахмет! Тіркелгіні белсендіру үшін сілтемеге өтіңіз:\n"
            "https://forum.example/activate?token=8f1c9a7be02d4c6f8a55\n",
            ("reject", ["outside-registration"]),
            id="kk",
        ),
        pytest.param(
            "Tirkelgińizdi rastańyz",
            "Tirkelgenińizge rahmet! Tirkelgini belsendiru úshin siltemege ótińiz:\n"
            "https://forum.example/activate?token=8f1c9a7be02d4c6f8a55\n",
            ("reject", ["outside-registration"]),
            id="kk-in-latin-letters",
        ),
        pytest.param(
            "Podtverdite registratsiyu",
            "Spasibo za registraciyu! Dlya aktivacii uchetnoy zapisi pereydite po ssylke:\n"
            "https://forum.example/activate?token=8f1c9a7be02d4c6f8a55\n",
            ("reject", ["outside-registration"]),
            id="ru-in-latin-letters",
        ),
        pytest.param(
            "A\u200bctivate your ac\u00adcount",
            ACTIVATE.replace("account", "ac\u200bco\u200bunt").replace("registering", "rеgistеring"),
            ("reject", ["outside-registration"]),
            id="hidden-and-foreign-letters",
        ),
        pytest.param(
            "[Forum] Login details",
            "User name: serik\nTo choose a password, open https://forum.example/first?key=8f1c9a7be02d4c6f8a55\n",
            ("hold", ["outside-registration"]),
            id="a-first-password",
        ),
        pytest.param(
            "Регистрационные данные",
            "Логин: serik\nПароль: kx91ms\n",
            ("reject", ["outside-registration"]),
            id="user-name-and-password-on-two-lines",
        ),
        pytest.param(
            "Confirm your account",
            "Type 482913 to confirm your account. The code works for ten minutes.\n",
            ("hold", ["perhaps-signing-in"]),
            id="a-code-for-any-account",
        ),
        pytest.param(
            "Confirm your e-mail",
            "Type 482913 to confirm your e-mail and to complete your registration. The code works for ten minutes.\n",
            ("reject", ["outside-registration"]),
            id="a-code-for-a-new-account",
        ),
        pytest.param(
            "You are registered: Soil Days 2026",
            "Thank you for registering. We meet on 14 May, 09:30, in the small hall.\n",
            ("accept", []),
            id="a-day-and-an-hour",
        ),
        pytest.param(
            "Өтініміңіз тіркелді",
            "Өтініміңіз 118 нөмірімен тіркелді. Нәтижесін бір аптадан кейін хабарлаймыз.\n",
            ("accept", []),
            id="a-registered-request",
        ),
        pytest.param(
            "Ваш документ зарегистрирован",
            "Письмо зарегистрировано в канцелярии под номером 912.\n",
            ("accept", []),
            id="a-registered-document",
        ),
        pytest.param(
            "[members] Re: spam accounts",
            "I would ask them to confirm their account. They can register again.\n",
            ("accept", []),
            id="a-discussion",
        ),
        pytest.param(
            "Deneme raporu",
            "Çekinmeden yazabilirsiniz, rapor ektedir. Sayın hocam, lütfen yanıtlamayınız.\n",
            ("accept", []),
            id="a-letter-in-turkish",
        ),
        pytest.param("Activate your account", "\n", ("hold", ["outside-registration"]), id="no-text"),
        pytest.param(
            "Your adventure starts here",
            "So glad you're here! Pick a first book and get started.\n",
            ("hold", ["outside-registration"]),
            id="a-newcomer-is-greeted",
        ),
        pytest.param(
            "Вы с нами!",
            "Рады, что вы теперь в клубе. Начните с первой книги.\n",
            ("hold", ["outside-registration"]),
            id="a-newcomer-is-greeted-ru",
        ),
        pytest.param(
            "Üyeliğiniz onaylandı",
            "Üyeliğiniz onaylanmıştır, artık giriş yapabilirsiniz.\n",
            ("reject", ["outside-registration"]),
            id="approved-tr",
        ),
        pytest.param(
            "Бір қадам қалды",
            "Аккаунтыңызды ашып бітіру үшін мекенжайыңызды растаңыз:\nhttps://forum.example/v/8f1c9a7be02d4c6f8a55\n",
            ("reject", ["outside-registration"]),
            id="a-last-step-kk",
        ),
        pytest.param(
            "Верификация Campus Events",
            "Спасибо за регистрацию в приложении Campus Events. Для завершения введите код подтверждения:\n482913\n",
            ("reject", ["outside-registration"]),
            id="a-name-in-latin-letters",
        ),
        pytest.param(
            "Confirm your new e-mail address",
            "To confirm your new e-mail address, click below:\nhttps://forum.example/confirm?token=8f1c9a7be02d4c6f8a55\n",
            ("accept", []),
            id="a-new-address",
        ),
        pytest.param(
            "Аударымды растау коды",
            "4 500 теңге аударымды растау коды: 482913. Кодты ешкімге айтпаңыз.\n",
            ("accept", []),
            id="a-code-for-a-payment",
        ),
        pytest.param(
            "Your sign-in code",
            "Your sign-in code is 482913. We sent it to your registered e-mail address. Verify your account with it.\n",
            ("accept", []),
            id="a-code-to-sign-in",
        ),
        pytest.param(
            "Yeni üye: botanik",
            "Foruma yeni bir üye kaydoldu: botanik. Hesabını onaylamanız gerekiyor.\n",
            ("accept", []),
            id="another-person-registered",
        ),
        pytest.param(
            "[lab/site] No mail on sign-up (#212)",
            "dana opened an issue: users do not get the mail that confirms their account.\n",
            ("accept", []),
            id="a-tracker",
        ),
        pytest.param(
            "The new library portal",
            "Dear colleagues, please register on the new portal and confirm your e-mail address.\n",
            ("accept", []),
            id="a-letter-to-colleagues",
        ),
        pytest.param(
            "Вы зарегистрированы на экзамен",
            "Вы зарегистрированы на экзамен. Дата: 14.05.2026, 09:00, корпус 2.\n",
            ("accept", []),
            id="an-exam",
        ),
        pytest.param(
            "Аккаунтыңыз жойылды",
            "Сіздің сұрауыңыз бойынша аккаунтыңыз жойылды.\n",
            ("accept", []),
            id="a-deleted-account",
        ),
        pytest.param(
            "[Tracker] New account created",
            "The following account has been created:\nUsername: b.guest\nE-mail: b.guest@elsewhere.example\n",
            ("accept", []),
            id="an-account-of-somebody-else",
        ),
        pytest.param(
            "Forum: confirm account creation",
            "Forum has a request to create a user account for your address.\n"
            "To confirm it, follow the link by March 12, 2026 at 10:15 UTC:\n"
            "https://forum.example/token?t=9f8e7d6c5b4a39281706f5e4d3c2b1a0\n",
            ("reject", ["outside-registration"]),
            id="a-deadline-is-no-event",
        ),
        pytest.param(
            "Тіркелу өтініміңіз мақұлданды",
            "Сәлеметсіз бе!\nАккаунтыңыз белсенді, енді кіріп, профиліңізді толтыра аласыз.\n",
            ("hold", ["outside-registration"]),
            id="an-approved-request-kk",
        ),
        pytest.param(
            "Your study has been registered",
            "Dear investigator, your study was registered with the identifier NCT0021. Log in to "
            "your account to edit it.\n",
            ("accept", []),
            id="a-study-is-registered",
        ),
        pytest.param(
            "Vehicle registered",
            "Your vehicle 123ABC02 is now registered for the campus car park.\n",
            ("accept", []),
            id="a-car-is-registered",
        ),
        pytest.param(
            "Статья зарегистрирована",
            "Ваша статья зарегистрирована под номером 118 и направлена рецензентам.\n",
            ("accept", []),
            id="an-article-is-registered-ru",
        ),
        pytest.param(
            "Домен kafedra.example.org зарегистрирован",
            "Домен зарегистрирован на ваше имя. Подтвердите данные администратора домена в течение 14 дней.\n",
            ("accept", []),
            id="a-domain-is-registered-ru",
        ),
        pytest.param(
            "Gönderiniz kaydedildi",
            "Gönderiniz şubemizde kaydedilmiştir. Takip no: 11223344\n",
            ("accept", []),
            id="a-parcel-is-registered-tr",
        ),
        pytest.param(
            "Шарт тіркелді",
            "№12 шарт тіркелді. Жеке кабинетте қол қойыңыз.\n",
            ("accept", []),
            id="a-contract-is-registered-kk",
        ),
        pytest.param(
            "Üyeliğinizin süresi doluyor",
            "Üyeliğinizin süresi 31 Aralık'ta dolacaktır. Yenilemek için hesabınıza giriş yapınız.\n",
            ("accept", []),
            id="a-membership-ends-tr",
        ),
        pytest.param(
            "Anketi tamamlayınız",
            "Sayın üyemiz, kayıtlı kullanıcılarımız arasında yapılan anketi tamamlamanızı rica ederiz.\n",
            ("accept", []),
            id="a-survey-tr",
        ),
        pytest.param(
            "Регистрация",
            "Добрый день! Я зарегистрировался на портале, но письмо с подтверждением не пришло. "
            "Активируйте, пожалуйста, мой аккаунт.\n",
            ("accept", []),
            id="somebody-who-could-not-register-ru",
        ),
        pytest.param(
            "Petition: please confirm your signature",
            "Thank you for signing. Confirm your signature: https://forum.example/confirm/8f1c9a7be02d4c6f8a55\n",
            ("accept", []),
            id="a-signature",
        ),
        pytest.param(
            "Your email address was verified",
            "Your email address is now verified. No further action is required.\n",
            ("accept", []),
            id="an-address-confirmed-already",
        ),
        pytest.param(
            "You have been added to #exam-board",
            "The secretary added you to the channel #exam-board.\n",
            ("accept", []),
            id="a-channel",
        ),
        pytest.param(
            "Hesabınıza yeni paket tanımlandı",
            "Hesabınıza yönetici tarafından alıcı paketi tanımlanmıştır.\n",
            ("accept", []),
            id="something-for-an-account-that-is-there-tr",
        ),
        pytest.param(
            "Registration confirmed",
            "Your registration for the U12 tournament has been confirmed. First match: Saturday.\n",
            ("accept", []),
            id="registered-for-a-tournament",
        ),
        pytest.param(
            "Enrollment confirmed",
            "You have successfully enrolled in Basics, starting on 12 January.\n",
            ("accept", []),
            id="enrolled-in-a-course",
        ),
        pytest.param(
            "Confirmation of account cancellation",
            "Your account has been deleted. Thank you for using our application.\n",
            ("accept", []),
            id="a-cancelled-account",
        ),
        pytest.param(
            "Action required: your profile",
            "Your profile has been reviewed but could not be verified at this time.\n",
            ("accept", []),
            id="a-profile-that-was-refused",
        ),
        pytest.param(
            "Kaydınız alındı",
            "Kaydınız başarıyla alındı. Seminer bilgileri size gönderilecektir.\n",
            ("accept", []),
            id="registered-for-what-the-next-sentence-tells-tr",
        ),
        pytest.param(
            "Aboneliğiniz hakkında",
            "Aboneliğinizin sona ermesine 7 gün kaldı. Şimdiden yenileyebilirsiniz!\n",
            ("accept", []),
            id="a-subscription-ends-tr",
        ),
        pytest.param(
            "Aboneliğiniz başlatıldı",
            "Aboneliğiniz başarıyla başlatılmıştır. Sonraki yenileme tarihi: 27.12.2026\n",
            ("accept", []),
            id="a-subscription-that-is-paid-for-tr",
        ),
        pytest.param(
            "Welcome to the team",
            "Congratulations! You have been selected to join our team. We tell you the next steps soon.\n",
            ("accept", []),
            id="an-employer-welcomes",
        ),
        pytest.param(
            "Registration confirmed!",
            "Thank you for registering for our event. We look forward to welcoming you.\n",
            ("accept", []),
            id="looks-forward-to-welcoming",
        ),
        pytest.param(
            "Registration confirmed: Robo Race",
            "Your registration for Robo Race is confirmed.\nAmount: 100\nEvent: Robo Race\nVenue: the main hall\n",
            ("accept", []),
            id="registered-for-what-the-letter-is-about",
        ),
        pytest.param(
            "Жазылуыңыз расталды",
            "Сіздің жазылуыңыз расталды! Біз сізді мына мекенжайда күтеміз: Мәңгілік Ел 1.\n",
            ("accept", []),
            id="an-appointment-kk",
        ),
        pytest.param(
            "You have been added to Riverside",
            "Your account is ready: log in with a.serik@uni.example and the password hW7pq2Kx.\n",
            ("hold", ["outside-registration"]),
            id="an-account-that-somebody-made",
        ),
        pytest.param(
            "Your subscription is active",
            "Your Pro subscription is now active. Your next billing date is 27 December. Thank you for subscribing.\n",
            ("accept", []),
            id="a-subscription-with-a-bill",
        ),
        pytest.param(
            "Access granted: the lectures",
            "Thank you for purchasing access to our lectures. Open them here: https://forum.example/lectures\n",
            ("accept", []),
            id="what-was-bought",
        ),
        pytest.param(
            "Confirmation of registration request",
            "Dear registrar, please confirm the registration of the following student.\nStudent ID: 412\n",
            ("accept", []),
            id="whose-studies-are-to-be-confirmed",
        ),
        pytest.param(
            "Your review has been verified",
            "Your review for the Journal of Materials has been verified and added to your profile.\n",
            ("accept", []),
            id="something-added-to-a-profile",
        ),
        pytest.param(
            "Подписка оформлена",
            "Подписка на журнал «Металлы» на 2027 год оформлена. Счёт № 12 во вложении.\n",
            ("accept", []),
            id="a-subscription-with-a-bill-ru",
        ),
        pytest.param(
            "Access approved",
            "Your access has been approved. You can now sign in: https://forum.example/login\n",
            ("reject", ["outside-registration"]),
            id="access-that-was-approved",
        ),
        pytest.param(
            "Спасибо за регистрацию",
            "Спасибо за регистрацию на Evening of Graphs. Ваш входной билет приложен.\n",
            ("accept", []),
            id="a-ticket-ru",
        ),
        pytest.param(
            "Регистрация на сайте",
            "Вы указали телефон +7 701 000 00 00. Ваш пароль: hW7pq2Kx\n",
            ("reject", ["outside-registration"]),
            id="a-password-alone-ru",
        ),
        pytest.param(
            "Регистрация",
            "Поздравляем с регистрацией на нашем сайте!\n",
            ("hold", ["outside-registration"]),
            id="congratulates-ru",
        ),
        pytest.param(
            "Registration confirmation",
            "Thank you for registering for Graphs 2027. Your badge is attached, show it at the entrance.\n",
            ("accept", []),
            id="a-badge",
        ),
        pytest.param(
            "Welcome to Transfers Pro!",
            "Thanks for upgrading! Here is what you can do now. Next billing date: 27 December.\n",
            ("accept", []),
            id="an-upgrade",
        ),
        pytest.param(
            "Thanks for joining the launch team",
            "Thank you for offering to serve with us. We will call you this week.\n",
            ("accept", []),
            id="a-volunteer",
        ),
        pytest.param(
            "Onay",
            "Yaptığınız değişikliğin etkili olması için kodu giriniz: 471203\n",
            ("accept", []),
            id="a-code-for-a-change-tr",
        ),
        pytest.param(
            "Welcome to Transfers! Please confirm your email",
            "Hi, confirm your email to start booking transfers:\nhttps://forum.example/verify?token=8f1c9a7be02d4c6f8a55\n",
            ("reject", ["outside-registration"]),
            id="what-one-may-do-when-it-is-confirmed",
        ),
        pytest.param(
            "One more step",
            "Tap the button to start receiving our letters.\nYes, sign me up: "
            "https://forum.example/confirm/8f1c9a7be02d4c6f8a55\n",
            ("hold", ["outside-registration"]),
            id="a-newsletter-in-other-words",
        ),
        pytest.param(
            "Осталось немного",
            "Вы указали этот адрес при регистрации. Чтобы закончить, нажмите: "
            "https://forum.example/c/8f1c9a7be02d4c6f8a55\n",
            ("hold", ["outside-registration"]),
            id="whose-address-was-given-ru",
        ),
        pytest.param(
            "Başvurunuz kabul edildi",
            "Üyelik başvurunuz kabul edildi. Hesabınıza artık giriş yapabilirsiniz.\n",
            ("hold", ["outside-registration"]),
            id="accepted-tr",
        ),
    ],
)
def test_mail_from_outside(world: Build, subject: str, body: str, told: tuple[str, list[str]]) -> None:
    """A registration is refused where it is sure and held where it is likely; other mail passes."""
    assert told == _told(_outside(world(RULE), subject, body))


@pytest.mark.parametrize(
    ("sender", "told"),
    [
        pytest.param("Payment Club <noreply@forum.example>", "hold", id="its-own-name"),
        pytest.param("Forum <noreply@forum.example>", "accept", id="a-payment"),
    ],
)
def test_the_name_of_the_sender_tells_of_no_business(world: Build, sender: str, told: str) -> None:
    """A word of the subject that is the sender's own name says nothing of what the message is about."""
    verdict = world(RULE).verdict(
        headers={"From": sender, "Subject": "Payment Club: your account"},
        body="You have created an account.\nUser name: serik\n",
        **OUTSIDE,
    )
    assert told == verdict.action.value


def test_what_a_finding_tells(world: Build) -> None:
    """The site, how sure it is, the score, and what counted in words."""
    (ruling,) = _outside(world(RULE), "Activate your account", ACTIVATE).rulings
    detail = ruling.finding.detail
    assert (detail["site"], detail["certainty"], detail["score"] > 0.9) == ("forum.example", "sure", True)
    assert "it thanks you for registering" in detail["why"]


@pytest.mark.parametrize(
    ("rule", "action"),
    [
        pytest.param("{action: {sure: tag, likely: off}}", "tag", id="by-certainty"),
        pytest.param("{action: hold}", "hold", id="one-for-both"),
        pytest.param("{sure_from: 1, action: {sure: reject, likely: tag}}", "tag", id="never-sure"),
        pytest.param("{monitor: true}", "accept", id="on-monitor"),
    ],
)
def test_actions(world: Build, rule: str, action: str) -> None:
    """rules.yaml says what a registration leads to."""
    verdict = _outside(world(f"  registration: {rule}\n"), "Activate your account", ACTIVATE)
    assert verdict.action.value == action


KEY = Key("egov.example", "mail")
OFFICIAL = (
    "From: noreply@egov.example\r\nTo: a.serik@uni.example\r\nSubject: Activate your account\r\n\r\n"
    + ACTIVATE.replace("\n", "\r\n")
).encode()


@pytest.mark.parametrize(
    ("message", "spf", "told"),
    [
        pytest.param(KEY.sign(OFFICIAL), b"", ("accept", []), id="signed"),
        pytest.param(OFFICIAL, b"v=spf1 ip4:203.0.113.5 -all", ("accept", []), id="spf"),
        pytest.param(OFFICIAL, b"", ("hold", ["official-unproved"]), id="nothing"),
        pytest.param(OFFICIAL, b"v=spf1 ip4:203.0.113.6 -all", ("hold", ["official-unproved"]), id="not-its-client"),
        pytest.param(OFFICIAL, b"v=spf1 include:loop.example", ("hold", ["official-unproved"]), id="wrong-spf"),
        pytest.param(
            KEY.sign(OFFICIAL).replace(b"Thank", b"Thenk"),
            b"",
            ("hold", ["official-unproved"]),
            id="changed-on-its-way",
        ),
        pytest.param(
            Key("forum.example", "mail").sign(OFFICIAL), b"", ("hold", ["official-unproved"]), id="anothers-signature"
        ),
    ],
)
def test_official_services(world: Build, message: bytes, spf: bytes, told: tuple[str, list[str]]) -> None:
    """An official service passes where DKIM or SPF proves it; else it is held, and never refused."""
    built = world(RULE)
    built.dns.records = {KEY.name: (KEY.record,)}
    built.dns.spf = {"egov.example": spf}
    verdict = built.verdict(message=message, **{**OUTSIDE, "sender": "<noreply@egov.example>"})
    assert told == _told(verdict)


def test_spf_of_another_domain_proves_nothing(world: Build) -> None:
    """Who sends under his own domain does not speak for the one in From."""
    built = world(RULE)
    built.dns.spf = {"forum.example": b"v=spf1 +all"}
    assert _told(built.verdict(message=OFFICIAL, **OUTSIDE)) == ("hold", ["official-unproved"])


def test_a_dns_that_is_silent(world: Build) -> None:
    """It is not known whether the official service is the one: the mail waits."""
    rule = "  registration: {official: [silent.example]}\n"
    message = OFFICIAL.replace(b"egov.example", b"silent.example")
    verdict = world(rule).verdict(message=message, **{**OUTSIDE, "sender": "<noreply@silent.example>"})
    assert _told(verdict) == ("defer", ["unavailable"])


def test_whoever_the_rule_is_off_for(world: Build) -> None:
    """For a unit that it is off for it finds nothing; a second recipient outside the unit brings it back."""
    people = (
        "people:\n"
        "  - {login: p.ress, addresses: [p.ress@uni.example], unit: press}\n"
        "  - {login: a.serik, addresses: [a.serik@uni.example], unit: registry}\n"
    )
    built = world(RULE, people=people)
    press = ["<P.Ress+news@uni.example>"]
    assert _told(_outside(built, "Activate your account", ACTIVATE, recipients=press)) == ("accept", [])
    both = [*press, "<a.serik@uni.example>"]
    assert _outside(built, "Activate your account", ACTIVATE, recipients=both).action is Action.REJECT


@pytest.mark.parametrize(
    ("whose", "value", "recipients", "action"),
    [
        pytest.param("a.serik", "forum.example", ["<a.serik@uni.example>"], "accept", id="a-person"),
        pytest.param("unit:registry", "forum.example", ["<a.serik@uni.example>"], "accept", id="a-unit"),
        pytest.param("a.serik", "forum.example", ["<serik@uni.example>"], "accept", id="by-an-alias"),
        pytest.param("a.serik", "other.example", ["<a.serik@uni.example>"], "reject", id="another-site"),
        pytest.param("b.head", "forum.example", ["<a.serik@uni.example>"], "reject", id="another-person"),
        pytest.param(
            "a.serik", "forum.example", ["<a.serik@uni.example>", "<b.head@uni.example>"], "reject", id="not-for-both"
        ),
    ],
)
def test_grants(world: Build, whose: str, value: str, recipients: list[str], action: str) -> None:
    """A grant for a site's domain lets its mail pass to whom it is for."""
    people = (
        "people:\n"
        "  - {login: a.serik, addresses: [a.serik@uni.example], aliases: [serik@uni.example], unit: registry}\n"
        "  - {login: b.head, addresses: [b.head@uni.example], unit: rectorate}\n"
    )
    built = world(RULE, people=people)
    built.standing.granted.append((whose, "registration", value, 0))
    verdict = _outside(built, "Activate your account", ACTIVATE, recipients=recipients)
    assert verdict.action.value == action


LOGIN: dict[str, Any] = {"login": "a.serik", "sender": "<a.serik@uni.example>"}


@pytest.mark.parametrize(
    ("to", "subject", "body", "told"),
    [
        pytest.param("jokes-subscribe@lists.example", "x", "x\n", ("reject", ["subscribe-command"]), id="subscribe"),
        pytest.param(
            "jokes+subscribe@lists.example", "x", "x\n", ("reject", ["subscribe-command"]), id="google-groups"
        ),
        pytest.param("jokes-join@lists.example", "x", "x\n", ("reject", ["subscribe-command"]), id="mailman"),
        pytest.param(
            "jokes-subscribe-a.serik=uni.example@lists.example",
            "x",
            "x\n",
            ("reject", ["subscribe-command"]),
            id="ezmlm",
        ),
        pytest.param(
            "majordomo@lists.example", "", "subscribe jokes\n", ("reject", ["subscribe-command"]), id="majordomo"
        ),
        pytest.param(
            "listserv@lists.example", "", "SUB JOKES A Serik\n", ("reject", ["subscribe-command"]), id="listserv"
        ),
        pytest.param("sympa@lists.example", "subscribe jokes", "", ("reject", ["subscribe-command"]), id="sympa"),
        pytest.param("jokes-request@lists.example", "subscribe", "", ("reject", ["subscribe-command"]), id="request"),
        pytest.param("jokes-request@lists.example", "unsubscribe", "", ("accept", []), id="unsubscribe"),
        pytest.param("majordomo@lists.example", "", "unsubscribe jokes\n", ("accept", []), id="leaving-majordomo"),
        pytest.param("jokes-unsubscribe@lists.example", "x", "x\n", ("accept", []), id="leaving"),
        pytest.param(
            "jokes-confirm+8f1c9a7be02d@lists.example", "x", "x\n", ("reject", ["registration-confirmed"]), id="confirm"
        ),
        pytest.param(
            "jokes-sc.1700000000.abcdef-a.serik=uni.example@lists.example",
            "x",
            "x\n",
            ("reject", ["registration-confirmed"]),
            id="ezmlm-confirm",
        ),
        pytest.param("list-subscribe@lists.journals.example", "x", "x\n", ("accept", []), id="official"),
        pytest.param("staff-subscribe@uni.example", "x", "x\n", ("accept", []), id="our-own-list"),
        pytest.param("subscriptions@press.example", "Our subscription", "x\n", ("accept", []), id="an-office"),
        pytest.param("joint.project@partner.example", "x", "x\n", ("accept", []), id="a-name-that-begins-so"),
    ],
)
def test_mail_to_outside(world: Build, to: str, subject: str, body: str, told: tuple[str, list[str]]) -> None:
    """Nobody subscribes, or confirms that he did, by mail; whoever leaves a list may."""
    headers = {"From": "a.serik@uni.example", "Subject": subject}
    verdict = world(RULE).verdict(headers=headers, body=body, **LOGIN, recipients=[f"<{to}>"])
    assert told == _told(verdict)


@pytest.mark.parametrize(
    ("subject", "own", "told"),
    [
        pytest.param("Re: Activate your account", "OK", ("hold", ["registration-confirmed"]), id="confirms"),
        pytest.param("Re: Activate your account", "no, thank you " * 15, ("accept", []), id="has-more-to-say"),
        pytest.param("Re: the minutes", "OK", ("accept", []), id="another-subject"),
    ],
)
def test_answers_to_a_registration(world: Build, subject: str, own: str, told: tuple[str, list[str]]) -> None:
    """Nobody confirms a registration by answering it."""
    headers = {"From": "a.serik@uni.example", "Subject": subject, "In-Reply-To": "<1@forum.example>"}
    body = f"{own}\n\nForum wrote:\n" + "".join(f"> {line}\n" for line in ACTIVATE.splitlines())
    verdict = world(RULE).verdict(headers=headers, body=body, **LOGIN, recipients=["<noreply@forum.example>"])
    assert told == _told(verdict)


def test_outbound_can_be_left_alone(world: Build) -> None:
    """With `outbound: false` nobody looks at what our people send."""
    built = world("  registration: {outbound: false}\n")
    assert _told(built.verdict(**LOGIN, recipients=["<jokes-subscribe@lists.example>"])) == ("accept", [])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param("{unproved: reject}", "would refuse what may be rightful", id="unproved"),
        pytest.param("{sure_from: 0.3}", "likely_from 0.5 is above sure_from 0.3", id="order"),
        pytest.param("{official: [nonsense]}", "'nonsense' is not a domain name", id="no-domain"),
        pytest.param("{action: {sure: refuse}}", "allowed are reject, defer, hold, tag or off", id="no-action"),
    ],
)
def test_wrong_options(world: Build, options: str, says: str) -> None:
    """What cannot be meant is a mistake."""
    with pytest.raises(Exception, match=says):
        world(f"  registration: {options}\n")
