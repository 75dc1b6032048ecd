"""What is known for a new application (预填), over HTTP."""

import uuid
from typing import Any

from relief.api.applications.schemas import (
    ApplicationFormArgs,
    ApplicationFormOut,
    RosterArgs,
    RosterMissingPageOut,
)
from relief.core.db import unit_of_work
from relief.review.recognition import forms, rosters
from relief.review.recognition.forms import ApplicationForm
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, cipher, current_actor, now, requires

blp = Blueprint("applications", __name__, url_prefix="/v1", description="申请预填和结果互认")


@blp.get("/persons/<uuid:person_id>/application")
@requires(Permission.OPEN_CASES, scope="household")
@blp.arguments(ApplicationFormArgs, location="query")
@blp.response(200, ApplicationFormOut)
def get_form(args: dict[str, Any], person_id: uuid.UUID) -> ApplicationForm:
    """Return what is known for an application, and what is still asked; the look is recorded."""
    with unit_of_work() as session:
        return forms.view_form(
            session,
            cipher(),
            viewer=current_actor(),
            person_id=person_id,
            scheme_code=args["scheme"],
            now=now(),
        )


@blp.get("/roster")
@requires(Permission.OPEN_CASES, scope="region")
@blp.arguments(RosterArgs, location="query")
@blp.response(200, RosterMissingPageOut)
@blp.alt_response(403, description="本部门不参与办理这个项目，或账号没有指定部门")
@blp.alt_response(409, description="不是按名单录入的项目")
def missing_on_roster(args: dict[str, Any]) -> Any:
    """List who in scope a roster names and who has nothing of the scheme yet; no list of all."""
    actor = current_actor()
    rosters.of_department(actor)
    with unit_of_work() as session:
        return rosters.missing(
            session,
            scope=actor.scope,
            scheme_code=args.pop("scheme"),
            now=now(),
            **args,
        )
