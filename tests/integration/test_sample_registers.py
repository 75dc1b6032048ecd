"""The sample's registers: all of it is taken in, and what was planted is told of whom it was."""

import csv
from collections import defaultdict
from datetime import date

import pytest
from sqlalchemy import select

from devtools.sample import generate
from relief.core.privacy import store
from relief.core.privacy.models import SecretKind
from relief.core.progress import silent
from relief.registers import queries
from relief.registers.intake import child, service
from relief.registers.models import StoredEntry
from relief.registers.types import (
    AssetKind,
    HouseUse,
    PensionKind,
    Register,
    RegisterBatchStatus,
    State,
    VehicleKind,
)
from relief.registry.models import Person
from relief.review.checks import kinship
from relief.schemes import queries as schemes
from tests import factories
from tests.integration.test_checks_look import codes, make_home, open_case
from tests.support.people import CITY
from tests.support.settings import CIPHER, START

TODAY = START.date()
PENSIONS_PROPER = {PensionKind.EMPLOYEE, PensionKind.OFFICE, PensionKind.RESIDENT}
HALF_A_YEAR_AGO, TWO_YEARS_AGO = date(2026, 5, 1), date(2024, 11, 23)


@pytest.fixture(scope="module")
def village(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    return folder, generate(folder, households=400, records=9_000, seed=5, progress=silent)


def table(path):
    delimiter = "\t" if path.suffix == ".tsv" else ","
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def of(kind, found):
    return [one for one in found if one.register is kind]


def valid(kind, found):
    return [one for one in of(kind, found) if one.state is State.VALID]


def houses(found):
    own = [one for one in valid(Register.REAL_ESTATE, found) if one.use is HouseUse.DWELLING]
    return len(own) > 1 or any(one.from_on >= TWO_YEARS_AGO for one in own)


def paying(found):
    both = [*valid(Register.PROVIDENT_FUND, found), *valid(Register.SOCIAL_INSURANCE, found)]
    return any(one.paid_to >= HALF_A_YEAR_AGO for one in both)


def assets(found):
    kinds = {AssetKind.DEPOSIT, AssetKind.SECURITIES}
    held = [one for one in of(Register.BALANCES, found) if one.kind in kinds]
    return sum(one.balance_fen for one in held) > 20_000_000


def bad_certificate(found):
    return any(
        not one.number_agrees
        or one.kind not in "1234567"
        or one.grade not in "1234"
        or one.state is not State.VALID
        for one in of(Register.DISABILITY_CERTIFICATES, found)
    )


# What each rule asks of what is told of one person.
ASKED = {
    "A03": lambda found: bool(of(Register.DEATHS, found)),
    "A11": lambda found: bool(valid(Register.FISCAL_STAFF, found)),
    "A13": lambda found: any(
        one.kind is VehicleKind.PASSENGER_CAR for one in valid(Register.VEHICLES, found)
    ),
    "A14": houses,
    "A15": lambda found: bool(valid(Register.BUSINESSES, found)),
    "A16": paying,
    "A17": lambda found: any(
        one.kind in PENSIONS_PROPER for one in valid(Register.PENSIONS, found)
    ),
    "A18": assets,
    "A21": bad_certificate,
}


KIN_RULES = {"A09", "A12"}  # what they ask of two people, and of a place


@pytest.fixture
def clerk(session):
    return factories.make_account(session, None, department="D01", region=CITY)


@pytest.fixture
def taken(session, village, tmp_path):
    """The reports of all the files."""
    folder, report = village
    return [
        service.import_file(
            session, folder / "registers" / name, register=None, actor_id=None, cipher=CIPHER,
            storage=tmp_path / "storage", now=START, read=lambda _module, job, **_: child.run(job),
        )
        for name in report.registers
    ]  # fmt: skip


def kept_numbers(session, people):
    """Person of the sample → their number as it is kept."""
    numbers = [one["citizen_id"] for one in people]
    stored = store.put_many(session, CIPHER, SecretKind.CITIZEN_ID, numbers, now=START)
    return {one["person_id"]: stored[one["citizen_id"]] for one in people}


def told(session, people):
    """Person of the sample → what the registers say of their number."""
    kept = kept_numbers(session, people)
    found = queries.entries_of_numbers(session, list(Register), list(kept.values()), on=TODAY)
    return {person: found.get(number, []) for person, number in kept.items()}


def test_what_is_planted_is_found_and_nothing_else(session, village, taken):
    folder, report = village
    assert {one.status for one in taken} == {RegisterBatchStatus.LOADED}
    assert {one.register for one in taken} == set(Register)
    assert [one.rejected for one in taken] == [0] * len(Register)
    assert [one.loaded for one in taken] == list(report.registers.values())

    people = [one for one in table(folder / "people.tsv") if not one["died_on"]]
    plan = table(folder / "registers" / "planted.csv")
    planted = defaultdict(set)
    near = defaultdict(set)
    for row in plan:
        (planted if row["kind"] == "planted" else near)[row["rule"]].add(row["person_id"])
    of_person = told(session, people)

    hits = {
        rule: {person for person, found in of_person.items() if asks(found)}
        for rule, asks in ASKED.items()
    }
    assert hits == {rule: planted[rule] for rule in ASKED}
    assert all(near[rule] and planted[rule] for rule in ASKED)
    _spouses_and_accounts(session, plan, planted, near, of_person)


def _spouses_and_accounts(session, plan, planted, near, of_person):
    """What a rule asks of two: a spouse whom the sample's lists do not know; whose account."""
    known = {one.number_id for found in of_person.values() for one in found}
    strangers = {
        person
        for person, found in of_person.items()
        for one in valid(Register.MARRIAGES, found)
        if one.spouse_number_id not in known
    }
    assert strangers == planted["A08"]
    assert near["A08"]
    assert not near["A08"] & strangers

    rows = {(row["case"], row["file"]): row["rows"] for row in plan if row["rule"] == "A22"}
    holders = {
        str(one.row_number): one.number_id
        for one in session.scalars(
            select(StoredEntry).where(StoredEntry.register == Register.BALANCES)
        )
    }
    whose = {
        case.rpartition("-")[0]: holders[number] in known for (case, _), number in rows.items()
    }
    assert whose == {"account_of_other": False, "own_account": True}


def families_of_cadres(session, people):
    """Rule → households in whose booklet a cadre stands, and those of whose township's kin."""
    posts, booklets = {}, defaultdict(dict)
    for one in session.scalars(select(StoredEntry).where(StoredEntry.state == State.VALID)):
        if one.register is Register.CADRES:
            posts[one.number_id] = one.region_code // 1000
        elif one.register is Register.HOUSEHOLD_REGISTER:
            booklets[one.group_id][one.number_id] = one.relation
    kept, circle = kept_numbers(session, people), schemes.kin_circle(session, on=TODAY)
    homes = defaultdict(set)
    for one in people:
        homes[one["household_id"], int(one["village_code"]) // 1000].add(kept[one["person_id"]])
    group_of = {number: group for group in booklets.values() for number in group}
    pairs = [
        (home, number, group_of[number], other)
        for home, own in homes.items()
        for number in own
        for other in posts.keys() & group_of[number]
        if other == number or other not in own
    ]
    return {
        "A12": {household for (household, _), *_ in pairs},
        "A09": {
            household
            for (household, township), number, group, other in pairs
            if posts[other] == township
            and kinship.between(group[number], group[other]) in circle
            and other != number
        },
    }


def test_families_of_cadres_are_found_and_what_looks_alike_is_not(session, village, taken, clerk):
    assert taken
    folder, _ = village
    people = [one for one in table(folder / "people.tsv") if not one["died_on"]]
    plan = [row for row in table(folder / "registers" / "planted.csv") if row["rule"] in KIN_RULES]
    planted, wanted = {rule: set() for rule in KIN_RULES}, defaultdict(set)
    for row in plan:
        wanted[row["person_id"]] |= {row["rule"]} if row["kind"] == "planted" else set()
        if row["kind"] == "planted":
            planted[row["rule"]].add(row["household_id"])
    near = {rule: {x["case"] for x in plan if x["rule"] == rule} for rule in KIN_RULES}
    assert (len(near["A09"]), len(near["A12"])) == (5, 9)

    assert families_of_cadres(session, people) == planted

    # And by the checks themselves, of a case of each.
    kept = kept_numbers(session, people)
    found = {}
    for one in (one for one in people if one["person_id"] in wanted):
        home = make_home(
            session, name=one["name"], region=int(one["village_code"]),
            born_on=date.fromisoformat(one["born_on"]),
        )  # fmt: skip
        session.get_one(Person, home.person_id).citizen_id = kept[one["person_id"]]
        case = open_case(session, home, clerk)
        found[one["person_id"]] = {code for code, _ in codes(session, case)} & KIN_RULES
    assert found == wanted


def test_everyone_alive_stands_in_a_booklet_with_whom_they_live(session, village, taken):
    assert taken
    folder, _ = village
    people = [one for one in table(folder / "people.tsv") if not one["died_on"]]

    of_person = told(session, people)

    homes = defaultdict(set)
    for one in people:
        [stands] = of(Register.HOUSEHOLD_REGISTER, of_person[one["person_id"]])
        homes[one["household_id"]].add(stands.booklet_id)
    assert {len(booklets) for booklets in homes.values()} == {1}
    assert len(set().union(*homes.values())) == len(homes)
