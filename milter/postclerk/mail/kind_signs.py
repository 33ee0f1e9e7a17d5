"""What the header of a message says of who wrote it: signs, each with what it weighs for and against a program.

A weight is about the logarithm of the odds; where a sign names the sort of mail that it stands for, that counts too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from postclerk.core.facts import Headers
from postclerk.core.kind import Kind
from postclerk.mail.charsets import header_text

NAMES_OF_NOBODY = re.compile(
    r"(?:^|[-_.+])(?:no|not?|do-?not|dont|never|please-?do-?not)[-_.]?(?:reply|respond|answer|replay)|"
    r"^(?:no|nie|ne)[-_.]?otve[ct]h?a|yan[iı]tlama|cevaplama|^zhauapbermeniz|^(?:devnull|dev-null|blackhole|nobody)$",
    re.IGNORECASE,
)
_ROBOTS = re.compile(
    r"^(?:[\w.-]*[-_.])?(?:notif\w*|alerts?|alarms?|notice|robot|bot|daemon|root|cron|nagios|zabbix|jenkins|www-data|"
    r"apache|nginx|"
    r"httpd|automat\w*|autoconfirm|auto|system|mailer|updates?|digest|verif\w*|register|registration|activat\w*|"
    r"confirm\w*|"
    r"accounts?|account-\w+|signup|welcome|orders?|billing|invoices?|receipts?|payments?|shipping|tracking|"
    r"shipment\w*|"
    r"security\w*|password|reminders?|ticket\w*|jira|gitlab|github|bugzilla\w*|redmine|wordpress|forum|backup|"
    r"monitor\w*|"
    r"logwatch|webmaster|tracker|bounces?|uvedoml\w*|bildirim|izveshen\w*|reset|rssfeeds?|please-change-me\S*|"
    r"invitations?|messages?|"
    r"scan|scanner|copier|printer|plotter|fax|voice-?mail|pbx|ups|camera|sensor|oracle|postgres|mysql|svn|cvs|syslog|"
    r"fail2ban|icinga|munin|monit|grafana|prometheus|yaz[iı]c[iı]|taray[iı]c[iı]|bilgilendirme|hat[iı]rlatma|opovesh\w*|napominan\w*|habarlandyru|habarlama|"
    r"xabarlama|eskertu)"
    r"(?:[-_.+][\w.=-]*)?$",
    re.IGNORECASE,
)
_LETTERS = re.compile(
    r"^(?:[\w.-]*[-_.])?(?:news(?:letters?)?|e?-?news|mailings?|marketing|promo\w*|offers?|deals?|subscri\w*|"
    r"campaigns?|"
    r"b[uü]lten\w*|duyuru\w*|kampanya\w*|haber\w*|rassylka|rassilka|novosti|podpiska|akcii|zhanalyk\w*|"
    r"digest|listserv|majordomo|ezmlm|weekly|daily|insider|"
    r"special\w*)"
    r"(?:[-_.+][\w.=-]*)?$",
    re.IGNORECASE,
)
_ROLES = re.compile(
    r"^(?:info|support|hello|hi|team|admin\w*|service|services|contact|customer\w*|help|helpdesk|feedback|office|"
    r"mail|"
    r"member\w*|shop|store|community|crm|care|kundenservice|destek|iletisim|bilgi|portal|site|sales|"
    r"events|editors?|fatura|sipari[sş]|kargo|bilet|zakaz|podderzhka|kolda[uw]|akparat|aqparat|please-change-me\S*|"
    r"change-?me)(?:[-_.+].*)?$",
    re.IGNORECASE,
)
_PROGRAM_PATH = re.compile(
    r"^(?:www-data|apache|nginx|httpd|nobody|root|daemon|cron|web|www|wwwrun|mailer|anonymous)@|"
    r"^(?:[\w.-]+-)?bounces?[-+_=@.]|[-+._]bounces?@|^b(?:nc)?\.|^(?:msprvs|prvs-?bounce|return)[-+=]|"
    r"\+[^@]+=[\w.-]+@|-[^@]+=[\w.-]+\.\w+@|^bounce|=\w[\w.-]+\.[a-z]{2,}@(?!.*prvs)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[0-9a-z]{18,}|^[\d=+.-]{12,}$")
_DIGITS_OF_A_NUMBER = 3
_PERSONS_ADDRESS = re.compile(r"^[^\W\d_](?:[^\W\d_]+)?[._][^\W\d_]{3,}\d{0,4}$|^[^\W\d_]{3,}[._][^\W\d_]{1,2}$")
"""An address made of a name and a surname."""

_SERVICES = frozenset({
    "sendgrid.net", "mailgun.org", "mailgun.net", "amazonses.com", "mcsv.net", "mcdlv.net", "rsgsv.net",
    "mandrillapp.com", "sparkpostmail.com", "sendinblue.com", "brevo.com", "mailjet.com", "mailerlite.com",
    "mlsend.com", "createsend.com", "hubspotemail.net", "exacttarget.com", "mktomail.com", "getresponse.com",
    "activecampaign.com", "klaviyomail.com", "constantcontact.com", "postmarkapp.com", "mtasv.net",
    "elasticemail.com", "zcsend.net", "smtp2go.com", "unisender.com", "unione.io", "unione.ru", "sendpulse.com",
    "sendsay.ru", "dashamail.com", "notisend.ru", "smtp.bz", "rusender.ru", "mailganer.com", "subscribe.ru",
    "euromsg.net", "euromsg.com", "relateddigital.com", "setrowid.com",
})  # fmt: skip
"""Domains of services through which programs send mail."""

_HANDED_ON = re.compile(r"^(?:srs[01][=+-]|prvs=|btv1==)", re.IGNORECASE)

_MUA = re.compile(
    r"thunderbird|icedove|seamonkey|mozilla|mutt|k-?mail|kontact|evolution|roundcube|squirrelmail|imp/|horde|"
    r"sylpheed|claws|gnus|"
    r"outlook(?!.*cdo)|apple mail|iphone mail|ipad mail|ios mail|the bat|lotus|domino|notes|zimbra|entourage|"
    r"eudora|pegasus|"
    r"yandex|mail\.ru|rambler|yahoo|webmail|aol|gmail|airmail|mailspring|postbox|alpine|^pine|opera|becky|"
    r"incredimail|sogo|"
    r"spark|bluemail|k-9|fairemail|windows (?:live )?mail|windowsmail|nextcloud mail|rainloop|snappymail|mailmate|"
    r"elm|mh[- ]|nmh|exmh|vm |emacs|wanderlust|mew |groupwise|internet mail service|aquamail|typeapp|superhuman|"
    r"missive|"
    r"protonmail|tutanota|afterlogic|icewarp|communigate|mdaemon|kerio|zoho|ximian|balsa|novell|openwebmail|"
    r"geary|trojita|neomutt|aerc|himalaya|nine|samsung|maildroid|em client|betterbird|foxmail|forteagent|turnpike|"
    r"calypso|"
    r"mailmate|xfmail|microsoft-macoutlook|poweremail|mailbird|postboxapp|sparrow|apple message",
    re.IGNORECASE,
)
_SCRIPT = re.compile(
    r"phpmailer|^php|php/|swift|symfony|laravel|mime[:_.-]*lite|mime-tools|nodemailer|zend|system\.net\.mail|phpbb|"
    r"drupal|"
    r"wordpress|vbulletin|mediawiki|aspmail|aspnetemail|jmail|cdo|javamail|cdonts|blat|mailkit|sendgrid|mailchimp|"
    r"mandrill|"
    r"campaign|mailer lite|mailerlite|unisender|sendpulse|getresponse|expertsender|emarsys|silverpop|accucast|lyris|"
    r"redmine|mantis|trac\b|jira|gitlab|otrs|znuny|zammad|glpi|osticket|request tracker|rt \d|bugzilla|moodle|"
    r"joomla|bitrix|"
    r"1c|opencart|prestashop|magento|smf|xenforo|ipboard|invision|mybb|discourse|simplemachines|codeigniter|"
    r"cakephp|yii|"
    r"mail::mailer|mail::sender|sendmail::|pear|perl|python|ruby|actionmailer|smtplib|golang|delphi|indy|sendemail|"
    r"swaks|"
    r"mailx|vacation|cron|nagios|jenkins|bacula|logwatch|smartermail list|listmanager|postman|oracle|sap|"
    r"microsoft cdo|e-?goi|interspire|phplist|dada|mailman|majordomo|group mail|groupmail|bulk|newsletter|"
    r"autorespond|"
    r"ansmtp|dundas|xmail|mailout|constant contact|exacttarget|responsys|marketo|hubspot|eloqua|iterable|sailthru|"
    r"customer\.io|"
    r"amazon|ebay|facebook|zuckmail|linkedin|twitter|squishymail|userland|infusionsoft|aweber|icontact|benchmark|"
    r"elastic",
    re.IGNORECASE,
)
_HUMAN_ID = re.compile(
    r"@mail\.gmail\.com|\.(?:prod|eurprd\w*|namprd\w*)\.(?:outlook|exchangelabs)\.com|@phx\.gbl|"
    r"@[\w.-]*mail\.yahoo\.com|@f\d+\.\w*\.?i?\.?mail\.ru|"
    r"@mail\.yandex\.\w+|@[\w-]+\.yandex\.(?:ru|net)|yp-c\.yandex\.net|qloud-c\.yandex\.net|@[A-Z]+\.[A-Z]+>?$|"
    r"^<?[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}@|^<?[0-9a-f]{12}\$[0-9a-f]{8}\$|^<?pine\.|\.camel@|"
    r"^<?[0-9a-f]{8}\.\d{7}@|@email\.android\.com|@protonmail|^<?OF[0-9A-F]{8}|^<?trinity-|@app\.fastmail\.com|"
    r"^<?tencent_|@(?:smtp\.)?icloud\.com",
)
_SCRIPT_ID = re.compile(
    r"javamail|swift\.generated|symfony|phpmailer|^<?[0-9a-f]{12,14}_[0-9a-f]{6,}@|\.mail>?$|"
    r"@localhost(?:\.localdomain)?>?$|"
    r"^<?\d{12,14}\.\d{1,6}\.\d{5,}@|@wordpress|bounce|newsletter|notification|^<?(?:lyris|msg|mail|order|"
    r"ticket)[-_.]|"
    r"@\w*\.?amazonses\.com|@geopod|@ismtpd|mailgun|sendgrid|mandrill|@mcsv|@\w+\.facebookmail|github\.com",
    re.IGNORECASE,
)

_REPLY = re.compile(
    r"^\s*(?:re|fwd?|fw|aw|wg|sv|vs|antw|antwort|rif|tr|res|enc|ynt|ilt|yan|отв|ответ|на|пересл|fwd|пер|жауап|жіб|"
    r"қайта)"
    r"\s*(?:\[\d+\]|\(\d+\)|\^\d+)?\s*[:：]",
    re.IGNORECASE,
)

AUTO_SUBJECT = re.compile(
    r"^\s*(?:\[[^\]\n]{1,80}\]\s*)?(?:\W{0,3})"
    r"(?:automat(?:ic|ed|ische?r?) (?:reply|response|answer|antwort)|auto[- ]?(?:reply|response|"
    r"responder|"
    r"answer|mated reply|matic reply|antwort|matische antwort)\b|auto\s*:|out[- ]of[- ](?:the[- ])?office|ooo\b|"
    r"vacation (?:reply|message|response|notice)|away from (?:my |the )?(?:mail|office|desk)|"
    r"автоответ|авто-?ответ|автоматическ\w+ (?:ответ|уведомление об отсутствии)|нет на (?:рабочем месте|месте)|"
    r"вне офиса|"
    r"отсутству(?:ю|ет)|otomatik\s*(?:yan[ıi]t|cevap|olarak yan)|ofis d[ıi][şs][ıi]|i[sş] yerinde de[gğ]il|"
    r"izin bildirimi|"
    r"автоматты\s*(?:түрде )?(?:жауап|жауаб)|авто-?жауап|кеңседе жоқ|кеңседен тыс|"
    r"abwesenheit|abwesend|r[ée]ponse automatique|absence du bureau|respuesta autom|resposta autom|"
    r"risposta automatica|"
    r"fuori ufficio|automatisch antwoord|afwezig|autosvar|automatiskt svar|automaattinen|odpowied[źz] automat|"
    r"automatyczna odpowied|"
    r"automatická odpov|自動応答|不在|自动回复|自動回覆)",
    re.IGNORECASE,
)

BOUNCE_FROM = re.compile(
    r"^(?:mailer[-_.]?daemon|mail[-_. ]?delivery|mdaemon|mmdf|mailer|mail-daemon|maildaemon|double-?bounce|delivery|"
    r"postoffice|microsoftexchange[0-9a-f]{16,}|mail-?system)$|^mailer-daemon",
    re.IGNORECASE,
)
POSTMASTER = re.compile(
    r"^(?:post[-_]?master|mail-?administrator|mail-?admin|no-?reply-?bounce|smtp|mta|system)$", re.IGNORECASE
)
BOUNCE_NAME = re.compile(
    r"mail delivery (?:sub)?system|mail administrator|delivery subsystem|mailer[- ]daemon|mail delivery|postmaster|"
    r"system administrator|microsoft outlook$|microsoft exchange|internet mail delivery|mail transport|"
    r"doставки|система доставки|доставки почты|teslim sistemi|posta teslim|жеткізу жүйесі",
    re.IGNORECASE,
)
BOUNCE_SUBJECT = re.compile(
    r"^\W*(?:\w{2,12}:\s+)?(?:undeliver\w*|undelivrable|(?:mail|message)? ?delivery (?:status|fail\w*|notif\w*|"
    r"problem|error|delay\w*|"
    r"report|unsuccessful|has failed|incomplete)|mail delivery|(?:e-?)?mail (?:could|can)not be|failure notice|"
    r"fail(?:ed|ure)?[: ]*(?:mail|delivery|notice|to deliver)|returned? mail|returned? to sender|"
    r"non[- ]?delivery|nondeliverable|could not (?:be )?deliver|cannot deliver|message (?:delivery|undeliver|"
    r"could not|bounced|status)|"
    r"(?:permanent|temporary|delayed) (?:delivery|mail|error)|warning: (?:could not|message|mail)|delayed:|"
    r"problem delivering|rejected (?:mail|message)|mail (?:system error|could not|returned|fail)|bounced? (?:mail|"
    r"message)|"
    r"delivery (?:to|of) .{0,80}(?:fail|delay)|unable to deliver|user unknown|\[?mail error|"
    r"there was an error sending your|"
    r"не доставлено|недоставлен\w*|не удалось доставить|сообщение не (?:было |может быть )?доставлен\w*|"
    r"(?:письмо|почта) не (?:было |может быть )?доставлен\w*|возвра[тщ]\w* (?:письм|почт|сообщ)\w*|(?:отч[её]т|"
    r"уведомление|статус|"
    r"состояние|ошибка|сбой) (?:о |об |при )?(?:не)?(?:доставк|состоянии доставк|ошибке доставк|задержке доставк)\w*|"
    r"teslim(?:at|i)? (?:edileme|durum|hata|başarısız|rapor|bildirim)\w*|iletileme\w*|ileti(?:niz)? (?:teslim|"
    r"iletileme|gönderileme)\w*|"
    r"teslim edilemeyen|gönderilemeyen|e-?posta (?:teslim|iletim)\w*|"
    r"жеткізілме\w*|жеткізу (?:күйі|қатесі|мүмкін|сәтсіз|туралы)|хат жеткізілме\w*|"
    r"unzustellbar|nicht zustellbar|zustell|r[ée]tour|échec|mancata consegna|no se pudo entregar|rapport de non)",
    re.IGNORECASE,
)

_FIELDS: dict[str, tuple[float, str, Kind | None]] = {
    "list-unsubscribe": (2.5, "it names a way to unsubscribe", Kind.LIST),
    "list-unsubscribe-post": (1.0, "it names a way to unsubscribe", Kind.LIST),
    "x-bulkmail": (2.5, "a bulk mailer says that it sent it", Kind.LIST),
    "errors-to": (1.0, "errors go to another address (Errors-To)", Kind.LIST),
    "feedback-id": (3.0, "it bears a sender's number for complaints (Feedback-ID)", None),
    "x-feedback-id": (2.0, "it bears a sender's number for complaints (Feedback-ID)", None),
    "x-csa-complaints": (3.0, "it bears a bulk sender's address for complaints", Kind.LIST),
    "x-report-abuse": (1.5, "it bears a bulk sender's address for complaints", Kind.LIST),
    "x-report-abuse-to": (1.5, "it bears a bulk sender's address for complaints", Kind.LIST),
    "x-abuse-reports-to": (1.5, "it bears a bulk sender's address for complaints", None),
    "abuse-reports-to": (1.5, "it bears a bulk sender's address for complaints", None),
    "x-php-originating-script": (2.5, "a script sent it (X-PHP-Originating-Script)", None),
    "x-php-script": (2.5, "a script sent it (X-PHP-Script)", None),
    "x-cron-env": (5.0, "cron sent it", Kind.NOTIFICATION),
    "x-msfbl": (2.5, "it bears a bulk sender's number for complaints", None),
    "x-rss-feed": (4.0, "it brings an item of a feed", Kind.NOTIFICATION),
    "x-rss-url": (4.0, "it brings an item of a feed", Kind.NOTIFICATION),
    "x-ses-outgoing": (1.0, "a service for programs sent it (Amazon SES)", None),
    "x-generated-by": (2.0, "a program says that it wrote it", Kind.NOTIFICATION),
    "x-generator": (1.5, "a program says that it wrote it", Kind.NOTIFICATION),
    "x-fc-machinegenerated": (4.0, "a program says that it wrote it", Kind.NOTIFICATION),
    "x-auto-generated": (4.0, "a program says that it wrote it", Kind.NOTIFICATION),
    "x-autogenerated": (4.0, "a program says that it wrote it", Kind.NOTIFICATION),
    "x-powered-by": (1.5, "a program says that it wrote it", None),
    "x-email-type-id": (3.0, "it bears the number of a template", Kind.NOTIFICATION),
    "x-template": (3.0, "it bears the name of a template", Kind.NOTIFICATION),
    "x-tmpl": (3.0, "it bears the name of a template", Kind.NOTIFICATION),
}

_PREFIXES = re.compile(
    r"^(?:(x-(?:campaign\w*|mc-?user|mailer-?lid|mailchimp|mcda|mclb|job|jobid|bps\d*|emarsys|elq|rpcampaign|"
    r"subscri\w+|newsletter\w*|listid|list-?member|lmid|mailing\w*|unisender\w*|sendpulse\w*|phplist|listmember|"
    r"cmail\w*|cid|et-\w+|sfmc-\w+|roving\w*|ctct\w*|accounttype|mailru-msgtype|mail-?campaign|mj-\w+)"
    r"(?:-[\w-]+)?|require-recipient-valid-since-never)|"
    r"(x-(?:github|gitlab|jira|atlassian|bugzilla|redmine|trac|gerrit|launchpad|phabricator|discourse|jenkins|"
    r"nagios|phpbb|mybb|moodle|otrs|zammad|znuny|rt|request-tracker|mantis|youtrack|zendesk|freshdesk|linkedin|"
    r"facebook|twitter|ebay|paypal|mediawiki|drupal|wss|gnd|sonar|travis|circleci|sentry|pagerduty|zabbix|grafana|"
    r"bitbucket|gitea|forgejo|roundup|debbugs|debian-pr|savane|savannah|taiga|odoo|asana|trello|slack|notification|"
    r"event|ticket|alert|square|aol-notif\w*|notify)(?:-[\w-]+)?|rt-ticket|managed-by|rt-originator))$",
    re.MULTILINE,
)
_AUTOREPLY_FIELDS = {
    "x-autoreply": "an autoresponder says that it sent it (X-Autoreply)",
    "x-autorespond": "an autoresponder says that it sent it (X-Autorespond)",
    "x-autoresponder": "an autoresponder says that it sent it (X-Autoresponder)",
    "x-auto-reply": "an autoresponder says that it sent it (X-Auto-Reply)",
    "x-autoreply-from": "an autoresponder says that it sent it (X-Autoreply-From)",
    "x-auto-reply-from": "an autoresponder says that it sent it (X-Auto-Reply-From)",
    "x-mail-autoreply": "an autoresponder says that it sent it (X-Mail-Autoreply)",
    "x-vacation": "an autoresponder says that it sent it (X-Vacation)",
    "x-autoreply-to": "an autoresponder says that it sent it (X-Autoreply-To)",
}
_LIST_MANAGERS = {
    "x-beenthere": "a mailing list's program says that it passed it on (X-BeenThere)",
    "x-mailman-version": "a mailing list's program says that it passed it on (Mailman)",
    "mailing-list": "a mailing list's program says that it passed it on (Mailing-List)",
    "x-mailing-list": "a mailing list's program says that it passed it on (X-Mailing-List)",
    "x-listprocessor-version": "a mailing list's program says that it passed it on (ListProcessor)",
    "x-list-host": "a mailing list's program says that it passed it on (X-List-Host)",
    "x-listserver": "a mailing list's program says that it passed it on (X-ListServer)",
    "x-listname": "a mailing list's program says that it passed it on (X-Listname)",
    "x-google-group-id": "a mailing list's program says that it passed it on (Google Groups)",
    "x-egroups-return": "a mailing list's program says that it passed it on (Yahoo Groups)",
    "x-yahoo-newman-property": "a mailing list's program says that it passed it on (Yahoo Groups)",
    "x-sympa-to": "a mailing list's program says that it passed it on (Sympa)",
    "x-ml-name": "a mailing list's program says that it passed it on (X-ML-Name)",
    "x-mlserver": "a mailing list's program says that it passed it on (X-MLServer)",
}
BOUNCES_GO_TO = re.compile(r"-bounces?$|-bounces?\+|^bounces?[-+]|[-+]bounces?[-+]|-admin$|-owner$|^owner-")
"""The address of a list to which what it sent comes back."""

LIST_PATH = re.compile(r"^owner-|-owner@|^sentto-|-return-\d+-", re.IGNORECASE)
LIST_SENDER = re.compile(
    r"^owner-|-owner@|-bounces(?:\+|@)|^[\w.-]+-bounces|-return-\d|-request@|-admin@|^sentto-|-errors@|-outgoing@", re.I
)


@dataclass(slots=True)
class Signs:
    """What the header says, looked at once. `machine` weighs for a program, below zero for a person."""

    submitted: str = ""
    report: str = ""
    precedence: str = ""
    subject: str = ""
    sender: str = ""
    local: str = ""
    name: str = ""
    path: str | None = None
    is_reply: bool = False
    answers: bool = False
    has_program: bool = False
    has_traces: bool = False
    is_bare: bool = False
    has_mua: bool = False
    autoreply: str = ""
    manager: str = ""
    vendor: str = ""
    campaign: str = ""
    machine: float = 0.0
    toward_list: float = 0.0
    toward_notice: float = 0.0
    why: list[tuple[float, str]] = field(default_factory=list)

    def add(self, weight: float, says: str, kind: Kind | None = None) -> None:
        """Takes a sign down."""
        self.machine += weight
        if kind is Kind.LIST:
            self.toward_list += weight
        elif kind is Kind.NOTIFICATION:
            self.toward_notice += weight
        if says:
            self.why.append((weight, says))


_MUA_FIELDS = {
    "x-originating-ip": 1.5, "thread-index": 1.0, "x-ms-has-attach": 1.5, "x-ms-tnef-correlator": 1.0,
    "accept-language": 1.5, "acceptlanguage": 1.0, "content-language": 0.7, "autocrypt": 3.0, "openpgp": 2.0,
    "disposition-notification-to": 1.5, "x-accept-language": 2.0, "x-universally-unique-identifier": 3.0,
    "x-msmail-priority": 0.7, "x-pgp-agent": 2.0, "cc": 0.7, "x-account-key": 1.0, "x-identity-key": 1.5,
    "x-gm-message-state": 1.0, "x-google-sender-auth": 1.0, "x-forwarded-message-id": 2.0, "x-kmail-identity": 2.0,
    "organization": 1.0, "x-x-sender": 1.0, "x-sender": 0.3, "x-gpg-fingerprint": 2.0, "x-yandex-front": 0.7,
    "x-mailru-sender": 0.5, "x-enigmail-version": 2.0, "thread-topic": 0.7, "x-ymail-osg": 1.0,
    "mail-followup-to": 1.5, "x-operating-system": 1.5,
}  # fmt: skip
"""What the mail programs of people put there, each alone easily imitated or set by servers for everybody's mail."""

_REALLY_SCRIPT = re.compile(r"rcube|roundcube|squirrel|horde|rainloop|snappy|webmail", re.IGNORECASE)


def answers_automatic_reply(subject: str) -> bool:
    """Whether a subject, decoded, answers an automatic reply, as people do who find out that somebody is away."""
    marks = _REPLY.match(subject)
    return bool(marks and AUTO_SUBJECT.match(subject[marks.end() :]))


def is_reply_subject(subject: str) -> bool:
    """Whether a subject, decoded, says that a message answers or passes on another."""
    return bool(_REPLY.match(subject))


def signs(headers: Headers, envelope_sender: str | None) -> Signs:
    """What the header and the return path (None: not known) say."""
    seen = Signs()
    names = [name.lower() for name, _value in headers.fields[:_MOST_FIELDS]]
    known = set(names)
    seen.submitted = _token(headers, "auto-submitted") if "auto-submitted" in known else ""
    for name in _PRECEDENCES:
        if name in known and not seen.precedence:
            seen.precedence = _token(headers, name)
    seen.subject = header_text((headers.first("subject") or "")[:_LONGEST])
    seen.is_reply = is_reply_subject(seen.subject)
    seen.answers = "in-reply-to" in known or "references" in known
    kind = (headers.first("content-type") or "")[:_LONGEST].lower()
    if kind.startswith("multipart/report"):
        named = _REPORT_TYPE.search(kind)
        seen.report = named[1] if named else "unnamed"
    _addresses(seen, headers, envelope_sender)
    _program(seen, headers, known)
    for name in known & _AUTOREPLY_FIELDS.keys():
        if _value(headers, name) not in ("no", "false", "0"):
            seen.autoreply = _AUTOREPLY_FIELDS[name]
    for name in known & _LIST_MANAGERS.keys():
        seen.manager = _LIST_MANAGERS[name]
    for name in known & _FIELDS.keys():
        if not (name.startswith("x-php") and _REALLY_SCRIPT.search(_value(headers, name))):
            seen.add(*_FIELDS[name])
    for name in known:
        if name.startswith(("x-", "rt-", "managed-by")):
            campaign, vendor = _of_program(name[:80])
            seen.campaign, seen.vendor = max(seen.campaign, campaign), max(seen.vendor, vendor)
    _service(seen, headers)
    _conversation(seen, known, kind)
    return seen


_PRECEDENCES = ("precedence", "x-precedence", "preference")
_MOST_FIELDS = 1000
_LONGEST = 2000
_REPORT_TYPE = re.compile(r"report-type\s*=\s*\"?([\w-]+)")


def _value(headers: Headers, name: str) -> str:
    return (headers.first(name) or "")[:_LONGEST].strip().lower()


def _token(headers: Headers, name: str) -> str:
    """The word with which a value begins; what stands behind it, parameters or a comment, is left out."""
    found = _FIRST_WORD.match((headers.first(name) or "")[:200].lower())
    return found[1] if found else ""


_FIRST_WORD = re.compile(r"\s*([\w-]+)")


def _addresses(seen: Signs, headers: Headers, envelope_sender: str | None) -> None:
    boxes = headers.mailboxes("from").mailboxes
    if boxes:
        seen.sender, seen.local = boxes[0].address.key, boxes[0].address.local.lower()
        seen.name = boxes[0].display
    if envelope_sender is None and "return-path" in headers:
        envelope_sender = (headers.first("return-path") or "")[:_LONGEST]
    if envelope_sender is not None:
        seen.path = envelope_sender.strip().strip("<>").strip().lower()
        if seen.path in ("mailer-daemon", "#@[]", "null"):
            seen.path = ""
    local = seen.local
    if sign := _sign_of(local[:200]):
        seen.add(*sign)
        seen.toward_notice += 1.5 if sign[0] == _NOBODY else 0.0
    _return_path(seen)
    _names_its_site(seen)


def _names_its_site(seen: Signs) -> None:
    """Whether a program or an organisation is named as the sender, and not a person there."""
    labels = seen.sender.rpartition("@")[2][:200].split(".")
    name = _plain(seen.name[:60])
    if len(name) > _SHORTEST and name in labels[:-1]:
        seen.add(1.0, "its sender is named as his site is")
    if _VIA.search(seen.name[:200]):
        seen.add(1.5, "its sender speaks through a program, by its name", Kind.NOTIFICATION)
    tag = _SUBJECT_TAG.match(seen.subject)
    if tag is not None:
        tagged = _plain(tag[1])
        if len(tagged) > _SHORTEST - 1 and tagged in (_plain(seen.local), _plain(".".join(labels)), *labels[:-1]):
            seen.add(1.5, "its subject begins with its sender's name, as programs mark theirs", Kind.NOTIFICATION)


def _plain(name: str) -> str:
    return _NOT_IN_NAMES.sub("", name.lower())


_VIA = re.compile(r"\bvia \w", re.IGNORECASE)
_SUBJECT_TAG = re.compile(r"^\s*\[([^\]\n]{2,60})\]")
_NOT_IN_NAMES = re.compile(r"[\W_]|\b(?:team|support|via \w+)$")
_SHORTEST = 3


def _service(seen: Signs, headers: Headers) -> None:
    """Whether a service for programs sent it, by return path, Message-ID and signature."""
    number = (headers.first("message-id") or "")[-100:].strip("> \t")
    domains = [(seen.path or "").rpartition("@")[2], number.rpartition("@")[2]]
    if "dkim-signature" in headers:
        domains += [found for value in headers.all("dkim-signature")[:3] for found in _SIGNED_FOR.findall(value[:300])]
    for domain in domains:
        if ".".join(domain.lower().rsplit(".", 2)[-2:]) in _SERVICES:
            seen.add(1.5, f"a service for programs sent it ({domain[:60]})")
            return


_SIGNED_FOR = re.compile(r"\bd=\s*([\w.-]+)")


_NOBODY = 4.0


@lru_cache(maxsize=4096)
def _sign_of(local: str) -> tuple[float, str, Kind | None] | None:
    """What the local part of a sender's address tells."""
    if NAMES_OF_NOBODY.search(local):
        return _NOBODY, f"nobody reads what is written to its sender, {local}@", None
    if _LETTERS.match(local):
        return 2.5, f"its sender sends newsletters, by his name: {local}@", Kind.LIST
    if _ROBOTS.match(local):
        return 3.0, f"its sender is a program, by its name: {local}@", Kind.NOTIFICATION
    if _ROLES.match(local):
        return 1.2, f"its sender is no single person, by its name: {local}@", None
    if _PERSONS_ADDRESS.match(local):
        return -1.0, "its sender's address is made of a person's name", None
    return None


@lru_cache(maxsize=4096)
def _is_script(mailer: str) -> bool:
    return bool(_SCRIPT.search(mailer)) and not _REALLY_SCRIPT.search(mailer)


@lru_cache(maxsize=4096)
def _is_mua(mailer: str) -> bool:
    return bool(_MUA.search(mailer))


@lru_cache(maxsize=4096)
def _of_program(name: str) -> tuple[str, str]:
    """The name of a field that only mailing programs have, or only others."""
    found = _PREFIXES.match(name)
    return (found[1] or "", found[2] or "") if found else ("", "")


def _return_path(seen: Signs) -> None:
    path = seen.path
    if path is None:
        return
    if not path:
        seen.add(3.0, "its return path is empty, so that nobody answers it by program")
    elif NAMES_OF_NOBODY.search(path.partition("@")[0]):
        seen.add(3.0, "nobody reads what goes to its return path")
        seen.toward_notice += 0.5
    elif not _HANDED_ON.match(path) and _PROGRAM_PATH.search(path):
        seen.add(2.2, "its return path belongs to a program")
    elif path != seen.sender and _is_number(path.partition("@")[0][:200]):
        seen.add(1.5, "its return path is a number")


def _is_number(local: str) -> bool:
    return any(sum(map(str.isdigit, found)) >= _DIGITS_OF_A_NUMBER for found in _NUMBER.findall(local))


def _program(seen: Signs, headers: Headers, known: set[str]) -> None:
    """Which program wrote it, by its own word, its number of the message and its way to write MIME-Version."""
    for name in ("x-mailer", "user-agent", "x-newsreader", "mime-version"):
        if name not in known:
            continue
        value = (headers.first(name) or "")[:300]
        if name == "mime-version":
            if "apple" in value.lower() or "mac os x" in value.lower():
                seen.has_mua = True
        elif _is_script(value):
            seen.has_program = True
        elif _is_mua(value):
            seen.has_mua = True
        else:
            seen.has_traces = True
    number = (headers.first("message-id") or "")[:500].strip()
    if seen.has_program:
        seen.has_mua = False
        seen.add(3.0, "a program for sending from other programs wrote it (X-Mailer)")
    elif _SCRIPT_ID.search(number):
        seen.add(1.5, "its Message-ID is one that programs make")
    elif seen.has_mua:
        seen.add(-2.5, "a person's mail program wrote it")
    elif _HUMAN_ID.search(number):
        seen.has_mua = True
        seen.add(-2.0, "its Message-ID is one that a person's mail program makes")


_MUA_PARTS = re.compile(
    r"boundary=\s*\"?(?:apple-mail|-{12}\w{24}|_\d{3}_|0{12}[0-9a-f]{16}|----=_nextpart_\d{3}_|--alt--|--tot--|"
    r"----==--bound|=_alternative [0-9a-f]{16}|=_related [0-9a-f]{16}|=_mixed [0-9a-f]{16}|=_zimbra|-=_?sogo)"
)
_SCRIPT_PARTS = re.compile(r"boundary=\s*\"?(?:b[123]=?_\w{20,}|-{2,4}_nmp-|--boundary_\d+_[0-9a-f]{8}-|_=_swift_)")


def _conversation(seen: Signs, known: set[str], kind: str) -> None:
    if not seen.has_program:
        weight = min(sum(_MUA_FIELDS[name] for name in known & _MUA_FIELDS.keys()), 3.0)
        if weight:
            seen.add(-weight, "it has header fields that people's mail programs and webmail put there")
        elif not (seen.has_mua or seen.has_traces or seen.answers or seen.is_reply or _MUA_PARTS.search(kind)):
            seen.is_bare = True
            seen.add(0.9, "nothing in its header comes from a person's mail program")
            if seen.name.lower() == seen.local and len(seen.local) > _SHORTEST:
                seen.add(0.4, "its sender has one name, and it is his address")
            if kind.startswith("text/html"):
                seen.add(0.5, "it is HTML alone, as scripts send it")
    if kind.startswith("multipart/signed") and "pgp" in kind:
        seen.add(-2.0, "somebody signed it with a key of his own")
    if _SCRIPT_PARTS.search(kind):
        seen.add(1.0, "its parts are divided as scripts do it")
    if seen.answers:
        seen.add(-1.5, "it belongs to a conversation (In-Reply-To, References)")
    if seen.is_reply:
        seen.add(-3.0 if seen.has_mua else -1.0, "its subject answers or passes on another")
    if seen.precedence in ("bulk", "junk"):
        seen.add(2.0, f"it calls itself one of many (Precedence: {seen.precedence})")
