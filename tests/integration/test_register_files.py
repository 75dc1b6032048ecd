"""Files of outside registers: in, told by headings, row by row, undone; and nobody is changed."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from relief.audit.models import AuditEvent
from relief.core.privacy import store
from relief.core.privacy.models import SecretKind, SecretValue
from relief.registers import batches, queries
from relief.registers.intake import child, service
from relief.registers.intake.errors import RegisterBatchNotFound, RegisterBatchNotLive
from relief.registers.models import RegisterBatch, StoredEntry
from relief.registers.types import Content, Register, RegisterBatchStatus, State, VehicleKind
from relief.registry.intake import reading
from relief.registry.models import ImportBatch, Person, SourceIdentity
from tests import factories
from tests.support.register_files import DAY, write
from tests.support.settings import CIPHER, START
from tests.support.source import number

TODAY = START.date()
CAR = {
    "thing": "辽C12345", "kind": "小型轿车", "amount": "70,000.00",
    "from_on": "2024-05-06", "state": "正常",
}  # fmt: skip


def in_this_process(_module, job, **_limits):
    return child.run(json.loads(json.dumps(job)))


@pytest.fixture
def home(session):
    return factories.make_household(session, CIPHER)


@pytest.fixture
def take(session, tmp_path):
    """`take(path)`: import a file."""

    def taken(path, register=None, now=START, read=in_this_process, **more):
        return service.import_file(
            session, path, register=register, actor_id=None, cipher=CIPHER,
            storage=tmp_path / "storage", now=now, read=read, **more,
        )  # fmt: skip

    return taken


def of(session, home, register, on=TODAY):
    return queries.entries(session, [register], [home.person_id], on=on).get(home.person_id, [])


def test_a_file_is_told_by_its_headings_and_its_rows_are_found_by_number(
    session, home, take, tmp_path
):
    path = write(tmp_path, Register.VEHICLES, CAR | {"number": home.citizen_id})
    report = take(path, read=reading.run_child)  # as in production, in a process of its own

    [car] = of(session, home, Register.VEHICLES)
    assert (report.status, report.received, report.loaded) == (RegisterBatchStatus.LOADED, 1, 1)
    assert (car.kind, car.value_fen, car.from_on) == (
        VehicleKind.PASSENGER_CAR, 7_000_000, date(2024, 5, 6),
    )  # fmt: skip
    assert (car.data_on, car.batch_id) == (DAY, report.batch_id)


def test_every_register_is_read_from_its_own_layout(session, home, take, tmp_path):
    wife = number(date(1981, 5, 6), 2)
    mine = {"number": home.citizen_id}
    rows = {
        Register.FISCAL_STAFF: {"place": "某中学", "from_on": "2001-09-01", "state": "在职",
                                "amount": "6500"},
        Register.CADRES: {"place": "解放村村委会", "from_on": "2021.03.01", "county": "铁东区"},
        Register.VEHICLES: CAR,
        Register.REAL_ESTATE: {"thing": "辽2020第1号", "group": "2103020010", "kind": "住宅",
                               "area": "89.5", "from_on": "2020/07/08", "state": "现势"},
        Register.BUSINESSES: {"thing": "92210302MA0", "place": "某小卖部", "kind": "经营者",
                              "from_on": "2019-01-02", "state": "存续", "amount": "120000"},
        Register.PROVIDENT_FUND: {"thing": "G1", "amount": "4000", "from_on": "202001",
                                  "to_on": "202610", "state": "正常"},
        Register.SOCIAL_INSURANCE: {"kind": "企业职工基本养老保险", "place": "某厂",
                                    "amount": "4000", "from_on": "202001", "to_on": "202610",
                                    "state": "正常参保"},
        Register.PENSIONS: {"kind": "企业职工养老", "amount": "2300.50", "from_on": "2020-01-01",
                            "state": "正常发放"},
        Register.BALANCES: {"place": "某银行", "kind": "银行存款", "account": "6299990000000018",
                            "amount": "80000", "from_on": "2026-10-01"},
        Register.DEATHS: {"kind": "火化登记", "from_on": "2026-09-09"},
        Register.HOUSEHOLD_REGISTER: {"group": "0012", "relation": "户主"},
        Register.MARRIAGES: {"thing": "J1", "other_name": "李四", "other_number": wife,
                             "from_on": "2010-10-10"},
        Register.DISABILITY_CERTIFICATES: {"certificate": f"{home.citizen_id}42B1",
                                           "from_on": "2020-01-01", "to_on": "2030-01-01",
                                           "state": "有效"},
        Register.DISASTER_VICTIMS: {"group": "2026-0803", "place": "洪涝", "from_on": "2026-08-03",
                                    "amount": "12000", "kind": "自救困难", "state": "已核定"},
        Register.MONITORED_HOUSEHOLDS: {"group": "J1", "kind": "边缘易致贫户", "place": "因病",
                                        "from_on": "2026-10-12", "state": "监测中"},
    }  # fmt: skip
    for register, row in rows.items():
        report = take(write(tmp_path, register, row | mine))
        assert (report.register, report.loaded) == (register, 1)

    found = queries.entries(session, list(Register), [home.person_id], on=TODAY)[home.person_id]
    one = {entry.register: entry for entry in found}

    assert len(found) == len(Register)
    assert {entry.state for entry in found} == {State.VALID}
    assert one[Register.FISCAL_STAFF].employer == "某中学"
    assert one[Register.CADRES].region_code == 210302000000
    assert one[Register.REAL_ESTATE].area_dm2 == 8_950
    assert one[Register.BUSINESSES].turnover_fen == 12_000_000
    assert one[Register.PROVIDENT_FUND].paid_to == date(2026, 10, 1)
    assert one[Register.SOCIAL_INSURANCE].base_fen == 400_000
    assert one[Register.PENSIONS].amount_fen == 230_050
    assert one[Register.BALANCES].balance_fen == 8_000_000
    assert one[Register.DEATHS].died_on == date(2026, 9, 9)
    assert one[Register.HOUSEHOLD_REGISTER].relation == "02"
    assert one[Register.MARRIAGES].spouse_name == "李四"
    certificate = one[Register.DISABILITY_CERTIFICATES]
    assert (certificate.number_agrees, certificate.kind, certificate.grade) == (True, "4", "2")
    assert certificate.to_on == date(2030, 1, 1)
    victim, watched = one[Register.DISASTER_VICTIMS], one[Register.MONITORED_HOUSEHOLDS]
    assert (victim.event, victim.happened_on, victim.loss_fen, victim.self_help) == (
        "洪涝", date(2026, 8, 3), 1_200_000, "unable",
    )  # fmt: skip
    assert (watched.kind, watched.risk, watched.found_on, watched.to_on) == (
        "marginal", "因病", date(2026, 10, 12), None,
    )  # fmt: skip
    assert None not in {victim.event_id, watched.monitored_id}


def test_a_marriage_is_of_both_spouses(session, home, take, tmp_path):
    husband = number(date(1979, 5, 6), 3)
    row = {"thing": "J1", "other_name": "李四", "from_on": "2010-10-10", "to_on": "2020-02-02"}
    take(write(tmp_path, Register.MARRIAGES, row | {"number": husband,
                                                    "other_number": home.citizen_id}))  # fmt: skip

    [marriage] = of(session, home, Register.MARRIAGES)

    assert (marriage.name, marriage.spouse_name) == ("李四", "张三")
    assert (marriage.state, marriage.to_on) == (State.ENDED, date(2020, 2, 2))
    assert marriage.spouse_person_id is None


def test_a_bad_row_is_sent_back_with_its_reason_and_the_others_are_loaded(
    session, home, take, tmp_path
):
    good = CAR | {"number": home.citizen_id}
    mistyped = home.citizen_id[:-1] + ("1" if home.citizen_id[-1] != "1" else "2")
    report = take(
        write(
            tmp_path, Register.VEHICLES,
            good,
            good | {"number": mistyped, "thing": "辽C2"},
            good | {"number": "", "thing": "辽C3"},
            good | {"kind": "飞机", "thing": "辽C4"},
            good | {"number": "2.1030219800304E+17", "thing": "辽C5"},
            good | {"from_on": "2027-01-01", "thing": "辽C6"},
            good,
            after=[["2026-10-31", "辽C7"]],
        )
    )  # fmt: skip

    assert (report.received, report.loaded, report.rejected) == (8, 1, 7)
    told = [(row.row_number, row.code) for row in batches.rejected(session, report.batch_id)]
    assert told == [
        (3, "unreadable_value"), (4, "missing_value"), (5, "unreadable_value"),
        (6, "lost_digits"), (7, "unreadable_value"), (8, "repeated_entry"), (9, "cell_count"),
    ]  # fmt: skip


def test_a_line_of_totals_is_no_row_and_must_agree(session, home, take, tmp_path):
    row = CAR | {"number": home.citizen_id}
    width = ["", "", "", "", "", "", "", "", ""][: len(CAR) + 2]
    right = write(tmp_path, Register.VEHICLES, row, after=[["合计：共1条", *width[1:]]])
    wrong = write(
        tmp_path, Register.VEHICLES, row, after=[["合计：共2条"]], name="wrong.csv"
    )  # fmt: skip

    assert take(right).loaded == 1
    assert "共 2 条" in take(wrong).fault


def test_a_file_of_another_kind_or_without_a_day_is_refused_whole(session, home, take, tmp_path):
    row = CAR | {"number": home.citizen_id}
    other = take(write(tmp_path, Register.VEHICLES, row), Register.DEATHS)
    empty = take(write(tmp_path, Register.VEHICLES))
    two = take(
        write(
            tmp_path, Register.VEHICLES,
            row, row | {"thing": "辽C2", "data_on": "2026-10-01"},
        )
    )  # fmt: skip
    short = take(write(tmp_path, Register.VEHICLES, row), expected_rows=2)

    # Said of a register, it is recorded as of that.
    assert (other.register, other.status) == (Register.DEATHS, RegisterBatchStatus.FAILED)
    assert "缺少必需的列" in other.fault
    assert "数据日期" in empty.fault
    assert "2 个不同的日期" in two.fault
    assert "实际有 1 行" in short.fault
    assert session.scalar(select(func.count()).select_from(StoredEntry)) == 0
    assert {one.status for one in batches.newest(session, limit=9)} == {RegisterBatchStatus.FAILED}


def test_a_change_file_changes_what_it_names_and_may_delete(session, home, take, tmp_path):
    mine = CAR | {"number": home.citizen_id}
    take(write(tmp_path, Register.VEHICLES, mine, mine | {"thing": "辽C2"}))
    change = {"content": Content.CHANGES, "day": date(2026, 11, 10)}
    report = take(
        write(
            tmp_path, Register.VEHICLES,
            mine | {"action": "变更", "state": "注销", "to_on": "2026-11-09"},
            mine | {"action": "删除", "thing": "辽C2"},
            **change,
        )
    )  # fmt: skip

    assert report.content is Content.CHANGES
    [left] = of(session, home, Register.VEHICLES)
    assert (left.state, left.to_on) == (State.ENDED, date(2026, 11, 9))
    assert len(of(session, home, Register.VEHICLES, on=date(2026, 11, 9))) == 2


def test_an_undone_batch_says_nothing_and_may_be_sent_again(session, home, take, tmp_path):
    path = write(tmp_path, Register.VEHICLES, CAR | {"number": home.citizen_id})
    report = take(path)
    again = take(path)
    assert (again.status, again.rejected) == (RegisterBatchStatus.REPEATED, 1)

    service.undo(session, batch_id=report.batch_id, actor_id=None, now=START)

    assert of(session, home, Register.VEHICLES) == []
    with pytest.raises(RegisterBatchNotLive):
        service.undo(session, batch_id=report.batch_id, actor_id=None, now=START)
    with pytest.raises(RegisterBatchNotFound):
        service.undo(session, batch_id=home.person_id, actor_id=None, now=START)
    assert take(path, now=START + timedelta(1)).status is RegisterBatchStatus.LOADED


def test_nothing_of_the_registry_is_touched_and_each_act_is_audited(session, home, take, tmp_path):
    def registry():
        return [
            session.scalar(select(func.count()).select_from(model))
            for model in (Person, ImportBatch, SourceIdentity)
        ]

    before = registry()
    report = take(
        write(
            tmp_path, Register.DEATHS,
            {"kind": "火化登记", "from_on": "2026-09-09", "number": home.citizen_id},
        )
    )  # fmt: skip
    service.undo(session, batch_id=report.batch_id, actor_id=None, now=START)

    assert registry() == before
    assert session.get_one(Person, home.person_id).died_on is None
    audited = session.scalars(
        select(AuditEvent.action).where(AuditEvent.subject_id == report.batch_id)
    ).all()
    assert audited == ["register_batch:loaded", "register_batch:undone"]


def test_numbers_plates_and_accounts_are_stored_sealed_and_once(session, home, take, tmp_path):
    known = session.get_one(Person, home.person_id).citizen_id
    take(write(tmp_path, Register.VEHICLES, CAR | {"number": home.citizen_id}))

    entry = session.scalars(select(StoredEntry)).one()
    plain = store.reveal(session, CIPHER, [entry.entry_key_id])

    assert entry.number_id == known
    assert plain == {entry.entry_key_id: "vehicles|辽C12345"}
    kinds = session.scalars(select(SecretValue.kind).where(SecretValue.id == entry.entry_key_id))
    assert kinds.all() == [SecretKind.REGISTER_KEY]


def test_what_came_in_before_a_file_was_read_is_seen_under_the_lock(
    session, home, take, tmp_path, monkeypatch
):
    path = write(tmp_path, Register.VEHICLES, CAR | {"number": home.citizen_id})
    real = service.locks.hold

    def meanwhile(held, name):
        monkeypatch.setattr(service.locks, "hold", real)
        take(path)
        real(held, name)

    monkeypatch.setattr(service.locks, "hold", meanwhile)

    assert take(path).status is RegisterBatchStatus.REPEATED
    assert session.scalar(select(func.count()).select_from(RegisterBatch)) == 2
