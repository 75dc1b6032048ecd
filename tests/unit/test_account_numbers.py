"""Numbers of accounts, with the check digits of ISO/IEC 7812 worked by hand."""

import pytest

from relief.funds.payees import numbers
from relief.funds.payees.types import AccountForm, pays_cash


@pytest.mark.parametrize(
    ("digits", "right"),
    [
        ("79927398713", True),  # the example of the standard's annex
        ("79927398710", False),
        ("79927398717", False),
        ("97927398713", False),  # two neighbours changed places
        ("0", True),
    ],
)
def test_the_check_digit_finds_one_wrong_digit_and_most_that_changed_places(digits, right):
    assert numbers.luhn(digits) is right


@pytest.mark.parametrize(
    ("number", "form", "right"),
    [
        ("6299990000000000014", AccountForm.CARD, False),
        ("629999000000000", AccountForm.CARD, False),  # fifteen digits
        ("62999900000000000000", AccountForm.CARD, False),  # twenty
        ("4111111111111111", AccountForm.CARD, True),
        ("A299990000000018", AccountForm.CARD, False),
        ("21030200012345", AccountForm.PASSBOOK, True),
        ("21030200012345", AccountForm.CORPORATE, True),
    ],
)
def test_a_card_has_its_length_and_its_check_digit(number, form, right):
    assert numbers.fits(number, form) is right


@pytest.mark.parametrize(
    ("code", "plain"),
    [
        (" 1022 2300 0018", "102223000018"),
        ("１０２２２３００００１８", "102223000018"),
        ("10222300001", None),
        ("10222300001X", None),
        ("", None),
    ],
)
def test_a_bank_has_twelve_digits(code, plain):
    assert numbers.bank(code) == plain


def test_a_scheme_pays_money_if_it_says_so():
    kinds = ("cash", "fee_waiver_or_cash", "identity", "service", "service_direct_settlement")

    assert [pays_cash(kind) for kind in kinds] == [True, True, False, False, False]
