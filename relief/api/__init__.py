"""The staff API: one folder a feature."""

from flask_smorest import Blueprint

API_BLUEPRINTS: list[Blueprint] = []
