"""Everyone who acts in a case, signed in, whatever the day."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relief.accounts import identity, sign_in
from relief.accounts.models import Account, AccountTotp, StaffSession
from relief.accounts.types import Role
from relief.core.clock import local_date
from relief.core.ids import new_id
from tests import factories
from tests.factories import Home
from tests.support import surveying
from tests.support.applicants import BORN, CERTIFIED
from tests.support.people import TIEDONG, enrol
from tests.support.settings import CIPHER, FakeClock


class Office:
    """Staff of 铁东区, one account for each department and role, made when first needed."""

    def __init__(self, app: Flask, session: Session, clock: FakeClock) -> None:
        self.app, self.session, self.clock = app, session, clock
        self.accounts: dict[tuple[str, str, str], uuid.UUID] = {}

    def later(self, days: int) -> None:
        """Let a long time pass, in which everybody changed their password."""
        self.clock.advance(days=days)
        self.session.execute(update(Account).values(password_set_at=self.clock()))
        self.session.commit()

    def bind(self, role: str, department: str = "D01", region: str = TIEDONG) -> uuid.UUID:
        """The account of somebody, who has a second factor whatever their role asks for."""
        self.client(department, role, region=region)
        account = self.session.get_one(Account, self.accounts[department, role, region])
        if self.session.get(AccountTotp, account.id) is None:
            enrol(self.session, account, Role.APPROVER)
            self.session.commit()
        return account.id

    def household(self, **given: Any) -> Home:
        """Someone who may apply, and of whom no check finds anything."""
        given = {"schemes": ("S14",), "marital": "10"} | given
        home = factories.make_household(self.session, CIPHER, **given)
        self.session.commit()
        return home

    def client(self, department: str, role: str, *, region: str = TIEDONG) -> FlaskClient:
        """A program of someone, with a session that is fresh now."""
        token = self.enter(department, role, region, sign_in.BEARER)
        client = self.app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return client

    def cookie(self, department: str, role: str) -> str:
        """What the browser of someone keeps, of a session that is fresh now."""
        return self.enter(department, role, TIEDONG, sign_in.COOKIE)

    def enter(self, department: str, role: str, region: str, kind: str) -> str:
        who = (department, role, region)
        if who not in self.accounts:
            account = factories.make_account(
                self.session, Role(role), department=department, region=region
            )
            self.accounts[who] = account.id
        now = self.clock()
        token = new_id(now).hex
        self.session.add(
            StaffSession(
                token_hash=identity.token_hash(token),
                account_id=self.accounts[who],
                kind=kind,
                created_at=now,
                last_seen_at=now,
                expires_at=now + timedelta(hours=12),
                id=new_id(now),
                second_factor=True,
                confirmed_at=now,
            )
        )
        self.session.commit()
        return token

    def apply(self, scheme: str, home: Home | None = None, **given: Any) -> dict[str, Any]:
        """Enter an application at the township's window, of someone of the right age."""
        home = home or self.household(born_on=BORN.get(scheme, BORN[""]))
        sent = {"person_id": str(home.person_id), "scheme": scheme, "need": "家庭困难"}
        sent |= {"authorisations": [self.signed(home)]} | given
        answer = self.client("D01", "clerk").post("/v1/cases", json=sent)
        assert answer.status_code == 201, answer.json
        return answer.json

    def signed(self, home: Home, **given: Any) -> dict[str, Any]:
        """The authorisation of someone who applies, of today."""
        today = local_date(self.clock()).isoformat()
        return {"person_id": str(home.person_id), "signed_on": today} | given

    def certify(self, case: str) -> None:
        """Find out what the rule of the living allowance for disabled people (S09) asks for."""
        answer = self.client("D01", "clerk").post(
            f"/v1/cases/{case}/facts", json={"facts": CERTIFIED}
        )
        assert answer.status_code == 200, answer.json

    def end(self, case: str, stage: dict[str, Any], outcome: str = "passed") -> TestResponse:
        """End a stage by the one it waits for; before the first opinion, survey the home."""
        if stage.get("survey_by"):
            self.survey(case)
        return self.client(stage["department_code"], stage["role"]).post(
            f"/v1/cases/{case}/stages/{stage['code']}/end", json={"outcome": outcome}
        )

    def survey(self, case: str) -> None:
        """Survey the home by two who have no other part in the case."""
        surveying.survey(self.session, uuid.UUID(case), now=self.clock())
        self.session.commit()

    def decide(self, case: str, department: str, *, granted: bool = True, **given: Any):
        """Decide by an approver."""
        sent = {"granted": granted, "reason": "符合条件"} | (
            {"amount_fen": 56400, "departs": "规则没有涵盖的情形"} if granted else {}
        )
        client = self.client(department, "approver")
        return client.post(f"/v1/cases/{case}/decision", json=sent | given)

    def show(self, case: str) -> dict[str, Any]:
        """The case as the township's clerk sees it."""
        return self.client("D01", "clerk").get(f"/v1/cases/{case}").json

    def go_on(self, case: str) -> dict[str, Any]:
        """End every stage before the decision as soon as it may end; return the case then."""
        while True:
            detail = self.show(case)
            waiting = [
                one
                for one in detail["stages"]
                if one["status"] == "open" and one["kind"] != "confirmation"
            ]
            if not waiting:
                return detail
            for stage in waiting:
                if stage["kind"] == "public_notice":
                    continue
                if not stage["waits_for"]:
                    answer = self.end(case, stage)
                    assert answer.status_code == 200, answer.json
            if all(one["kind"] == "public_notice" for one in waiting):
                [stage] = waiting
                self.clock.advance(days=8)
                answer = self.end(case, stage)
                assert answer.status_code == 200, answer.json


@pytest.fixture
def office(app: Flask, session: Session, clock: FakeClock) -> Office:
    """The staff."""
    return Office(app, session, clock)
