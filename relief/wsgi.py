"""The web process's entry: `granian --interface wsgi relief.wsgi:app`."""

from relief.app import create_app
from relief.core import logs
from relief.core.config import Config
from relief.core.health import refuse_too_powerful

logs.configure("web")
config = Config.from_env()
refuse_too_powerful(config.database_url)
app = create_app(config)
