"""How gunicorn serves the site: `gunicorn -c python:tachi.gunicorn tachi.wsgi`.

`make run` uses it too. Options on gunicorn's command line win over these.
"""

from tachi.settings import number

worker_class = "tachi.web_worker.BufferingWorker"
workers = number("WEB_WORKERS", 2)
# Threads do not make polls faster: they are there for requests that wait, for a lock
# or for the database. Each keeps a database connection of its own.
threads = number("WEB_THREADS", 8)
