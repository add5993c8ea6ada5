"""How gunicorn serves the site: `gunicorn -c python:tachi.gunicorn tachi.wsgi`.

`make run` uses it too. Options on gunicorn's command line win over these.
"""

import os
import sys
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from tachi.environment import number

try:
    import tachi.settings  # noqa: F401 - a wrong setting is told here, in one line
except ImproperlyConfigured as error:
    sys.exit(f"A setting is wrong: {error}")

worker_class = "tachi.web_worker.BufferingWorker"
workers = number("WEB_WORKERS", 2)
# Threads do not make polls faster: they are there for requests that wait, for a lock
# or for the database. Each keeps a database connection of its own.
threads = number("WEB_THREADS", 8)


def on_starting(server: Any) -> None:
    """gunicorn's hook: warn where DEBUG is on and others can reach the server."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tachi.settings")
    from tachi.api.debug import warning_of

    if text := warning_of(server.cfg.address):
        server.log.critical(text)
