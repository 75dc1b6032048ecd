"""Access tokens: `token`, `stable_token`, and whether one is good.

A new `token` leaves the one before good for five minutes more. `stable_token` gives the same one
until five minutes before its end; forced, it ends the old one at once, but only so often.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from devtools.wechat.refusals import (
    APPID_MISSING,
    INVALID_APPID,
    INVALID_CREDENTIAL,
    INVALID_GRANT_TYPE,
    INVALID_SECRET,
    INVALID_TOKEN,
    NOT_IN_WHITELIST,
    SECRET_MISSING,
    TOKEN_EXPIRED,
    TOKEN_MISSING,
    Refusal,
)
from devtools.wechat.world import Answer, Call, Contract, Tokens, World
from relief.core.clock import local_date

LIFE: Final = timedelta(seconds=7200)
OVERLAP: Final = timedelta(minutes=5)
FORCED_A_DAY: Final = 20
FORCED_APART: Final = timedelta(seconds=30)
GRANT: Final = "client_credential"
_SHORTEST = 32


def check_app(world: World, given: Mapping[str, Any]) -> None:
    """Compare an app's id and secret with the registered ones. Raises Refusal."""
    for name, missing in (("appid", APPID_MISSING), ("secret", SECRET_MISSING)):
        if not given.get(name):
            raise Refusal(missing)
    if given["appid"] != world.app.appid:
        raise Refusal(INVALID_APPID)
    if given["secret"] != world.app.secret:
        raise Refusal(INVALID_SECRET)


def check_token(world: World, call: Call) -> None:
    """Look at the access token of a call. Raises Refusal."""
    given = call.query.get("access_token", "")
    if not given:
        raise Refusal(TOKEN_MISSING)
    for tokens in world.tokens.values():
        if given in tokens.ends:
            if world.now() < tokens.ends[given]:
                return
            # One that was replaced is not the latest; one that grew old has expired.
            raise Refusal(TOKEN_EXPIRED if given == tokens.current else INVALID_CREDENTIAL)
    looks_right = len(given) >= _SHORTEST and given.replace("-", "").replace("_", "").isalnum()
    raise Refusal(INVALID_CREDENTIAL if looks_right else INVALID_TOKEN)


def _check_origin(world: World, call: Call) -> None:
    if world.whitelist is not None and call.client not in world.whitelist:
        raise Refusal(NOT_IN_WHITELIST, f"invalid ip {call.client}, not in whitelist")


def _issue(world: World, tokens: Tokens, *, old_lasts: timedelta) -> None:
    now = world.now()
    if tokens.current:
        tokens.ends[tokens.current] = min(tokens.ends[tokens.current], now + old_lasts)
    tokens.current = world.ids.token()
    tokens.ends[tokens.current] = now + LIFE


def _shown(world: World, tokens: Tokens) -> Answer:
    left = tokens.ends[tokens.current] - world.now()
    return {"access_token": tokens.current, "expires_in": int(left.total_seconds())}


def token(world: World, call: Call) -> Answer:
    """Give a new token; the one before stays good for five minutes."""
    if call.query.get("grant_type") != GRANT:
        raise Refusal(INVALID_GRANT_TYPE)
    check_app(world, call.query)
    _check_origin(world, call)
    _issue(world, world.tokens["token"], old_lasts=OVERLAP)
    return _shown(world, world.tokens["token"])


def stable_token(world: World, call: Call) -> Answer:
    """Give the token of now; a new one near its end, or if it is forced and may be."""
    if call.body.get("grant_type") != GRANT:
        raise Refusal(INVALID_GRANT_TYPE)
    check_app(world, call.body)
    _check_origin(world, call)
    tokens = world.tokens["stable"]
    if not tokens.current or tokens.ends[tokens.current] - world.now() <= OVERLAP:
        _issue(world, tokens, old_lasts=OVERLAP)
    elif call.body.get("force_refresh") is True and _may_force(world, tokens):
        tokens.forced.append(world.now())
        _issue(world, tokens, old_lasts=timedelta(0))
    return _shown(world, tokens)


def _may_force(world: World, tokens: Tokens) -> bool:
    now = world.now()
    today = [at for at in tokens.forced if local_date(at) == local_date(now)]
    return len(today) < FORCED_A_DAY and (not today or now - today[-1] >= FORCED_APART)


def expire(world: World) -> None:
    """End every token now, as if its time were over."""
    for tokens in world.tokens.values():
        for one in tokens.ends:
            tokens.ends[one] = min(tokens.ends[one], world.now())


def revoke(world: World) -> None:
    """Make every token one that was never given, as after a change of the secret."""
    for tokens in world.tokens.values():
        tokens.ends.clear()
        tokens.current = ""


CONTRACTS: Final = (
    Contract("/cgi-bin/token", "GET", token, needs_token=False, bare=True),
    Contract("/cgi-bin/stable_token", "POST", stable_token, needs_token=False, bare=True),
)
