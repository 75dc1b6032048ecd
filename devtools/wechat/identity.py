"""Who someone is: `code2session`, the phone number by code, and the session's key."""

import hashlib
import hmac
from typing import Final

from devtools.wechat.limits import LOGINS_OF_ONE
from devtools.wechat.refusals import (
    BAD_SESSION_SIGNATURE,
    CODE_BLOCKED,
    CODE_MISSING,
    CODE_USED,
    INVALID_APPID,
    INVALID_CODE,
    INVALID_GRANT_TYPE,
    INVALID_OPENID,
    Refusal,
)
from devtools.wechat.tokens import check_app
from devtools.wechat.world import CODE_LIFE, Answer, Call, Code, Contract, Person, World

LOGIN: Final = "login"
PHONE: Final = "phone"


def issue_code(world: World, kind: str, person: Person, *, phone: str = "", country: str = "86",
               appid: str = "") -> str:  # fmt: skip
    """Do what the phone does: use the app, and get a code for its server."""
    now = world.now()
    person.seen_at = now
    code = world.ids.code(kind)
    world.codes[code] = Code(
        kind, person.openid, appid or person.home, now + CODE_LIFE, phone, country
    )
    return code


def _redeem(world: World, given: object, kind: str, used: int) -> Code:
    code = world.codes.get(given) if isinstance(given, str) else None
    if code is None or code.kind != kind:
        raise Refusal(INVALID_CODE)
    if code.used:
        raise Refusal(used)
    if world.now() >= code.expires_at:
        raise Refusal(INVALID_CODE)
    if code.appid != world.app.appid:
        raise Refusal(INVALID_APPID if kind == PHONE else INVALID_CODE)
    return code


def code2session(world: World, call: Call) -> Answer:
    """Tell who got this code, with a new session key; the one before is worth nothing now."""
    check_app(world, call.query)
    if not call.query.get("js_code"):
        raise Refusal(CODE_MISSING)
    if call.query.get("grant_type") != "authorization_code":
        raise Refusal(INVALID_GRANT_TYPE)
    code = _redeem(world, call.query["js_code"], LOGIN, CODE_USED)
    person = world.people[code.openid]
    world.limits.count(LOGINS_OF_ONE, world.now(), who=person.openid)
    code.used = True
    if person.risky:
        raise Refusal(CODE_BLOCKED)
    person.session_key = world.ids.session_key()
    answer = {"session_key": person.session_key, "openid": person.openid}
    return answer if person.unionid is None else answer | {"unionid": person.unionid}


def phone_number(world: World, call: Call) -> Answer:
    """Tell the number that its owner let the app have."""
    code = _redeem(world, call.body.get("code"), PHONE, INVALID_CODE)
    if call.body.get("openid", code.openid) != code.openid:
        raise Refusal(INVALID_OPENID)
    code.used = True
    home = code.country == "86"
    return {
        "phone_info": {
            "phoneNumber": code.phone if home else f"+{code.country}{code.phone}",
            "purePhoneNumber": code.phone,
            "countryCode": code.country,
            "watermark": {"timestamp": int(world.now().timestamp()), "appid": world.app.appid},
        }
    }


def check_session(world: World, call: Call) -> Answer:
    """Tell whether a server still holds the person's session key."""
    person = world.person(call.query.get("openid"))
    if person.session_key is None or call.query.get("sig_method") != "hmac_sha256":
        raise Refusal(BAD_SESSION_SIGNATURE)
    right = hmac.new(person.session_key.encode(), b"", hashlib.sha256).hexdigest()
    if not hmac.compare_digest(right, call.query.get("signature", "")):
        raise Refusal(BAD_SESSION_SIGNATURE)
    return {}


CONTRACTS: Final = (
    Contract(
        "/sns/jscode2session",
        "GET",
        code2session,
        needs_token=False,
        bare=True,
        content_type="text/plain",
    ),
    Contract("/wxa/business/getuserphonenumber", "POST", phone_number),
    Contract("/wxa/checksession", "GET", check_session),
)
