"""flask-smorest's Blueprint, strict about what it is asked."""

from typing import Any

import flask_smorest
import marshmallow
from flask import Request
from flask_smorest.arguments import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from relief.web.limits import is_too_deep
from relief.web.text import keepable


class StrictParser(FlaskParser):  # type: ignore[misc]  # flask-smorest ships no types
    """Refuses what it does not understand, instead of passing over it.

    A list that ignored a misspelt filter, or a body that is not called JSON, would show
    everything.
    """

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": marshmallow.RAISE,
    }

    def load_json(self, req: Request, schema: marshmallow.Schema) -> Any:
        """Return the JSON of a body. Raises UnsupportedMediaType, BadRequest.

        A request without any body is no search for everything: the document says that a
        body is required, and so it is.
        """
        if not req.is_json and (req.mimetype or req.content_length):
            raise UnsupportedMediaType
        if not req.is_json:
            raise BadRequest
        try:
            found = super().load_json(req, schema)
            good = not is_too_deep(found) and keepable(found)
        except (RecursionError, ValueError) as error:  # nested too deep; a number too long
            raise BadRequest from error
        if not good:
            raise BadRequest
        return found


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # flask-smorest ships no types
    """A folder of routes."""

    ARGUMENTS_PARSER = StrictParser()
