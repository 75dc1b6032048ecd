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
