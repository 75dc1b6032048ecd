"""Who uses the mini program for a household, and the helper's own phone, over HTTP."""

import base64
import uuid
from typing import Any

from flask import Response

from relief.api.mini_bindings.schemas import (
    BindingEndIn,
    BindingEndOut,
    HelperCodeOut,
    HouseholdBindingsOut,
    HouseholdCodeOut,
)
from relief.bindings import helpers, households, queries
from relief.core.db import unit_of_work
from relief.integrations.wechat.codes import QrCode
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, current_actor, now, requires
from relief.web.idempotency import answer, kept
from relief.web.wechat import asking_wechat

blp = Blueprint("mini_bindings", __name__, url_prefix="/v1", description="小程序绑定")


@blp.get("/households/<uuid:household_id>/mini-bindings")
@requires(Permission.BIND_HOUSEHOLDS, scope="household")
@blp.response(200, HouseholdBindingsOut)
def list_bindings(household_id: uuid.UUID) -> queries.HouseholdBindings:
    """Return the codes issued to a household and whose phones are bound to it."""
    with unit_of_work() as session:
        return queries.of_household(
            session, household_id=household_id, scope=current_actor().scope, now=now()
        )


@blp.post("/households/<uuid:household_id>/mini-codes")
@requires(Permission.BIND_HOUSEHOLDS, scope="household")
@blp.response(201, HouseholdCodeOut)
@blp.alt_response(409, description="wechat-not-set-up：没有配置小程序")
@blp.alt_response(503, description="微信暂时不可用")
def issue_code(household_id: uuid.UUID) -> Response:
    """Issue a code to print: it binds one member's phone, once.

    The answer alone holds it; whoever loses the paper gets another.
    """
    actor, moment = current_actor(), now()
    with unit_of_work() as session:
        households.check_visible(session, household_id=household_id, scope=actor.scope)
        before = kept(session, actor_id=actor.id, status=201)
    if before is not None:
        return before
    scene = households.new_scene()
    with asking_wechat() as gateway:
        picture = gateway.qr_code(QrCode(scene=scene))

    def work() -> dict[str, Any]:
        code = households.issue(
            session,
            household_id=household_id,
            scene=scene,
            scope=actor.scope,
            actor_id=actor.id,
            now=moment,
        )
        drawn = base64.b64encode(picture).decode()
        return {"id": code.id, "scene": scene, "expires_at": code.expires_at, "picture": drawn}

    with unit_of_work() as session:
        return answer(
            session, HouseholdCodeOut, actor_id=actor.id, now=moment, work=work, status=201
        )


@blp.delete("/households/<uuid:household_id>/mini-codes/<uuid:code_id>")
@requires(Permission.BIND_HOUSEHOLDS, scope="household")
@blp.response(204)
def revoke_code(household_id: uuid.UUID, code_id: uuid.UUID) -> None:
    """Take back a code that nobody used."""
    actor = current_actor()
    with unit_of_work() as session:
        households.revoke(
            session,
            household_id=household_id,
            code_id=code_id,
            scope=actor.scope,
            actor_id=actor.id,
            now=now(),
        )


@blp.post("/households/<uuid:household_id>/mini-bindings/<uuid:binding_id>/end")
@requires(Permission.BIND_HOUSEHOLDS, scope="household")
@blp.arguments(BindingEndIn)
@blp.response(200, BindingEndOut)
def end_binding(payload: dict[str, Any], household_id: uuid.UUID, binding_id: uuid.UUID) -> Any:
    """End a binding: a lost phone, a number that is someone else's now, a member who left."""
    actor, moment = current_actor(), now()

    def work() -> dict[str, Any]:
        households.end(
            session,
            household_id=household_id,
            binding_id=binding_id,
            scope=actor.scope,
            actor_id=actor.id,
            now=moment,
            **payload,
        )
        return {"id": binding_id, "ending": payload["ending"]}

    with unit_of_work() as session:
        return answer(session, BindingEndOut, actor_id=actor.id, now=moment, work=work)


@blp.post("/me/helper-code")
@requires(Permission.BIND_OWN_PHONE, scope="own")
@blp.response(201, HelperCodeOut)
@blp.alt_response(409, description="helper-already-bound：须先解除")
def issue_helper_code() -> Response:
    """Return a code by which the caller binds the own phone in the mini program."""
    actor, moment = current_actor(), now()
    with unit_of_work() as session:
        return answer(
            session,
            HelperCodeOut,
            actor_id=actor.id,
            now=moment,
            work=lambda: helpers.issue(session, staff_id=actor.id, now=moment),
            status=201,
        )


@blp.delete("/me/helper-binding")
@requires(Permission.BIND_OWN_PHONE, scope="own")
@blp.response(204)
def end_helper_binding() -> None:
    """End the binding of the caller's phone."""
    with unit_of_work() as session:
        helpers.unbind(session, staff_id=current_actor().id, now=now())
