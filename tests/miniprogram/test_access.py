"""Every route of the mini program × who asks: nobody, a stranger, another role, another's."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import event, select
from werkzeug.routing import Rule

from miniprogram_api.context import requires
from relief.accounts.types import Role
from relief.bindings.holding import KIND
from relief.bindings.models import HelperBinding, HouseholdBinding, HouseholdCode, MiniAccount
from relief.bindings.types import MiniRole
from relief.core.ids import new_id
from tests import factories
from tests.miniprogram.access_table import CLOSED, PUBLIC, TABLE, Line
from tests.support.phones import MiniPhone
from tests.support.settings import START

WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|COPY)\b", re.IGNORECASE)
ABSENT = str(uuid.UUID(int=12345))
ROLES = {"nobody": None, "household": MiniRole.HOUSEHOLD, "helper": MiniRole.HELPER}


@dataclass
class World:
    """A phone of each role, and things of others by their kind."""

    phones: dict[str, MiniPhone]
    others: dict[str, uuid.UUID]

    def able(self, line: Line) -> MiniPhone:
        return self.phones[line.role.value if line.role else "nobody"]

    def unable(self, line: Line) -> Iterator[MiniPhone]:
        for name, role in ROLES.items():
            if line.role is not None and role is not line.role:
                yield self.phones[name]


@pytest.fixture
def world(new_phone, session, cipher) -> World:
    """Three who agreed to the policy: one bound to nothing, a member and a helper."""
    phones = {name: new_phone() for name in ROLES}
    for phone in phones.values():
        assert phone.sign_in().status_code == 201
        phone.agree()
    ids = {
        name: session.scalars(
            select(MiniAccount.id).where(
                MiniAccount.openid_index == cipher.blind_index(KIND, phone.openid, key_id=1)
            )
        ).one()
        for name, phone in phones.items()
    }
    home, other = (factories.make_household(session, cipher) for _ in range(2))
    staff = factories.make_account(session, Role.HELPER, department="D01", region="210302000000")
    code = HouseholdCode(
        id=new_id(START),
        person_id=home.person_id,
        scene_hash=b"used",
        issued_by=staff.id,
        issued_at=START,
        expires_at=START,
        used_at=START,
    )
    session.add(code)
    session.flush()
    common = {"id": new_id(START), "bound_at": START}
    session.add_all(
        [
            HouseholdBinding(
                account_id=ids["household"], person_id=home.person_id, code_id=code.id, **common
            ),
            HelperBinding(account_id=ids["helper"], staff_id=staff.id, **common),
        ]
    )
    session.commit()
    return World(phones, {"household": other.id, "person": other.person_id})


def rules(app) -> list[tuple[str, Rule]]:
    return [
        (method, rule)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def send(phone: MiniPhone, method: str, rule: str, line: Line, ids=()):
    left = iter(ids)
    path = re.sub(r"<[^>]+>", lambda _: str(next(left)), rule).removeprefix("/mini/v1")
    return phone.call(method, path, json=line.body)


def test_every_route_stands_in_the_table(mini):
    routes = {(method, rule.rule) for method, rule in rules(mini)}

    assert routes == set(TABLE) | PUBLIC | CLOSED


def test_every_route_declares_what_the_table_says(mini):
    for method, rule in rules(mini):
        if (line := TABLE.get((method, rule.rule))) is None:
            continue
        view = mini.view_functions[rule.endpoint]
        declared = (view.mini_role, view.scope_kind, view.without_consent)
        assert declared == (line.role, line.scope, line.before_consent), rule.rule
        assert len(line.others) == len(rule.arguments), f"{rule.rule}: whose is it?"


def test_no_route_is_patched_and_none_leaves_its_folder(mini):
    for method, rule in rules(mini):
        assert method != "PATCH"
        assert rule.rule.startswith("/mini/") or (method, rule.rule) in PUBLIC | CLOSED


@pytest.mark.parametrize(("method", "path"), sorted({*TABLE, *CLOSED}))
def test_without_a_token_of_ours_nobody_gets_in(mini, signed_in, alice, method, path):
    url = re.sub(r"<[^>]+>", ABSENT, path)
    staff = signed_in(alice).environ_base["HTTP_AUTHORIZATION"]

    for token in ("", "Bearer nonsense", staff):
        answer = mini.test_client().open(url, method=method, headers={"Authorization": token})
        assert answer.status_code == 401, token


@pytest.mark.parametrize(("method", "path"), sorted(TABLE))
def test_before_consent_only_what_the_table_says_works(new_phone, method, path):
    phone, line = new_phone(), TABLE[method, path]
    phone.sign_in()

    answer = send(phone, method, path, line, [ABSENT] * len(line.others))

    if line.before_consent:
        assert answer.status_code in line.ok
    else:
        assert (answer.status_code, answer.json["code"]) == (403, "consent-missing")


@contextmanager
def written(session):
    """Collect the statements that change something."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        if WRITES.match(statement):
            sent.append(statement)

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(connection, "before_cursor_execute", note)


@pytest.mark.parametrize(("method", "path"), sorted(TABLE))
def test_who_has_the_role_is_served_and_another_is_not(world, session, method, path):
    line = TABLE[method, path]

    for phone in world.unable(line):
        answer = send(phone, method, path, line, [ABSENT] * len(line.others))
        assert (answer.status_code, answer.json["code"]) == (403, "role-missing")
    if line.others:
        for ids in ([ABSENT] * len(line.others), [world.others[kind] for kind in line.others]):
            with written(session) as statements:
                answer = send(world.able(line), method, path, line, ids)
            assert answer.status_code == 404
            assert statements == []
        return
    with written(session) as statements:
        answer = send(world.able(line), method, path, line)
    assert answer.status_code in line.ok, answer.text
    assert "Set-Cookie" not in answer.headers
    if method == "GET":
        assert statements == []


@pytest.fixture
def planted(mini):
    """A view for each role, and one that is not marked, before anybody asks."""
    for role in MiniRole:
        mini.add_url_rule(
            f"/mini/v1/{role}", role, requires(role, scope="household")(lambda: {"ok": True})
        )
    mini.add_url_rule("/mini/v1/unmarked", "unmarked", lambda: {"ok": True})
    return mini


def test_each_role_opens_its_own_and_a_view_without_a_mark_nobodys(planted, world):
    opened = {
        (name, role.value)
        for name, phone in world.phones.items()
        for role in MiniRole
        if phone.get(f"/{role}").status_code == 200
    }

    assert opened == {("household", "household"), ("helper", "helper")}
    assert {phone.get("/unmarked").status_code for phone in world.phones.values()} == {403}
    routes = {(method, rule.rule) for method, rule in rules(planted)}
    assert ("GET", "/mini/v1/unmarked") in routes - set(TABLE) - PUBLIC - CLOSED
