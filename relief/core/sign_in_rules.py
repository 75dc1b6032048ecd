"""What an installation asks of passwords and second factors: settings, with safe defaults."""

from dataclasses import dataclass

NEVER = 0  # as `password_days`: a password does not expire


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRules:
    """The rules of signing in that an installation may set.

    The defaults follow GB/T 22239 level 3, 8.1.4.1 a): complex passwords that are changed
    regularly. `docs/security.md` says where that departs from OWASP ASVS 5.
    """

    password_length: int = 12
    password_classes: int = 3  # of four: small letters, capitals, digits, everything else
    password_history: int = 5  # how many of the latest, the present one too, are not taken again
    password_days: int = 90
    second_factor_roles: frozenset[str] = frozenset(
        {
            "approver",
            "auditor",
            "finance_clerk",
            "finance_reviewer",
            "system_admin",
            "security_admin",
            "audit_admin",
        }
    )


DEFAULT_RULES = SignInRules()
