"""Who may do what: the one table of roles and permissions.

What a person may do is here; on which households is `scope_of` in `relief.accounts.identity`.
"""

import enum
from collections.abc import Iterable

from relief.accounts.types import Role


class Permission(enum.StrEnum):
    """One thing that a route, page or command asks of its caller."""

    SIGNED_IN = "signed-in"  # every account, whatever its roles
    SEE_HOUSEHOLDS = "see-households"
    EXPORT_HOUSEHOLDS = "export-households"  # take a list away; how much, is a setting by role
    UNMASK_PERSON = "unmask-person"
    ASK_ACCESS = "ask-access"
    DECIDE_ACCESS = "decide-access"
    SEE_BATCHES = "see-batches"
    SEE_REGISTERS = "see-registers"  # which files of outside registers came; nobody in them
    TAKE_FAULTS = "take-faults"  # the list of what is wrong with a department's files
    IMPORT_FILES = "import-files"  # upload, undo, take back rejected rows, merge
    SEE_LINK_REVIEWS = "see-link-reviews"
    DECIDE_LINKS = "decide-links"  # who is who: answer, split, merge by hand, withdraw
    SEE_ACCOUNTS = "see-accounts"
    CREATE_ACCOUNTS = "create-accounts"
    GRANT_ROLES = "grant-roles"  # roles, regions, disabling; never one's own
    READ_AUDIT = "read-audit"
    SEE_CASES = "see-cases"
    OPEN_CASES = "open-cases"  # enter an application, and what was missing; withdraw it
    WORK_CASES = "work-cases"  # end one's own stage, ask for papers; which is one's own is data
    DECIDE_CASES = "decide-cases"  # confirm or refuse; never what one entered or gave an opinion on
    SEE_HELPERS = "see-helpers"  # of the households one sees, and coverage
    ASSIGN_HELPERS = "assign-helpers"  # by hand or file, transfer, end
    SEE_PROCEDURES = "see-procedures"  # versions, their history, drafts
    EDIT_PROCEDURES = "edit-procedures"  # draft, propose, throw away
    SEE_TEXTS = "see-texts"  # what became of the text messages; no number in full
    SEE_NEWS = "see-news"  # policy articles of one's regions and department, with old versions
    WRITE_NEWS = "write-news"  # draft, propose, throw away
    PUBLISH_NEWS = "publish-news"  # and withdraw; never what one wrote any of
    BIND_HOUSEHOLDS = "bind-households"  # codes of the mini program, and whose phones are bound
    BIND_OWN_PHONE = "bind-own-phone"
    SIGN_PROCEDURES = "sign-procedures"  # never a draft that one had a hand in


_P = Permission
_CASEWORK = {_P.SEE_HOUSEHOLDS, _P.EXPORT_HOUSEHOLDS, _P.UNMASK_PERSON, _P.ASK_ACCESS}
_REVIEW = {_P.SEE_CASES, _P.WORK_CASES, _P.SEE_HELPERS}
_NEWS = {_P.SEE_NEWS, _P.WRITE_NEWS}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CLERK: frozenset(_CASEWORK | _REVIEW | _NEWS | {_P.OPEN_CASES, _P.BIND_HOUSEHOLDS}),
    Role.REVIEWER: frozenset(
        _CASEWORK
        | _REVIEW
        | _NEWS
        | {_P.SEE_BATCHES, _P.TAKE_FAULTS, _P.OPEN_CASES, _P.BIND_HOUSEHOLDS}
    ),
    Role.APPROVER: frozenset(
        _CASEWORK
        | _REVIEW
        | {_P.SEE_BATCHES, _P.TAKE_FAULTS, _P.DECIDE_ACCESS, _P.DECIDE_CASES, _P.SEE_PROCEDURES}
        | {_P.SEE_NEWS, _P.PUBLISH_NEWS}
    ),
    Role.STEWARD: frozenset(
        _CASEWORK
        | {_P.SEE_BATCHES, _P.SEE_REGISTERS, _P.TAKE_FAULTS, _P.IMPORT_FILES}
        | {_P.SEE_LINK_REVIEWS, _P.DECIDE_LINKS, _P.SEE_CASES, _P.SEE_TEXTS}
        | {_P.SEE_HELPERS, _P.ASSIGN_HELPERS}
    ),
    Role.AUDITOR: frozenset(
        _CASEWORK
        | {_P.SEE_BATCHES, _P.SEE_LINK_REVIEWS, _P.SEE_ACCOUNTS, _P.READ_AUDIT, _P.SEE_CASES}
        | {_P.SEE_PROCEDURES, _P.SEE_REGISTERS, _P.SEE_HELPERS, _P.SEE_NEWS}
    ),
    Role.FINANCE_CLERK: frozenset({_P.SEE_HOUSEHOLDS}),
    Role.FINANCE_REVIEWER: frozenset({_P.SEE_HOUSEHOLDS}),
    Role.APPEALS_OPERATOR: frozenset(_CASEWORK),
    Role.SUPERVISOR: frozenset(
        _CASEWORK | {_P.DECIDE_ACCESS, _P.SEE_CASES, _P.SEE_PROCEDURES, _P.SEE_HELPERS, _P.SEE_NEWS}
    ),
    Role.LEADER: frozenset(
        {_P.SEE_HOUSEHOLDS, _P.EXPORT_HOUSEHOLDS, _P.SEE_BATCHES, _P.SEE_CASES}
        | {_P.SEE_PROCEDURES, _P.SEE_HELPERS, _P.SEE_NEWS}
    ),
    # Works in the mini program, with the households that are assigned; sees none here.
    Role.HELPER: frozenset({_P.BIND_OWN_PHONE}),
    # The three administrators run the system and see no household.
    Role.SYSTEM_ADMIN: frozenset(
        {_P.SEE_ACCOUNTS, _P.CREATE_ACCOUNTS, _P.SEE_TEXTS}
        | {_P.SEE_PROCEDURES, _P.EDIT_PROCEDURES, _P.SIGN_PROCEDURES}
    ),
    Role.SECURITY_ADMIN: frozenset(
        {_P.SEE_ACCOUNTS, _P.GRANT_ROLES, _P.SEE_PROCEDURES, _P.SIGN_PROCEDURES}
    ),
    Role.AUDIT_ADMIN: frozenset({_P.SEE_ACCOUNTS, _P.READ_AUDIT, _P.SEE_PROCEDURES}),
}

# Roles that see every household of their regions, whatever their department.
SEES_ALL_HOUSEHOLDS = frozenset({Role.STEWARD, Role.AUDITOR, Role.LEADER})


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """Return what an account with these roles may do."""
    return frozenset({_P.SIGNED_IN}).union(*(PERMISSIONS[role] for role in roles))
