"""The standards that two counties of the sample city have of their own: invented, to be seen."""

from datetime import datetime

import yaml
from sqlalchemy.orm import Session

import seeds
from relief.organisation.seeding import city_code, synchronise_all
from relief.schemes.drafting import kept
from relief.schemes.models import Parameter
from relief.schemes.seeding import parameter_row


def load_county_standards(session: Session, *, now: datetime) -> None:
    """Add the values of the sample's counties, and record it; loading again changes nothing."""
    document = yaml.safe_load(seeds.path("sample/county_standards.yml").read_text("utf-8"))
    rows = kept.parameters_of_seeds(
        session, [parameter_row(entry, city_code()) for entry in document["parameters"]]
    )
    if rows:
        synchronise_all(session, [(Parameter, rows, None)], part="sample", now=now)
