"""The staff console: one folder a feature."""

from flask import Blueprint

CONSOLE_BLUEPRINTS: list[Blueprint] = []
