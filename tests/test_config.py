"""rules.yaml as typed settings, and every mistake in it."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest

from postclerk import config
from postclerk.core.rule import RuleAction, WhenUnavailable
from postclerk.rules import all_rules
from postclerk.sourcefile import Mistakes

SITE = "site: {hostname: mx.uni.example, domains: [uni.example]}\n"

TOP = (
    "site, relays, directory, store, counters, service_notices, rules, calendar, tracker, digest, mail, web, held,"
    " texts, milter, dns, journal"
)


def _load(tmp_path: Path, text: str) -> config.Config:
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    return config.load(path)


def _mistakes(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(Mistakes) as caught:
        _load(tmp_path, text)
    return str(caught.value).replace(f"{tmp_path}/rules.yaml", "FILE").splitlines()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", ["FILE:1:1: `site` is missing"], id="empty"),
        pytest.param("- a\n", ["FILE:1:1: the file must hold keys with values, not a list"], id="a-list"),
        pytest.param("hello\n", ["FILE:1:1: the file must hold keys with values, not 'hello'"], id="a-text"),
        pytest.param(
            "site:\n", ["FILE:1:1: `domains` is missing", "FILE:1:1: `hostname` is missing"], id="an-empty-site"
        ),
        pytest.param("site: [a]\n", ["FILE:1:1: `site` must hold keys with values, not a list"], id="site-a-list"),
        pytest.param(SITE + "sote: x\n", ["FILE:2:1: unknown key `sote`; did you mean `site`?"], id="a-near-key"),
        pytest.param(
            SITE + "Site: x\n", ["FILE:2:1: unknown key `Site`; did you mean `site`?"], id="a-key-in-capitals"
        ),
        pytest.param(SITE + "1: x\n", [f"FILE:2:1: unknown key `1`; allowed are {TOP}"], id="a-key-of-nothing-known"),
        pytest.param(
            SITE + "rules:\n  sender:\n    dsn: true\n",
            ["FILE:4:5: unknown key `dsn`; did you mean `dns`?"],
            id="a-near-option",
        ),
        pytest.param(
            SITE + "rules: {recipeints: {}}\n",
            ["FILE:2:9: unknown key `recipeints`; did you mean `recipients`?"],
            id="a-near-rule",
        ),
        pytest.param(
            SITE + "service_notices:\n  - name: x\n    login: x\n    form: [a@uni.example]\n",
            ["FILE:5:5: unknown key `form`; did you mean `from`?"],
            id="a-near-key-in-a-list",
        ),
        pytest.param(
            SITE + "rules: {sender: {action: rejct}}\n",
            ["FILE:2:18: `action` is rejct; allowed are reject, defer, hold, tag or off"],
            id="an-unknown-action",
        ),
        pytest.param(
            SITE
            + "calendar: {day: 18:00-09:00, weekend: [fri, off], add_holidays: [2026-02-30, 1800-01-01, 20260101]}",
            [
                "FILE:2:12: `day`: '18:00-09:00': work ends on the day on which it begins;"
                " write hours such as 09:00-18:00",
                "FILE:2:45: 'off' is no day of the week; allowed are mon, tue, wed, thu, fri, sat, sun",
                "FILE:2:66: '2026-02-30' is not a date such as 2026-11-06",
                "FILE:2:78: 1800-01-01 does not lie between 1900 and 2199",
                "FILE:2:90: '20260101' is not a date such as 2026-11-06",
            ],
            id="days-that-are-none",
        ),
        pytest.param(
            SITE + "calendar:\n  short_days: {2026-12-31: 9-13, soon: 09:00-13:00}\n"
            "  units: {registry: [], it: 09:00-25:00}\n",
            [
                "FILE:3:16: `2026-12-31`: '9-13' are no hours of a day such as 08:00-18:00",
                "FILE:3:34: `soon`: 'soon' is not a date such as 2026-11-06",
                "FILE:4:11: `registry` must be a text, not a list",
                "FILE:4:25: `it`: '09:00-25:00' are no hours of a day such as 08:00-18:00",
            ],
            id="hours-that-are-none",
        ),
        pytest.param(
            SITE + "calendar: {add_holidays: 2026-01-01, weekend: sun, units: [it], short_days: 5, days: x}\n",
            [
                "FILE:2:12: `add_holidays` must be a list, not '2026-01-01'",
                "FILE:2:38: `weekend` must be a list, not 'sun'",
                "FILE:2:52: `units` must hold keys with values, not a list",
                "FILE:2:65: `short_days` must hold keys with values, not '5'",
                "FILE:2:80: unknown key `days`; did you mean `day`?",
            ],
            id="no-lists-of-days",
        ),
        pytest.param(
            SITE + "calendar:\n  add_holidays: [2026-12-30, 2026-12-31]\n  add_workdays: [2026-01-02, 2026-12-30]\n"
            "  short_days: {2026-12-31: 09:00-13:00}\n  weekend: [mon, tue, wed, thu, fri, sat, sun, Sunday]\n",
            [
                "FILE:4:30: 2026-12-30 stands in add_holidays too",
                "FILE:5:16: 2026-12-31 stands in add_holidays too",
                "FILE:6:3: the whole week is off; nothing would ever fall due",
            ],
            id="days-that-are-off-and-worked",
        ),
        pytest.param(
            SITE + "rules: {sender: {dns: perhaps}}\n",
            ["FILE:2:18: `dns` must be true or false, not 'perhaps'"],
            id="no-truth",
        ),
        pytest.param(
            SITE + "rules: {recipients: {per_message: many, per_hour: 0, per_day: 1.5}}\n",
            [
                "FILE:2:22: `per_message` must be a whole number, not 'many'",
                "FILE:2:41: `per_hour`: it should be greater than or equal to 1",
                "FILE:2:54: `per_day` must be a whole number, not '1.5'",
            ],
            id="no-numbers",
        ),
        pytest.param(
            SITE + "rules: {sender: reject}\n",
            ["FILE:2:9: `sender` must hold keys with values, not 'reject'"],
            id="a-rule-as-text",
        ),
        pytest.param(
            SITE + "rules: [sender]\n", ["FILE:2:1: `rules` must hold keys with values, not a list"], id="rules-a-list"
        ),
        pytest.param(
            "site: {hostname: [], domains: uni.example, languages: [], country: kz, tag_delimiter: +-}\n",
            [
                "FILE:1:8: `hostname` must be a text, not a list",
                "FILE:1:22: `domains` must be a list, not 'uni.example'",
                "FILE:1:44: `languages`: List should have at least 1 item after validation, not 0",
                "FILE:1:59: `country`: String should match pattern '^([A-Z]{2})?$'",
                "FILE:1:72: `tag_delimiter`: String should have at most 1 character",
            ],
            id="kinds",
        ),
        pytest.param(
            "site:\n  hostname: mx.uni.example\n  domains:\n"
            "    - uni example\n    - uni\n    - '[192.0.2.1]'\n    - a@b.c\n",
            [
                "FILE:4:7: 'uni example' is not a domain name",
                "FILE:5:7: 'uni' is not a domain name",
                "FILE:6:7: '[192.0.2.1]' is not a domain name",
                "FILE:7:7: 'a@b.c' is not a domain name",
            ],
            id="no-domains",
        ),
        pytest.param(
            "site:\n  hostname: mx.uni.example\n  domains: [uni.example]\n  networks: [192.0.2.1/24, mx, [1]]\n",
            [
                "FILE:4:14: 192.0.2.1/24 has host bits set; write a network such as 192.0.2.0/24 or one address",
                "FILE:4:28: 'mx' does not appear to be an IPv4 or IPv6 network; write a network such as 192.0.2.0/24"
                " or one address",
                "FILE:4:32: a list is not a network; write one such as 192.0.2.0/24 or one address",
            ],
            id="no-networks",
        ),
        pytest.param(
            "site: {hostname: mx.uni.example, domains: [uni.example], time_zone: Asia/Nowhere}\n",
            ["FILE:1:58: `time_zone`: 'Asia/Nowhere' is not a time zone of the IANA list, such as Asia/Almaty"],
            id="no-time-zone",
        ),
        pytest.param(
            "site: {hostname: mx.uni.example, domains: [uni.example], time_zone: ../../etc/passwd, helpdesk: x}\n",
            [
                "FILE:1:58: `time_zone`: '../../etc/passwd' is not a time zone of the IANA list, such as Asia/Almaty",
                "FILE:1:87: `helpdesk`: 'x' is not an address",
            ],
            id="a-path-as-time-zone",
        ),
        pytest.param(
            SITE.replace("{host", "{explain_url: mail.uni.example/e/, host"),
            [
                "FILE:1:8: `explain_url`: 'mail.uni.example/e/' is not the address of a page such as"
                " https://mail.uni.example/e/"
            ],
            id="a-link-that-is-none",
        ),
        pytest.param(
            SITE + "relays: [192.0.2.300]\n",
            [
                "FILE:2:10: '192.0.2.300' does not appear to be an IPv4 or IPv6 network; write a network such as"
                " 192.0.2.0/24 or one address"
            ],
            id="an-address-that-is-none-is-no-login",
        ),
        pytest.param(
            SITE + "relays: [198.51.100.7/24]\n",
            ["FILE:2:10: 198.51.100.7/24 has host bits set; write a network such as 192.0.2.0/24 or one address"],
            id="a-relay-that-is-no-network",
        ),
        pytest.param(
            SITE
            + "dns: {servers: [ns.example, '192.0.2.53:99999', '[2001:db8::53]:53'], timeout: 11s, cache_for: 0s}\n",
            [
                "FILE:2:17: 'ns.example' is not a server such as 192.0.2.53, 127.0.0.1:5353 or [2001:db8::53]:5353",
                "FILE:2:29: '192.0.2.53:99999' is not a server such as 192.0.2.53, 127.0.0.1:5353 or"
                " [2001:db8::53]:5353",
                "FILE:2:71: `timeout`: it should be less than or equal to 5",
                "FILE:2:85: `cache_for`: it should be greater than 0",
            ],
            id="dns",
        ),
        pytest.param(
            SITE + "journal: {keep: 5}\nmilter: {socket_mode: '999', workers: 65}\n",
            [
                "FILE:2:11: `keep`: '5' is not a duration; write a number and s, m, h, d or w, such as 15m or 7d",
                "FILE:3:10: `socket_mode`: '999' is not a file mode such as 0660",
                "FILE:3:30: `workers`: it should be less than or equal to 64",
            ],
            id="several-sections",
        ),
        pytest.param(
            SITE + "service_notices:\n  - name: a\n  - {name: b, login: x, networks: [192.0.2.0/24]}\n",
            [
                "FILE:3:5: a service notice needs a login, networks or a DKIM key to be known by",
                "FILE:4:25: 192.0.2.0/24 does not lie within site.networks",
            ],
            id="contradictions",
        ),
        pytest.param(
            SITE + "rules:\n  sender:\n    examples:\n      - {to: many, headers: {Reply-To: [x]}, expect: x}\n"
            "      - {from: [a], foo: 1}\n",
            [
                "FILE:5:10: `to` must be a list, not 'many'",
                "FILE:5:10: `to` must be a whole number, not 'many'",
                "FILE:5:30: `Reply-To` must be a text, not a list",
                "FILE:5:46: `expect` is x; allowed are accept, tag, hold, defer or reject",
                "FILE:6:10: `from` must be a text, not a list",
                "FILE:6:21: unknown key `foo`; allowed are about, login, client, from, to, headers, body, sent_before,"
                " suspended, expect, code",
            ],
            id="examples",
        ),
        pytest.param(
            SITE + "texts: {de: {}}\n",
            ["FILE:2:9: `de` is de; allowed are kk, ru, tr or en"],
            id="a-language-that-is-not-there",
        ),
        pytest.param(
            SITE + "texts:\n  en:\n    recipients.too-many: {todo: x}\n    recipients.too-many-recipients:\n"
            "      happened: '{count} of {limits}'\n      todo: 'open {'\n",
            [
                "FILE:4:5: there is no finding `recipients.too-many`; did you mean `recipients.too-many-recipients`?",
                "FILE:6:7: `{limits}` stands for nothing; allowed are {count}, {limit}",
                "FILE:7:7: `todo` is no text with placeholders: Single '{' encountered in format string",
            ],
            id="own-words",
        ),
        pytest.param(
            SITE + "mail: {smtp: nowhere}\nweb: {listen: 'x:99999'}\nheld: {term: 0s, from_outside: lose}\n",
            [
                "FILE:2:8: `smtp`: 'nowhere' is not a place such as 127.0.0.1:10026",
                "FILE:3:7: `listen`: 'x:99999' is not a place such as 127.0.0.1:10026",
                "FILE:4:8: `term`: it should be greater than 0",
                "FILE:4:18: `from_outside` is lose; allowed are release or keep",
            ],
            id="mail-web-held",
        ),
    ],
)
def test_mistakes(tmp_path: Path, text: str, said: list[str]) -> None:
    """Every mistake is told with its place, what is wrong and what is allowed, all of them at once."""
    assert said == _mistakes(tmp_path, text)


def test_the_contracts_sample(tmp_path: Path) -> None:
    """The rules.yaml of the design is right; a rule of the policy that is not there yet is warned about."""
    read = _load(tmp_path, SAMPLE_RULES.replace("calendar:", "  antivirus: {}\ncalendar:"))
    assert [str(one).replace(str(tmp_path), "") for one in read.warnings] == [
        "/rules.yaml:30:3: warning: this version has no rule `antivirus`; nothing of it is carried out"
    ]
    enabled = [rule.name for rule, _options in read.settings.enabled]
    assert enabled == ["recipients", "registration", "return_address", "sender"]
    assert read.settings.site.networks == [
        ipaddress.ip_network("127.0.0.0/8"),
        ipaddress.ip_network("192.0.2.0/24"),
    ]
    assert read.settings.tracker.answer_within == 86400.0
    assert read.store_url == "sqlite:////var/lib/postclerk/postclerk.db"


def test_the_shipped_file() -> None:
    """The rules.yaml in the repository is right, and nothing in it needs a warning."""
    read = config.load(Path(__file__).parents[1] / "rules.yaml")
    assert [str(one) for one in read.warnings] == []


def test_rules_without_a_section_are_off(tmp_path: Path) -> None:
    """A section with nothing in it stands for the defaults; `off` and no section are the same."""
    read = _load(tmp_path, SITE + "rules:\n  sender:\n  recipients: {action: off}\n")
    assert [(rule.name, options) for rule, options in read.settings.enabled] == [
        ("sender", all_rules()["sender"].options())
    ]


def test_defaults(tmp_path: Path) -> None:
    """A file that says only whose mail this is has a rule for everything else."""
    settings = _load(tmp_path, SITE).settings
    assert settings.rules == {}
    assert settings.tracker is None
    assert (settings.milter.workers, settings.milter.socket_mode, settings.milter.on_error) == (
        2,
        0o660,
        WhenUnavailable.DEFER,
    )
    assert all_rules()["sender"].options().when_unavailable is WhenUnavailable.ACCEPT
    assert all_rules()["return_address"].options().returned is RuleAction.HOLD


@pytest.mark.parametrize(
    ("store", "url"),
    [
        pytest.param("sqlite:///postclerk.db", "sqlite:///{here}/postclerk.db", id="beside-rules-yaml"),
        pytest.param("sqlite:////srv/postclerk.db", "sqlite:////srv/postclerk.db", id="absolute"),
        pytest.param("sqlite:///:memory:", "sqlite:///:memory:", id="memory"),
        pytest.param("postgresql://db.example/postclerk", "postgresql://db.example/postclerk", id="a-server"),
    ],
)
def test_where_the_store_is(tmp_path: Path, store: str, url: str) -> None:
    """A relative SQLite path is taken from the folder of rules.yaml."""
    assert url.format(here=tmp_path) == _load(tmp_path, f"{SITE}store: '{store}'\n").store_url


SAMPLE_RULES = """\
# rules.yaml
site:
  name: Example University
  hostname: mx.uni.example
  domains: [uni.example]                 # addresses inside
  networks: [127.0.0.0/8, 192.0.2.0/24] # clients that submit without a login as if inside
  time_zone: Asia/Almaty
  country: KZ
  languages: [kk, ru, tr, en]
  explain_url: https://mail.uni.example/e/
  monitor: false
relays: []                              # networks or logins that pass on others' mail
directory:
  - file: people.yaml
store: sqlite:////var/lib/postclerk/postclerk.db
counters: store                         # the store's own table, or redis://…
service_notices:
  - name: registry
    login: registry                     # and / or networks: […], dkim: {domain: …, selector: …}
    from: [registry@uni.example]
    per_message: 5000
    per_day: 20000
rules:
  sender: {action: reject, dns: true, when_unavailable: accept}
  return_address: {action: reject}
  recipients: {action: reject, monitor: false, per_message: 50, per_hour: 200, per_day: 1000, when_unavailable: defer}
  # the one of a later version
  registration: {action: {sure: reject, likely: hold}, official: [egov.kz]}
  # … one section a rule, named as its module
calendar:
  day: "00:00-24:00"
  add_holidays: []                      # dates
  add_workdays: []
tracker:
  answer_within: 24h
"""
"""As in the design, but for one comment."""
