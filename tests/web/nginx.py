"""Debian's nginx with docs/nginx.conf, in front of two gunicorns of ours."""

import http.client
import os
import shutil
import ssl
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.commands import ROOT
from tests.web.servers import free_port, gunicorn, running, wait_for

CONFIGURATION = ROOT / "docs" / "nginx.conf"
MAIN = """
daemon off;
worker_processes 2;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 2048; }}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/tachi.conf;
}}
"""
SITE = {
    "DEBUG": "off",
    "SECRET_KEY": "of-a-site-that-is-there-for-a-test-and-for-a-minute-only",
    "ALLOWED_HOSTS": "localhost",
    "WEB_WORKERS": "1",
}


class Site:
    """What stands behind the ports of an nginx."""

    def __init__(self, plain, tls, gunicorns, certificate):
        self.plain, self.tls = plain, tls
        self.gunicorns = gunicorns
        self.trusted = ssl.create_default_context(cafile=certificate)

    def ask(self, method, path, body=None, headers=None, *, tls=True, source=None):
        """The answer to one request, as `http.client` has it, read to its end."""
        source = (source, 0) if source else None
        options = {"timeout": 30, "source_address": source}
        if tls:
            client = http.client.HTTPSConnection(
                "localhost", self.tls, context=self.trusted, **options
            )
        else:
            client = http.client.HTTPConnection("localhost", self.plain, **options)
        try:
            client.request(method, path, body, headers or {})
            answer = client.getresponse()
            answer.content = answer.read()
            return answer
        finally:
            client.close()


@contextmanager
def nginx(database_url, folder, **environment):
    """A `Site` with two gunicorns. Without an nginx it skips, and in CI it fails."""
    for program in ("nginx", "openssl"):
        if not (shutil.which(program) or Path("/usr/sbin", program).exists()):
            missing = f"There is no {program} to test with (apt-get install {program})."
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    certificate = make_certificate(folder)
    (folder / "static").mkdir()
    (folder / "static" / "a.css").write_text("body {}" * 500)
    user = "user root;" if os.geteuid() == 0 else ""
    main = folder / "nginx.conf"
    main.write_text(MAIN.format(folder=folder, user=user))
    settings = {**SITE, **environment}
    with (
        gunicorn(database_url, **settings) as one,
        gunicorn(database_url, **settings) as other,
    ):
        site = Site(free_port(), free_port(), [one, other], certificate)
        (folder / "tachi.conf").write_text(adapted(site, folder))
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        with running([program, "-c", str(main)], database_url) as site.process:
            wait_for(site.plain)
            yield site


def adapted(site, folder):
    """The configuration with the ports and paths of a test, and otherwise as it is."""
    one, other = site.gunicorns
    changes = {
        "server 127.0.0.1:8000;": f"server 127.0.0.1:{one.port};",
        "server 127.0.0.1:8001;": f"server 127.0.0.1:{other.port};",
        "listen 80;": f"listen 127.0.0.1:{site.plain};",
        "listen [::]:80;": "",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{site.tls} ssl http2;",
        "listen [::]:443 ssl http2;": "",
        "/etc/letsencrypt/live/tachi.example/fullchain.pem": f"{folder}/site.pem",
        "/etc/letsencrypt/live/tachi.example/privkey.pem": f"{folder}/site.key",
        "/srv/tachi/var/static/": f"{folder}/static/",
        "server_name tachi.example;": "server_name localhost;",
    }
    text = CONFIGURATION.read_text(encoding="utf-8")
    for said, meant in changes.items():
        assert text.count(said) == 1, said
        text = text.replace(said, meant)
    return text


def make_certificate(folder):
    certificate, key = folder / "site.pem", folder / "site.key"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes"]
    subprocess.run([*new, *subject, *files], check=True, capture_output=True)
    return certificate
