"""What is found out of somebody with a disability certificate."""

# Whom the rule of S09 gives its amount to.
CERTIFIED = [
    {"kind": "disability_certificate", "value": 1, "proof": "残疾人证"},
    {"kind": "in_minimum_allowance", "value": 1, "proof": "低保证"},
    {"kind": "in_extreme_hardship", "value": 0, "proof": "困难群众库"},
    {"kind": "in_child_subsidy", "value": 0, "proof": "困难群众库"},
]
