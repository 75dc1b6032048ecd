"""A draft from the copy to the version that the database never lets change again."""

import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from relief.accounts.types import Role
from relief.audit.models import AuditEvent
from relief.schemes import queries as schemes
from relief.schemes.drafting import editing, queries, service
from relief.schemes.drafting.errors import (
    BaseSuperseded,
    DateInPast,
    DraftClosed,
    DraftEditedMeanwhile,
    DraftExists,
    DraftNotFound,
    DraftNotProposed,
    DraftProposed,
    DraftUnchanged,
    DraftUnsound,
    SecondPersonNeeded,
    SignedOther,
)
from relief.schemes.drafting.models import ProcedureDraft
from relief.schemes.drafting.types import DraftStatus
from relief.schemes.errors import ProcedureNotFound
from relief.schemes.models import Procedure, ProcedureStage
from relief.schemes.types import Origin
from tests.support.drafting import (
    LATER,
    TODAY,
    admin,
    edit,
    propose,
    publish,
    sign,
    version_of,
    with_limit,
)
from tests.support.settings import START

CODE = "W_STD20"


@pytest.fixture
def editor(session):
    return admin(session)


@pytest.fixture
def signer(session):
    return admin(session, Role.SECURITY_ADMIN)


@pytest.fixture
def draft(session, editor):
    return service.begin(session, code=CODE, actor_id=editor, now=START)


def detail(session, draft, reader=None):
    return queries.draft_detail(
        session, draft_id=draft, on=TODAY, reader_id=reader or uuid.UUID(int=1)
    )


def trail(session, draft):
    rows = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == draft).order_by(AuditEvent.action)
    )
    return {one.action.removeprefix("procedure_draft:"): one.details for one in rows}


def test_the_copy_says_what_the_version_in_force_says(session, draft, editor):
    found = detail(session, draft, editor)

    assert found.difference.empty
    assert found.faults == []
    assert (found.row.status, found.row.base_version, found.next_version) == (
        DraftStatus.OPEN, 1, 2,
    )  # fmt: skip
    assert found.row.touched
    assert found.content.joint["S11"] == ("D01", "D05", "D06")
    assert [one.code for one in found.content.stages] == [
        "ACCEPT", "MATCH", "JOINT", "CONFIRM", "NOTICE",
    ]  # fmt: skip


def test_the_difference_and_the_faults_are_those_of_what_was_edited(session, draft, editor):
    edit(session, draft, with_limit("MATCH", 9), by=editor)
    edit(session, draft, with_limit("JOINT", 9), by=editor)

    found = detail(session, draft)

    assert [one.code for one in found.difference.stages] == ["MATCH", "JOINT"]
    [fault] = found.faults
    assert str(fault) == (
        "W_STD20 一般事项联审（默认）：各环节相加最长 23 个工作日，超过总时限 20 天，或不能保证"
    )
    assert (fault.rule, fault.asks) == ("total", "各环节相加不超过总时限")
    assert fault.source.startswith("平台规则")


def test_the_source_of_a_total_is_the_law_of_the_procedure(session, editor):
    draft = service.begin(session, code="W_FY", actor_id=editor, now=START)
    edit(session, draft, with_limit("REVIEW", 8), by=editor)

    [fault] = detail(session, draft).faults

    assert fault.source.startswith("法律援助法第四十三条")


def test_the_lead_of_a_scheme_takes_part(session, draft, editor):
    edit(session, draft, lambda it: editing.with_joint(it, {**it.joint, "S11": ["D05"]}), by=editor)

    assert "主办部门 D01 不在联审部门中" in [one.message for one in detail(session, draft).faults]


def test_there_is_one_draft_of_a_procedure_at_a_time(session, draft, editor):
    with pytest.raises(DraftExists):
        service.begin(session, code=CODE, actor_id=editor, now=START)

    service.discard(session, draft_id=draft, version=1, actor_id=editor, now=START)

    assert service.begin(session, code=CODE, actor_id=editor, now=START) != draft


def test_what_there_is_not_is_not_drafted(session, editor):
    with pytest.raises(ProcedureNotFound):
        service.begin(session, code="W_NONE", actor_id=editor, now=START)
    with pytest.raises(ProcedureNotFound):
        service.begin(session, code=CODE, on=date(2025, 1, 1), actor_id=editor, now=START)
    with pytest.raises(DraftNotFound):
        service.discard(session, draft_id=uuid.UUID(int=1), version=1, actor_id=editor, now=START)
    with pytest.raises(DraftNotFound):
        detail(session, uuid.UUID(int=1))


def test_who_edits_what_they_have_not_seen_is_told(session, draft, editor):
    edit(session, draft, with_limit("MATCH", 2), by=editor)

    with pytest.raises(DraftEditedMeanwhile):
        service.edit(
            session, draft_id=draft, version=1, change=with_limit("MATCH", 1), actor_id=editor,
            now=START,
        )  # fmt: skip

    assert detail(session, draft).content.stage("MATCH").limit == 2


def test_saving_the_same_is_no_edit(session, draft, editor):
    edit(session, draft, lambda content: content, by=admin(session))

    assert version_of(session, draft) == 1
    assert session.get(ProcedureDraft, draft).editors == [str(editor)]
    assert list(trail(session, draft)) == ["begun"]


def test_a_second_person_signs_and_the_trail_tells_all(session, draft, editor, signer):
    edit(session, draft, with_limit("MATCH", 2, papers=("身份证",)), by=editor)
    digest = propose(session, draft, by=editor)

    assert sign(session, draft, digest, by=signer) == 2

    row = session.get(Procedure, (CODE, 2))
    assert (row.origin, row.valid_from, row.digest.hex()) == (Origin.CONSOLE, LATER, digest)
    assert (row.proposed_by, row.signed_by, row.published_at) == (editor, signer, START)
    stage = session.get(ProcedureStage, (CODE, 2, "MATCH"))
    assert (stage.limit, stage.papers) == (2, ["身份证"])
    told = trail(session, draft)
    assert list(told) == ["begun", "edited", "proposed", "published"]
    assert told["edited"] == {
        "procedure": CODE, "head": [], "stages": ["changed MATCH"], "joint": [],
    }  # fmt: skip
    assert told["published"]["digest"] == digest


def test_who_had_a_hand_in_it_does_not_sign(session, draft, editor, signer):
    other = admin(session)
    edit(session, draft, with_limit("MATCH", 2), by=other)
    edit(session, draft, with_limit("JOINT", 4), by=signer)
    proposer = admin(session)
    digest = propose(session, draft, by=proposer)

    for somebody in (editor, other, signer, proposer):
        with pytest.raises(SecondPersonNeeded):
            sign(session, draft, digest, by=somebody)


def test_who_proposed_it_before_it_was_sent_back_does_not_sign(session, draft, editor, signer):
    first, second = admin(session), admin(session)
    edit(session, draft, with_limit("MATCH", 2), by=editor)
    propose(session, draft, by=first)
    service.send_back(
        session, draft_id=draft, version=version_of(session, draft), reason="改日期",
        actor_id=first, now=START,
    )  # fmt: skip
    session.flush()
    digest = propose(session, draft, by=second)

    assert detail(session, draft, first).row.touched
    with pytest.raises(SecondPersonNeeded):
        sign(session, draft, digest, by=first)
    assert sign(session, draft, digest, by=signer) == 2


def test_the_database_wants_two_persons(session, draft, editor, signer):
    edit(session, draft, with_limit("MATCH", 2), by=editor)
    propose(session, draft, by=editor)
    closing = (
        "UPDATE procedure_draft SET status = 'published', published_version = 2,"
        " closed_by = :who, closed_at = now() WHERE id = :draft"
    )

    with (
        pytest.raises(IntegrityError, match="ck_procedure_draft_four_eyes"),
        session.begin_nested(),
    ):
        session.execute(text(closing), {"draft": draft, "who": editor})
    session.execute(text(closing), {"draft": draft, "who": signer})


def test_a_draft_is_not_published_twice(session, draft, editor, signer):
    edit(session, draft, with_limit("MATCH", 2), by=editor)
    digest = propose(session, draft, by=editor)
    sign(session, draft, digest, by=signer)

    with pytest.raises(DraftClosed):
        sign(session, draft, digest, by=signer)
    with pytest.raises(DraftClosed):
        edit(session, draft, with_limit("MATCH", 1), by=editor)
    with pytest.raises(DraftClosed):
        service.discard(
            session, draft_id=draft, version=version_of(session, draft), actor_id=editor, now=START
        )


def test_what_waits_for_a_signature_is_not_edited_until_it_is_sent_back(
    session, draft, editor, signer
):
    edit(session, draft, with_limit("MATCH", 2), by=editor)
    with pytest.raises(DraftNotProposed):
        sign(session, draft, "0" * 64, by=signer)
    with pytest.raises(DraftNotProposed):
        service.send_back(
            session, draft_id=draft, version=version_of(session, draft), reason="无",
            actor_id=signer, now=START,
        )  # fmt: skip
    before = propose(session, draft, by=editor)
    with pytest.raises(DraftProposed):
        edit(session, draft, with_limit("MATCH", 1), by=editor)
    with pytest.raises(DraftProposed):
        propose(session, draft, by=editor)

    service.send_back(
        session, draft_id=draft, version=version_of(session, draft), reason="期限太短",
        actor_id=signer, now=START,
    )  # fmt: skip

    session.flush()
    row = detail(session, draft).row
    assert (row.status, row.returned_reason, row.valid_from) == ("open", "期限太短", None)
    edit(session, draft, with_limit("MATCH", 1), by=editor)
    after = propose(session, draft, by=editor)
    assert after != before
    with pytest.raises(SignedOther):
        sign(session, draft, before, by=signer)


def test_a_date_may_be_today_and_not_before(session, draft, editor, signer):
    edit(session, draft, with_limit("MATCH", 2), by=editor)
    with pytest.raises(DateInPast):
        propose(session, draft, by=editor, valid_from=TODAY - timedelta(days=1))
    digest = propose(session, draft, by=editor, valid_from=TODAY)

    with pytest.raises(DateInPast):
        sign(session, draft, digest, by=signer, now=START + timedelta(days=1))

    assert sign(session, draft, digest, by=signer) == 2
    assert schemes.procedure(session, code=CODE, on=TODAY).procedure.version == 2


def test_what_is_unsound_is_not_published(session, draft, editor):
    edit(session, draft, with_limit("MATCH", 30), by=editor)

    with pytest.raises(
        DraftUnsound, match=r"超过总时限 20 天.*规则：各环节相加.*依据："
    ) as refused:
        propose(session, draft, by=editor)

    assert refused.value.conflicts[0]["rule"] == "total"


def test_what_has_become_unsound_since_is_not_signed(session, draft, editor, signer):
    edit(session, draft, with_limit("MATCH", 2), by=editor)
    digest = propose(session, draft, by=editor)
    session.execute(text("UPDATE stage_owner SET levels = '[]' WHERE code = 'lead_department'"))

    with pytest.raises(DraftUnsound, match="没有级别"):
        sign(session, draft, digest, by=signer)


def test_the_same_is_not_published(session, draft, editor):
    with pytest.raises(DraftUnchanged):
        propose(session, draft, by=editor)


def test_a_later_version_is_not_undone_unseen(session, editor):
    assert publish(session) == 2
    draft = service.begin(session, code=CODE, actor_id=editor, now=START)
    edit(session, draft, with_limit("MATCH", 1), by=editor)

    with pytest.raises(BaseSuperseded):
        propose(session, draft, by=editor, valid_from=LATER)

    assert not detail(session, draft).superseded
    late = queries.draft_detail(session, draft_id=draft, on=LATER, reader_id=editor)
    assert late.superseded  # nobody proposed it in time
    propose(session, draft, by=editor, valid_from=LATER - timedelta(days=1))
    service.discard(
        session, draft_id=draft, version=version_of(session, draft), actor_id=editor, now=START
    )
    session.flush()
    next_one = service.begin(session, code=CODE, on=LATER, actor_id=editor, now=START)
    assert detail(session, next_one).row.base_version == 2
    assert not detail(session, next_one).superseded  # today the first holds: it is for later


def test_new_cases_take_it_from_its_day_on(session):
    publish(session)

    found = [
        schemes.procedure(session, code=CODE, on=day).procedure.version
        for day in (LATER - timedelta(days=1), LATER)
    ]

    assert found == [1, 2]


def test_a_stage_that_is_renamed_and_moved_is_published_whole(session, draft, editor, signer):
    def change(content):
        stage = replace(content.stage("MATCH"), code="CHECK", name="比对")
        return editing.moved(
            editing.with_stage(content, stage, code="MATCH"), "NOTICE", earlier=True
        )

    edit(session, draft, change, by=editor)
    sign(session, draft, propose(session, draft, by=editor), by=signer)

    plan = schemes.procedure(session, code=CODE, on=LATER)
    assert [one.code for one in plan.stages] == ["ACCEPT", "CHECK", "JOINT", "NOTICE", "CONFIRM"]
    assert plan.procedure.joint["S11"] == ["D01", "D05", "D06"]
