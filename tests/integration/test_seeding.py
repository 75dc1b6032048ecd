"""Loading the reference data: whole, repeatable, and told in the audit trail."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from relief.audit.models import AuditEvent
from relief.core.seeding import synchronise
from relief.organisation import seeding as organisation
from relief.organisation.models import (
    CalendarDay,
    CodeEntry,
    Department,
    FunctionalZonePart,
    NumberDivision,
    Region,
    RegionLevel,
)
from relief.schemes import seeding as schemes
from relief.schemes.check_rules import CheckRule
from relief.schemes.county_standards import CountyStandard
from relief.schemes.held_papers import HeldPaper
from relief.schemes.models import (
    CombinationRule,
    DataProvider,
    Delivery,
    Parameter,
    Procedure,
    ProcedureEvent,
    ProcedureStage,
    Scheme,
    StageOwner,
)
from relief.schemes.recognition import RecognisedIdentity, RecognitionRule
from relief.schemes.rosters import RosterRegister
from relief.schemes.rule_models import FactKind, SchemeRule
from tests.support.settings import START

LATER = START + timedelta(hours=1)


def count(session, model):
    return session.scalar(select(func.count()).select_from(model))


def loads(session):
    return session.scalar(
        select(func.count())
        .select_from(AuditEvent)
        .where(AuditEvent.action == "reference_data:loaded")
    )


@pytest.mark.parametrize(
    ("model", "rows"),
    [
        (Region, 1296),
        (FunctionalZonePart, 5),
        (Department, 13),
        (CodeEntry, 279),
        (CalendarDay, 108),
        (DataProvider, 12),
        (Procedure, 12),
        (ProcedureStage, 61),
        (ProcedureEvent, 19),
        (StageOwner, 12),
        (Scheme, 33),
        (CombinationRule, 33),
        (Parameter, 95),
        (CountyStandard, 10),
        (FactKind, 28),
        (SchemeRule, 8),
        (CheckRule, 27),
        (HeldPaper, 13),
        (NumberDivision, 7186),
        (RecognisedIdentity, 5),
        (RecognitionRule, 68),
        (RosterRegister, 2),
        (Delivery, 33),
    ],
)
def test_the_database_holds_all_of_the_seeds(session, model, rows):
    assert count(session, model) == rows


@pytest.mark.parametrize("room", [organisation, schemes])
def test_loading_again_changes_and_records_nothing(session, room):
    before = loads(session)

    changes = room.load_seeds(session, now=LATER)

    assert changes == {}
    assert loads(session) == before


@pytest.mark.parametrize("room", [organisation, schemes])
def test_loading_again_takes_two_statements_a_table_at_most(session, room, assert_queries):
    statements = {organisation: 8 + 3, schemes: 20 + 6 + 17 + 3 + 4 + 1}[room]

    with assert_queries(statements):
        room.load_seeds(session, now=LATER)


def test_what_differs_from_the_seed_is_set_right_and_recorded_once(session):
    session.execute(update(Region).where(Region.code == 210302000000).values(name="旧名"))
    session.execute(delete(CodeEntry).where(CodeEntry.table == "sex"))
    before = loads(session)

    changes = organisation.load_seeds(session, now=LATER)

    assert changes == {"region": 1, "code_entry": 4}
    assert session.get(Region, 210302000000).name == "铁东区"
    assert loads(session) == before + 1
    event = session.scalars(
        select(AuditEvent).where(
            AuditEvent.action == "reference_data:loaded", AuditEvent.occurred_at == LATER
        )
    ).one()
    assert event.details == {"part": "organisation", "changed": changes}
    assert event.actor_id is None


def test_a_day_the_seed_does_not_name_is_taken_out_of_the_calendar(session):
    session.add(CalendarDay(day=START.date(), kind="holiday", name="错"))
    session.flush()

    assert organisation.load_seeds(session, now=LATER) == {"calendar_day": 1}


def test_a_region_the_seed_does_not_name_stays(session):
    session.add(
        Region(
            code=210302999000,
            code_end=210303000000,
            name="撤销的街道",
            full_name="铁东区撤销的街道",
            level=RegionLevel.TOWNSHIP,
            parent_code=210302000000,
            year=2020,
        )
    )
    session.flush()

    organisation.load_seeds(session, now=LATER)

    assert session.get(Region, 210302999000).name == "撤销的街道"


def test_the_stages_of_an_earlier_version_stay_and_a_stray_stage_of_this_one_goes(session):
    def stage(version, code):
        return {
            "procedure_code": "W_FY",
            "procedure_version": version,
            "code": code,
            "position": 9,
            "name": "旧环节",
            "kind": "examination",
            "raises": [],
            "after": [],
            "conceals": False,
            "owner": "township",
            "limit": 1,
            "day_type": "wd",
            "starts_from": "submit",
            "parallel": False,
            "note": None,
            "confidence": "D",
        }

    synchronise(session, ProcedureStage, [stage(0, "OLD"), stage(1, "STRAY")])

    changes = schemes.load_seeds(session, now=LATER)

    assert changes == {"procedure_stage": 1}
    assert session.get(ProcedureStage, ("W_FY", 0, "OLD")) is not None
    assert session.get(ProcedureStage, ("W_FY", 1, "STRAY")) is None


def test_a_changed_scheme_is_set_right_and_recorded(session):
    session.execute(update(Scheme).where(Scheme.code == "S01").values(joint_departments=["D01"]))
    before = loads(session)

    changes = schemes.load_seeds(session, now=LATER)

    assert changes == {"scheme": 1}
    assert session.get(Scheme, "S01").joint_departments == ["D01", "D02", "D05", "D06", "D13"]
    assert loads(session) == before + 1


def test_members_only_some_schemes_have_are_kept_apart(session):
    assert set(session.get(Scheme, "S01").extra) == {"single_person_track", "consent"}
    assert session.get(Scheme, "S09").extra == {"signed_list": True, "certificate": "disability"}


def test_rows_of_nothing_but_a_key_are_inserted_once(session):
    rows = [{"zone_code": "Z01", "region_code": 210302002000}]

    assert synchronise(session, FunctionalZonePart, rows) == 1
    assert synchronise(session, FunctionalZonePart, rows) == 0
