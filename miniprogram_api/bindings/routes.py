"""Binding oneself to a household or as a helper, and ending that."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask import Response

from miniprogram_api.bindings.schemas import BoundOut, HelperBindingIn, HouseholdBindingIn
from miniprogram_api.context import Caller, MiniRole, cipher, current_caller, now, requires
from miniprogram_api.guard import still_allowed
from relief.bindings import helpers, households, openids, trying
from relief.core.db import unit_of_work
from relief.core.errors import DomainError, Unavailable
from relief.web import idempotency
from relief.web.blueprint import Blueprint
from relief.web.problems import too_many_attempts
from relief.web.wechat import asking_wechat

blp = Blueprint("bindings", __name__, url_prefix="/mini/v1", description="绑定")


@contextmanager
def _tried(caller: Caller, moment: datetime) -> Iterator[None]:
    """Note a try that failed in a transaction of its own; when WeChat is away it does not count."""
    try:
        yield
    except Unavailable:
        with unit_of_work() as session:
            trying.give_back(session, account_id=caller.account_id)
        raise
    except DomainError as error:
        with unit_of_work() as session:
            trying.note_failure(session, account_id=caller.account_id, why=error.code, now=moment)
        raise


@blp.post("/household-binding")
@requires(None, scope="own")
@blp.arguments(HouseholdBindingIn)
@blp.response(201, BoundOut)
@blp.alt_response(
    409, description="already-bound：须先解除原来的绑定；wechat-not-set-up：没有配置小程序"
)
@blp.alt_response(
    422,
    description="household-code-invalid、phone-not-registered、phone-of-several；"
    "wechat-code-refused：请重新授权手机号",
)
@blp.alt_response(429, description="尝试次数过多")
@blp.alt_response(503, description="微信暂时不可用；registry-busy：正在更新困难群众信息")
def bind_household(payload: dict[str, Any]) -> Any:
    """Bind the account to the member whose telephone WeChat vouches for."""
    caller, moment = current_caller(), now()
    with unit_of_work() as session:
        kept = idempotency.kept(session, actor_id=caller.account_id, status=201)
        if kept is not None:
            return kept
        blocked_until = trying.count(session, account_id=caller.account_id, now=moment)
        openid = openids.openid_of(session, account_id=caller.account_id, cipher=cipher())
    if blocked_until is not None:
        return too_many_attempts(blocked_until, moment)
    with _tried(caller, moment), asking_wechat() as gateway:
        phone = gateway.phone_number(payload["phone_code"], openid=openid)

    def work() -> dict[str, MiniRole]:
        still_allowed(session, now=moment)
        households.bind(
            session,
            account_id=caller.account_id,
            scene=payload["scene"],
            phone=phone.number,
            country=phone.country,
            cipher=cipher(),
            now=moment,
        )
        return {"role": MiniRole.HOUSEHOLD}

    with _tried(caller, moment), unit_of_work() as session:
        return idempotency.answer(
            session, BoundOut, actor_id=caller.account_id, now=moment, work=work, status=201
        )


@blp.delete("/household-binding")
@requires(None, scope="own", without_consent=True)
@blp.response(204)
def unbind_household() -> None:
    """End the account's binding to a household, also without consent: it is less that is told."""
    with unit_of_work() as session:
        households.unbind(session, account_id=current_caller().account_id, now=now())


@blp.post("/helper-binding")
@requires(None, scope="own")
@blp.arguments(HelperBindingIn)
@blp.response(201, BoundOut)
@blp.alt_response(409, description="already-bound：须先解除原来的绑定")
@blp.alt_response(422, description="helper-code-invalid：口令无效、已使用或已过期")
@blp.alt_response(429, description="尝试次数过多")
def bind_helper(payload: dict[str, Any]) -> Response | tuple[Response, int]:
    """Bind the account to the helper whose staff account shows this code."""
    caller, moment = current_caller(), now()
    with unit_of_work() as session:
        kept = idempotency.kept(session, actor_id=caller.account_id, status=201)
        if kept is not None:
            return kept
        blocked_until = trying.count(session, account_id=caller.account_id, now=moment)
    if blocked_until is not None:
        return too_many_attempts(blocked_until, moment)

    def work() -> dict[str, MiniRole]:
        still_allowed(session, now=moment)
        helpers.bind(session, account_id=caller.account_id, code=payload["code"], now=moment)
        return {"role": MiniRole.HELPER}

    with _tried(caller, moment), unit_of_work() as session:
        return idempotency.answer(
            session, BoundOut, actor_id=caller.account_id, now=moment, work=work, status=201
        )


@blp.delete("/helper-binding")
@requires(None, scope="own", without_consent=True)
@blp.response(204)
def unbind_helper() -> None:
    """End the account's binding to a helper, also without consent."""
    with unit_of_work() as session:
        helpers.unbind(session, account_id=current_caller().account_id, now=now())
