"""The application, as gunicorn, the flask command and the worker find it; a refusal is said without a traceback."""

import sys

from portal import create_app
from portal.kit.discovery import ModulesRefused
from portal.settings import SettingsError

try:
    app = create_app()
except (SettingsError, ModulesRefused) as refusal:
    sys.exit(str(refusal))
