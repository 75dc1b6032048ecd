"""What one version of a procedure says otherwise than another, stage by stage.

Nothing here asks a database.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from relief.schemes.drafting.content import Content, Head, Stage
from relief.schemes.drafting.types import Kind

# A form gives them in an order of its own, which means nothing.
_UNORDERED = frozenset({"raises", "after"})


@dataclass(frozen=True, slots=True)
class Change:
    """One field with what it was and what it is; None: there was, or is, nothing."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class StageDifference:
    """What became of one stage. `moved`: it comes earlier or later among those that stayed."""

    code: str
    name: str
    kind: Kind
    moved: bool
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True, kw_only=True)
class JointDifference:
    """The departments of a scheme's joint review that came and went."""

    scheme: str
    added: Sequence[str]
    removed: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """All of it: of the whole, of each stage that is not the same, and of the departments."""

    head: Sequence[Change]
    stages: Sequence[StageDifference]
    joint: Sequence[JointDifference]

    @property
    def empty(self) -> bool:
        """Tell whether both say the same."""
        return not (self.head or self.stages or self.joint)


def difference(before: Content, after: Content) -> Difference:
    """Return what `after` says otherwise than `before`; stages in the order of `after`."""
    return Difference(
        head=changes(before.head, after.head),
        stages=[*_of_stages(before, after), *_removed(before, after)],
        joint=[
            one
            # Of a scheme that came to the procedure since, the draft says nothing.
            for code in sorted(before.joint.keys() & after.joint.keys())
            if (one := _of_joint(code, before, after)).added or one.removed
        ],
    )


def changes(before: Head | Stage | None, after: Head | Stage | None) -> list[Change]:
    """Return the fields that differ; of a stage that is new or gone, all that say something."""
    names = [one.name for one in fields(before or after or Head) if one.name != "code"]
    pairs = [(name, getattr(before, name, None), getattr(after, name, None)) for name in names]
    return [Change(*one) for one in pairs if not _same(*one)]


def _same(name: str, before: Any, after: Any) -> bool:
    if name in _UNORDERED:
        return set(before or ()) == set(after or ())
    return (before or None) == (after or None)


def _of_stages(before: Content, after: Content) -> list[StageDifference]:
    moved = _moved(before, after)
    found = []
    for stage in after.stages:
        old = before.stage(stage.code)
        differing = changes(old, stage)
        if old is None or differing or stage.code in moved:
            kind = Kind.ADDED if old is None else Kind.CHANGED
            found.append(_one(stage, kind, differing, moved=stage.code in moved))
    return found


def _removed(before: Content, after: Content) -> list[StageDifference]:
    gone = [one for one in before.stages if after.stage(one.code) is None]
    return [_one(one, Kind.REMOVED, changes(one, None), moved=False) for one in gone]


def _one(stage: Stage, kind: Kind, differing: Sequence[Change], *, moved: bool) -> StageDifference:
    return StageDifference(
        code=stage.code, name=stage.name, kind=kind, moved=moved, changes=differing
    )


def _moved(before: Content, after: Content) -> set[str]:
    """Return the stages that stand at another place among those that both have."""
    old = [one.code for one in before.stages if after.stage(one.code)]
    new = [one.code for one in after.stages if before.stage(one.code)]
    return {code for place, code in enumerate(new) if old[place] != code}


def _of_joint(code: str, before: Content, after: Content) -> JointDifference:
    old, new = before.joint[code], after.joint[code]
    return JointDifference(
        scheme=code,
        added=[one for one in new if one not in old],
        removed=[one for one in old if one not in new],
    )
