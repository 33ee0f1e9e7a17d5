"""How senders, header fields, mail programs and subjects are called that tell programs from people (see kind_signs)."""

from __future__ import annotations

import re

from postclerk.core.kind import Kind

NAMES_OF_NOBODY = re.compile(
    r"(?:^|[-_.+])(?:no|not?|do-?not|dont|never|please-?do-?not)[-_.]?(?:reply|respond|answer|replay)|"
    r"^(?:no|nie|ne)[-_.]?otve[ct]h?a|yan[iı]tlama|cevaplama|^zhauapbermeniz|^(?:devnull|dev-null|blackhole|nobody)$",
    re.IGNORECASE,
)
ROBOTS = re.compile(
    r"^(?:[\w.-]*[-_.])?(?:notif\w*|alerts?|alarms?|notice|robot|bot|daemon|root|cron|nagios|zabbix|jenkins|www-data|"
    r"apache|nginx|"
    r"httpd|automat\w*|autoconfirm|auto|system|mailer|updates?|digest|verif\w*|register|registration|activat\w*|"
    r"confirm\w*|"
    r"account-\w+|signup|welcome|orders?|billing|invoices?|receipts?|payments?|shipping|tracking|"
    r"shipment\w*|"
    r"security\w*|password|reminders?|ticket\w*|jira|gitlab|github|bugzilla\w*|redmine|wordpress|forum|backup|"
    r"monitor\w*|"
    r"logwatch|webmaster|tracker|bounces?|uvedoml\w*|bildirim|izveshen\w*|reset|rssfeeds?|please-change-me\S*|"
    r"invitations?|messages?|"
    r"scan|scanner|copier|printer|plotter|m(?:fp|fu|fc)\d*|fax|voice-?mail|pbx|ups|camera|sensor|oracle|postgres|"
    r"mysql|svn|cvs|syslog|"
    r"fail2ban|icinga|munin|monit|grafana|prometheus|yaz[iı]c[iı]|taray[iı]c[iı]|bilgilendirme|"
    r"postmaster|hostmaster|statements?|vypisk\w*|ekstre\w*|nvr|dvr|kyocera|xerox|ricoh|konica|veeam|acronis|idrac|"
    r"vcenter|proxmox|synology|"
    r"qnap|unifi|mikrotik|router|firewall|fortigate|asterisk|freepbx|moodle|platonus|irbis\w*|koha|ebys|ubys|"
    r"directum|docsvision|documentolog|elma|tezis|1c\w*|sap|wf-?batch|workflow|bpm|lms|sdo|"
    r"hat[iı]rlatma|opovesh\w*|napominan\w*|habarlandyru|habarlama|"
    r"xabarlama|eskertu)"
    r"(?:[-_.+][\w.=-]*)?$",
    re.IGNORECASE,
)
LETTERS = re.compile(
    r"^(?:[\w.-]*[-_.])?(?:news(?:letters?)?|e?-?news|mailings?|marketing|promo\w*|offers?|deals?|subscri\w*|"
    r"campaigns?|"
    r"b[uü]lten\w*|duyuru\w*|kampanya\w*|haber\w*|rassylka|rassilka|novosti|podpiska|akcii|zhanalyk\w*|"
    r"digest|listserv|majordomo|ezmlm|weekly|daily|insider|"
    r"special\w*)"
    r"(?:[-_.+][\w.=-]*)?$",
    re.IGNORECASE,
)
ROLES = re.compile(
    r"^(?:info|support|hello|hi|team|accounts?|admin\w*|service|services|contact|customer\w*|help|helpdesk|feedback|office|"
    r"mail|"
    r"member\w*|shop|store|community|crm|care|kundenservice|destek|iletisim|bilgi|portal|site|sales|"
    r"events|editors?|library|k[uü]t[uü]phane|kitap(?:kh?|h)ana|biblioteka|fatura|sipari[sş]|kargo|bilet|zakaz|"
    r"podderzhka|kolda[uw]|akparat|aqparat|please-change-me\S*|"
    r"change-?me)(?:[-_.+].*)?$",
    re.IGNORECASE,
)
PROGRAM_PATH = re.compile(
    r"^(?:www-data|apache|nginx|httpd|nobody|root|daemon|cron|web|www|wwwrun|mailer|anonymous)@|"
    r"^(?:[\w.-]+-)?bounces?[-+_=@.]|[-+._]bounces?@|^b(?:nc)?\.|^(?:msprvs|prvs-?bounce|return)[-+=]|"
    r"\+[^@]+=[\w.-]+@|-[^@]+=[\w.-]+\.\w+@|^bounce|=\w[\w.-]+\.[a-z]{2,}@(?!.*prvs)",
    re.IGNORECASE,
)
NUMBER = re.compile(r"[0-9a-z]{18,}|^[\d=+.-]{12,}$")
DIGITS_OF_A_NUMBER = 3
PERSONS_ADDRESS = re.compile(
    r"^(?!.*[._](?:app|kz|ru|tr|com|net|org|info|edu|support|team|online|shop|store|mail|bot)$)[^\W\d_](?:[^\W\d_]+)?[._][^\W\d_]{3,}\d{0,4}$|"
    r"^[^\W\d_]{3,}[._][^\W\d_]{1,2}$"
)
"""An address made of a name and a surname."""

OFFICES = re.compile(
    r"bank|office|team|support|service|system|online|portal|cent(?:re|er)\b|library|backup|server|alert|notif|news|"
    r"shop|"
    r"store|club|journal|press|editor|committee|secretar|admin|group|academy|university|institut|department|conference|"
    r"desk|manager|registr|\bapp\b|\b(?:inc|llc|ltd|gmbh)\b|society|association|foundation|council|agency|embassy|"
    r"consulate|hotel|airline|airport|hospital|clinic|museum|theat(?:re|er)|college|school|faculty|ministry|"
    r"\b(?:data|feedback|research|science|cloud|digital|media|software|solutions|technolog\w+|network|community|forum|"
    r"webinars?|events?|learning|courses?|training|education|billing|payments?|payroll|accounts|orders?|delivery|"
    r"courier|"
    r"express|tickets?|travel|tours?|rewards|reports?|grants?|security|calendar|forms|marketing|careers|publish\w+|"
    r"hub)\b|"
    r"банк|отдел|служб|систем|портал|центр|библиотек|журнал|редакц|оргкомитет|секретар|администрац|канцеляр|деканат|"
    r"кафедр|университет|институт|министерств|бухгалтер|магазин|клуб|поддержк|уведомл|новост|приемн|доставк|"
    r"общество|ассоциац|\bфонд\b|агентств|посольств|консульств|академи|больниц|поликлиник|музей|театр|колледж|школ|"
    r"вебинар|семинар|\bкурсы?\b|гостиниц|отель|антивирус|сервис|маркет|экспресс|\b(?:тоо|ооо|зао|пао)\b|"
    r"birim|müdürlü|hizmet|uygulama|sistem|merkez|kütüphane|dergi|kongre|sekreter|üniversite|fakülte|enstitü|daire|"
    r"başkanlı|kurulu|yönetim|derneğ|vakf|kurumu|bakanlı|konsoloslu|büyükelçi|akademi|hastane|müze|mağaza|havayol|"
    r"hava yol|otomasyon|yayınev|okulu|ajans|sigorta|\b(?:otel|kargo|bilet|a\.ş)|"
    r"бөлім|орталы|кітапхана|жүйе|қызмет|факультет|хабарла|басқарма|әкімші|қоғам|\bқоры\b|кеңес|агенттіг|елшіл|"
    r"аурухана|емхана|мұражай|мектеп|дүкен|министрліг",
    re.IGNORECASE,
)
"""What offices, sites and machines are called by, and no person."""

EVERYBODY = re.compile(
    r"(?:all|every(?:body|one))(?:$|[-_. ](?:users?|staff|employees|personnel|faculty|members|teachers|students))|"
    r"(?:staff|employees|personnel)(?:[-_. ]all)?$|vse(?:$|[-_.]sotrudniki)|sotrudniki$|prepodavateli$|pps$|"
    r"barlyq?[-_.]?(?:qyzmetker|kyzmetker)\w*|qyzmetkerler$|kyzmetkerler$|herkes$|"
    r"t[uü]m[-_. ]?(?:personel|[cç]al[iı][sş]an)\w*|"
    r"personel$|все (?:сотрудники|преподаватели|работники)|барлық (?:қызметкер|оқытушы)\w*",
    re.IGNORECASE,
)
"""What groups are called that all who work in a house belong to."""

PERSONS_NAME = re.compile(r"[^\W\d_][\w'\u2019-]*\.?(?:[ ,]+[^\W\d_][\w'\u2019-]*\.?){1,3}")
"""Two to four words with nothing else between them."""

SERVICES = frozenset({
    "sendgrid.net", "mailgun.org", "mailgun.net", "amazonses.com", "mcsv.net", "mcdlv.net", "rsgsv.net",
    "mandrillapp.com", "sparkpostmail.com", "sendinblue.com", "brevo.com", "mailjet.com", "mailerlite.com",
    "mlsend.com", "createsend.com", "hubspotemail.net", "exacttarget.com", "mktomail.com", "getresponse.com",
    "activecampaign.com", "klaviyomail.com", "constantcontact.com", "postmarkapp.com", "mtasv.net",
    "elasticemail.com", "zcsend.net", "smtp2go.com", "unisender.com", "unione.io", "unione.ru", "sendpulse.com",
    "sendsay.ru", "dashamail.com", "notisend.ru", "smtp.bz", "rusender.ru", "mailganer.com", "subscribe.ru",
    "euromsg.net", "euromsg.com", "relateddigital.com", "setrowid.com",
})  # fmt: skip
"""Domains of services through which programs send mail."""

HANDED_ON = re.compile(r"^(?:srs[01][=+-]|prvs=|btv1==)", re.IGNORECASE)

MUA = re.compile(
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
    r"calypso|mulberry|z-mail|szn-ebox|iserv|internet messaging program|ymail|myoffice|open-?xchange|carbonio|"
    r"smartermail(?! list)|mailenable|mailion|workmail|r7-?office|blackberry|qqmail|netease|mirapoint|"
    r"messenger express|at-?mail|mail\.com|gmx|web\.de|hushmail|nokia|android|kolab|egroupware|citadel|mailplus|"
    r"mailmate|xfmail|microsoft-macoutlook|poweremail|mailbird|postboxapp|sparrow|apple message",
    re.IGNORECASE,
)
SCRIPT = re.compile(
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
    r"ansmtp|dundas|\bxmail|mailout|constant contact|exacttarget|responsys|marketo|hubspot|eloqua|iterable|sailthru|"
    r"customer\.io|"
    r"amazon|ebay|facebook|zuckmail|linkedin|twitter|squishymail|userland|infusionsoft|aweber|icontact|benchmark|"
    r"elastic",
    re.IGNORECASE,
)
TO_MANY = re.compile(
    r"e-?pochta|atompark|sendsay|unisender|sendpulse|dashamail|notisend|group ?mail|bulk|newsletter|campaign|mailchimp|"
    r"getresponse|mailer ?lite|phplist|listmonk|mautic|interspire|constant contact|exacttarget|responsys|marketo|"
    r"hubspot|aweber|icontact|benchmark|sendblaster|massmail|mass mail|maxbulk|emarsys|euromsg|setrow|mailjet camp",
    re.IGNORECASE,
)
"""Programs for one text to many."""

HUMAN_ID = re.compile(
    r"@mail\.gmail\.com|\.(?:prod|eurprd\w*|namprd\w*)\.(?:outlook|exchangelabs)\.com|@phx\.gbl|"
    r"@[\w.-]*mail\.yahoo\.com|@f\d+\.\w*\.?i?\.?mail\.ru|"
    r"@mail\.yandex\.\w+|@[\w-]+\.yandex\.(?:ru|net)|yp-c\.yandex\.net|qloud-c\.yandex\.net|@[A-Z]+\.[A-Z]+>?$|"
    r"^<?[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}@|^<?[0-9a-f]{12}\$[0-9a-f]{8}\$|^<?pine\.|\.camel@|"
    r"^<?[0-9a-f]{8}\.\d{7}@|@email\.android\.com|@protonmail|^<?OF[0-9A-F]{8}|^<?trinity-|@app\.fastmail\.com|"
    r"^<?tencent_|@(?:smtp\.)?icloud\.com",
)
SCRIPT_ID = re.compile(
    r"javamail|swift\.generated|symfony|phpmailer|^<?[0-9a-f]{12,14}_[0-9a-f]{6,}@|\.mail>?$|"
    r"@localhost(?:\.localdomain)?>?$|"
    r"^<?\d{12,14}\.\d{1,6}\.\d{5,}@|@wordpress|bounce|newsletter|notification|^<?(?:lyris|msg|mail|order|"
    r"ticket)[-_.]|"
    r"@\w*\.?amazonses\.com|@geopod|@ismtpd|mailgun|sendgrid|mandrill|@mcsv|@\w+\.facebookmail|github\.com",
    re.IGNORECASE,
)

FRAMEWORKS_ID = re.compile(r"^<?-?\d{5,10}\.\d{1,7}\.\d{13}@|^<?[0-9a-f]{32}@")
"""Numbers of messages as JavaMail and Symfony make them; webmail programs too, which name themselves."""

SERVERS_ID = re.compile(
    r"^<?20\d{12}\.(?:[0-9A-F]{6,12}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{11,16})@|"
    r"^<?E1\w{5}-\w{6,11}-\w{2,4}@|^<?20\d{10}\.[a-zA-Z]\w{7,13}@"
)
"""Numbers that Postfix, Exim and sendmail give to messages without one; people's mail programs give their own."""

HANDED_OVER = re.compile(
    r"\(Postfix, from userid \d+\)|\bwith local \(Exim|\(from (?:nobody|apache|www|www-data|httpd|root|daemon)@"
)
"""How servers write that a message came from a program on their own machine."""

REPLY = re.compile(
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
    r"авто\s*:.{1,80}отсутству(?:ю|ет)|"
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
    r"^(?:mailer[-_.]?daemon|mail[-_. ]?delivery|mdaemon|mmdf|mail-daemon|maildaemon|double-?bounce|"
    r"microsoftexchange[0-9a-f]{16,}|mail-?system)$|^mailer-daemon",
    re.IGNORECASE,
)
POSTMASTER = re.compile(
    r"^(?:post[-_]?master|mail-?administrator|mail-?admin|no-?reply-?bounce|smtp|mta|system|mailer|delivery|postoffice)$",
    re.IGNORECASE,
)
"""Names of mail servers that shops and other programs bear as well: another sign is asked for."""

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

FIELDS: dict[str, tuple[float, str, Kind | None]] = {
    "list-unsubscribe": (3.0, "it names a way to unsubscribe", Kind.LIST),
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
    "x-event_name": (3.0, "it bears the name of a template", Kind.NOTIFICATION),
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

PREFIXES = re.compile(
    r"^(?:(x-(?:campaign\w*|mc-?user|mailer-?lid|mailchimp|mcda|mclb|job|jobid|bps\d*|emarsys|elq|rpcampaign|"
    r"subscri\w+|newsletter\w*|listid|list-?member|lmid|mailing\w*|unisender\w*|sendpulse\w*|phplist|listmember|"
    r"cmail\w*|cid|et-\w+|sfmc-\w+|marketo\w*|mkto\w*|klaviyo\w*|hs-\w+|dotmailer\w*|roving\w*|ctct\w*|accounttype|"
    r"mailru-msgtype|mail-?campaign|mj-\w+)"
    r"(?:-[\w-]+)?|require-recipient-valid-since-never)|"
    r"(x-(?:github|gitlab|jira|atlassian|bugzilla|redmine|trac|gerrit|launchpad|phabricator|discourse|jenkins|"
    r"nagios|phpbb|mybb|moodle|otrs|zammad|znuny|rt|request-tracker|mantis|youtrack|zendesk|freshdesk|linkedin|"
    r"facebook|twitter|ebay|paypal|mediawiki|drupal|wss|gnd|sonar|travis|circleci|sentry|pagerduty|zabbix|grafana|"
    r"bitbucket|gitea|forgejo|roundup|debbugs|debian-pr|savane|savannah|taiga|odoo|asana|trello|slack|notification|"
    r"event|ticket|alert|square|aol-notif\w*|notify)(?:-[\w-]+)?|rt-ticket|managed-by|rt-originator))$",
    re.MULTILINE,
)
AUTOREPLY_FIELDS = {
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
LIST_MANAGERS = {
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
