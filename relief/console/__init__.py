"""The staff console: one folder a feature, all under one blueprint `console`."""

from flask import Blueprint

from relief.console import root

CONSOLE_BLUEPRINTS: list[Blueprint] = [root.build()]
