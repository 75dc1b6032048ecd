"""Nobody sees or does what is not theirs: generated from the URL map, with planted bugs."""

import pytest
from sqlalchemy import true
from werkzeug.routing import Map, Rule

from relief.accounts import service
from relief.accounts.permissions import Permission
from relief.audit import queries
from relief.registry import disclosure
from relief.registry.queries import households, visible
from tests.api import access_matrix
from tests.api.access_table import API, PAGES, TABLE

HOUSEHOLD = "GET /v1/households/<uuid:household_id>"


@pytest.fixture
def world(app, session, cipher, clock):
    return access_matrix.build(app, session, cipher)


def rules(app, *, endpoint=None):
    return [
        rule for rule in app.url_map.iter_rules() if endpoint is None or rule.endpoint == endpoint
    ]


PARTS = 5  # several, so that the processes of a run share them


@pytest.mark.no_cover  # what they reach is reached by others, and measuring takes a third more
@pytest.mark.timeout(900)  # thousands of requests, and some of them merge
@pytest.mark.parametrize("table", [API, PAGES], ids=["api", "pages"])
@pytest.mark.parametrize("part", range(PARTS))
def test_every_route_answers_as_the_table_says(app, world, table, part):
    assert access_matrix.violations(world, table, rules(app)[part::PARTS]) == []


def test_every_route_stands_in_the_table(app):
    assert access_matrix.unlisted(rules(app), TABLE) == []


def test_a_route_that_is_not_in_the_table_is_found(app):
    planted = Map([Rule("/v1/planted", endpoint="planted", methods=["POST"])])

    found = access_matrix.unlisted([*rules(app), *planted.iter_rules()], TABLE)

    assert found == ["POST /v1/planted"]


def test_a_missing_permission_is_found(app, world, monkeypatch):
    monkeypatch.delattr(app.view_functions["decisions.list_link_reviews"], "required_permission")

    found = access_matrix.violations(
        world, TABLE, rules(app, endpoint="decisions.list_link_reviews")
    )

    assert "GET /v1/link-reviews as auditor, own: 403 instead of (200,)" in found


def test_a_permission_that_everyone_has_is_found(app, world, monkeypatch):
    view = app.view_functions["audit_events.list_events"]
    monkeypatch.setattr(view, "required_permission", Permission.SIGNED_IN)

    found = access_matrix.violations(world, TABLE, rules(app, endpoint="audit_events.list_events"))

    assert "GET /v1/audit-events as clerk, own: 200 instead of (403,)" in found


@pytest.mark.parametrize(
    ("endpoint", "violation"),
    [
        (
            "households.list_households",
            "GET /v1/households as clerk, own: SHOWS household of other_county",
        ),
        (
            "households.get_household",
            "GET /v1/households/<uuid:household_id> as clerk, other_county: 200 instead of (404,)",
        ),
    ],
)
@pytest.mark.parametrize("second_line", [True, False])
def test_a_missing_region_filter_is_found(
    app, world, monkeypatch, request, endpoint, violation, second_line
):
    monkeypatch.setattr(visible, "within", lambda _column, _ranges: true())
    if not second_line:
        request.getfixturevalue("without_row_security")

    found = access_matrix.violations(world, TABLE, rules(app, endpoint=endpoint))

    assert (violation in found) is not second_line


@pytest.mark.parametrize(
    ("endpoint", "violation"),
    [
        (
            "households.list_households",
            "GET /v1/households as housing, own: SHOWS household of wrong_department",
        ),
        (
            "households.get_household",
            f"{HOUSEHOLD} as housing, wrong_department: 200 instead of (404,)",
        ),
    ],
)
@pytest.mark.parametrize("second_line", [True, False])
def test_a_missing_department_filter_is_found(
    app, world, monkeypatch, request, endpoint, violation, second_line
):
    def regions_only(scope):
        return visible.within(visible.Household.region_code, scope.ranges)

    monkeypatch.setattr(visible, "household_visible", regions_only)
    monkeypatch.setattr(households, "household_visible", regions_only)
    if not second_line:
        request.getfixturevalue("without_row_security")

    found = access_matrix.violations(world, TABLE, rules(app, endpoint=endpoint))

    assert (violation in found) is not second_line


def test_a_write_without_permission_is_found(app, world, monkeypatch):
    view = app.view_functions["accounts.disable"]
    monkeypatch.setattr(view, "required_permission", Permission.SIGNED_IN)

    found = access_matrix.violations(world, TABLE, rules(app, endpoint="accounts.disable"))

    rule = "POST /v1/accounts/<uuid:account_id>/disable as clerk, other_county"
    assert f"{rule}: STATE CHANGED" in found
    assert f"{rule}: 200 instead of (403,)" in found


@pytest.mark.parametrize("endpoint", ["batches.undo", "console.batches.take_back"])
def test_that_anyone_of_the_whole_city_takes_a_file_back_is_found(
    app, world, monkeypatch, endpoint
):
    view = app.view_functions[endpoint]
    monkeypatch.setattr(view, "required_permission", Permission.SIGNED_IN)

    found = access_matrix.violations(world, TABLE, rules(app, endpoint=endpoint))

    assert any("undo as city_reviewer, own: STATE CHANGED" in violation for violation in found)


def test_a_get_that_writes_is_found(app, world, monkeypatch):
    view = app.view_functions["accounts.disable"]
    innocent = app.view_functions["accounts.get_account"]
    for mark in ("required_permission", "scope_kind"):
        monkeypatch.setattr(view, mark, getattr(innocent, mark))
    monkeypatch.setitem(app.view_functions, "accounts.get_account", view)

    found = access_matrix.violations(world, TABLE, rules(app, endpoint="accounts.get_account"))

    assert any("same_county: A GET WROTE ['UPDATE account" in violation for violation in found)


@pytest.mark.parametrize("page", ["households.get_household", "console.persons.show"])
def test_a_look_that_is_not_logged_is_found(app, world, monkeypatch, page):
    monkeypatch.setattr(disclosure.audit, "record", lambda *_args, **_details: None)

    found = access_matrix.violations(world, TABLE, rules(app, endpoint=page))

    assert any("as clerk, own: A LOOK LOGGED 0 TIMES" in violation for violation in found)


def test_an_auditor_who_reads_another_countys_trail_is_found(app, world, monkeypatch):
    monkeypatch.setattr(queries, "within", lambda _column, _ranges: true())

    found = access_matrix.violations(world, TABLE, rules(app, endpoint="audit_events.list_events"))

    assert found == ["GET /v1/audit-events as auditor, own: SHOWS event of other_county"]


def test_a_write_that_is_not_audited_is_found(app, world, monkeypatch):
    monkeypatch.setattr(service.trail, "record", lambda *_args, **_details: None)

    found = access_matrix.violations(world, TABLE, rules(app, endpoint="accounts.disable"))

    rule = "POST /v1/accounts/<uuid:account_id>/disable as security_admin, same_county"
    assert f"{rule}: NOT AUDITED" in found
