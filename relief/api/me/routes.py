"""One's own password and second factor over HTTP."""

from typing import Any

from relief.accounts import second_factor, service, sign_in
from relief.accounts.errors import NotEnrolling, WrongCode, WrongPassword
from relief.api.me.schemas import CodeIn, DeviceKeyOut, PasswordIn, ProofIn, RecoveryCodesOut
from relief.core.db import unit_of_work
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, Stage, cipher, config, current_actor, now, requires
from relief.web.problems import too_many_attempts

blp = Blueprint("me", __name__, url_prefix="/v1", description="本人的密码和动态验证码")


@blp.post("/me/password")
@requires(Permission.SIGNED_IN, scope="own", stages=[Stage.PASSWORD])
@blp.arguments(PasswordIn)
@blp.response(204)
@blp.alt_response(422, description="现在的密码不正确，或者新密码不符合要求")
@blp.alt_response(429, description="失败次数过多")
def change_password(payload: dict[str, str]) -> Any:
    """Change the caller's password and end their other sessions."""
    actor, moment = current_actor(), now()
    with unit_of_work() as session:
        checked = sign_in.check_password(session, actor.id, payload["present"], now=moment)
        if checked.right:
            service.change_password(
                session,
                account_id=actor.id,
                password=payload["password"],
                session_hash=actor.session_hash,
                now=moment,
                rules=config().sign_in,
            )
    if checked.blocked_until is not None:
        return too_many_attempts(checked.blocked_until, moment)
    if not checked.right:
        raise WrongPassword
    return None


@blp.post("/session/step-up")
@requires(Permission.SIGNED_IN, scope="own", stages=[Stage.ENROLMENT])
@blp.arguments(ProofIn)
@blp.response(204)
@blp.alt_response(422, description="验证码或密码不正确")
@blp.alt_response(429, description="失败次数过多")
def step_up(payload: dict[str, str]) -> Any:
    """Prove anew who one is: for five minutes, what asks for it is open."""
    actor, moment = current_actor(), now()
    with unit_of_work() as session:
        checked = sign_in.step_up(
            session,
            account_id=actor.id,
            session_hash=actor.session_hash,
            proof=payload["proof"],
            cipher=cipher(),
            now=moment,
        )
    if checked.blocked_until is not None:
        return too_many_attempts(checked.blocked_until, moment)
    if not checked.right:
        raise WrongCode if actor.has_second_factor else WrongPassword
    return None


@blp.post("/me/second-factor")
@requires(Permission.SIGNED_IN, scope="own", step_up=True, stages=[Stage.ENROLMENT])
@blp.response(200, DeviceKeyOut)
@blp.alt_response(409, description="已经绑定")
def begin() -> second_factor.Enrolment:
    """Return the key for the caller's device; repeated, the same one."""
    actor = current_actor()
    with unit_of_work() as session:
        second_factor.begin(session, account_id=actor.id, cipher=cipher(), now=now())
        enrolment = second_factor.pending(session, account_id=actor.id, cipher=cipher())
    if enrolment is None:
        raise NotEnrolling  # a device confirmed it meanwhile
    return enrolment


@blp.post("/me/second-factor/confirmation")
@requires(Permission.SIGNED_IN, scope="own", step_up=True, stages=[Stage.ENROLMENT])
@blp.arguments(CodeIn)
@blp.response(200, RecoveryCodesOut)
@blp.alt_response(409, description="没有开始绑定，或者已经绑定")
@blp.alt_response(422, description="验证码不正确")
def confirm(payload: dict[str, str]) -> dict[str, Any]:
    """Take the device's first code, and tell the recovery codes."""
    actor = current_actor()
    with unit_of_work() as session:
        codes = second_factor.confirm(
            session,
            account_id=actor.id,
            code=payload["code"],
            session_hash=actor.session_hash,
            cipher=cipher(),
            now=now(),
        )
    if codes is None:
        raise WrongCode
    return {"recovery_codes": codes}
