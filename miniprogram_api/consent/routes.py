"""The privacy policy: reading it, agreeing to it, taking that back."""

from typing import Any

from miniprogram_api.consent.schemas import AgreementIn, AgreementOut, PolicyOut
from miniprogram_api.context import current_caller, now, requires
from relief.bindings import consent, policy
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.web.blueprint import Blueprint

blp = Blueprint("consent", __name__, url_prefix="/mini/v1", description="隐私政策与同意")


@blp.get("/policy")
@blp.doc(security=[])
@blp.response(200, PolicyOut)
def read_policy() -> policy.Policy:
    """Return the privacy policy that holds today."""
    return policy.current(local_date(now()))


@blp.put("/consent")
@requires(None, scope="own", without_consent=True)
@blp.arguments(AgreementIn)
@blp.response(200, AgreementOut)
@blp.alt_response(409, description="policy-outdated：已有新的版本")
def agree(payload: dict[str, Any]) -> dict[str, Any]:
    """Agree to the version that was read; until then only signing out works."""
    with unit_of_work() as session:
        version = consent.agree(
            session,
            account_id=current_caller().account_id,
            version=payload["version"],
            now=now(),
        )
    return {"version": version}


@blp.delete("/consent")
@requires(None, scope="own", without_consent=True)
@blp.response(204)
def withdraw() -> None:
    """Take the agreement back; the mini program does nothing more until there is a new one."""
    with unit_of_work() as session:
        consent.withdraw(session, account_id=current_caller().account_id, now=now())
