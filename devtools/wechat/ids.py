"""What WeChat makes up: identifiers, tokens and codes in its forms."""

import base64
import hashlib
import hmac
import secrets
from collections import Counter

_OPENID = "oStandIn"  # whoever sees one in a log knows that nobody is behind it
_WORD = 32
_MSGID = 63


class Ids:
    """The n-th of a kind is the same for the same seed, in whatever order kinds are asked for."""

    def __init__(self, seed: int | None) -> None:
        self._key = secrets.token_bytes(_WORD) if seed is None else f"seed {seed}".encode()
        self._made: Counter[str] = Counter()

    def _next(self, kind: str) -> bytes:
        self._made[kind] += 1
        return hmac.digest(self._key, f"{kind} {self._made[kind]}".encode(), hashlib.sha512)

    def openid(self) -> str:
        """Return 28 characters that begin with `o`."""
        return _OPENID + base64.urlsafe_b64encode(self._next("openid")[:15]).decode()

    def unionid(self) -> str:
        """Return 28 characters that begin with `o`, apart from every openid."""
        return "oUnion" + base64.urlsafe_b64encode(self._next("unionid")).decode()[:22]

    def session_key(self) -> str:
        """Return 16 bytes in base64."""
        return base64.b64encode(self._next("session")[:16]).decode()

    def code(self, kind: str) -> str:
        """Return a code of one use, for `login` or `phone`."""
        return self._next(f"code {kind}").hex()[:_WORD]

    def token(self) -> str:
        """Return an access token of 136 characters."""
        parts = self._next("token") + self._next("token more")
        return "99_" + base64.urlsafe_b64encode(parts).decode()[:133].replace("=", "_")

    def trace(self) -> str:
        """Return a `rid` or `trace_id`: three times eight hexadecimal digits."""
        text = self._next("trace").hex()
        return f"{text[:8]}-{text[8:16]}-{text[16:24]}"

    def msgid(self) -> int:
        """Return a number too large for a JavaScript one, as the real ones are."""
        return int.from_bytes(self._next("msgid")[:8], "big") >> 1 | 1 << (_MSGID - 1)

    def digits(self, count: int) -> str:
        """Return decimal digits, for a nonce."""
        return str(int.from_bytes(self._next("digits"), "big"))[:count]

    def bytes16(self) -> bytes:
        """Return what stands before a sealed message, and its like."""
        return self._next("bytes")[:16]

    def link(self) -> str:
        """Return the last part of a URL link."""
        return base64.urlsafe_b64encode(self._next("link")).decode()[:11].replace("=", "_")
