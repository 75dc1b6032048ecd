from datetime import date

import pytest

from relief.registry.merging import claims, decisions, households, linking, survivorship
from relief.registry.merging.workbench import open_workbench
from tests.support.workbench import fill

OLD = {"last_on": date(2024, 1, 1)}


@pytest.fixture
def bench():
    with open_workbench() as opened:
        yield opened


def compose(bench, *rows):
    """Merge the rows; return the households as sorted lists of names, sorted."""
    fill(bench, *rows)
    survivorship.load_authority(bench, AUTHORITY)
    linking.link(bench, salt="salt")
    claims.gather(bench)
    decisions.apply_decisions(bench)
    survivorship.survive(bench)
    households.compose(bench)
    homes = bench.run(
        "SELECT list_sort(list(p.name)) FROM new_member m JOIN new_person p USING (cluster)"
        " GROUP BY m.household ORDER BY 1"
    ).fetchall()
    return sorted(sorted(row[0]) for row in homes)


AUTHORITY = {"household": ["S01", "S28", "S13"]}


def person(name, *, scheme="S01", home=None, department="D01", **said):
    return {
        "name": name,
        "number": name,
        "scheme": scheme,
        "household_number": home,
        "department": department,
        **said,
    }


def test_a_list_makes_a_household(bench):
    homes = compose(bench, person("甲", home="1"), person("乙", home="1"), person("丙", home="2"))

    assert homes == [["丙"], sorted("甲乙")]


def test_two_departments_numbers_for_one_family_are_one_household(bench):
    homes = compose(
        bench,
        person("甲", home="1"),
        person("乙", home="1"),
        person("甲", home="900", department="D09", scheme="S28"),
        person("乙", home="900", department="D09", scheme="S28"),
        person("丙", home="900", department="D09", scheme="S28"),
    )

    assert homes == [sorted("甲乙丙")]


def test_a_namesake_in_the_family_without_a_number_is_the_same_person(bench):
    away = {"region": 210303002000, "born_on": None, "number": None}
    other_list = {"department": "D09", "scheme": "S28", "home": "900"}

    homes = compose(
        bench,
        person("甲", home="1"),
        person("乙", home="1"),
        person("甲", **other_list),
        person("乙", **other_list) | away,
    )

    assert homes == [sorted("甲乙")]


def test_a_grandchild_of_the_same_name_stays_another_person(bench):
    other_list = {"department": "D09", "scheme": "S28", "home": "900"}
    child = {"number": None, "born_on": date(2015, 6, 7)}

    homes = compose(
        bench,
        person("甲", home="1"),
        person("乙", home="1"),
        person("甲", **other_list),
        person("乙", **other_list),
        person("乙", **other_list) | child,
    )

    assert homes == [sorted("甲乙乙")]


def test_a_daughter_who_married_out_does_not_join_two_families(bench):
    parents = [person(name, home="1") for name in ("父", "母", "弟")]
    young = [person(name, home="2") for name in ("夫", "女", "孩")]

    homes = compose(bench, *parents, person("女", home="1", **OLD), *young)

    assert homes == sorted([sorted("父母弟"), sorted("夫女孩")])


def test_who_is_on_no_list_lives_behind_the_door_they_name(bench):
    homes = compose(
        bench,
        person("父", home="1", address="辽宁省鞍山市铁东区解放社区3号"),
        person("孩", scheme="S18", department="D03", address="鞍山市铁东区解放社区 3号"),
        person("邻", scheme="S18", department="D03", address="鞍山市铁东区解放社区4号"),
    )

    assert homes == sorted([sorted("父孩"), ["邻"]])


def test_who_names_a_householder_of_the_village_is_with_them(bench):
    other = {"region": 210302002002}

    homes = compose(
        bench,
        person("父", home="1"),
        person("孩", scheme="S19", department="D03", householder_name="父"),
        person("外", scheme="S19", department="D03", householder_name="父", **other),
        person("张甲", home="7", address="甲路9号"),
        person("张乙", home="8", address="甲路9号"),
        person("客", scheme="S16", department="D02", address="甲路9号"),
    )

    assert homes == sorted([sorted("父孩"), ["外"], ["张甲"], ["张乙"], ["客"]])


def test_the_householder_gives_the_household_its_name_and_address(bench):
    compose(
        bench,
        person("父", home="1", relation="02", address="甲街1号"),
        person("爷", home="1", relation="51", born_on=date(1940, 1, 1), address="乙街2号"),
    )

    assert bench.run("SELECT householder_name, address, people FROM new_household").fetchall() == [
        ("父", "甲街1号", 2)
    ]


def test_the_scheme_with_more_authority_wins_and_among_equals_the_latest(bench):
    fill(
        bench,
        {"number": "A", "address": "旧", "scheme": "S01", **OLD},
        {"number": "A", "address": "新", "scheme": "S01"},
        {"number": "A", "address": "他", "scheme": "S28"},
        {"number": "A", "phone": "00000000-0000-0000-0000-0000000000aa", "scheme": "S28"},
        {"number": "A", "phone": "00000000-0000-0000-0000-0000000000bb", "scheme": "S01", **OLD},
    )
    survivorship.load_authority(bench, {"address": ["S01", "S28"]})
    linking.link(bench, salt="salt")
    decisions.apply_decisions(bench)
    survivorship.survive(bench)

    [(address, phone)] = bench.run("SELECT address, phone FROM new_person").fetchall()
    assert address == "新"
    assert str(phone).endswith("aa")


def test_a_birth_date_inside_a_valid_number_beats_what_a_file_says(bench):
    fill(
        bench,
        {"number": "A", "number_born_on": date(1980, 3, 4), "born_on": date(1980, 4, 3)},
    )
    survivorship.load_authority(bench, {})
    linking.link(bench, salt="salt")
    decisions.apply_decisions(bench)
    survivorship.survive(bench)

    assert bench.run("SELECT born_on FROM new_person").fetchall() == [(date(1980, 3, 4),)]
