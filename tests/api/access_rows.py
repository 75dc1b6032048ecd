"""The single rows that the access test asks about."""

import uuid
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts import sign_in
from relief.accounts.models import StaffSession
from relief.audit import service as audit
from relief.audit.models import AuditEvent
from relief.core.ids import new_id
from relief.notifications.models import InboxMessage
from relief.registry.models import Export
from relief.registry.types import ExportForm
from relief.review.lists.models import DecisionList
from relief.review.lists.types import ListStatus
from relief.review.models import Case
from relief.review.papers.issuing import digest_of
from relief.review.papers.models import CasePaper
from relief.review.papers.types import PaperKind, Words
from relief.tasks import service as tasks
from tests.support.settings import START

# Reference data is not written by any route; the touch of a session is not domain data.
WATCHED = (
    *("account", "account_role", "account_region", "access_ground", "access_request"),
    *("audit_event", "enrolment", "household", "idempotency_record", "import_batch"),
    *("link_decision", "link_review", "membership", "outbox_message", "inbox_message", "person"),
    *("rejected_row", "secret_value", "task", "grant_proposal", "account_totp"),
    *("recovery_code", "password_history", "export"),
    *("aid_case", "case_stage", "case_pause", "case_decision", "case_step", "entitlement"),
    *("decision_list", "decision_list_entry"),
    *("case_extension", "delegation", "entitlement_change", "case_recheck"),
    *("case_fact", "case_paper"),
    *("case_authorisation", "case_finding"),
)


def spare_session(session: Session, account_id: uuid.UUID) -> uuid.UUID:
    """A session that nobody asks with, to be ended."""
    spare = StaffSession(
        token_hash=account_id.bytes,
        account_id=account_id,
        kind=sign_in.BEARER,
        created_at=START,
        last_seen_at=START,
        expires_at=START + timedelta(hours=12),
        id=new_id(START),
        second_factor=True,
    )
    session.add(spare)
    session.flush()
    return spare.id


def event(session: Session, household_id: uuid.UUID, village: int) -> uuid.UUID:
    audit.record(
        session,
        "household:merged",
        subject_type="household",
        subject_id=household_id,
        actor_id=None,
        now=START,
        region_code=village,
    )
    session.flush()
    return session.scalars(
        select(AuditEvent.id).where(
            AuditEvent.subject_id == household_id, AuditEvent.action == "household:merged"
        )
    ).one()


def task(session: Session, key: str, account_id: uuid.UUID) -> uuid.UUID:
    task = tasks.enqueue(
        session, kind="nothing", key=key, arguments={}, actor_id=account_id, now=START
    )
    return task.id


def message(session: Session, account_id: uuid.UUID) -> uuid.UUID:
    message = InboxMessage(
        id=new_id(START), recipient_id=account_id, title="提醒", body="提醒", created_at=START
    )
    session.add(message)
    session.flush()
    return message.id


def decision_list(session: Session, account_id: uuid.UUID) -> uuid.UUID:
    """A list that is not signed yet, on which nobody stands."""
    drawn = DecisionList(
        id=new_id(START), scheme_code="S09", department_code="D01", amount_fen=9000,
        reason="符合条件", digest=bytes(32), status=ListStatus.DRAWN, drawn_by=account_id,
        drawn_at=START, earlier=0, beyond=0,
    )  # fmt: skip
    session.add(drawn)
    session.flush()
    return drawn.id


def export(session: Session, account_id: uuid.UUID, task_id: uuid.UUID) -> uuid.UUID:
    """An export that is not made yet."""
    asked = Export(
        id=new_id(START), account_id=account_id, form=ExportForm.CSV, purpose="recheck",
        told={"by": []}, ranges=[], most=1, task_id=task_id, asked_at=START,
    )  # fmt: skip
    session.add(asked)
    session.flush()
    return asked.id


def paper(session: Session, case_id: uuid.UUID) -> str:
    """A paper of a case of a kind that no route asked here issues; its number."""
    case = session.get_one(Case, case_id)
    words = Words(
        title="听取意见通知书", facts=[], paragraphs=[], issuer="民政局", issued_on="今天"
    )
    number = f"{case.number}T"
    session.add(
        CasePaper(
            id=new_id(START),
            case_id=case_id,
            kind=PaperKind.HEARING,
            number=number,
            code="2" * 12,
            words=words.as_json(),
            digest=digest_of(number, words),
            issuer=words.issuer,
            issued_at=START,
        )
    )
    session.flush()
    return number
