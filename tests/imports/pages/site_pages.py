"""What tests of the owners' pages ask and read."""

import json
import re
from html import unescape

from django.core.files.uploadedfile import SimpleUploadedFile

IMPORTS, UPLOAD, ORPHANS = "/imports/", "/imports/upload/", "/orphans/"
TAGS = re.compile(r"<[^>]+>")


def text_of(answer):
    """What a page says, in one line."""
    page = answer.content.decode()
    body = page.partition("<main")[2]
    return " ".join(unescape(TAGS.sub(" ", body)).split())


def told(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return text_of(answer)


def page_of(import_, *more):
    return "/".join(["/imports", import_.import_id, *more, ""])


def file_of(content, name="scores.json"):
    payload = content if isinstance(content, bytes) else json.dumps(content).encode()
    return SimpleUploadedFile(name, payload)


def upload(client, content, act="import", import_type="file/batch-manual", **more):
    sent = {"scoreData": file_of(content), "importType": import_type, "act": act}
    return client.post(UPLOAD, {**sent, **more})
