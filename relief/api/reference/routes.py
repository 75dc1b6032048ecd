"""Reference data over HTTP: the same for everyone who is signed in."""

from typing import Any

from relief.api.reference.schemas import (
    CodeTablesArgs,
    CodeTablesOut,
    DepartmentsOut,
    ParametersArgs,
    ParametersOut,
    RegionArgs,
    RegionsOut,
    SchemesOut,
)
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.organisation import queries as organisation
from relief.schemes import queries as schemes
from relief.schemes.in_force import in_force
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, now, requires

blp = Blueprint("reference", __name__, url_prefix="/v1", description="基础数据")


@blp.get("/regions")
@requires(Permission.SIGNED_IN, scope="none")
@blp.arguments(RegionArgs, location="query")
@blp.response(200, RegionsOut)
def list_regions(args: dict[str, Any]) -> dict[str, Any]:
    """List the regions directly below one, and the functional zones."""
    with unit_of_work() as session:
        return {
            "items": organisation.regions_below(session, parent_code=args["parent"]),
            "zones": organisation.zones(session),
        }


@blp.get("/departments")
@requires(Permission.SIGNED_IN, scope="none")
@blp.response(200, DepartmentsOut)
def list_departments() -> dict[str, Any]:
    """List the departments."""
    with unit_of_work() as session:
        return {"items": organisation.departments(session)}


@blp.get("/schemes")
@requires(Permission.SIGNED_IN, scope="none")
@blp.response(200, SchemesOut)
def list_schemes() -> dict[str, Any]:
    """List the schemes."""
    with unit_of_work() as session:
        return {"items": schemes.schemes(session)}


@blp.get("/parameters")
@requires(Permission.SIGNED_IN, scope="none")
@blp.arguments(ParametersArgs, location="query")
@blp.response(200, ParametersOut)
@blp.alt_response(404, description="没有这个区划")
def list_parameters(args: dict[str, Any]) -> dict[str, Any]:
    """List the standards and other parameters that hold on a day, all or in a region."""
    day = args["on"] or local_date(now())
    with unit_of_work() as session:
        return {"items": in_force(session, on=day, region_code=args["region_code"])}


@blp.get("/code-tables")
@requires(Permission.SIGNED_IN, scope="none")
@blp.arguments(CodeTablesArgs, location="query")
@blp.response(200, CodeTablesOut)
def list_code_tables(args: dict[str, Any]) -> dict[str, Any]:
    """Return code tables by name; one that does not exist is empty."""
    with unit_of_work() as session:
        return {"tables": organisation.code_tables(session, tables=args["table"])}
