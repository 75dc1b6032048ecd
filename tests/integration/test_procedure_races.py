"""Two who work on one draft at a moment, and seeds that run again after a version was published."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

from relief.accounts.types import Role
from relief.cli.setup import say_kept
from relief.core.db import db, unit_of_work
from relief.core.errors import Conflict
from relief.organisation.seeding import read_catalogue
from relief.schemes import queries as schemes
from relief.schemes import seeding
from relief.schemes.drafting import service
from relief.schemes.drafting.models import ProcedureDraft
from relief.schemes.errors import UnsoundCatalogue
from relief.schemes.models import ProcedureStage
from relief.schemes.types import Origin
from tests.support.drafting import LATER, admin, edit, propose, publish, with_limit
from tests.support.settings import START
from tests.support.waiting import at_once

MANY = 6
AGAIN = START + timedelta(hours=1)


@pytest.fixture
def inside(spare_app):
    """`inside(work)`: do it in a unit of work of its own, in this thread."""

    def do(work):
        with spare_app.app_context():
            try:
                with unit_of_work() as session:
                    return work(session)
            finally:
                db.session.remove()

    return do


def all_try(inside, work):
    """Let many do it at once; return what they got, and who was told no."""
    done, late, lock = [], [], threading.Lock()

    def one(place):
        try:
            got = inside(lambda session: work(session, place))
        except Conflict as error:
            with lock:
                late.append(error.code)
        else:
            with lock:
                done.append(got)

    at_once(one, threads=MANY)
    return done, late


def test_many_begin_a_draft_and_one_is_there(inside):
    editor = inside(admin)

    done, late = all_try(
        inside,
        lambda session, _: service.begin(session, code="W_GX", actor_id=editor, now=START),
    )

    assert len(done) == 1
    assert late == ["procedure-draft-exists"] * (MANY - 1)


def test_of_many_who_edit_the_same_version_one_saves(inside):
    editor = inside(admin)
    draft = inside(lambda session: service.begin(session, code="W_TK", actor_id=editor, now=START))

    def save(session, place):
        service.edit(
            session, draft_id=draft, version=1, change=with_limit("INV", 5 + place),
            actor_id=editor, now=START,
        )  # fmt: skip
        return 5 + place

    done, late = all_try(inside, save)

    [limit] = done
    assert late == ["procedure-draft-edited-meanwhile"] * (MANY - 1)

    def kept(session):
        row = session.get(ProcedureDraft, draft)
        return row.version, [one["limit"] for one in row.content["stages"] if one["code"] == "INV"]

    assert inside(kept) == (2, [limit])


def test_of_many_who_sign_one_publishes(inside):
    editor = inside(admin)
    signers = [inside(lambda session: admin(session, Role.SECURITY_ADMIN)) for _ in range(MANY)]

    def ready(session):
        draft = service.begin(session, code="W_CHILD", actor_id=editor, now=START)
        edit(session, draft, with_limit("CHECK", 14), by=editor)
        digest = propose(session, draft, by=editor)
        return draft, digest, session.get(ProcedureDraft, draft).version

    draft, digest, version = inside(ready)

    done, late = all_try(
        inside,
        lambda session, place: service.publish(
            session, draft_id=draft, version=version, digest=digest, actor_id=signers[place],
            now=START,
        ),
    )  # fmt: skip

    assert done == [2]
    assert late == ["procedure-draft-closed"] * (MANY - 1)

    def count(session):
        return session.scalar(
            select(func.count())
            .select_from(ProcedureStage)
            .where(
                ProcedureStage.procedure_code == "W_CHILD", ProcedureStage.procedure_version == 2
            )
        )

    assert inside(count) == 4


def test_the_seeds_run_again_and_what_was_published_is_as_it_was(session, caplog):
    publish(session)
    before = schemes.procedure(session, code="W_STD20", on=LATER)
    words = [(one.code, one.limit) for one in before.stages]

    assert seeding.load_seeds(session, now=AGAIN) == {}

    after = schemes.procedure(session, code="W_STD20", on=LATER)
    assert (after.procedure.version, after.procedure.origin) == (2, Origin.CONSOLE)
    assert [(one.code, one.limit) for one in after.stages] == words
    [told] = [one for one in caplog.records if one.message.startswith("procedure of the seeds")]
    assert told.procedure == "W_STD20"


def test_setup_says_which_procedures_the_seeds_no_longer_say(inside, spare_database_url, capsys):
    inside(lambda session: publish(session, "W_FY", change=with_limit("REVIEW", 6)))

    say_kept(spare_database_url)

    said = capsys.readouterr().out
    assert "办理流程 W_FY 法律援助 已在控制台发布第 2 版（2026-12-03 起施行）" in said
    assert "种子文件中的该流程没有装入" in said


def changed_seeds(monkeypatch, **change):
    """Let the seeds say something else of the default procedure."""
    catalogue = read_catalogue()
    catalogue["procedures"]["W_STD20"] |= change
    monkeypatch.setattr(seeding, "read_catalogue", lambda: catalogue)


@pytest.mark.parametrize("version", [2, 3])
def test_a_later_version_of_the_seeds_does_not_take_over(session, monkeypatch, version):
    publish(session)
    day = LATER + timedelta(days=5)
    changed_seeds(monkeypatch, version=version, valid_from=day, zh="种子的新版")

    assert seeding.load_seeds(session, now=AGAIN) == {}

    found = schemes.procedure(session, code="W_STD20", on=day).procedure
    assert (found.version, found.name) == (2, "一般事项联审（默认）")


def test_without_a_version_of_the_console_the_seeds_go_on(session, monkeypatch):
    changed_seeds(monkeypatch, version=2, valid_from=LATER)

    assert seeding.load_seeds(session, now=AGAIN) == {"procedure": 1, "procedure_stage": 5}
    found = schemes.procedure(session, code="W_STD20", on=LATER).procedure
    assert (found.version, found.origin) == (2, Origin.SEEDS)


def test_seeds_that_make_a_published_version_unsound_are_refused(session, monkeypatch):
    publish(session)
    catalogue = read_catalogue()
    for owner in catalogue["owners"]:
        if owner["code"] == "lead_department":
            owner["levels"] = []
    monkeypatch.setattr(seeding, "read_catalogue", lambda: catalogue)

    with pytest.raises(UnsoundCatalogue, match=r"主办部门.*没有级别"):
        seeding.load_seeds(session, now=AGAIN)


def test_seeds_without_any_procedure_of_theirs_are_loaded(session, monkeypatch):
    publish(session)
    catalogue = read_catalogue()
    catalogue["procedures"] = {"W_STD20": catalogue["procedures"]["W_STD20"]}
    monkeypatch.setattr(seeding, "read_catalogue", lambda: catalogue)

    assert seeding.load_seeds(session, now=AGAIN) == {}


def test_a_begun_version_of_the_seeds_is_still_pruned_of_strays(session):
    session.execute(
        delete(ProcedureStage).where(
            ProcedureStage.procedure_code == "W_FY", ProcedureStage.code == "ASSIGN"
        )
    )

    assert seeding.load_seeds(session, now=AGAIN) == {"procedure_stage": 1}
