"""Random requests to a real server, made of its description: `make schemathesis`.

    python -m tests.random_requests 120

A fifth of the seconds each: single requests, and sequences along the links of the
description, by a guest and by somebody with a token; and by the latter an import,
polling it, reading it, reverting it, and nothing else. It ends with 0 only if no answer
was a 5xx, or other than described, and if such a sequence came to its end.
"""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.demo import say
from tests.real_site import ROOT, import_sample, real_site

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
MAIN_JOB = ("import_direct_manual", "poll_status", "import_retrieve", "import_revert")
#: They answer 501 on purpose: no account is made by whoever comes.
NOT_HERE = ("--exclude-operation-id=register",)
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")


def send(site, seconds, *options):
    """Send random requests for that long; whether every answer was as described."""
    with TemporaryDirectory() as scratch:  # it keeps what it found where it runs
        ended = subprocess.run(
            [
                SCHEMATHESIS,
                "run",
                f"{site.url}/api/v1/openapi.json",
                f"--checks={','.join(CHECKS)}",
                f"--max-time={seconds}",
                "--continue-on-failure",
                "--suppress-health-check=all",
                "--request-timeout=20",
                "--warnings=off",
                *options,
            ],
            cwd=scratch,
            env={
                **os.environ,
                "NO_COLOR": "1",
                "COLUMNS": "100",
                "PYTHONPATH": str(ROOT),
                "SCHEMATHESIS_HOOKS": "tests.random_requests_hooks",
            },
            check=False,
        )
    return ended.returncode == 0


def count_reverted(database):
    """How many imports brought scores and were reverted."""
    with closing(sqlite3.connect(database)) as connection:
        counts = connection.execute(
            "SELECT counts FROM imports_import WHERE state = 'reverted'"
        )
        return sum(json.loads(text)["imported"] > 0 for (text,) in counts)


def main(seconds):
    right = []
    with real_site() as (site, log):
        import_sample(site)
        token = ["--header", f"Authorization:Bearer {site.token}"]
        main_job = [f"--include-operation-id={each}" for each in MAIN_JOB]
        share = seconds // 5
        for who, options in (("a guest", NOT_HERE), ("a token", (*token, *NOT_HERE))):
            for phases in ("examples,coverage,fuzzing", "stateful"):
                say(f"== {phases}, with {who}")
                right.append(send(site, share, f"--phases={phases}", *options))
        say("== the main job, with a token")
        right.append(send(site, share, "--phases=stateful", *token, *main_job))
        reverted = count_reverted(log.with_name("site.sqlite3"))
        say(f"== {reverted} imports that had scores were reverted")
        right.append(reverted > 0)
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
