"""Drafts of procedures as tests make them, by the services that staff use."""

from dataclasses import replace
from datetime import timedelta

from relief.accounts.types import Role
from relief.core.clock import local_date
from relief.schemes.drafting import editing, service
from relief.schemes.drafting.models import ProcedureDraft
from tests import factories
from tests.support.settings import START

TODAY = local_date(START)
LATER = TODAY + timedelta(days=10)


def admin(session, role=Role.SYSTEM_ADMIN, name=None):
    """The id of a new administrator."""
    account = factories.make_account(session, role)
    account.display_name = name or account.display_name
    return account.id


def with_limit(code, limit, **more):
    """An edit that gives a stage another limit, and what else is named."""

    def change(content):
        stage = replace(content.stage(code), limit=limit, **more)
        return editing.with_stage(content, stage, code=code)

    return change


def version_of(session, draft_id):
    """The version of a draft that its reader would name."""
    return session.get(ProcedureDraft, draft_id, populate_existing=True).version


def edit(session, draft_id, change, *, by, now=START):
    service.edit(
        session, draft_id=draft_id, version=version_of(session, draft_id), change=change,
        actor_id=by, now=now,
    )  # fmt: skip
    session.flush()


def propose(session, draft_id, *, by, valid_from=LATER, now=START):
    """Propose it; return the digest to be signed, in hexadecimal."""
    service.propose(
        session, draft_id=draft_id, version=version_of(session, draft_id), valid_from=valid_from,
        actor_id=by, now=now,
    )  # fmt: skip
    session.flush()
    return session.get(ProcedureDraft, draft_id).digest.hex()


def sign(session, draft_id, digest, *, by, now=START):
    """Sign it; return the number of the new version."""
    return service.publish(
        session, draft_id=draft_id, version=version_of(session, draft_id), digest=digest,
        actor_id=by, now=now,
    )  # fmt: skip


def publish(session, code="W_STD20", *, change=None, valid_from=LATER, now=START):
    """A version of a procedure that two administrators published; its number."""
    editor, signer = (
        admin(session, name="张起草"), admin(session, Role.SECURITY_ADMIN, "李签署"),
    )  # fmt: skip
    draft_id = service.begin(session, code=code, actor_id=editor, now=now)
    edit(session, draft_id, change or with_limit("MATCH", 2), by=editor, now=now)
    digest = propose(session, draft_id, by=editor, valid_from=valid_from, now=now)
    return sign(session, draft_id, digest, by=signer, now=now)
