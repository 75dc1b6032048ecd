"""Sample department files about people who do not exist."""

from devtools.sample.generator import SampleReport, generate
from devtools.sample.rows import CannotMakeSoMany

__all__ = ["CannotMakeSoMany", "SampleReport", "generate"]
