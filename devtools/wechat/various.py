"""Links into the app, the risk of a person, and what WeChat tells of calls themselves."""

import ipaddress
from typing import Final

from devtools.wechat.codes import VERSIONS
from devtools.wechat.limits import Limit
from devtools.wechat.refusals import (
    APPID_MISSING,
    INVALID_APPID,
    INVALID_ARGS,
    INVALID_PAGE,
    NO_SUCH_RID,
    Refusal,
)
from devtools.wechat.world import Answer, Call, Contract, World

MOST_DAYS: Final = 30
_DAY_SECONDS: Final = 24 * 3600
_AT, _IN = 0, 1
_SCENES: Final = (0, 1, 2)


def url_link(world: World, call: Call) -> Answer:
    """Make a link that opens the app from outside, for at most thirty days."""
    body = call.body
    path = body.get("path", "")
    if not isinstance(path, str) or "?" in path:
        raise Refusal(INVALID_PAGE)
    if path and world.pages is not None and path.lstrip("/") not in world.pages:
        raise Refusal(INVALID_PAGE)
    if body.get("env_version", "release") not in VERSIONS or not _ends_well(world, call):
        raise Refusal(INVALID_ARGS)
    return {"url_link": f"https://wxaurl.cn/{world.ids.link()}"}


def _ends_well(world: World, call: Call) -> bool:
    body, now = call.body, int(world.now().timestamp())
    kind = body.get("expire_type", _AT)
    if kind == _AT:
        end = body.get("expire_time", now + MOST_DAYS * _DAY_SECONDS)
        return isinstance(end, int) and now < end <= now + MOST_DAYS * _DAY_SECONDS
    days = body.get("expire_interval")
    return kind == _IN and isinstance(days, int) and 1 <= days <= MOST_DAYS


def risk_rank(world: World, call: Call) -> Answer:
    """Tell how likely a person is to do harm: 0 to 4."""
    body = call.body
    if not body.get("appid"):
        raise Refusal(APPID_MISSING)
    if body["appid"] != world.app.appid:
        raise Refusal(INVALID_APPID)
    person = world.person(body.get("openid"))
    try:
        ipaddress.ip_address(str(body.get("client_ip")))
    except ValueError:
        raise Refusal(INVALID_ARGS) from None
    if body.get("scene") not in _SCENES:
        raise Refusal(INVALID_ARGS)
    return {"risk_rank": person.risk_rank, "unoin_id": world.ids.trace()}  # spelt as WeChat does


def quota(world: World, call: Call) -> Answer:
    """Tell how many calls of an endpoint are left today."""
    path = call.body.get("cgi_path")
    if not isinstance(path, str) or not path.startswith("/"):
        raise Refusal(INVALID_ARGS)
    limit = world.limits.set.get(path, Limit())
    most, used = limit.day or 0, world.limits.used(path, world.now())
    return {
        "quota": {"daily_limit": most, "used": used, "remain": max(0, most - used)},
        "rate_limit": {"call_count": limit.minute or 0, "refresh_second": 60},
    }


def clear_quota(world: World, call: Call) -> Answer:
    """Begin to count anew."""
    if call.body.get("appid") != world.app.appid:
        raise Refusal(INVALID_APPID)
    world.limits.clear()
    return {}


def request_by_rid(world: World, call: Call) -> Answer:
    """Tell what was asked, by the number at the end of an error."""
    rid = call.body.get("rid")
    noted = next((one for one in world.calls if one.rid == rid), None)
    if noted is None:
        raise Refusal(NO_SUCH_RID)
    return {
        "request": {
            "invoke_time": int(noted.at.timestamp()),
            "cost_in_ms": 0,
            "request_url": f"{noted.path}",
            "request_body": noted.body,
            "response_body": str(noted.answer),
            "client_ip": "127.0.0.1",
        }
    }


CONTRACTS: Final = (
    Contract("/wxa/generate_urllink", "POST", url_link),
    Contract("/wxa/getuserriskrank", "POST", risk_rank),
    Contract("/cgi-bin/openapi/quota/get", "POST", quota),
    Contract("/cgi-bin/clear_quota", "POST", clear_quota),
    Contract("/cgi-bin/openapi/rid/get", "POST", request_by_rid),
)
