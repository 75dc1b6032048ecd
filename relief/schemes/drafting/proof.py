"""What `relief schemes check` says of a draft: the same code, on the catalogue of its day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from relief.schemes import catalogue as catalogues
from relief.schemes import soundness
from relief.schemes.queries import Plan
from relief.schemes.soundness import Fault


def faults(session: Session, plan: Plan, *, on: date) -> Sequence[Fault]:
    """Return the faults of one version, and of the schemes that would use it, on a day."""
    catalogue = catalogues.load(session, on=on)
    code = plan.procedure.code
    return soundness.faults(
        replace(
            catalogue,
            plans={code: plan},
            schemes=[one for one in catalogue.schemes if one.procedure_code == code],
        )
    )


def as_json(fault: Fault) -> dict[str, str]:
    """Return a fault with its rule and the source of it, as programs are told it."""
    return {
        "place": fault.place,
        "message": fault.message,
        "rule": fault.rule.value,
        "asks": fault.asks,
        "source": fault.source,
    }
