"""Imports every model, so that `Base.metadata` is complete."""

from relief.accounts import delegation
from relief.accounts import models as accounts
from relief.attachments import models as attachments
from relief.audit import models as audit
from relief.core.db import Base
from relief.core.privacy import models as privacy
from relief.funds import models as funds
from relief.jobs import models as jobs
from relief.notifications import models as notifications
from relief.organisation import models as organisation
from relief.registry import models as registry
from relief.review import models as review
from relief.review.changing import models as changing
from relief.review.checks import models as checks
from relief.review.extending import models as extending
from relief.review.facts import models as facts
from relief.review.kin import models as kin
from relief.review.lists import models as lists
from relief.review.papers import models as papers
from relief.review.rechecking import models as rechecking
from relief.schemes import check_rules
from relief.schemes import models as schemes
from relief.schemes import rule_models as rules
from relief.tasks import models as tasks
from relief.web import models as web

__all__ = [
    "Base",
    "accounts",
    "attachments",
    "audit",
    "changing",
    "check_rules",
    "checks",
    "delegation",
    "extending",
    "facts",
    "funds",
    "jobs",
    "kin",
    "lists",
    "notifications",
    "organisation",
    "papers",
    "privacy",
    "rechecking",
    "registry",
    "review",
    "rules",
    "schemes",
    "tasks",
    "web",
]
