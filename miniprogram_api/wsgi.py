"""The mini program API's entry: `granian --interface wsgi miniprogram_api.wsgi:app`."""

from miniprogram_api.app import create_app
from relief.core import logs

logs.configure("mini")
app = create_app()
