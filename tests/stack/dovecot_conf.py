"""Dovecot's configuration, in the language of the installed version: 2.4 speaks another one than 2.3."""

from __future__ import annotations

import pwd
from pathlib import Path

_SHARED = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
auth_master_user_separator = *
first_valid_uid = {uid}
last_valid_uid = 0
first_valid_gid = {gid}
mail_max_userip_connections = 100
lda_mailbox_autocreate = yes
service auth {{
  unix_listener {postfix_private}/dovecot-auth {{
    mode = 0660
    user = postfix
    group = postfix
  }}
}}
service lmtp {{
  process_limit = 20
  unix_listener {postfix_private}/dovecot-lmtp {{
    mode = 0660
    user = postfix
    group = postfix
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""

# In both: the last password database serves whose password is not asked, such as a mailbox that the master user opens;
# any address exists, and nobody can log in from where it allows it.
_2_3 = (
    _SHARED
    + """\
disable_plaintext_auth = no
auth_username_format = %Lu
mail_location = maildir:{folder}/mail/%u
passdb {{
  driver = passwd-file
  args = {folder}/masters
  master = yes
}}
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
passdb {{
  driver = static
  args = nopassword=y allow_nets=127.0.0.254/32
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u allow_all_users=yes
}}
"""
)

_2_4 = (
    """\
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
"""
    + _SHARED
    + """\
auth_allow_cleartext = yes
auth_username_format = %{{user | lower}}
mail_driver = maildir
mail_path = {folder}/mail/%{{user}}
passdb masters {{
  driver = passwd-file
  passwd_file_path = {folder}/masters
  master = yes
}}
passdb users {{
  driver = passwd-file
  passwd_file_path = {folder}/users
}}
passdb anybody {{
  driver = static
  fields {{
    nopassword = yes
    allow_nets = 127.0.0.254/32
  }}
}}
userdb anybody {{
  driver = static
  static_allow_all_users = yes
  fields {{
    uid = {uid}
    gid = {gid}
    home = {folder}/mail/%{{user}}
  }}
}}
"""
)


def written(
    version: tuple[int, int], *, folder: Path, postfix_private: Path, imap_port: int, user: pwd.struct_passwd
) -> str:
    """dovecot.conf for a server below `folder` that serves Postfix through sockets in its `private` folder."""
    return (_2_4 if version >= (2, 4) else _2_3).format(
        folder=folder, postfix_private=postfix_private, imap_port=imap_port, uid=user.pw_uid, gid=user.pw_gid
    )
