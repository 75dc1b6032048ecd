"""Roles, and the posts that exclude each other."""

import enum


class Role(enum.StrEnum):
    """What a staff account may be (角色)."""

    CLERK = "clerk"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    STEWARD = "steward"
    AUDITOR = "auditor"
    FINANCE_CLERK = "finance_clerk"
    FINANCE_REVIEWER = "finance_reviewer"
    APPEALS_OPERATOR = "appeals_operator"
    SUPERVISOR = "supervisor"
    LEADER = "leader"
    HELPER = "helper"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"


class Post(enum.StrEnum):
    """A group of roles; one account has one post for ever (三员分立)."""

    OPERATIONS = "operations"
    OVERSIGHT = "oversight"
    SYSTEM = "system"
    SECURITY = "security"
    AUDIT = "audit"


POST_OF: dict[Role, Post] = {
    **dict.fromkeys(Role, Post.OPERATIONS),
    Role.AUDITOR: Post.OVERSIGHT,
    Role.SYSTEM_ADMIN: Post.SYSTEM,
    Role.SECURITY_ADMIN: Post.SECURITY,
    Role.AUDIT_ADMIN: Post.AUDIT,
}


class GrantKind(enum.StrEnum):
    """What two persons decide about an account together (双人授权)."""

    ROLE = "role"
    REGION = "region"
    TOTP_RESET = "totp_reset"


class Stage(enum.StrEnum):
    """How far a session has come; before `FULL` it opens only what leads on."""

    CODE = "code"  # the code of the second factor is missing
    PASSWORD = "password"  # noqa: S105  # a stage: the password must be changed first
    ENROLMENT = "enrolment"  # a second factor is required, and none is set up
    FULL = "full"
