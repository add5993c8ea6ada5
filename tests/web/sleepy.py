"""A WSGI application that takes its time: `/?sleep=SECONDS`."""

import time
from urllib.parse import parse_qs


def application(environ, start_response):
    asked = parse_qs(environ["QUERY_STRING"])
    time.sleep(float(asked.get("sleep", ["0"])[0]))
    body = b"Good morning."
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
