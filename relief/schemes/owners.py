"""Who acts in a stage of a scheme's procedure: which departments, and who of them."""

from collections.abc import Mapping, Sequence

from relief.accounts.types import Role
from relief.organisation.models import RegionLevel
from relief.schemes.models import Procedure, ProcedureStage, Scheme, StageOwner
from relief.schemes.queries import Plan
from relief.schemes.types import Each, StageKind


def departments_of(owner: StageOwner, scheme: Scheme, procedure: Procedure) -> Sequence[str]:
    """Return the codes of the departments that an owner is in a scheme; of a joint stage, all."""
    if owner.department_code is not None:
        return [owner.department_code]
    joint = owner.each is Each.JOINT
    return joint_of(procedure, scheme) if joint else [scheme.department_code]


def joint_of(procedure: Procedure | None, scheme: Scheme) -> Sequence[str]:
    """Return who takes part in a joint review: as the version says, or else as the scheme does."""
    told: dict[str, Sequence[str]] = (procedure.joint if procedure is not None else None) or {}
    return told.get(scheme.code, scheme.joint_departments)


def acting_in(plan: Plan, scheme: Scheme, owners: Mapping[str, StageOwner]) -> list[str]:
    """Return the codes of everyone who acts in a stage of a procedure, and of the scheme's own."""
    acting = {
        department
        for stage in plan.stages
        for department in departments_of(owners[stage.owner], scheme, plan.procedure)
    }
    return sorted(acting | {scheme.department_code})


def role_of(stage: ProcedureStage, owner: StageOwner) -> Role:
    """Return who acts: approvers confirm; else a township's clerks, a county's reviewers."""
    if stage.kind is StageKind.CONFIRMATION:
        return Role.APPROVER
    return Role.CLERK if owner.levels == [RegionLevel.TOWNSHIP] else Role.REVIEWER
