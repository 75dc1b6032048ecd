"""Settings, read from the environment once and checked before anything starts."""

import base64
import binascii
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from relief.core import wechat_settings
from relief.core.database_roles import DatabaseRole
from relief.core.export_rules import DEFAULT_EXPORT_RULES, ExportRules
from relief.core.privacy.cipher import KEY_BYTES, Cipher
from relief.core.sign_in_rules import DEFAULT_RULES, NEVER, SignInRules
from relief.core.wechat_settings import WeChatSettings

PREFIX = "RELIEF_"
# Of 32 random bytes some 30 differ; fewer than this were typed, or copied from an example.
FEWEST_DIFFERENT = 16
HIGHEST_KEY_ID = 2**15 - 1
MOST_EXPORT_ROWS = 10**7
# Providers of text messages (relief/integrations/sms); the first tells nobody and says so.
SMS_SENDERS = ("fake",)


class ConfigError(Exception):
    """One or more settings are missing or wrong. Each line of the message names one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealSettings:
    """What sealing the audit trail needs, and checking it: no key to personal data."""

    key: bytes = field(repr=False)
    anchor_dir: Path

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "SealSettings":
        """Read these settings alone, or raise ConfigError."""
        reader = _Reader(os.environ if env is None else env)
        settings = reader.seal()
        reader.finish()
        return settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Every setting of the service. There are no others."""

    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    cipher: Cipher = field(repr=False)
    storage_dir: Path
    seal: SealSettings
    sample: bool = False
    sign_in: SignInRules = DEFAULT_RULES
    exports: ExportRules = DEFAULT_EXPORT_RULES
    outbound_hosts: tuple[str, ...] = ()
    sms_sender: str = SMS_SENDERS[0]
    wechat: WeChatSettings | None = None

    @classmethod
    def from_env(
        cls, env: Mapping[str, str] | None = None, *, role: DatabaseRole = DatabaseRole.WEB
    ) -> Self:
        """Read the settings, or raise ConfigError with one line for each that is wrong.

        Of the addresses of the database only that of `role` is asked for.
        """
        reader = _Reader(os.environ if env is None else env)
        database_url = reader.text(role.setting, "PostgreSQL address, postgresql://…")
        secret_key = reader.text("SECRET_KEY", "at least 32 characters, for signed forms", low=32)
        data_keys = reader.keys("DATA_KEYS", "id:base64 of 32 bytes, comma between; last encrypts")
        index_keys = reader.index_keys()
        storage = reader.text("STORAGE_DIR", "folder for encrypted original files")
        seal = reader.seal()
        reader.no_key_twice(data_keys, index_keys)
        if seal.key and seal.key in {*index_keys.values(), *data_keys.values()}:
            reader.faults.append(f"{PREFIX}SEAL_KEY: must differ from every other key")
        sign_in = reader.sign_in_rules()
        exports = reader.export_rules()
        sms_sender = reader.one_of("SMS_SENDER", SMS_SENDERS)
        wechat, faults = wechat_settings.read(reader.env, prefix=PREFIX)
        reader.faults += faults
        reader.finish()
        return cls(
            database_url=normalise_url(database_url),
            secret_key=secret_key,
            cipher=Cipher(
                data_keys=data_keys,
                current_key=list(data_keys)[-1],
                index_keys=index_keys,
                current_index_key=list(index_keys)[-1],
            ),
            storage_dir=Path(storage),
            seal=seal,
            sample=reader.env.get(f"{PREFIX}SAMPLE_DATA", "") == "1",
            sign_in=sign_in,
            exports=exports,
            outbound_hosts=tuple(
                filter(None, reader.env.get(f"{PREFIX}OUTBOUND_HOSTS", "").split(","))
            ),
            sms_sender=sms_sender,
            wechat=wechat,
        )


def normalise_url(url: str) -> str:
    """Name the driver in a PostgreSQL URL, whatever form it came in."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return f"postgresql+psycopg://{url.removeprefix(prefix)}"
    return url


@dataclass
class _Reader:
    env: Mapping[str, str]
    faults: list[str] = field(default_factory=list)

    def text(self, name: str, meaning: str, *, low: int = 1) -> str:
        value = self.env.get(PREFIX + name, "")
        if len(value) < low:
            state = "is missing" if not value else "is too short"
            self.faults.append(f"{PREFIX}{name} {state}: {meaning}")
        elif low > 1 and len(set(value)) < low // 3:
            self.faults.append(f"{PREFIX}{name} is not random: {meaning}")
        return value

    def index_keys(self) -> dict[int, bytes]:
        """Return the blind-index keys; the setting of one key, of old, is key 1."""
        meaning = "id:base64 of 32 bytes, comma between; last is for new values"
        single = self.env.get(f"{PREFIX}INDEX_KEY", "")
        if not single:
            return self.keys("INDEX_KEYS", meaning)
        if self.env.get(f"{PREFIX}INDEX_KEYS"):
            self.faults.append(f"{PREFIX}INDEX_KEY: take it away, {PREFIX}INDEX_KEYS is set")
        return {1: self._decode("INDEX_KEY", single, "base64 of 32 bytes")}

    def no_key_twice(self, data: Mapping[int, bytes], index: Mapping[int, bytes]) -> None:
        """Refuse a key that stands under two numbers, or in both settings."""
        for name, keys in (("DATA_KEYS", data), ("INDEX_KEYS", index)):
            good = [key for key in keys.values() if key]
            if len(set(good)) < len(good):
                self.faults.append(f"{PREFIX}{name}: the same key stands there twice")
        if set(filter(None, index.values())) & set(data.values()):
            self.faults.append(f"{PREFIX}INDEX_KEYS: must differ from every data key")

    def keys(self, name: str, meaning: str) -> dict[int, bytes]:
        keys: dict[int, bytes] = {}
        for part in filter(None, self.text(name, meaning).split(",")):
            key_id, _, value = part.partition(":")
            if not key_id.isdecimal() or not 0 < int(key_id) <= HIGHEST_KEY_ID:
                self.faults.append(
                    f"{PREFIX}{name} has a key without a number 1–{HIGHEST_KEY_ID}: {meaning}"
                )
                continue
            if int(key_id) in keys:
                self.faults.append(f"{PREFIX}{name} has two keys with the number {int(key_id)}")
            keys[int(key_id)] = self._decode(name, value, meaning)
        return keys

    def seal(self) -> SealSettings:
        meaning = "base64 of 32 bytes, for the seals of the audit trail alone"
        value = self.text("SEAL_KEY", meaning)
        key = self._decode("SEAL_KEY", value, meaning) if value else b""
        folder = self.text("ANCHOR_DIR", "folder for the anchors of the audit trail, kept apart")
        return SealSettings(key=key, anchor_dir=Path(folder))

    def one_of(self, name: str, known: Sequence[str]) -> str:
        """Return one of some words; without a setting the first."""
        value = self.env.get(PREFIX + name, "") or known[0]
        if value not in known:
            self.faults.append(f"{PREFIX}{name} is none of: {', '.join(known)}")
        return value

    def number(self, name: str, default: int, *, low: int, high: int, none: bool = False) -> int:
        value = self.env.get(PREFIX + name, "")
        if none and value == "none":
            return NEVER
        if not value:
            return default
        if not (value.isdecimal() and low <= int(value) <= high):
            also = ", or none" if none else ""
            self.faults.append(f"{PREFIX}{name} is not a number from {low} to {high}{also}")
            return default
        return int(value)

    def sign_in_rules(self) -> SignInRules:
        rules = DEFAULT_RULES
        roles = self.env.get(f"{PREFIX}SECOND_FACTOR_ROLES", "")
        names = frozenset(filter(None, (name.strip() for name in roles.split(","))))
        if roles == "none":
            names = frozenset()
        return SignInRules(
            password_length=self.number("PASSWORD_LENGTH", rules.password_length, low=8, high=64),
            password_classes=self.number("PASSWORD_CLASSES", rules.password_classes, low=1, high=4),
            password_history=self.number(
                "PASSWORD_HISTORY", rules.password_history, low=1, high=24
            ),
            password_days=self.number(
                "PASSWORD_DAYS", rules.password_days, low=1, high=3650, none=True
            ),
            second_factor_roles=names if roles else rules.second_factor_roles,
        )

    def export_rules(self) -> ExportRules:
        """Return the rules; a role that is not named keeps its number."""
        rows = dict(DEFAULT_EXPORT_RULES.rows)
        for part in filter(None, self.env.get(f"{PREFIX}EXPORT_ROWS", "").split(",")):
            role, _, number = (word.strip() for word in part.partition(":"))
            if role in rows and number.isascii() and number.isdecimal():
                rows[role] = min(int(number), MOST_EXPORT_ROWS)
            else:
                self.faults.append(f"{PREFIX}EXPORT_ROWS: role:number, comma between: {part}")
        days = self.number("EXPORT_DAYS", DEFAULT_EXPORT_RULES.days, low=1, high=90)
        return ExportRules(days=days, rows=rows)

    def _decode(self, name: str, value: str, meaning: str) -> bytes:
        try:
            key = base64.b64decode(value, validate=True)
        except binascii.Error:
            key = b""
        if len(key) != KEY_BYTES:
            self.faults.append(f"{PREFIX}{name} is not {meaning}")
            return b""
        if len(set(key)) < FEWEST_DIFFERENT:
            self.faults.append(f"{PREFIX}{name} holds a key that is not random")
            return b""
        return key

    def finish(self) -> None:
        if self.faults:
            raise ConfigError("\n".join(self.faults))
