"""The blueprint that holds every page, its style sheets, and what each page can use."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Blueprint, g, request, url_for

from relief.console import faults, labels, navigation
from relief.console.access.routes import access
from relief.console.accounts.grants import grants
from relief.console.accounts.routes import accounts
from relief.console.audit.routes import audit
from relief.console.batches.routes import batches
from relief.console.cases.applying import applying
from relief.console.cases.changing import changing
from relief.console.cases.enclosing import enclosing
from relief.console.cases.extending import extending
from relief.console.cases.happening import happening
from relief.console.cases.mandating import mandating
from relief.console.cases.objecting import objecting
from relief.console.cases.paying import paying
from relief.console.cases.rechecking import rechecking
from relief.console.cases.roster_acts import roster_acts
from relief.console.cases.rosters import rosters
from relief.console.cases.routes import cases, turn
from relief.console.cases.settling import settlements
from relief.console.cases.surveying import surveying
from relief.console.decision_lists.reading import signed_lists
from relief.console.decision_lists.routes import decision_lists
from relief.console.delegating.routes import delegating
from relief.console.exports.routes import exports
from relief.console.formats import FILTERS
from relief.console.helping.files import helper_files
from relief.console.helping.routes import helping
from relief.console.home.routes import home
from relief.console.households.routes import households
from relief.console.kin.routes import kin
from relief.console.me.routes import me
from relief.console.news.acting import news_acts
from relief.console.news.routes import news
from relief.console.papers.routes import check, papers
from relief.console.past.routes import past
from relief.console.persons.deciding import deciding
from relief.console.persons.routes import persons
from relief.console.procedures.drafts import drafts
from relief.console.procedures.editing import edits
from relief.console.procedures.routes import procedures
from relief.console.quality.routes import quality
from relief.console.referrals.acting import referral_acts
from relief.console.referrals.routes import referrals
from relief.console.registers.routes import registers
from relief.console.reviews.acts import acts
from relief.console.reviews.routes import reviews
from relief.console.rises.routes import rises
from relief.console.sessions.routes import sessions, sign_in
from relief.console.statistics.routes import statistics_pages
from relief.console.text_messages.routes import text_messages
from relief.web.context import config, now

_STATIC = Path(__file__).parent / "static"
_A_YEAR = 365 * 24 * 3600


class Root(Blueprint):
    """A blueprint whose files may be kept by the browser when they are asked for by version."""

    def get_send_file_max_age(self, filename: str | None) -> int | None:
        """Return how many seconds a file stays fresh."""
        return _A_YEAR if "v" in request.args else super().get_send_file_max_age(filename)


def build() -> Blueprint:
    """Return the console."""
    root = Root(
        "console",
        __name__,
        static_folder="static",
        static_url_path="/assets",
        template_folder="templates",
    )
    root.add_url_rule("/sign-in", "sign_in", sign_in, methods=["GET", "POST"])
    root.add_url_rule("/check", "check", check)
    for pages in (
        home,
        households,
        persons,
        exports,
        past,
        statistics_pages,
        deciding,
        access,
        turn,
        cases,
        papers,
        decision_lists,
        signed_lists,
        rises,
        applying,
        rosters,
        settlements,
        roster_acts,
        referrals,
        referral_acts,
        extending,
        objecting,
        surveying,
        changing,
        paying,
        mandating,
        enclosing,
        helping,
        helper_files,
        rechecking,
        happening,
        batches,
        registers,
        text_messages,
        news,
        news_acts,
        quality,
        reviews,
        acts,
        accounts,
        grants,
        audit,
        sessions,
        kin,
        delegating,
        me,
        procedures,
        drafts,
        edits,
    ):
        root.register_blueprint(pages)
    root.app_template_filter("label")(labels.label)
    for name, form in FILTERS.items():
        root.app_template_filter(name)(form)
    root.app_context_processor(_context)
    faults.install(root)
    return root


def _context() -> dict[str, Any]:
    actor = g.get("actor")
    return {
        "me": actor,
        "sample": config().sample,
        "now_at": now(),
        "asset": asset,
        "navigation": navigation.menu(actor, request.endpoint or ""),
    }


def asset(name: str) -> str:
    """Return the address of one of our files; a changed file has another address."""
    return url_for("console.static", filename=name, v=_version(name))


@lru_cache
def _version(name: str) -> str:
    return sha256((_STATIC / name).read_bytes()).hexdigest()[:12]
