"""Who may apply for what: their days of birth, and what is found out of them."""

from datetime import date

# Of the right age for a scheme that has limits; anyone else is of 1980.
BORN = {
    "": date(1980, 3, 4), "S07": date(2015, 6, 7), "S08": date(2015, 6, 7),
    "S11": date(1940, 5, 6), "S17": date(2022, 3, 4), "S32": date(2021, 3, 4),
}  # fmt: skip

# Whom the rule of S09 gives its amount to.
CERTIFIED = [
    {"kind": "disability_certificate", "value": 1, "proof": "残疾人证"},
    {"kind": "in_minimum_allowance", "value": 1, "proof": "低保证"},
    {"kind": "in_extreme_hardship", "value": 0, "proof": "困难群众库"},
    {"kind": "in_child_subsidy", "value": 0, "proof": "困难群众库"},
]
