"""What is published is read with who and when, and is never changed."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from relief.schemes.drafting import queries, service
from relief.schemes.errors import ProcedureNotFound
from tests.support.drafting import TODAY, admin, edit, publish, with_limit
from tests.support.settings import START

CODE = "W_STD20"
OF_VERSION = "WHERE code = 'W_STD20' AND version = 2"
OF_STAGES = "WHERE procedure_code = 'W_STD20' AND procedure_version = 2"
ADD = (
    "INSERT INTO procedure_stage SELECT (jsonb_populate_record(s, jsonb_build_object("
    "'code', 'MORE', 'position', 99))).* FROM procedure_stage s"
)


@pytest.fixture
def editor(session):
    return admin(session)


@pytest.fixture
def draft(session, editor):
    return service.begin(session, code=CODE, actor_id=editor, now=START)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ("UPDATE procedure SET total_limit = 90", OF_VERSION),
        ("DELETE FROM procedure", OF_VERSION),
        ("UPDATE procedure_stage SET note = ''", OF_STAGES),
        (
            "UPDATE procedure_stage SET procedure_code = 'W_STD20', procedure_version = 2",
            "WHERE procedure_code = 'W_FY'",
        ),
        ("DELETE FROM procedure_stage", OF_STAGES),
        (ADD, f"{OF_STAGES} AND code = 'MATCH'"),
        ("UPDATE procedure SET origin = 'console'", "WHERE code = 'W_FY'"),
        ("UPDATE procedure_draft SET content = '{}'", ""),
        ("DELETE FROM procedure_draft", ""),
    ],
)
def test_what_is_published_is_never_changed(session, change, where):
    publish(session)

    with pytest.raises(IntegrityError) as refused, session.begin_nested():
        session.execute(text(f"{change} {where}"))

    assert refused.value.orig.sqlstate == "23001"


def test_who_and_when_is_read_in_the_history(session, editor):
    publish(session)
    later = START + timedelta(minutes=1)
    again = service.begin(session, code=CODE, actor_id=editor, now=later)

    found = queries.history(session, code=CODE, on=TODAY, reader_id=editor)

    assert [(one.version, one.in_force, one.origin) for one in found.versions] == [
        (2, False, "console"), (1, True, "seeds"),
    ]  # fmt: skip
    newest = found.versions[0]
    assert (newest.proposed_by, newest.signed_by, newest.published_at) == (
        "张起草",
        "李签署",
        START,
    )
    assert [one.status for one in found.drafts] == ["open", "published"]
    assert found.procedure.draft.id == again
    told = queries.version_detail(session, code=CODE, version=2, on=TODAY)
    assert (told.before, [one.code for one in told.difference.stages]) == (1, ["MATCH"])
    assert queries.version_detail(session, code=CODE, version=1, on=TODAY).difference is None
    for code, version in ((CODE, 3), ("W_NONE", 1)):
        with pytest.raises(ProcedureNotFound):
            queries.version_detail(session, code=code, version=version, on=TODAY)


def test_all_procedures_are_listed_in_three_queries(session, draft, editor, assert_queries):
    session.flush()

    with assert_queries(3):
        rows = queries.procedures(session, on=TODAY, reader_id=editor)

    assert len(rows) == 12
    [mine] = [one for one in rows if one.draft]
    assert (mine.code, mine.in_force, mine.versions, mine.draft.id) == (CODE, 1, 1, draft)
    assert ("S11", "高龄失能补贴") in mine.schemes


def test_before_the_first_version_none_is_in_force(session, editor):
    row = queries.procedures(session, on=date(2025, 1, 1), reader_id=editor)[0]

    assert (row.in_force, row.versions) == (None, 1)


def test_a_draft_is_read_in_a_few_queries(session, draft, editor, assert_queries):
    edit(session, draft, with_limit("MATCH", 2), by=editor)
    session.flush()

    with assert_queries(16):
        queries.draft_detail(session, draft_id=draft, on=TODAY, reader_id=editor)
