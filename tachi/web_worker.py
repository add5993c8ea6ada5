"""A gunicorn worker whose threads get requests only when they have come in full.

gunicorn's own workers read from the socket where the request is handled, so a client
that sends half of its headers or of its body keeps a process (sync) or a thread
(gthread) until it goes away. Here one loop reads all connections, with waitress, and
sends the answers; a thread works only on a request of which the last byte is there.
docs/performance.md has the figures.
"""

import ipaddress
import logging
import os
import resource
import time
from collections.abc import Callable, Iterable
from typing import Any

import orjson
from gunicorn.workers.base import Worker
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server
from waitress.task import ErrorTask

from tachi.api.cors import CORS
from tachi.logs import id_for, of_request
from tachi.web_loop import Loop

logger = logging.getLogger("tachi.requests")

KIB = 1024
OPTIONS = {
    # Above what the API takes, so that it is the API that says how much it takes.
    "max_request_body_size": 32 * KIB * KIB,
    "max_request_header_size": 64 * KIB,
    "inbuf_overflow": 64 * KIB,  # of a body in memory; more goes to a temporary file
    "recv_bytes": 64 * KIB,
    "channel_timeout": 60,  # seconds after which a silent connection is closed
    "cleanup_interval": 10,  # seconds between two looks for those
    "clear_untrusted_proxy_headers": False,  # `without_forged_addresses` does
    "log_socket_errors": False,  # clients go away as they like
    "ident": None,
}
FILES_PER_CONNECTION = 3  # the socket, a long request and a long answer
TICK = 1.0  # seconds at most until a signal is seen
FORWARDED = "HTTP_X_FORWARDED_"

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Refusal(ErrorTask):
    """The answer to what is not HTTP, or too long, in the envelope of the API."""

    def execute(self) -> None:
        error = self.request.error
        text = f"{error.reason}: {error.body}."
        body = orjson.dumps({"success": False, "description": text})
        self.status = f"{error.code} {error.reason}"
        self.response_headers.append(("Content-Type", "application/json"))
        self.response_headers += CORS.items()
        id_ = id_for(self.request.headers.get("X_REQUEST_ID"))
        self.response_headers.append(("X-Request-ID", id_))
        with of_request(id_):
            logger.info("A request was refused unread: %s", self.status)
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(HTTPChannel):
    error_task_class = Refusal

    def service(self) -> None:
        """Work on a request, in a thread: the loop is to know on whose."""
        self._map.at_work.fileno = self._fileno
        super().service()


class BufferingWorker(Worker):
    """Takes gunicorn's `threads`, `worker_connections`, `backlog` and timeouts."""

    def run(self) -> None:
        channels = Loop()
        believed = without_forged_addresses(self.wsgi, self.cfg.forwarded_allow_ips)
        create_server(
            without_body_of_head(believed),
            map=channels,
            sockets=[listener.sock for listener in self.sockets],
            threads=self.cfg.threads,
            backlog=self.cfg.backlog,
            connection_limit=min(self.cfg.worker_connections, allowed_connections()),
            **OPTIONS,
        )
        servers = [each for each in channels.values() if is_server(each)]
        for server in servers:
            server.channel_class = Channel
            server.pull_trigger = channels.waking(server.pull_trigger)
        while self.alive and self.ppid == os.getppid():
            self.turn(channels)
        for server in servers:
            server.accepting = False
        self.finish(channels)
        servers[0].task_dispatcher.shutdown()

    def turn(self, channels: Loop) -> None:
        self.notify()
        channels.turn(TICK)

    def finish(self, channels: Loop) -> None:
        """Answer the requests that have come in full, for a while."""
        deadline = time.monotonic() + self.cfg.graceful_timeout
        while any(map(is_at_work, channels.values())) and time.monotonic() < deadline:
            self.turn(channels)


def is_server(each: object) -> bool:
    return isinstance(each, BaseWSGIServer)


def is_at_work(each: object) -> bool:
    """Whether a request is being handled, or its answer is not sent yet."""
    return isinstance(each, HTTPChannel) and bool(
        each.requests or each.total_outbufs_len
    )


def allowed_connections() -> int:
    """As many as the process may have files for; it takes what it is allowed."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most // FILES_PER_CONNECTION


def without_forged_addresses(
    application: Application, proxies: list[str]
) -> Application:
    """The application, told of X-Forwarded-* by these proxies only.

    `proxies` are addresses, networks or "*", as gunicorn's `forwarded_allow_ips`. Who
    comes through a unix socket has no address, and is believed.
    """
    if "*" in proxies:
        return application
    networks = [ipaddress.ip_network(each) for each in proxies]

    def is_proxy(address: str) -> bool:
        if address == "localhost":  # waitress's word for a unix socket
            return True
        return any(ipaddress.ip_address(address) in each for each in networks)

    def filtered(
        environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if not is_proxy(environ["REMOTE_ADDR"]):
            for name in [each for each in environ if each.startswith(FORWARDED)]:
                del environ[name]
        return application(environ, start_response)

    return filtered


def without_body_of_head(application: Application) -> Application:
    """The application with answers to HEAD that have no body, which waitress sends.

    A client that keeps the connection would take it for its next answer.
    """

    def bodiless(
        environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        response = application(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return response
        if hasattr(response, "close"):
            response.close()
        return []

    return bodiless
