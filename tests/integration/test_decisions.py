"""What stewards decide holds for ever after, can be taken back, and touches nobody else."""

from datetime import date

import pytest
from sqlalchemy import func, select

from relief.audit.models import AccessGround, AuditEvent
from relief.core.ids import new_id
from relief.registry.decisions import acts, anchors, errors
from relief.registry.errors import PersonNotFound
from relief.registry.models import IdentityRegistry, LinkDecision, LinkReview, Person, SourceLink
from relief.registry.types import ActKind, LinkRule, Verdict
from tests.support.deciding import REASON, Desk
from tests.support.settings import START
from tests.support.source import VILLAGE, number, registry_by_content

BORN, CHILD_BORN = date(1980, 3, 4), date(2015, 6, 7)
FATHER = {"name": "王建国", "number": number(BORN, 1)}
MOTHER = {"name": "李秀英", "number": number(BORN, 2)}
CHILD = {"name": "王小宝", "born_on": CHILD_BORN, "number": FATHER["number"]}
SAME, DIFFERENT = Verdict.SAME, Verdict.DIFFERENT


@pytest.fixture
def desk(session, cipher, steward):
    return Desk(session, cipher, steward.id)


def count(session, model, *conditions):
    return session.scalar(select(func.count()).select_from(model).where(*conditions))


def test_the_same_person_is_one_from_then_on_and_nobody_is_asked_again(session, desk):
    desk.file("S01", FATHER)
    desk.file("S18", CHILD)
    father = desk.person("王建国")

    desk.answer(SAME)

    assert desk.groups() == [[("S01", "王建国"), ("S18", "王小宝")]]
    assert desk.people().keys() == {father}
    rules = dict(
        session.execute(select(SourceLink.rule, func.count()).group_by(SourceLink.rule)).all()
    )
    assert rules == {LinkRule.NUMBER: 1, LinkRule.DECIDED: 1}
    assert count(session, LinkReview, LinkReview.closed_at.is_(None)) == 0
    desk.file("S18", CHILD)
    assert desk.people().keys() == {father}


def test_different_people_stay_two_and_nobody_is_asked_again(session, desk):
    desk.file("S01", FATHER)
    desk.file("S18", CHILD)
    before, ids = registry_by_content(session), set(desk.people())

    desk.answer(DIFFERENT)
    desk.file("S18", CHILD)

    after = registry_by_content(session)
    assert after["people"] == before["people"]
    assert (set(desk.people()), after["reviews"]) == (ids, [])


def test_an_answer_is_written_down_with_who_and_why(session, desk):
    desk.file("S01", FATHER)
    desk.file("S18", CHILD)
    review = desk.review()

    act = desk.answer(SAME)

    rows = session.scalars(select(LinkDecision)).all()
    assert [(row.verdict, row.decided_by, row.act_id) for row in rows] == [
        (SAME, desk.steward, act.id)
    ]
    session.refresh(review)
    assert (review.act_id, review.closed_at) == (act.id, act.at)
    events = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "person:decided_same")
    ).all()
    assert {event.subject_id for event in events} == {act.person_id, act.other_id}
    assert {event.region_code for event in events} == {VILLAGE}


def test_a_withdrawn_answer_asks_again(session, desk):
    desk.file("S01", FATHER)
    desk.file("S18", CHILD)
    before = registry_by_content(session)
    act = desk.answer(SAME)

    desk.withdraw(act)

    assert registry_by_content(session) == before
    assert desk.review().act_id is None
    with pytest.raises(errors.AlreadyWithdrawn):
        desk.withdraw(act)


def test_a_split_makes_two_of_one_and_holds_for_next_months_file(session, desk):
    desk.file("S01", FATHER)
    desk.file("S09", {**FATHER, "name": "王建园"})
    desk.file("S02", MOTHER)
    one, mother = desk.of("S01", "王建国"), desk.person("李秀英")
    assert desk.of("S09", "王建园") == one

    desk.split(one, desk.identities(one, lambda said: said.name == "王建园"))

    assert desk.of("S01", "王建国") == one
    other = desk.of("S09", "王建园")
    assert other != one
    assert desk.person("李秀英") == mother
    # The number stays with who stayed.
    held = session.execute(
        select(IdentityRegistry.person_id).where(IdentityRegistry.person_id.in_([one, other]))
    ).all()
    assert held == [(one,)]
    assert session.get_one(Person, other).citizen_id is None
    desk.file("S09", {**FATHER, "name": "王建园", "months": [11]})
    assert desk.groups() == [
        [("S01", "王建国")],
        [("S02", "李秀英")],
        [("S09", "王建园")],
    ]
    assert desk.of("S09", "王建园") == other


def test_who_stays_keeps_the_id_and_the_number_goes_with_its_records(session, desk):
    home = {"household_number": "7", "name": "王建国"}
    desk.file("S01", FATHER | {"household_number": "7"})
    desk.file("S01", home | {"number": None, "born_on": None, "months": [3]})
    desk.file("S01", home | {"number": None, "born_on": None, "months": [4], "address": "甲街"})
    [one] = desk.people()

    desk.split(one, desk.identities(one, lambda said: said.citizen_id_valid))

    kept = session.get_one(Person, one, populate_existing=True)
    assert kept.citizen_id is None
    [number_of] = session.scalars(select(IdentityRegistry.person_id)).all()
    assert number_of != one
    assert len(desk.people()) == 2


def test_two_identities_of_one_signature_are_told_apart_by_themselves(session, desk):
    desk.file("S01", FATHER)
    desk.file("S09", FATHER | {"address": "乙街2号"})
    [one] = desk.people()

    act = desk.split(one, desk.identities(one, lambda said: said.address is not None))

    assert desk.groups() == [[("S01", "王建国")], [("S09", "王建国")]]
    [row] = session.scalars(select(LinkDecision).where(LinkDecision.act_id == act.id)).all()
    assert row.one_anchor.startswith("i:")
    desk.withdraw(act)
    assert desk.groups() == [[("S01", "王建国"), ("S09", "王建国")]]
    assert desk.people().keys() == {one}


@pytest.mark.parametrize("chosen", ["none", "all", "strangers"])
def test_a_split_of_nothing_or_everything_is_refused(desk, chosen):
    desk.file("S01", FATHER)
    desk.file("S09", FATHER)
    [one] = desk.people()
    identities = desk.identities(one, lambda _: chosen == "all")
    if chosen == "strangers":
        identities = [desk.identities(one, lambda _: True)[0], new_id(START)]

    with pytest.raises(errors.NothingToSplit):
        desk.split(one, identities)


def test_two_people_of_two_valid_numbers_become_one_by_hand_only(session, desk):
    desk.file("S01", FATHER, MOTHER)
    desk.file("S18", {"name": "邻居", "number": number(BORN, 9)})
    father, mother, neighbour = (desk.person(name) for name in ("王建国", "李秀英", "邻居"))

    act = desk.unite(father, mother)

    assert set(desk.people()) == {father, neighbour}
    held = session.scalars(select(IdentityRegistry.person_id)).all()
    assert sorted(held) == sorted([father, father, neighbour])
    desk.file("S09", MOTHER)
    assert set(desk.people()) == {father, neighbour}

    desk.withdraw(act)

    assert desk.person("王建国") == father
    assert len(desk.people()) == 3
    assert len(set(session.scalars(select(IdentityRegistry.person_id)))) == 3


def test_a_decision_waits_for_descriptions_that_are_not_there(desk):
    desk.file("S01", FATHER)
    late = desk.file("S18", CHILD)
    desk.answer(SAME)

    desk.undo(late)
    assert desk.groups() == [[("S01", "王建国")]]
    desk.file("S18", CHILD)

    assert desk.groups() == [[("S01", "王建国"), ("S18", "王小宝")]]


def test_what_was_decided_stands_in_the_way_of_the_opposite(desk):
    desk.file("S01", FATHER, MOTHER)
    father, mother = desk.person("王建国"), desk.person("李秀英")
    first = desk.unite(father, mother)

    with pytest.raises(errors.Contradiction, match=r"Steward于.*合并为同一人") as refused:
        desk.split(father, desk.identities(father, lambda said: said.name == "李秀英"))

    assert [each["act_id"] for each in refused.value.conflicts] == [str(first.id)]


def test_what_two_decisions_say_together_is_not_contradicted(desk):
    third = {"name": "赵六", "number": number(BORN, 5)}
    desk.file("S01", FATHER, MOTHER, third)
    father, mother, other = (desk.person(name) for name in ("王建国", "李秀英", "赵六"))
    first = desk.unite(father, mother)
    second = desk.unite(father, other)

    with pytest.raises(errors.Contradiction) as refused:
        desk.split(father, desk.identities(father, lambda said: said.name == "赵六"))

    assert {each["act_id"] for each in refused.value.conflicts} == {str(second.id)}
    desk.withdraw(first)
    desk.withdraw(second)
    assert len(desk.people()) == 3


def test_who_was_told_apart_is_not_put_together_without_taking_that_back(desk):
    desk.file("S01", FATHER)
    desk.file("S18", CHILD)
    first = desk.answer(DIFFERENT)

    with pytest.raises(errors.Contradiction, match="核对为不同人"):
        desk.unite(desk.person("王建国"), desk.person("王小宝"))
    desk.withdraw(first)
    desk.unite(desk.person("王建国"), desk.person("王小宝"))

    assert len(desk.people()) == 1


def test_a_signature_that_is_the_same_as_another_is_not_divided(desk):
    desk.file("S01", FATHER, MOTHER)
    first = desk.unite(desk.person("王建国"), desk.person("李秀英"))
    desk.file("S09", FATHER)
    [one] = desk.people()

    with pytest.raises(errors.Contradiction) as refused:
        desk.split(one, desk.identities(one, lambda said: said.scheme_code == "S09"))

    assert {each["act_id"] for each in refused.value.conflicts} == {str(first.id)}


def test_nothing_is_decided_of_what_changed_since_it_was_seen(desk):
    desk.file("S01", FATHER, MOTHER)
    father, mother = desk.person("王建国"), desk.person("李秀英")
    seen = desk.seen(father)
    desk.file("S09", FATHER)

    with pytest.raises(errors.ChangedMeanwhile):
        desk.unite(mother, father, other_seen=seen)
    with pytest.raises(errors.ChangedMeanwhile):
        desk.split(father, [], seen=seen)


def test_the_second_answer_hears_who_gave_the_first(desk):
    desk.file("S01", FATHER)
    desk.file("S18", CHILD)
    review = desk.review()
    act = desk.answer(SAME)

    with pytest.raises(errors.AlreadyDecided, match=r"Steward于.*核对为同一人") as refused:
        desk.answer(DIFFERENT, review=review, seen="old")

    assert refused.value.conflicts[0]["act_id"] == str(act.id)


def test_the_same_act_twice_is_told_who_was_first(desk):
    desk.file("S01", FATHER)
    desk.file("S18", CHILD)
    father, child = desk.person("王建国"), desk.person("王小宝")
    desk.answer(DIFFERENT)

    with pytest.raises(errors.Contradiction):
        desk.unite(father, child)


def test_a_question_whose_cause_is_gone_needs_no_answer(desk):
    desk.file("S01", FATHER)
    late = desk.file("S18", CHILD)
    review = desk.review()
    desk.undo(late)

    with pytest.raises(errors.ReviewClosed):
        desk.answer(SAME, review=review, seen="old")


def test_a_record_without_a_number_goes_to_the_namesake_that_was_chosen(session, desk):
    namesake = {"name": "张伟", "number": number(BORN, 11)}
    other = {"name": "张伟", "number": number(BORN, 13)}
    desk.file("S01", namesake, other)
    desk.file("S16", {"name": "张伟", "born_on": BORN})
    chosen = desk.session.scalar(
        select(SourceLink.person_id)
        .join(Person, Person.id == SourceLink.person_id)
        .where(Person.citizen_id.is_not(None))
    )

    with pytest.raises(errors.NobodyChosen):
        desk.answer(SAME)
    desk.answer(SAME, candidate_id=chosen)

    assert desk.of("S16", "张伟") == chosen
    assert count(session, LinkReview, LinkReview.closed_at.is_(None)) == 0


def test_a_record_that_is_none_of_the_namesakes_is_not_asked_of_again(session, desk):
    desk.file("S01", {"name": "张伟", "number": number(BORN, 11)})
    desk.file("S02", {"name": "张伟", "number": number(BORN, 13)})
    desk.file("S16", {"name": "张伟", "born_on": BORN})

    desk.answer(DIFFERENT)

    assert len(desk.people()) == 3
    assert count(session, LinkReview, LinkReview.closed_at.is_(None)) == 0
    # Another namesake is another question.
    desk.file("S05", {"name": "张伟", "number": number(BORN, 15)})
    assert count(session, LinkReview, LinkReview.closed_at.is_(None)) == 1


def test_who_was_let_to_see_someone_may_see_who_that_person_became(session, desk):
    desk.file("S01", FATHER)
    desk.file("S18", CHILD)
    father, child = desk.person("王建国"), desk.person("王小宝")
    session.add(
        AccessGround(
            id=new_id(START),
            kind="case",
            reference="case",
            subject_id=child,
            purpose="受理申请",
            opened_at=START,
        )
    )

    desk.answer(SAME)

    ground = session.scalars(select(AccessGround).where(AccessGround.reference == "case")).one()
    assert ground.subject_id == father


@pytest.mark.parametrize("reason", ["好 ", "太" * 201])
def test_a_reason_is_given(reason):
    with pytest.raises(errors.ReasonMissing):
        acts.stated(reason)


def test_nobody_is_put_together_with_oneself_or_with_a_stranger(desk):
    desk.file("S01", FATHER)
    father = desk.person("王建国")

    with pytest.raises(errors.SamePerson):
        desk.unite(father, father)
    with pytest.raises(PersonNotFound):
        desk.unite(father, new_id(START), other_seen="x")


def test_a_pair_that_is_decided_is_not_written_again(session, desk):
    desk.file("S01", FATHER)
    desk.file("S18", CHILD)
    first = desk.answer(DIFFERENT)
    said = anchors.said_of(session, [first.person_id, first.other_id])
    again = acts.new_act(
        ActKind.REVIEW,
        DIFFERENT,
        person_id=first.person_id,
        other_id=first.other_id,
        reason=REASON,
        actor_id=desk.steward,
        now=desk.later(),
    )

    with pytest.raises(errors.AlreadyDecided) as refused:
        acts.decide(
            session,
            again,
            cipher=desk.cipher,
            stays=said[first.person_id],
            moves=[said[first.other_id]],
        )

    assert [each["act_id"] for each in refused.value.conflicts] == [str(first.id)]
