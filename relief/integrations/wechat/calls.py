"""The signature by which a phone enters a call."""

import hmac
import re
import secrets
from datetime import datetime

from relief.core.errors import Invalid
from relief.integrations.wechat.types import CallSignature

_GROUP = re.compile(r"[0-9A-Za-z_\-]{1,64}")
_NONCE_BYTES = 16


class GroupInvalid(Invalid):
    """The name of a call that would not be unambiguous in what is signed."""

    code, title = "wechat-group-invalid", "通话编号无效"


def sign(
    appid: str, session_key: str, group_id: str, *, now: datetime, nonce: str = ""
) -> CallSignature:
    """Return what `wx.joinVoIPChat` asks for.

    The key of the signature is the session key's text, not the bytes that it stands for; it must
    be the one of the person's newest sign-in. Raises GroupInvalid.
    """
    if not _GROUP.fullmatch(group_id):
        raise GroupInvalid
    nonce = nonce or secrets.token_hex(_NONCE_BYTES)
    timestamp = int(now.timestamp())
    words = "".join(sorted((appid, group_id, nonce, str(timestamp))))
    signature = hmac.digest(session_key.encode(), words.encode(), "sha256").hex()
    return CallSignature(group_id, nonce, timestamp, signature)
