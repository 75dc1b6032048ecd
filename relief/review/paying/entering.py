"""What is entered of a payee, brought into its form or refused."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from relief.funds.payees import numbers
from relief.funds.payees.types import PEOPLE, AccountForm, PayeeKind
from relief.organisation import queries as organisation
from relief.registry.intake import values
from relief.review.errors import WordsMissing
from relief.review.kin.filing import RELATION
from relief.review.paying.errors import (
    AccountNumber,
    BankCode,
    CardNumber,
    GuardianRelation,
    HolderMismatch,
    PayeeForm,
    PayeePhone,
)

_SHORTEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """Whose account it is. `relation`: of a guardian to the applicant, GB/T 4761.

    `phone`: of the holder, if another one than the registry knows shall be told from now on.
    """

    kind: PayeeKind
    form: AccountForm
    bank_code: str
    number: str
    holder: str
    proof: str
    relation: str | None = None
    phone: str | None = None


def checked(session: Session, payee: Payee, *, applicant: str) -> Payee:
    """Return what was entered in its normal form.

    Raises WordsMissing, PayeeForm, AccountNumber, CardNumber, BankCode, PayeePhone,
    GuardianRelation; HolderMismatch if it is said to be the applicant's and is in another's name.
    """
    holder, proof = values.name(payee.holder) or "", payee.proof.strip()
    if min(len(holder), len(proof)) < _SHORTEST:
        raise WordsMissing
    _refuse_holder(session, payee, holder, applicant)
    bank_code = numbers.bank(payee.bank_code)
    if bank_code is None:
        raise BankCode
    return Payee(
        kind=payee.kind,
        form=payee.form,
        bank_code=bank_code,
        number=_number(payee),
        holder=holder,
        proof=proof,
        relation=payee.relation or None,
        phone=_phone(payee.phone),
    )


def _refuse_holder(session: Session, payee: Payee, holder: str, applicant: str) -> None:
    if (payee.kind in PEOPLE) is (payee.form is AccountForm.CORPORATE):
        raise PayeeForm
    if payee.kind is PayeeKind.SELF and values.name_key(holder) != values.name_key(applicant):
        raise HolderMismatch
    known = organisation.code_tables(session, tables=[RELATION])[RELATION]
    guardian = payee.kind is PayeeKind.GUARDIAN
    if guardian is not bool(payee.relation) or (guardian and payee.relation not in known):
        raise GuardianRelation


def _number(payee: Payee) -> str:
    number = numbers.normal(payee.number)
    if number is None:
        raise AccountNumber
    if not numbers.fits(number, payee.form):
        raise CardNumber
    return number


def _phone(text: str | None) -> str | None:
    if not text:
        return None
    phone = values.phone(text)
    if phone is None:
        raise PayeePhone
    return phone
