"""The single rows that the access test asks about."""

import io
import uuid
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from relief.accounts import sign_in
from relief.accounts.models import StaffSession
from relief.accounts.types import Role
from relief.attachments import service as attachments
from relief.attachments.media.types import MediaKind
from relief.audit import grounds
from relief.audit import service as audit
from relief.audit.models import AuditEvent, GroundKind
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.core.privacy import store
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.models import SecretKind
from relief.funds.payees.models import CasePayee
from relief.funds.payees.types import AccountForm, PayeeKind, PayeeState
from relief.notifications.models import InboxMessage
from relief.registry.models import Export
from relief.registry.types import ExportForm
from relief.review.enclosures.acts import PURPOSE
from relief.review.enclosures.models import CaseEnclosure
from relief.review.lists.models import DecisionList, DecisionListEntry
from relief.review.lists.types import EntryStatus, ListStatus
from relief.review.mandates.models import CaseMandate
from relief.review.mandates.types import AgentKind, MandateAct, MandateForm
from relief.review.models import Case
from relief.review.papers.issuing import digest_of
from relief.review.papers.models import CasePaper
from relief.review.papers.types import PaperKind, Words
from relief.review.rising.models import ParameterDraft, StandardRise
from relief.review.rising.types import RiseStatus
from relief.tasks import service as tasks
from tests import factories
from tests.support.media import pdf
from tests.support.paying import BANK, card
from tests.support.settings import START
from tests.support.source import number

# Reference data is not written by any route; the touch of a session is not domain data.
WATCHED = (
    *("account", "account_role", "account_region", "access_ground", "access_request"),
    *("audit_event", "enrolment", "household", "idempotency_record", "import_batch"),
    *("link_decision", "link_review", "membership", "outbox_message", "inbox_message", "person"),
    *("register_batch", "rejected_row", "secret_value", "task", "grant_proposal", "account_totp"),
    *("recovery_code", "password_history", "export"),
    *("aid_case", "case_stage", "case_pause", "case_decision", "case_step", "entitlement"),
    *("decision_list", "decision_list_entry", "roster_act", "roster_place"),
    *("referral", "referral_event"),
    *("parameter", "parameter_draft", "standard_rise", "standard_rise_entry", "back_pay"),
    *("case_extension", "delegation", "entitlement_change", "case_recheck"),
    *("case_fact", "case_paper", "case_payee", "case_mandate", "case_enclosure"),
    *("case_inquiry", "case_objection", "case_survey"),
    *("case_authorisation", "case_finding"),
    *("procedure", "procedure_stage", "procedure_draft"),
    *("helper", "helper_assignment"),
    *("news_article", "news_version", "news_file"),
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


def signed_list(session: Session, world: Any, place: str) -> uuid.UUID:
    """A list that somebody signed, on which the case of a place stands."""
    case_id = world.objects["case"][place]
    list_id = decision_list(session, world.accounts["owner"])
    signed = session.get_one(DecisionList, list_id)
    signed.status, signed.signed_at = ListStatus.SIGNED, START
    case = session.get_one(Case, case_id)
    session.add(
        DecisionListEntry(
            list_id=list_id, position=1, case_id=case_id, number=case.number,
            case_version=case.version, amount_fen=9000, starts_on=START.date(), doubts=[],
            status=EntryStatus.LISTED,
        )
    )  # fmt: skip
    session.flush()
    return list_id


def rise(session: Session, case: str, account_id: uuid.UUID) -> uuid.UUID:
    """A list of differences that is not signed yet, on which nothing stands."""
    region = 210303000000 if case == "other_county" else 210302000000
    begun = StandardRise(
        id=new_id(START), scheme_code="S09", region_code=region, reason="按新标准调整",
        department_code="D04" if case == "wrong_department" else "D01", standards=[], total=0,
        effective_on=date(2026, 7 if case == "own" else 8, 1), paid_from=date(2026, 12, 1),
        status=RiseStatus.DRAWN, digest=bytes(32), drawn_by=account_id, begun_at=START,
        drawn_at=START,
    )  # fmt: skip
    if case == "wrong_department":
        begun.effective_on = date(2026, 9, 1)
    session.add(begun)
    session.flush()
    return begun.id


def parameter_draft(session: Session, account_id: uuid.UUID) -> uuid.UUID:
    """A new value that waits to be published."""
    drafted = ParameterDraft(
        id=new_id(START), name="disability_living_min", region_code=210300000000,
        valid_from=date(2026, 11, 1), value=100, source="通知", drafted_by=account_id,
        drafted_at=START,
    )  # fmt: skip
    session.add(drafted)
    session.flush()
    return drafted.id


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


def payee(session: Session, cipher: Cipher, case_id: uuid.UUID, account_id: uuid.UUID) -> uuid.UUID:
    """The payee in force of a case, and a ground to see its number."""
    number = store.put_many(session, cipher, SecretKind.BANK_ACCOUNT, [card(9)], now=START)
    other = factories.make_account(session, Role.REVIEWER, department="D01")
    made = CasePayee(
        id=new_id(START), case_id=case_id, kind=PayeeKind.GUARDIAN, form=AccountForm.CARD,
        bank_code=BANK, number_id=number[card(9)], number_masked="*", holder="李四",
        relation="51", proof="监护证明", reason="首次登记", households=1, old_phones=[], told=[],
        state=PayeeState.IN_FORCE, held=Range(START, None), proposed_by=account_id,
        proposed_at=START, answered_by=other.id, answered_at=START, answer="与原件一致",
    )  # fmt: skip
    session.add(made)
    grounds.open_ground(
        session, kind=GroundKind.CASE, reference=f"payee-{case_id}",
        person_id=session.get_one(Case, case_id).person_id, purpose="受理申请", actor_id=None,
        now=START,
    )  # fmt: skip
    session.flush()
    return made.id


def mandate(
    session: Session, cipher: Cipher, case_id: uuid.UUID, account_id: uuid.UUID
) -> uuid.UUID:
    """A mandate of a case that holds."""
    own = number(sequence=953)
    ids = store.put_many(session, cipher, SecretKind.CITIZEN_ID, [own], now=START)
    made = CaseMandate(
        id=new_id(START), case_id=case_id, agent="王五", kind=AgentKind.RELATIVE,
        number_id=ids[own], number_masked="*", acts=[MandateAct.PAPERS],
        days=Range(local_date(START), local_date(START) + timedelta(days=9)),
        form=MandateForm.WRITTEN, proof="委托书第 1 号", recorded_by=account_id, recorded_at=START,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made.id


def enclosure(
    session: Session,
    app: Flask,
    case_id: uuid.UUID,
    account_id: uuid.UUID,
    files: dict[Path, bytes],
) -> uuid.UUID:
    """A PDF that was handed in with a case; `files` learns what is in the storage folder."""
    storage = app.extensions["relief.config"].storage_dir
    stored = attachments.store(
        session, io.BytesIO(pdf()), name="证明.pdf", media_type="application/pdf",
        purpose=PURPOSE, actor_id=account_id, cipher=app.extensions["relief.cipher"],
        storage=storage, now=START, limit=10_000,
    )  # fmt: skip
    path = attachments.path_of(storage, stored.id)
    files[path] = path.read_bytes()
    made = CaseEnclosure(
        id=new_id(START), case_id=case_id, kind=MediaKind.DOCUMENT, title="低收入证明",
        file_id=stored.id, received_sha256=stored.sha256, received_size=stored.size,
        added_by=account_id, added_at=START,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made.id
