"""flask-smorest's Blueprint, strict about what it is asked."""

import flask_smorest
import marshmallow
from flask_smorest.arguments import FlaskParser


class StrictParser(FlaskParser):  # type: ignore[misc]  # flask-smorest ships no types
    """Refuses a query argument that the route does not know, instead of passing over it.

    A list that ignored a misspelt filter would show everything.
    """

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": marshmallow.RAISE,
    }


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # flask-smorest ships no types
    """A folder of routes."""

    ARGUMENTS_PARSER = StrictParser()
