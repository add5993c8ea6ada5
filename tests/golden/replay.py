"""Requests of a recording, sent again, with its ids put in terms of ours."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from imports.models import Import
from imports.tasks import run_import
from scores.models import Score
from tachi.accounts.models import User
from tests.golden.absent import Absent, missing_endpoint, missing_import_type
from tests.golden.recordings import Recording
from tests.golden.steps import LOGIN, POLL, REVERT, answered, is_import
from tests.golden.world import store_added

ID = re.compile(r"\bQ?[0-9a-f]{40}\b")
OF_X = re.compile(r"(\d+) (MB|MiB) of (.)")
OF_JSON = re.compile(r"(\d+) MB JSON string")
LEFT_OUT = re.compile(r"\d+ generated scores over \d+ charts|\[.* left out\]")
SIZES = {"MB": 1000**2, "MiB": 1024**2}


@dataclass
class Replay:
    """The server that recordings are replayed on: ours, under the recorded names.

    `ids` are the imports of the recordings as ours are called, `unmade` those that
    could not be made here, with the reason.
    """

    recordings: list[Recording]
    settings: object
    samples: Path
    ids: dict[str, str] = field(default_factory=dict)
    unmade: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    addresses_used: int = 0
    cookies: dict[str, User] = field(default_factory=dict)
    logged_in: User | None = None
    last_file: bytes = b""

    def __post_init__(self):
        self.played = {}
        for recording in self.recordings:
            self.played |= recording.played
        self.added = set()

    def send(self, recording: Recording, step: dict):
        """Our answer to a step; raises Absent for what does not exist here."""
        if "command" in step:
            return call_command(*map(self.translated, step["command"]))
        if "request" not in step:
            raise Absent("a step that is no request")
        try:
            self._prepare(recording, step)
            answer = self._request(step)
        except Absent as absent:
            self._not_made(step, str(absent))
            raise
        self._learn(step, answer)
        return answer

    def run_queued(self, up_to: str | None = None) -> None:
        """What a worker does: run what waits, up to an import of this id or all."""
        for import_ in Import.objects.unfinished().order_by("pk"):
            run_import(import_.pk)
            if import_.import_id == up_to:
                break

    def translated(self, text: str) -> str:
        """A text with the ids of imports and sessions as they are here."""
        return ID.sub(lambda match: self._id(match[0]), text)

    def _id(self, id_: str) -> str:
        if id_ in self.unmade:
            raise Absent(self.unmade[id_])
        if id_ in self.played:
            return self._session(self.played[id_]) or id_
        return self.ids.get(id_, id_)

    def _session(self, score_ids: set[str]) -> str | None:
        """Our session that holds most of these scores."""
        scores = Score.objects.filter(score_id__in=score_ids, session__isnull=False)
        found = list(scores.values_list("session__session_id", flat=True))
        return max(sorted(found), key=found.count, default=None)

    def _prepare(self, recording: Recording, step: dict) -> None:
        request, body = step["request"], answered(step)
        self.settings.IMPORT_INLINE = step["response"]["status"] != 202
        polled = POLL.search(request["path"])
        if polled and body.get("importStatus") != "ongoing":
            self.run_queued(self.translated(polled[1]))
        reprocessed = request["path"].endswith("/import/orphans")
        if reprocessed and body.get("success") and recording.name not in self.added:
            self.added.add(recording.name)
            store_added(recording)
        if LOGIN.search(request["path"]) and "userID" in body:
            self._set_password(request["json"])
            headers = step["response"].get("headers") or {}
            cookie = headers.get("set-cookie", "").partition(";")[0]
            self.cookies[cookie] = self.logged_in

    def _set_password(self, sent: dict) -> None:
        user = self.logged_in = User.objects.get(username=sent["username"])
        user.set_password(sent["!password"])
        user.save()

    def _client(self, cookie: str | None) -> Client:
        """A client with the session that a cookie stands for."""
        client = Client(raise_request_exception=False)
        if cookie is not None:
            client.force_login(self._owner(cookie))
        return client

    def _owner(self, cookie: str) -> User:
        """Who got the cookie at login, or is named in it, or else logged in last."""
        names = User.objects.values_list("username", flat=True)
        named = [name for name in sorted(names, key=len) if name in cookie]
        if cookie in self.cookies:
            return self.cookies[cookie]
        if named:
            return User.objects.get(username=named[-1])
        if self.logged_in is None:
            raise Absent("a session of nobody who is known")
        return self.logged_in

    def _request(self, step: dict):
        request = step["request"]
        if step["response"]["status"] == 409 and is_locked(step):
            raise Absent("a lock of the user: here both wait for their turn (row 2)")
        if reason := missing_endpoint(request["method"], request["path"]):
            raise Absent(reason)
        headers = dict(request.get("headers") or {})
        content_type = headers.pop("Content-Type", None)
        client = self._client(headers.pop("Cookie", request.get("cookie")))
        body, usual_type = self._body(request)
        return client.generic(
            request["method"],
            self.translated(request["path"]),
            body,
            content_type=content_type or usual_type,
            headers=headers,
            REMOTE_ADDR=self._address(step),
        )

    def _body(self, request: dict) -> tuple[bytes, str]:
        if "multipart" in request:
            return self._multipart(request["multipart"]), MULTIPART_CONTENT
        if "json" in request:
            return json.dumps(request["json"]).encode(), "application/json"
        raw = expanded(request["raw"]) if "raw" in request else b""
        return raw, "application/octet-stream"

    def _multipart(self, fields: dict) -> bytes:
        type_ = fields.get("importType", "")
        if isinstance(type_, str) and (reason := missing_import_type(type_)):
            raise Absent(reason)
        parts = {name: self._part(part) for name, part in fields.items()}
        return encode_multipart(BOUNDARY, parts)

    def _part(self, part: object) -> object:
        if isinstance(part, list):
            return [self._part(each) for each in part]
        return self._file(part) if isinstance(part, dict) else part

    def _file(self, part: dict) -> SimpleUploadedFile:
        if "json" in part:
            # A number is its text here (`judges.number_is_text`); true is refused yet.
            text = json.dumps(part["json"], ensure_ascii=False)
            content = text.replace('"identifier": 5,', '"identifier": true,').encode()
        elif "text" in part:
            content = self._named(part["text"])
        else:
            raise Absent("a file that the recording leaves out")
        self.last_file = content
        return SimpleUploadedFile(part["filename"], content)

    def _named(self, text: str) -> bytes:
        """The content of a file of which only the name may be told."""
        if LEFT_OUT.fullmatch(text):
            raise Absent("a file that the recording leaves out")
        if text in ("same", "same file"):
            return self.last_file
        if text.startswith("upstream "):
            name = text.rpartition("/")[2].rpartition(" ")[2]
            found = sorted(self.samples.rglob(name))
            if not found:
                raise Absent("a file of the original's that is not in the samples")
            return found[0].read_bytes()
        return expanded(text)

    def _address(self, step: dict) -> str:
        """A new address for each request, unless the answer shows a used-up limit."""
        headers = step["response"].get("headers") or {}
        limit = headers.get("x-ratelimit-limit", "")
        left = int(headers.get("x-ratelimit-remaining", -1))
        used = step["response"]["status"] == 429 or (limit and left < int(limit) - 1)
        if limit not in self.addresses or not used:
            self.addresses_used += 1
            high, low = divmod(self.addresses_used, 250)
            self.addresses[limit] = f"10.0.{high}.{low + 1}"
        return self.addresses[limit]

    def _not_made(self, step: dict, reason: str) -> None:
        if is_import(step) and "importID" in (body := answered(step)):
            self.unmade[body["importID"]] = reason

    def _learn(self, step: dict, answer) -> None:
        theirs = answered(step)
        if not is_import(step) or "importID" not in theirs:
            return
        ours = json.loads(answer.content).get("body")
        if isinstance(ours, dict) and "importID" in ours:
            self.ids[theirs["importID"]] = ours["importID"]


def is_locked(step: dict) -> bool:
    return is_import(step) or bool(REVERT.search(step["request"]["path"]))


def expanded(text: str) -> bytes:
    """A raw body, of which a big one is only described."""
    if match := OF_X.fullmatch(text):
        return match[3].encode() * (int(match[1]) * SIZES[match[2]])
    if match := OF_JSON.fullmatch(text):
        return json.dumps({"x": "x" * (int(match[1]) * SIZES["MB"])}).encode()
    return text.encode()
