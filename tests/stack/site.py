"""The stack's site: its people and its rules."""

from __future__ import annotations

PASSWORD = "demo"

PEOPLE = """\
people:
  - login: a.serik
    name: A. Serik
    addresses: [a.serik@uni.example]
    aliases: [serik@uni.example]
    may_send_as: [office@uni.example]
    unit: registry
    superior: b.head
    language: kk
  - login: b.head
    name: B. Head
    addresses: [b.head@uni.example]
    unit: registry
    language: ru
  - login: c.burst
    addresses: [c.burst@uni.example]
    unit: registry
    superior: b.head
    language: tr
  - login: registry
    name: The Registry
    addresses: [registry@uni.example]
    unit: registry
lists:
  - address: staff@uni.example
    members: [a.serik@uni.example, b.head@uni.example]
shared:
  - {address: dean@uni.example, members: [a.serik, b.head], remind: all}
"""

TRACKER = """\
tracker:
  imap:
    server: 127.0.0.1:$imap
    user: "{mailbox}*$master"
    password_file: master
"""
"""What the rules say where the stack keeps the clock on answers as well."""

LOGINS = ("a.serik", "b.head", "c.burst", "registry")

RULES = """\
site:
  name: Example University
  hostname: mx.uni.example
  domains: [uni.example]
  networks: [127.0.0.1]
  time_zone: Asia/Almaty
  country: KZ
  languages: [kk, ru, tr, en]
  explain_url: https://mail.uni.example/e/
directory:
  - file: people.yaml
store: sqlite:///postclerk.db
service_notices:
  - name: registry
    login: registry
    from: [registry@uni.example]
    per_message: 5000
    per_day: 20000
mail: {smtp: "127.0.0.1:$own"}
held: {postfix: "$postfix"}
rules:
  sender: {action: reject, dns: false, when_unavailable: accept}
  return_address: {action: reject}
  recipients: {action: reject, per_message: 50, per_hour: 200, per_day: 1000}
milter:
  socket_mode: "0666"
"""
