"""The mini program API's entry: `granian --interface wsgi miniprogram_api.wsgi:app`."""

from miniprogram_api.app import create_app
from relief.core import logs
from relief.core.config import Config
from relief.core.database_roles import DatabaseRole
from relief.core.health import refuse_too_powerful

logs.configure("mini")
config = Config.from_env(role=DatabaseRole.MINI)
refuse_too_powerful(config.database_url)
app = create_app(config)
