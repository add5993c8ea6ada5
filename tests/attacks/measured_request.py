"""One request to the whole application in a process of its own, and what it cost.

Run as a program: it reads the request from its standard input as JSON, and prints
`{status, body, seconds, bytes}`: processor time, and how much more memory it took than
the process had before. The bounds that it is given end it hard.
"""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MEGABYTE = 1024 * 1024


def measured(database_url: str, request: dict, **environment: object) -> dict[str, Any]:
    """What the request cost, and its answer; status None where it was ended.

    `request`: `method`, `path`, `content_type`, `token`, `file` (with the body), and
    the bounds that end it, `cpu_limit` (seconds) and `memory_limit` (megabytes).
    """
    process = subprocess.run(
        [sys.executable, "-m", "tests.attacks.measured_request"],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": database_url,
            "RATE_LIMITS": "off",
            "LOG_LEVEL": "CRITICAL",
            **{name: str(value) for name, value in environment.items()},
        },
        input=json.dumps(request),
        capture_output=True,
        text=True,
        timeout=600,
    )
    if process.returncode:
        told = f"{process.returncode} {process.stderr[-500:]}"
        return {"status": None, "body": told, "seconds": None, "bytes": None}
    return json.loads(process.stdout)


def main() -> None:
    import django

    request = json.load(sys.stdin)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tachi.settings")
    django.setup()
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    answer(application, {**request, "file": os.devnull})  # everything is loaded
    limit(request["cpu_limit"], request["memory_limit"])
    seconds, kilobytes = cpu_used(), memory("VmRSS")
    status, body = answer(application, request)
    found = {
        "status": status,
        "body": body[:2000].decode(errors="replace"),
        "seconds": cpu_used() - seconds,
        "bytes": (memory("VmHWM") - kilobytes) * 1024,
    }
    sys.stdout.write(json.dumps(found))


def answer(application, request: dict) -> tuple[int, bytes]:
    """The status and the body, as a web server would get them."""
    told = []
    with Path(request["file"]).open("rb") as body:
        environ = {
            "REQUEST_METHOD": request["method"],
            "PATH_INFO": request["path"],
            "QUERY_STRING": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": request["content_type"],
            "CONTENT_LENGTH": str(os.fstat(body.fileno()).st_size),
            "HTTP_AUTHORIZATION": f"Bearer {request['token']}",
            "wsgi.input": body,
            "wsgi.errors": sys.stderr,
            "wsgi.url_scheme": "http",
            "wsgi.multithread": False,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            "wsgi.version": (1, 0),
        }
        if not request["token"]:
            del environ["HTTP_AUTHORIZATION"]
        response = application(environ, lambda status, headers: told.append(status))
        content = b"".join(response)
        response.close()
    return int(told[0].split()[0]), content


def limit(cpu_seconds: float, megabytes: int) -> None:
    """From now on the process is killed, or gets no memory, beyond these."""
    most = int(cpu_used() + cpu_seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))
    size = memory("VmSize") * 1024 + megabytes * MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def cpu_used() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def memory(name: str) -> int:
    """Kilobytes: VmRSS in use, VmHWM at most until now, VmSize of addresses.

    Not ru_maxrss, which a process has from the one that started it.
    """
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{name}:")[1].split()[0])


if __name__ == "__main__":
    main()
