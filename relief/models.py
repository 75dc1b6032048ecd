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
from relief.review.extending import models as extending
from relief.review.kin import models as kin
from relief.review.rechecking import models as rechecking
from relief.schemes import models as schemes
from relief.tasks import models as tasks
from relief.web import models as web

__all__ = [
    "Base",
    "accounts",
    "attachments",
    "audit",
    "changing",
    "delegation",
    "extending",
    "funds",
    "jobs",
    "kin",
    "notifications",
    "organisation",
    "privacy",
    "rechecking",
    "registry",
    "review",
    "schemes",
    "tasks",
    "web",
]
