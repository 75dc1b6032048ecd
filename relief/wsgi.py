"""The web process's entry: `granian --interface wsgi relief.wsgi:app`."""

from relief.app import create_app
from relief.core import logs

logs.configure("web")
app = create_app()
