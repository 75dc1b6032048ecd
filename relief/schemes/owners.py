"""Who acts in a stage of a scheme's procedure: which departments, and who of them."""

from collections.abc import Sequence

from relief.accounts.types import Role
from relief.organisation.models import RegionLevel
from relief.schemes.models import ProcedureStage, Scheme, StageOwner
from relief.schemes.types import Each, StageKind


def departments_of(owner: StageOwner, scheme: Scheme) -> Sequence[str]:
    """Return the codes of the departments that an owner is in a scheme; of a joint stage, all."""
    if owner.department_code is not None:
        return [owner.department_code]
    return scheme.joint_departments if owner.each is Each.JOINT else [scheme.department_code]


def role_of(stage: ProcedureStage, owner: StageOwner) -> Role:
    """Return who acts: approvers confirm; else a township's clerks, a county's reviewers."""
    if stage.kind is StageKind.CONFIRMATION:
        return Role.APPROVER
    return Role.CLERK if owner.levels == [RegionLevel.TOWNSHIP] else Role.REVIEWER
