"""Walks the URL map: every route × method × person × {own, same county, other county, wrong
department, absent}, and compares with `access_table`."""

import hashlib
import hmac
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from relief.accounts import grants, identity, sign_in
from relief.accounts.models import StaffSession
from relief.accounts.types import GrantKind, Role
from relief.audit import grounds
from relief.audit.models import GroundKind
from relief.core.ids import new_id
from relief.core.privacy.cipher import Cipher
from relief.visits import coverage
from tests import factories
from tests.api import (
    access_helpers,
    access_news,
    access_procedures,
    access_referrals,
    access_registers,
    access_rosters,
    access_rows,
)
from tests.api.access_changes import fingerprint, written
from tests.api.access_looks import LOOKS
from tests.api.access_table import PUBLIC
from tests.api.access_who import ACTORS, CASES, Line, expected, sees
from tests.support.settings import START

VILLAGES = {  # two of 铁东区, one of 铁西区
    "own": 210302002001,
    "same_county": 210302003001,
    "other_county": 210303001001,
    "wrong_department": 210302002001,
}
SCHEMES = {"wrong_department": ("S23",)}  # nothing of housing (D04); civil affairs sees it still
HERS = ("S01", "S21")
KINDS = (
    *("household", "person", "request", "batch", "review", "act"),
    *("event", "case", "paper", "payee", "mandate", "rise", "enclosure"),
    *("helper", "assignment", "referral", "signed_list"),
)
IN_ADDRESS = frozenset({"nothing", "scheme", "procedure"})  # no object is made for them
FILLED = {
    "role": "reviewer", "code": "210303000000", "scheme": "S21", "stage": "ACCEPT",
    "finding_id": str(uuid.UUID(int=54321)), "procedure": "W_DB30", "version": "2",
    "objection_id": str(uuid.UUID(int=54321)), "register": "vehicles", "number": "1",
}  # fmt: skip
LOOK = "INSERT INTO audit_event"


@dataclass
class World:
    """Objects of each kind by case, and a session for each person."""

    app: Flask
    connection: Connection
    objects: dict[str, dict[str, uuid.UUID]] = field(default_factory=dict)
    tokens: dict[tuple[str, str], str] = field(default_factory=dict)
    accounts: dict[str, uuid.UUID] = field(default_factory=dict)
    tasks: dict[str, uuid.UUID] = field(default_factory=dict)
    messages: dict[str, uuid.UUID] = field(default_factory=dict)
    sessions: dict[str, uuid.UUID] = field(default_factory=dict)
    exports: dict[str, uuid.UUID] = field(default_factory=dict)
    decision_lists: dict[str, uuid.UUID] = field(default_factory=dict)
    roster_acts: dict[str, uuid.UUID] = field(default_factory=dict)
    proposals: dict[str, uuid.UUID] = field(default_factory=dict)
    private: list[str] = field(default_factory=list)
    files: dict[Path, bytes] = field(default_factory=dict)
    fingerprint: str = ""

    def restore_files(self) -> None:
        """Put back what a request deleted: no savepoint covers the storage folder."""
        for path, content in self.files.items():
            if not path.exists():
                path.write_bytes(content)

    def object(self, kind: str, case: str, actor: str | None) -> uuid.UUID:
        """Return the id of an object; what is one's own depends on who one is."""
        if case == "absent":
            return uuid.UUID(int=12345)
        if kind in {"account", "account_change"}:
            return self.accounts[actor if case == "own" and actor else "without_role"]
        if kind in {"task", "message", "session", "export", "decision_list", "roster_act"}:
            own: dict[str, uuid.UUID] = getattr(self, f"{kind}s")
            return own[actor if case == "own" and actor else "owner"]
        if kind == "proposal":
            mine = case == "own" and actor == "security_admin"
            return self.proposals["security_admin" if mine else "owner"]
        return self.objects[kind.removesuffix("_trail")][case]


def build(app: Flask, session: Session, cipher: Cipher) -> World:
    """Make the people and what they ask about."""
    world = World(app, session.connection())
    asker = factories.make_account(session, Role.CLERK, department="D01", region="210300000000")
    world.accounts["owner"] = asker.id
    for kind in KINDS:
        world.objects[kind] = {}
    for number, (case, village) in enumerate(VILLAGES.items()):
        schemes = SCHEMES.get(case, HERS)
        home = factories.make_household(
            session, cipher, region=village, schemes=schemes, name=f"户甲{number}",
            address=f"某某路{number}号",
        )  # fmt: skip
        grounds.open_ground(
            session,
            kind=GroundKind.CASE,
            reference=f"case-{case}",
            person_id=home.person_id,
            purpose="受理申请",
            actor_id=None,
            now=START,
        )
        request = grounds.ask(
            session,
            person_id=home.person_id,
            region_code=village,
            purpose="入户前核对",
            actor_id=asker.id,
            now=START,
        )
        world.objects["household"][case] = home.id
        world.objects["person"][case] = home.person_id
        world.objects["request"][case] = request.id
        world.objects["batch"][case] = home.batches[schemes[-1]]
        helper, made = access_helpers.assignment(session, home.id, asker.id)
        world.objects["helper"][case], world.objects["assignment"][case] = helper, made
        world.objects["review"][case] = factories.make_review(session, home, region=village)
        world.objects["act"][case] = factories.make_act(
            session, home, region=village, decided_by=asker.id
        )
        # Of a household of its own: a file is not taken back from under a case.
        other = factories.make_household(
            session, cipher, region=village, schemes=schemes, name=f"申请人甲{number}"
        )
        world.objects["case"][case] = factories.make_case(
            session, other, scheme=schemes[-1], entered_by=asker.id
        )
        world.objects["paper"][case] = access_rows.paper(session, world.objects["case"][case])
        world.objects["payee"][case] = access_rows.payee(
            session, cipher, world.objects["case"][case], asker.id
        )
        world.objects["mandate"][case] = access_rows.mandate(
            session, cipher, world.objects["case"][case], asker.id
        )
        world.objects["enclosure"][case] = access_rows.enclosure(
            session, app, world.objects["case"][case], asker.id, world.files
        )
        world.objects["referral"][case] = access_referrals.waiting(
            session, cipher, case, village, asker.id
        )
        world.objects["rise"][case] = access_rows.rise(session, case, asker.id)
        world.objects["signed_list"][case] = access_rows.signed_list(session, world, case)
        world.objects["event"][case] = access_rows.event(session, home.id, village)
        world.private += [f"申请人甲{number}", other.phone, other.citizen_id]
        world.private += [f"户甲{number}", f"某某路{number}号", home.phone, home.citizen_id]
    world.objects["draft"] = access_procedures.drafts(session, asker.id)
    world.objects["news"] = access_news.articles(session, asker.id)
    world.objects["news_act"] = world.objects["news"]
    draft = access_rows.parameter_draft(session, asker.id)
    world.objects["register_batch"] = dict.fromkeys(VILLAGES, access_registers.batch(session))
    world.objects["parameter_draft"] = dict.fromkeys(VILLAGES, draft)
    for name, who in ACTORS.items():
        _enter(world, session, name, who.role, who.department, who.region)
    world.tasks["owner"] = access_rows.task(session, "owner", asker.id)
    world.messages["owner"] = access_rows.message(session, asker.id)
    world.sessions["owner"] = access_rows.spare_session(session, asker.id)
    world.exports["owner"] = access_rows.export(session, asker.id, world.tasks["owner"])
    world.roster_acts = access_rosters.acts(session, world.accounts)
    world.decision_lists["owner"] = access_rows.decision_list(session, asker.id)
    world.proposals["owner"] = _propose(world, session, "owner", Role.CLERK)
    world.proposals["security_admin"] = _propose(world, session, "security_admin", Role.LEADER)
    coverage.recount(session, now=START)
    session.commit()
    world.fingerprint = fingerprint(world.connection)
    return world


def unlisted(rules: Iterable[Rule], table: dict[tuple[str, str], Line]) -> list[str]:
    """Return the routes that the table does not know, and its lines that no route has."""
    routes = {(method, rule.rule) for rule in rules for method in _methods(rule)}
    known = set(table) | PUBLIC
    return sorted(f"{method} {path}" for method, path in routes - known) + sorted(
        f"no route: {method} {path}" for method, path in known - routes - PUBLIC
    )


def violations(
    world: World, table: dict[tuple[str, str], Line], rules: Iterable[Rule]
) -> list[str]:
    """Send every request and return what went otherwise than the table says."""
    found: list[str] = []
    for rule in rules:
        for method in _methods(rule):
            line = table.get((method, rule.rule))
            if line is None:
                continue
            for actor in (None, *ACTORS):
                for case in _cases(line, actor):
                    found += _try(world, rule, method, line, actor, case)
            found += _strange_token(world, rule, method)
    return found


def _cases(line: Line, actor: str | None) -> tuple[str, ...]:
    """Whoever may not do it at all is tried inside and outside the scope; the rest in detail."""
    if line.about in IN_ADDRESS:
        return ("own",)
    return CASES if actor in line.who else ("own", "other_county")


def _methods(rule: Rule) -> set[str]:
    return (rule.methods or set()) - {"HEAD", "OPTIONS"}


def _try(
    world: World, rule: Rule, method: str, line: Line, actor: str | None, case: str
) -> Iterator[str]:
    page = not rule.rule.startswith("/v1/")
    refusal = expected(line, actor, case, page=page)
    name = f"{method} {rule.rule} as {actor}, {case}"
    look = (method, rule.rule) in LOOKS
    undo = world.connection.begin_nested() if method != "GET" or look else None
    with written(world.connection) as statements:
        response = _send(world, rule, method, line, actor, case)
    if actor is None and page and response.location != "/sign-in":
        yield f"{name}: not asked to sign in"
    if response.status_code not in (refusal or line.ok):
        yield f"{name}: {response.status_code} instead of {refusal or line.ok}"
    elif refusal is None:
        yield from _shown(world, line, actor, response, name)
        yield from _recorded(line, method, response, statements, name)
    if method == "GET":
        yield from _wrote_no_more(statements, name, look=look and refusal is None)
    if refusal:
        yield from _harmless(world, response, statements, name)
    if undo is not None:
        undo.rollback()
        world.restore_files()


def _recorded(
    line: Line, method: str, response: TestResponse, statements: list[str], name: str
) -> Iterator[str]:
    changed = method != "GET" and line.audited and response.status_code < 400
    if changed and not any("INTO audit_event" in sent for sent in statements):
        yield f"{name}: NOT AUDITED"


def _wrote_no_more(statements: list[str], name: str, *, look: bool) -> Iterator[str]:
    """A GET writes nothing; a look at someone writes one row of the log of looks, and must."""
    logged = [sent for sent in statements if sent.startswith(LOOK)]
    if len(logged) != look:
        yield f"{name}: A LOOK LOGGED {len(logged)} TIMES"
    if others := [sent for sent in statements if not sent.startswith(LOOK)]:
        yield f"{name}: A GET WROTE {others}"


def _harmless(
    world: World, response: TestResponse, statements: list[str], name: str
) -> Iterator[str]:
    """A refusal changes nothing and tells nothing."""
    if statements and fingerprint(world.connection) != world.fingerprint:
        yield f"{name}: STATE CHANGED"
    body = response.get_data(as_text=True)
    yield from (f"{name}: TOLD {value}" for value in world.private if value in body)


def _shown(
    world: World, line: Line, actor: str | None, response: TestResponse, name: str
) -> Iterator[str]:
    if line.lists is None or actor is None:
        return
    body = response.get_data(as_text=True)
    for case in VILLAGES:
        if case == "own" and line.lists in {"task", "message"}:
            continue  # one's own are shown by what they are, and not by their id
        is_shown = str(world.object(line.lists, case, actor)) in body
        if is_shown != sees(line.lists, actor, case):
            yield f"{name}: {'SHOWS' if is_shown else 'HIDES'} {line.lists} of {case}"


def _strange_token(world: World, rule: Rule, method: str) -> Iterator[str]:
    url = _url(world, rule, Line(frozenset()), None, "own")
    if rule.rule.startswith("/v1/"):
        headers = {"Authorization": "Bearer nonsense"}
        response = world.app.test_client().open(url, method=method, headers=headers)
        wanted = 401
    else:
        client = world.app.test_client()
        client.set_cookie("relief_session", "nonsense")
        response = client.open(url, method=method)
        wanted = 303
    if response.status_code != wanted:
        yield f"{method} {rule.rule} with a strange token: {response.status_code}"


def _send(
    world: World, rule: Rule, method: str, line: Line, actor: str | None, case: str
) -> TestResponse:
    thing = world.object(line.about, case, actor) if line.about not in IN_ADDRESS else None
    options: dict[str, Any] = {"method": method, "query_string": line.query}
    if line.body is not None:
        options["json"] = line.body(thing)
    if line.form is not None:
        options["data"] = line.form(thing)
    client = client_of(world, actor, page=not rule.rule.startswith("/v1/"))
    return client.open(_url(world, rule, line, actor, case), **options)


def client_of(world: World, actor: str | None, *, page: bool) -> FlaskClient:
    """Return a browser or a program that is signed in as someone."""
    client = world.app.test_client()
    if actor is None:
        return client
    token = world.tokens[actor, sign_in.COOKIE if page else sign_in.BEARER]
    if not page:
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return client
    client.set_cookie("relief_session", token)
    key = str(world.app.secret_key).encode()
    session_hash = hashlib.sha256(token.encode()).digest()
    client.environ_base["HTTP_X_CSRF_TOKEN"] = hmac.new(
        key, b"csrf|" + session_hash, "sha256"
    ).hexdigest()
    return client


def _url(world: World, rule: Rule, line: Line, actor: str | None, case: str) -> str:
    def fill(match: re.Match[str]) -> str:
        name = match["name"]
        if name in FILLED:
            return FILLED[name]
        if name in {"paper", "payee_id", "mandate_id", "enclosure_id", "assignment_id"}:
            return str(world.object(name.removesuffix("_id"), case, actor))
        kind = line.about if line.about not in IN_ADDRESS else "household"
        return str(world.object(kind, case, actor))

    return re.sub(r"<(?:\w+:)?(?P<name>\w+)>", fill, rule.rule)


def _enter(
    world: World,
    session: Session,
    name: str,
    role: str | None,
    department: str | None,
    region: str | None,
) -> None:
    account = factories.make_account(
        session, Role(role) if role else None, department=department, region=region
    )
    world.accounts[name] = account.id
    world.tasks[name] = access_rows.task(session, name, account.id)
    world.messages[name] = access_rows.message(session, account.id)
    world.exports[name] = access_rows.export(session, account.id, world.tasks[name])
    world.decision_lists[name] = access_rows.decision_list(session, account.id)
    for kind in (sign_in.BEARER, sign_in.COOKIE):
        world.tokens[name, kind] = f"{kind}-{name}"
        session.add(
            StaffSession(
                token_hash=identity.token_hash(f"{kind}-{name}"),
                account_id=account.id,
                kind=kind,
                created_at=START,
                last_seen_at=START,
                expires_at=START + timedelta(hours=12),
                id=new_id(START),
                second_factor=True,
                confirmed_at=START,
            )
        )
    world.sessions[name] = access_rows.spare_session(session, account.id)


def _propose(world: World, session: Session, proposer: str, role: Role) -> uuid.UUID:
    return grants.propose(
        session,
        account_id=world.accounts["without_role"],
        kind=GrantKind.ROLE,
        what=role.value,
        actor_id=world.accounts[proposer],
        now=START,
    )
