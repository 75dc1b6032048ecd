"""What the kinds of task do, and who hears of their end."""

import io
import threading
import uuid

import pytest
from sqlalchemy import select, update

from relief import wiring
from relief.jobs import notices
from relief.jobs.process import Pulse, unit_of_work_of
from relief.notifications.models import OutboxMessage
from relief.registry.intake import uploads
from relief.registry.merging import service as merging
from relief.registry.models import Household, ImportBatch, Person
from relief.registry.types import BatchStatus
from relief.tasks import service
from relief.tasks import worker as tasks
from relief.tasks.models import Task, TaskStatus
from tests.support.settings import START
from tests.support.source import number, send

FILE = (
    "低保证号,姓名,身份证号,发放月份,发放金额（元）,县（市）区\n"
    f"AS001,王小明,{number()},2026年10月,500.00,铁东区\n"
)


@pytest.fixture
def opened(app, session):
    """Open a savepoint on the test's own connection."""
    return unit_of_work_of(app)


def ended(
    session, *, by=None, status=TaskStatus.DONE, kind="import", result=None, **arguments
) -> Task:
    task = service.enqueue(session, kind=kind, key="1", arguments=arguments, actor_id=by, now=START)
    task.status, task.message, task.result = status, "文件不可读。", result
    session.flush()
    notices.tell_the_end(session, task, START)
    return task


def told(session) -> dict[uuid.UUID, OutboxMessage]:
    messages = session.scalars(select(OutboxMessage))
    return {message.recipient_id: message for message in messages}


@pytest.mark.parametrize(
    ("kind", "result", "title", "body", "link"),
    [
        (
            "import",
            {"status": "loaded", "batch": "b-1", "received": 9, "loaded": 7, "rejected": 2},
            "数据导入已完成",
            "收到 9 行，入库 7 行，退回 2 行。",
            "/batches/b-1",
        ),
        (
            "import",
            {"status": "repeated", "batch": None},
            "数据导入已完成",
            "这个文件此前已经导入，本次没有重复入库。",
            "/batches",
        ),
        (
            "merge",
            {"households": 3, "persons": 8},
            "数据归并已完成",
            "困难群众库已更新：共 3 户、8 人。",
            "/households",
        ),
        (
            "merge",
            {"whole": False, "households": 1, "persons": 2},
            "数据归并已完成",
            "困难群众库已更新：本次涉及 1 户、2 人。",
            "/households",
        ),
        ("other", {}, "后台任务已完成", "任务已处理完毕。", None),
    ],
)
def test_who_asked_hears_what_came_of_it(session, steward, kind, result, title, body, link):
    ended(session, by=steward.id, kind=kind, result=result)

    message = told(session)[steward.id]
    assert (message.title, message.body, message.link) == (title, body, link)


def test_who_asked_hears_why_it_failed(session, steward):
    ended(session, by=steward.id, status=TaskStatus.FAILED)

    assert told(session)[steward.id].body == "数据导入未成功：文件不可读。"


def test_uploaders_hear_of_a_merge_that_the_system_queued(session, alice, bob):
    ended(session, kind="merge", notify=[str(alice.id), str(bob.id)])

    assert told(session).keys() == {alice.id, bob.id}


def test_administrators_hear_of_a_failure_nobody_waits_for(session, system_admin):
    ended(session, kind="merge")
    assert told(session) == {}

    ended(session, kind="other", status=TaskStatus.FAILED)

    assert told(session)[system_admin.id].title == "后台任务未成功"


def test_a_merge_task_merges_what_was_loaded(app, session, clock, cipher, opened, steward):
    batch_id = send(session, cipher, "S01", {"name": "王小明", "number": number()}, now=START)
    task = service.enqueue(
        session,
        kind="merge",
        key="registry",
        arguments={"notify": [str(steward.id)]},
        actor_id=None,
        now=START,
    )
    session.commit()

    assert tasks.run_one(wiring.worker_of(app))

    session.expire_all()
    assert session.get_one(Task, task.id).status is TaskStatus.DONE
    assert session.get_one(Task, task.id).result["persons"] == 1
    assert session.get_one(ImportBatch, batch_id).status is BatchStatus.MERGED
    assert session.scalar(select(Household.id)) is not None
    assert told(session)[steward.id].title == "数据归并已完成"


def test_the_nightly_merge_says_what_others_had_missed(app, session, cipher, opened, caplog):
    send(session, cipher, "S01", {"name": "王小明", "number": number()}, now=START)
    merging.merge(session, cipher=cipher, actor_id=None, now=START)
    session.execute(update(Person).values(name="某某"))
    service.enqueue(
        session, kind="merge", key="registry", arguments={"whole": True}, actor_id=None, now=START
    )
    session.commit()

    assert tasks.run_one(wiring.worker_of(app))

    assert "merges of parts had missed something" in caplog.text
    assert session.scalar(select(Person.name)) == "王小明"


def test_an_uploaded_file_is_imported_and_then_merged(spare_app, steward):
    opened = unit_of_work_of(spare_app)
    config = spare_app.extensions["relief.config"]
    with opened() as session:
        upload = uploads.receive_upload(
            session,
            io.BytesIO(FILE.encode("gb18030")),
            file_name="低保.csv",
            scheme_code=None,
            actor_id=steward.id,
            cipher=config.cipher,
            storage=config.storage_dir,
            now=START,
        )
    worker = wiring.worker_of(spare_app)

    assert [tasks.run_one(worker) for _ in range(3)] == [True, True, False]

    with opened() as session:
        assert session.get_one(Task, upload.id).result["loaded"] == 1
        assert session.scalars(select(ImportBatch.status)).all() == [BatchStatus.MERGED]
        assert session.scalars(select(Person.name)).all() == ["王小明"]
        assert [message.title for message in session.scalars(select(OutboxMessage))] == [
            "数据导入已完成",
            "数据归并已完成",
        ]


@pytest.mark.parametrize("serve", [wiring.serve_worker, wiring.serve_scheduler])
def test_a_process_told_to_stop_before_it_began_ends(spare_app, serve):
    stop = threading.Event()
    stop.set()

    serve(spare_app, stop=stop, pulse=Pulse())


def test_every_kind_has_a_name_for_people():
    assert wiring.HANDLERS.keys() <= notices.NAMES.keys()


def test_the_stewards_hear_once_of_a_roll_that_is_held(session, steward, alice):
    held = [{"batch": "b-1", "file": "在册.xlsx", "removed": 30, "people": 90, "unread": 0}]

    ended(session, kind="merge", result={"held": held, "households": 1, "persons": 1})
    ended(session, kind="merge", result={"held": held, "households": 1, "persons": 1})

    message = told(session)[steward.id]
    assert message.title == "名册待确认"
    assert "“在册.xlsx”将使在册的 90 人中 30 人离开，没有生效" in message.body
    assert message.link == "/batches/b-1"
    assert set(told(session)) == {steward.id}
