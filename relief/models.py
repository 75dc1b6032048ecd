"""Imports every model, so that `Base.metadata` is complete."""

from relief.accounts import delegation
from relief.accounts import models as accounts
from relief.attachments import models as attachments
from relief.audit import models as audit
from relief.bindings import models as bindings
from relief.core.db import Base
from relief.core.privacy import models as privacy
from relief.funds import models as funds
from relief.funds.payees import models as payees
from relief.integrations.wechat import models as wechat
from relief.jobs import models as jobs
from relief.news import models as news
from relief.notifications import models as notifications
from relief.organisation import models as organisation
from relief.registers import models as registers
from relief.registry import models as registry
from relief.review import models as review
from relief.review.changing import models as changing
from relief.review.checks import models as checks
from relief.review.enclosures import models as enclosures
from relief.review.extending import models as extending
from relief.review.facts import models as facts
from relief.review.kin import models as kin
from relief.review.lists import models as lists
from relief.review.mandates import models as mandates
from relief.review.objecting import models as objecting
from relief.review.papers import models as papers
from relief.review.rechecking import models as rechecking
from relief.review.recognition import models as recognition
from relief.review.referring import models as referring
from relief.review.rising import models as rising
from relief.review.rostering import models as rostering
from relief.review.surveying import models as surveying
from relief.schemes import check_rules, county_standards, held_papers
from relief.schemes import models as schemes
from relief.schemes import recognition as recognition_rules
from relief.schemes import rosters as roster_registers
from relief.schemes import rule_models as rules
from relief.schemes.drafting import models as drafting
from relief.tasks import models as tasks
from relief.visits import models as visits
from relief.web import models as web

__all__ = [
    "Base",
    "accounts",
    "attachments",
    "audit",
    "bindings",
    "changing",
    "check_rules",
    "checks",
    "county_standards",
    "delegation",
    "drafting",
    "enclosures",
    "extending",
    "facts",
    "funds",
    "held_papers",
    "jobs",
    "kin",
    "lists",
    "mandates",
    "news",
    "notifications",
    "objecting",
    "organisation",
    "papers",
    "payees",
    "privacy",
    "rechecking",
    "recognition",
    "recognition_rules",
    "referring",
    "registers",
    "registry",
    "review",
    "rising",
    "roster_registers",
    "rostering",
    "rules",
    "schemes",
    "surveying",
    "tasks",
    "visits",
    "web",
    "wechat",
]
