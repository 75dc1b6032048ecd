"""All checks, by code; which of them run, and how heavy they are, is reference data."""

from collections.abc import Iterable, Mapping, Sequence

from relief.core.findings import Finding, Grade, said
from relief.review.checks import (
    a01_number,
    a02_details,
    a03_dead,
    a04_households,
    a05_twice,
    a06_combination,
    a07_authorisation,
    a08_unlisted,
    a09_unfiled_kin,
    a10_filing,
    a11_fiscal_staff,
    a12_cadres,
    a13_vehicles,
    a14_houses,
    a15_businesses,
    a16_contributions,
    a17_pensions,
    a18_assets,
    a19_report,
    a20_age,
    a21_certificates,
    a22_account_holder,
    a23_account,
    a24_address,
    a25_phone,
    a26_held_papers,
    a30_recognition,
)
from relief.review.checks.facts import CaseFacts, Check
from relief.schemes.check_rules import CheckRule

CHECKS: Mapping[str, Check] = {
    "A01": a01_number.check,
    "A02": a02_details.check,
    "A03": a03_dead.check,
    "A04": a04_households.check,
    "A05": a05_twice.check,
    "A06": a06_combination.check,
    "A07": a07_authorisation.check,
    "A08": a08_unlisted.check,
    "A09": a09_unfiled_kin.check,
    "A10": a10_filing.check,
    "A11": a11_fiscal_staff.check,
    "A12": a12_cadres.check,
    "A13": a13_vehicles.check,
    "A14": a14_houses.check,
    "A15": a15_businesses.check,
    "A16": a16_contributions.check,
    "A17": a17_pensions.check,
    "A18": a18_assets.check,
    "A19": a19_report.check,
    "A20": a20_age.check,
    "A21": a21_certificates.check,
    "A22": a22_account_holder.check,
    "A23": a23_account.check,
    "A24": a24_address.check,
    "A25": a25_phone.check,
    "A26": a26_held_papers.check,
    "A30": a30_recognition.check,
}


def find(facts: CaseFacts, rules: Mapping[str, CheckRule]) -> Sequence[Finding]:
    """Return what the checks find that run by the rules in force, in their order."""
    found = (
        Finding(
            check=code,
            key=hit.key,
            grade=hit.grade or rule.grade,
            message=hit.message,
            evidence=hit.evidence,
        )
        for code, rule in rules.items()
        if code in CHECKS
        for hit in CHECKS[code](facts)
    )
    return _one_of_each(found)


def _one_of_each(found: Iterable[Finding]) -> Sequence[Finding]:
    """Keep of what has one key the heaviest: two entries may tell the same of the same people.

    A spouse stands in the booklet and among the marriages; someone has two posts, or two shops.
    Of equals the same one is kept whatever the order in which the registers tell them.
    """
    kept: dict[tuple[str, str], Finding] = {}
    for one in found:
        place = one.check, one.key
        kept[place] = min(kept.get(place, one), one, key=_rank)
    return list(kept.values())


def _rank(one: Finding) -> tuple[int, str]:
    return -list(Grade).index(one.grade), repr(sorted(said(one.evidence).items()))
