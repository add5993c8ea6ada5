"""The main job from one end to the other, on a site of its own: `make demo`.

Starts `make run` on a free port with a database that is thrown away, and goes through
an import, its revert and its restore as a player and a moderator would. Ends with 0
only if each step gave what it should.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "scores" / "sample" / "batch-manual-sdvx.json"
PATIENCE = 60  # seconds
KEYS = {
    "scores": "scoreID",
    "songs": "id",
    "charts": "chartID",
    "sessions": "sessionID",
}


class Disappointed(Exception):
    """A step did not give what it should."""


class Site:
    """The API, as a client sees it."""

    def __init__(self, url, token):
        self.url, self.token = url, token

    def ask(self, method, path, body=None, headers=None):
        """The status and the answer's JSON."""
        url = path if path.startswith("http") else self.url + path
        headers = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        request = urllib.request.Request(url, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def upload(self, path):
        """Send a BATCH-MANUAL file, as a form does."""
        body = (
            "--edge\r\nContent-Disposition: form-data;"
            ' name="importType"\r\n\r\nfile/batch-manual\r\n'
            "--edge\r\nContent-Disposition: form-data;"
            f' name="scoreData"; filename="{path.name}"\r\n\r\n'
            f"{path.read_text(encoding='utf-8')}\r\n--edge--\r\n"
        )
        headers = {
            "Content-Type": "multipart/form-data; boundary=edge",
            "X-User-Intent": "true",
        }
        return self.ask("POST", "/api/v1/import/file", body.encode(), headers)


def say(text):
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def expect(what, got, wanted):
    if got != wanted:
        raise Disappointed(f"{what}: {got!r}, and not {wanted!r}")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def site(environment, log):
    """`make run`, until the block ends; gives the token that it prints."""
    process = subprocess.Popen(
        ["make", "--no-print-directory", "run"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        start_new_session=True,
    )
    try:
        yield token_from(process.stdout)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(PATIENCE)


def token_from(output):
    printed = ""
    for line in output:
        printed += line
        if "Ctrl-C" in line:
            break
    found = re.search(r"^Token: +(\w+)$", printed, re.MULTILINE)
    if not found:
        raise Disappointed(f"make run printed no token:\n{printed}")
    return found[1]


def wait_for(tachi):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            return tachi.ask("GET", "/api/v1/status")
        except OSError:
            time.sleep(0.1)
    raise Disappointed("the site does not answer")


def poll(tachi, url):
    """Ask until the import is done, saying how far it is; the import document."""
    deadline, told = time.monotonic() + PATIENCE, None
    while time.monotonic() < deadline:
        status, answer = tachi.ask("GET", url)
        if status != 200:
            raise Disappointed(f"polling gave {status}: {answer}")
        if answer["body"]["importStatus"] == "completed":
            return answer["body"]["import"]
        if answer["body"]["progress"]["description"] != told:
            told = answer["body"]["progress"]["description"]
            say(f"     {told}")
        time.sleep(0.1)
    raise Disappointed("the import does not end")


def import_the_sample(tachi):
    rows = len(json.loads(SAMPLE.read_text(encoding="utf-8"))["scores"])
    say(f"2. Sending {SAMPLE.name}: {rows} scores, one of them on an unknown song.")
    status, answer = tachi.upload(SAMPLE)
    expect("the answer to the upload", status, 202)
    document = poll(tachi, answer["body"]["url"])
    counts, sessions = document["counts"], document["createdSessions"]
    say(f"     {counts['imported']} imported in {len(sessions)} sessions,")
    say(f"     {counts['orphaned']} kept until its song is known.")
    expect("imported", counts["imported"], rows - 1)
    expect("orphaned", counts["orphaned"], 1)
    expect("sessions", len(sessions), 3)
    dans = [each["new"] for each in document["classDeltas"] if each["set"] == "dan"]
    expect("the dan", dans, ["DAN_7"])
    return document


def read(tachi, document):
    say("3. Reading the import, its scores, songs, charts and sessions.")
    status, answer = tachi.ask("GET", address(document))
    expect("reading the import", status, 200)
    expect("its scores", len(answer["body"]["scores"]), len(document["scoreIDs"]))
    return in_order(answer["body"])


def revert(tachi, document):
    say("4. Reverting it through the API: all that came of it goes.")
    status, _ = tachi.ask("POST", f"{address(document)}/revert")
    expect("the revert", status, 200)
    expect("the import after it", tachi.ask("GET", address(document))[0], 404)
    for score_id in document["scoreIDs"]:
        expect("its score", tachi.ask("GET", f"/api/v1/scores/{score_id}")[0], 404)


def restore(tachi, environment, document, before):
    say("5. Restoring it by command: everything is as it was.")
    restored = subprocess.run(
        [sys.executable, "manage.py", "restore_imports", document["importID"]],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    expect(f"the restore ({restored.stderr})", restored.returncode, 0)
    status, answer = tachi.ask("GET", address(document))
    expect("the import after it", status, 200)
    expect("what it holds", in_order(answer["body"]), before)


def address(document):
    return f"/api/v1/imports/{document['importID']}"


def in_order(body):
    """What an import holds, to be compared: its lists are in no order of their own."""
    lists = {
        name: sorted(body[name], key=lambda each: each[key])
        for name, key in KEYS.items()
    }
    return {**body, **lists}


def demo(directory, log):
    port = free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{directory}/demo.sqlite3",
        "PORT": str(port),
    }
    say("1. Starting a web server and a worker on an empty database.")
    with site(environment, log) as token:
        tachi = Site(f"http://127.0.0.1:{port}", token)
        expect("the site's status", wait_for(tachi)[0], 200)
        document = import_the_sample(tachi)
        before = read(tachi, document)
        revert(tachi, document)
        restore(tachi, environment, document, before)
        say("6. Ending web server and worker.")


def main():
    with (
        tempfile.TemporaryDirectory() as directory,
        tempfile.TemporaryFile("w+") as log,
    ):
        try:
            demo(directory, log)
        except Disappointed as error:
            log.seek(0)
            sys.exit(f"{log.read()}\nThis went wrong: {error}.")
    say("All of it went as it should.")


if __name__ == "__main__":
    main()
