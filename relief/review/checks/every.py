"""All checks, by code; which of them run, and how heavy they are, is reference data."""

from collections.abc import Mapping, Sequence

from relief.core.findings import Finding
from relief.review.checks import (
    a01_number,
    a02_details,
    a03_dead,
    a04_households,
    a05_twice,
    a06_combination,
    a07_authorisation,
    a08_unlisted,
    a10_filing,
    a19_report,
    a20_age,
    a23_account,
    a24_address,
    a25_phone,
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
    "A10": a10_filing.check,
    "A19": a19_report.check,
    "A20": a20_age.check,
    "A23": a23_account.check,
    "A24": a24_address.check,
    "A25": a25_phone.check,
}


def find(facts: CaseFacts, rules: Mapping[str, CheckRule]) -> Sequence[Finding]:
    """Return what the checks find that run by the rules in force, in their order."""
    return [
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
    ]
