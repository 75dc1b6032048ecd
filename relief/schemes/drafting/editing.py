"""Single edits of a content, each giving a new one. Nothing here asks a database."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from relief.schemes.drafting.content import Content, Head, Stage, refuse
from relief.schemes.drafting.errors import BadContent


def with_head(content: Content, head: Head) -> Content:
    """Return it with another head. Raises BadContent."""
    return _checked(replace(content, head=head))


def with_stage(content: Content, stage: Stage, *, code: str | None) -> Content:
    """Return it with a stage in the place of the one of that code; None: after all others.

    A stage that gets another code gets it wherever it is waited for. Raises BadContent.
    """
    if code is None:
        return _checked(replace(content, stages=(*content.stages, stage)))
    place = _place(content, code)
    stages = list(content.stages)
    stages[place] = stage
    if stage.code != code:
        stages = [
            replace(one, after=tuple(stage.code if it == code else it for it in one.after))
            for one in stages
        ]
    return _checked(replace(content, stages=tuple(stages)))


def without_stage(content: Content, code: str) -> Content:
    """Return it without a stage; nothing waits for it any more. Raises BadContent."""
    _place(content, code)
    stages = [
        replace(one, after=tuple(it for it in one.after if it != code))
        for one in content.stages
        if one.code != code
    ]
    return _checked(replace(content, stages=tuple(stages)))


def moved(content: Content, code: str, *, earlier: bool) -> Content:
    """Return it with a stage one place earlier or later; at the end it stays. Raises BadContent."""
    place = _place(content, code)
    stages = list(content.stages)
    other = place - 1 if earlier else place + 1
    if 0 <= other < len(stages):
        stages[place], stages[other] = stages[other], stages[place]
    return replace(content, stages=tuple(stages))


def with_joint(content: Content, joint: Mapping[str, Sequence[str]]) -> Content:
    """Return it with other departments of the joint review, by scheme."""
    return replace(content, joint={code: tuple(which) for code, which in joint.items()})


def _place(content: Content, code: str) -> int:
    for place, stage in enumerate(content.stages):
        if stage.code == code:
            return place
    message = f"草稿中没有环节 {code}"
    raise BadContent(message)


def _checked(content: Content) -> Content:
    refuse(content)
    return content
