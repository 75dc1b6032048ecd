"""From scored pairs to groups: what is joined, what is asked, and what never happens."""

import random

from hypothesis import given
from hypothesis import strategies as st

from relief.registry.matching.clusters import AMBIGUOUS, CONFLICT, SIMILAR, group
from relief.registry.matching.specification import Thresholds

LIMITS = Thresholds(link=5.0, review=0.0, lead=2.0)


def grouped(edges, values=None, records=range(8)):
    found = group(edges, values or {}, LIMITS)
    together = {}
    for record in records:
        together.setdefault(found.of(record), set()).add(record)
    return sorted((one for one in together.values() if len(one) > 1), key=min), found.doubts


def test_pairs_from_the_threshold_upward_are_joined():
    assert grouped([(0, 1, 5.0), (1, 2, 9.0), (3, 4, 4.99)]) == (
        [{0, 1, 2}],
        [(SIMILAR, 3, 4, 4.99)],
    )


def test_records_of_one_value_are_one_group_without_any_pair():
    assert grouped([], {0: 7, 3: 7, 4: 9}) == ([{0, 3}], [])


def test_two_values_are_never_joined_and_a_strong_pair_of_them_is_a_conflict():
    assert grouped([(0, 1, 30.0)], {0: 7, 1: 9}) == ([], [(CONFLICT, 0, 1, 30.0)])


def test_two_values_are_not_joined_through_a_third_record():
    joined, doubts = grouped([(0, 2, 20.0), (1, 2, 10.0)], {0: 7, 1: 9})

    assert joined == [{0, 2}]
    assert doubts == [(CONFLICT, 1, 2, 10.0)]


def test_a_group_without_a_value_takes_that_of_whom_it_joins():
    joined, doubts = grouped([(2, 3, 20.0), (0, 3, 15.0), (1, 2, 10.0)], {0: 7, 1: 9})

    assert joined == [{0, 2, 3}]
    assert doubts == [(CONFLICT, 1, 2, 10.0)]


def test_a_record_between_two_values_goes_with_none_and_is_asked_about():
    assert grouped([(0, 2, 10.0), (1, 2, 8.5)], {0: 7, 1: 9}) == ([], [(AMBIGUOUS, 2, 0, 10.0)])


def test_a_lead_of_enough_decides():
    joined, _ = grouped([(0, 2, 10.0), (1, 2, 8.0)], {0: 7, 1: 9})

    assert joined == [{0, 2}]


def test_two_records_of_one_value_are_not_two_candidates():
    joined, doubts = grouped([(0, 2, 10.0), (1, 2, 9.9)], {0: 7, 1: 7})

    assert (joined, doubts) == ([{0, 1, 2}], [])


def test_an_unsure_record_may_still_come_to_a_value_through_another():
    edges = [(3, 2, 30.0), (0, 3, 20.0), (0, 2, 10.0), (1, 2, 9.0)]

    joined, doubts = grouped(edges, {0: 7, 1: 9})

    assert joined == [{0, 2, 3}]
    assert AMBIGUOUS not in {one[0] for one in doubts}


def test_weak_candidates_are_no_ambiguity():
    assert grouped([(0, 2, 4.0), (1, 2, 3.5)], {0: 7, 1: 9}) == (
        [],
        [(SIMILAR, 0, 2, 4.0), (SIMILAR, 1, 2, 3.5)],
    )


def test_two_groups_are_asked_about_once_by_their_heaviest_pair():
    edges = [(0, 1, 9.0), (2, 3, 9.0), (0, 2, 3.0), (1, 3, 4.0), (1, 2, 2.0)]

    assert grouped(edges) == ([{0, 1}, {2, 3}], [(SIMILAR, 1, 3, 4.0)])


def test_two_values_that_are_a_little_alike_are_no_question():
    assert grouped([(0, 1, 4.0)], {0: 7, 1: 9}) == ([], [])


_edges = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.floats(0, 12, width=16)).filter(
        lambda edge: edge[0] < edge[1]
    ),
    max_size=25,
    unique_by=lambda edge: edge[:2],
)
_values = st.dictionaries(st.integers(0, 9), st.integers(100, 103), max_size=6)


@given(edges=_edges, values=_values, seed=st.integers(0, 99))
def test_whatever_comes_in(edges, values, seed):
    found = group(edges, values, LIMITS)
    roots = {record: found.of(record) for record in range(10)}

    # never two values in one group; one value is never in two
    held = {}
    for record, value in values.items():
        held.setdefault(roots[record], set()).add(value)
    assert all(len(one) == 1 for one in held.values())
    assert len(held) == len(set(values.values()))
    # nothing below the threshold brings two records together
    strong = group([edge for edge in edges if edge[2] >= LIMITS.link], values, LIMITS)
    alone = {record for edge in edges for record in edge[:2] if edge[2] < LIMITS.link} - {
        record for edge in edges for record in edge[:2] if edge[2] >= LIMITS.link
    }
    assert all(strong.of(record) == roots[record] for record in alone)
    if not any(edge[2] >= LIMITS.link for edge in edges):
        assert len(set(roots.values())) == 10 - (len(values) - len(set(values.values())))
    # the order of pairs does not matter
    mixed = list(edges)
    random.Random(seed).shuffle(mixed)  # noqa: S311  # of no secret
    again = group(mixed, values, LIMITS)
    assert {record: again.of(record) for record in range(10)} == roots
    assert again.doubts == found.doubts
