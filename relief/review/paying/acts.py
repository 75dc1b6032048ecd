"""What people do about the payee of a case: enter one, confirm or refuse it, withdraw it.

Each is done under the case's lock, in the caller's transaction, with a line in its timeline. Until
another person has confirmed a new one, the old one stays in force.
"""

import uuid
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.accounts.types import Role
from relief.core.ids import new_id
from relief.core.privacy import store
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.masking import mask_account, mask_phone
from relief.core.privacy.models import SecretKind
from relief.core.registrar import registrar
from relief.funds.models import Entitlement
from relief.funds.payees.models import CasePayee
from relief.funds.payees.types import PayeeState, pays_cash
from relief.registry.models import Household, Membership, Person
from relief.review import stages, standing_in, turns
from relief.review.changing.queries import entitlements_of
from relief.review.checks import running
from relief.review.errors import CaseClosed, NotYours
from relief.review.models import CaseDecision
from relief.review.paying import sharing, telling
from relief.review.paying.entering import Payee, checked
from relief.review.paying.errors import OwnPayee, PayeeNotProposed, PayeeOpen, PaysNoCash
from relief.review.stages import Way
from relief.review.types import LIVE, CaseStatus, Outcome, Step

_ENTERING = (Role.CLERK, Role.REVIEWER)
_CONFIRMING = (Role.REVIEWER, Role.APPROVER)


def propose(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    cipher: Cipher,
    payee: Payee,
    reason: str,
    now: datetime,
) -> uuid.UUID:
    """Enter to whom the money of a case goes; return the payee's id.

    It is in force when another person has confirmed it. The telephones that are known before are
    told at once, so that the family can object. Raises what `turns.enter` and `checked` do;
    NotYours, CaseClosed, PaysNoCash, PayeeOpen.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    _of_payer(way, actor, _ENTERING)
    if not pays_cash(way.scheme.kind):
        raise PaysNoCash
    _refuse_ended(way)
    given = checked(session, payee, applicant=way.case.applicant_name)
    before = _in_force(way)
    with registrar(session):
        number_id = store.put_many(
            session, cipher, SecretKind.BANK_ACCOUNT, [given.number], now=now
        )[given.number]
        phones = store.put_many(
            session, cipher, SecretKind.PHONE, [given.phone] if given.phone else [], now=now
        )
        old = _known_phones(way, before)
        texts = store.reveal(session, cipher, old)
    payee_id: uuid.UUID | None = session.scalar(
        insert(CasePayee)
        .values(
            id=new_id(now),
            case_id=case_id,
            kind=given.kind,
            form=given.form,
            bank_code=given.bank_code,
            number_id=number_id,
            number_masked=mask_account(given.number),
            holder=given.holder,
            relation=given.relation,
            phone_id=phones[given.phone] if given.phone else None,
            phone_masked=mask_phone(given.phone) if given.phone else None,
            proof=given.proof,
            reason=reason,
            households=0,
            old_phones=old,
            told=[mask_phone(texts[one]) for one in old],
            state=PayeeState.PROPOSED,
            proposed_by=actor.id,
            proposed_at=now,
        )
        .on_conflict_do_nothing()
        .returning(CasePayee.id)
    )
    if payee_id is None:
        raise PayeeOpen
    with registrar(session):
        accounts = sharing.paid_to(session, [case_id]).get(case_id, ())
    row = session.get_one(CasePayee, payee_id)
    # Of the new account alone: what the one in force shares says nothing of it.
    row.households = next((one.households for one in accounts if one.payee_id == payee_id), 0)
    stages.note(way, Step.PAYEE_PROPOSED, None, reason)
    telling.proposed(way, row, changed=before is not None)
    _look_again(way)
    session.flush()
    return payee_id


def with_application(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    cipher: Cipher,
    payee: Payee,
    now: datetime,
) -> uuid.UUID:
    """Enter the payee that the application names. Raises what `propose` does."""
    return propose(
        session,
        actor=actor,
        case_id=case_id,
        cipher=cipher,
        payee=payee,
        reason="随申请登记",
        now=now,
    )


def answer(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    payee_id: uuid.UUID,
    confirmed: bool,
    reason: str,
    now: datetime,
) -> None:
    """Confirm a payee that another person entered, or refuse it.

    Confirmed, it is in force from now on, for all of the case that still runs; the telephones that
    were known before are told again, and the new one. Raises what `turns.enter` does; NotYours,
    PayeeNotProposed, OwnPayee.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    _of_payer(way, actor, _CONFIRMING)
    row = _proposed(way, payee_id)
    first = {row.proposed_by} | standing_in.first_eyes(
        way, Step.PAYEE_PROPOSED, since=row.proposed_at
    )
    if standing_in.pair(way, actor) & first:
        raise OwnPayee
    if confirmed:
        _refuse_ended(way)
        _end_before(way)
        row.held = Range(now, None, bounds="[)")
    row.state = PayeeState.IN_FORCE if confirmed else PayeeState.REFUSED
    row.answered_by, row.answered_at, row.answer = actor.id, now, reason
    session.flush()
    if confirmed:
        _point_to(way, row)
    stages.note(way, Step.PAYEE_CONFIRMED if confirmed else Step.PAYEE_REFUSED, None, reason)
    telling.answered(way, row, confirmed=confirmed)
    _look_again(way)


def withdraw(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    payee_id: uuid.UUID,
    reason: str,
    now: datetime,
) -> None:
    """Take back a payee that nobody has confirmed yet; the one in force stays.

    Raises what `turns.enter` does; NotYours, PayeeNotProposed.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    _of_payer(way, actor, _ENTERING)
    row = _proposed(way, payee_id)
    row.state = PayeeState.WITHDRAWN
    row.answered_by, row.answered_at, row.answer = actor.id, now, reason
    session.flush()
    stages.note(way, Step.PAYEE_WITHDRAWN, None, reason)
    _look_again(way)


def _look_again(way: Way) -> None:
    """Look at the account that the case pays into now, as long as it is not decided."""
    if way.case.status in LIVE:
        running.look_again(way)


def _end_before(way: Way) -> None:
    """End the one in force at this moment; its row stays."""
    if before := _in_force(way):
        assert before.held is not None  # noqa: S101  # a constraint of the table
        before.state = PayeeState.REPLACED
        before.held = Range(before.held.lower, way.now, bounds="[)")
        way.session.flush()


def _point_to(way: Way, row: CasePayee) -> None:
    """Let what the case granted and still runs be paid to a payee."""
    still = [
        one.id
        for one in entitlements_of(way.session, case_id=way.case.id)
        if one.ends_on is None or one.ends_on > way.today
    ]
    way.session.execute(
        update(Entitlement).where(Entitlement.id.in_(still)).values(payee_id=row.id)
    )


def _of_payer(way: Way, actor: Actor, roles: tuple[Role, ...]) -> None:
    """Let only those act who handle such cases for the payer, or for all. Raises NotYours."""
    held = [role for role in roles if role in actor.roles] or [
        role for role in roles if role in actor.roles_in_cases
    ]
    if actor.scope.department_code not in {None, way.scheme.department_code} or not held:
        raise NotYours
    standing_in.take(way, actor, held[0])


def _refuse_ended(way: Way) -> None:
    """Raise CaseClosed for a case that pays nobody: withdrawn, or not granted."""
    if way.case.status is CaseStatus.DECIDED:
        granted = select(CaseDecision.id).where(
            CaseDecision.case_id == way.case.id, CaseDecision.outcome == Outcome.GRANTED
        )
        if way.session.scalar(granted) is not None:
            return
    elif way.case.status in LIVE:
        return
    raise CaseClosed


def _in_force(way: Way) -> CasePayee | None:
    return way.session.scalars(
        select(CasePayee)
        .where(CasePayee.case_id == way.case.id, CasePayee.state == PayeeState.IN_FORCE)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _proposed(way: Way, payee_id: uuid.UUID) -> CasePayee:
    """Return what waits to be confirmed, if it is what was looked at. Raises PayeeNotProposed."""
    found = way.session.scalars(
        select(CasePayee)
        .where(
            CasePayee.id == payee_id,
            CasePayee.case_id == way.case.id,
            CasePayee.state == PayeeState.PROPOSED,
        )
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise PayeeNotProposed
    return found


def _known_phones(way: Way, before: CasePayee | None) -> list[uuid.UUID]:
    """Return the telephones that are known by now: of the payee in force, and of the registry.

    As registrar: a department that pays may see less of the household than the case.
    """
    row = way.session.execute(
        select(Person.phone, Household.phone)
        .outerjoin(Membership, Membership.person_id == Person.id)
        .outerjoin(Household, Household.id == Membership.household_id)
        .where(Person.id == way.case.person_id)
    ).one_or_none()
    known = [before.phone_id if before else None, *(row or ())]
    return list(dict.fromkeys(one for one in known if one is not None))
