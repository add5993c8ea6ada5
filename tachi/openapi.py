"""What the OpenAPI document says of the site as a whole, and in words of our domain."""

import json
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.settings import spectacular_settings

from scores.games import PLAYTYPES
from tachi.schema.check import JSONSchema

#: Requests and answers of the sample: `make openapi` records them.
EXAMPLES = Path(__file__).with_name("openapi_examples.json")
DESCRIPTION = """
Scores are sent as files or documents, which are imported in the background: poll until
an import is completed, then read what came of it, or revert it.

Every answer has an envelope: `{success, description, body}`, or, of what is refused,
`{success: false, description}`. The status says what happened; `description` is for
people, and changes. Times are unix milliseconds. Addresses are in any case, with or
without a last slash.

Requests are counted by address: the headers `X-RateLimit-*` say how many are left, and
`Retry-After` how long to wait after a 429.
"""
SECURITY: JSONSchema = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "description": "A login, by `POST /api/v1/auth/login` or the admin's page.",
    },
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API token. What it may do was chosen when it was created.",
    },
}
TAGS = {
    "imports": "Sending scores, polling, reading and reverting imports.",
    "revert-batches": "Reverting many imports together, for those who moderate.",
    "scores": "Scores, each under its id.",
    "sessions": "What was played in one go.",
    "players": "A user as the player of one game and playtype.",
    "games": "The games, and how each is scored and rated.",
    "charts": "Songs, charts, and who is best on them.",
    "accounts": "Users, logging in, and API tokens.",
    "site": "What this site supports, and this description.",
}
WORDS: JSONSchema = {
    "Game": {"type": "string", "enum": list(PLAYTYPES)},
    "Playtype": {
        "type": "string",
        "enum": list(dict.fromkeys(chain(*PLAYTYPES.values()))),
        "description": "One of the game's, or the answer is 400.",
    },
}
PATH_PARAMETERS: JSONSchema = {
    "game": {"schema": {"$ref": "#/components/schemas/Game"}},
    "playtype": {"schema": {"$ref": "#/components/schemas/Playtype"}},
    "user": {"description": "An id, a name in any case, or `me`."},
    "token": {"description": "The token, or its first eight digits."},
}
IMPORT_ID = {"import_id": "$request.path.import_id"}
SENT = {"import_id": "$response.body#/body/importID"}
SCORE = {"score_id": "$request.path.score_id"}
#: What an answer leads to: (operation, status) → operation → its parameters.
LINKS: dict[tuple[str, str], dict[str, dict[str, str]]] = {
    ("import_file", "202"): {"poll_status": SENT, "import_cancel": SENT},
    ("import_direct_manual", "202"): {"poll_status": SENT, "import_cancel": SENT},
    ("import_orphans", "202"): {"job_status": {"job_id": "$response.body#/body/jobID"}},
    ("poll_status", "5XX"): {"import_retry": IMPORT_ID},
    ("poll_status", "200"): {
        "poll_status": IMPORT_ID,
        "import_retrieve": IMPORT_ID,
        "import_revert": IMPORT_ID,
    },
    ("import_list", "200"): {
        "import_retrieve": {"import_id": "$response.body#/body/imports/0/importID"}
    },
    ("import_retrieve", "200"): {
        "import_revert": IMPORT_ID,
        "score_retrieve": {"score_id": "$response.body#/body/scores/0/scoreID"},
        "session_retrieve": {"session_id": "$response.body#/body/sessions/0/sessionID"},
    },
    ("score_retrieve", "200"): {"score_partial_update": SCORE, "score_destroy": SCORE},
    ("session_retrieve", "200"): {
        "session_partial_update": {"session_id": "$request.path.session_id"}
    },
}


def complete(result: JSONSchema, **context: Any) -> JSONSchema:
    """drf-spectacular's hook: add what no endpoint can say of itself."""
    result["info"]["description"] = DESCRIPTION.strip()
    result["tags"] = [{"name": n, "description": text} for n, text in TAGS.items()]
    components = result["components"]
    components["schemas"] = dict(sorted({**components["schemas"], **WORDS}.items()))
    session = {**SECURITY["session"], "name": settings.SESSION_COOKIE_NAME}
    components["securitySchemes"] = {**SECURITY, "session": session}
    examples = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    for operation in operations(result):
        _describe_parameters(operation)
        name = operation["operationId"]
        if f"{name} request" in examples:
            _show(operation["requestBody"], examples[f"{name} request"])
        for status, response in operation["responses"].items():
            if (name, status) in LINKS:
                response["links"] = _links(LINKS[name, status])
            if f"{name} {status}" in examples:
                _show(response, examples[f"{name} {status}"])
    return result


def operations(document: JSONSchema) -> Iterator[JSONSchema]:
    """The operations of an OpenAPI document."""
    for methods in document["paths"].values():
        yield from methods.values()


@cache
def document() -> bytes:
    """The OpenAPI document of this site, as JSON."""
    generator = spectacular_settings.DEFAULT_GENERATOR_CLASS()
    schema = generator.get_schema(request=None, public=True)
    return bytes(OpenApiJsonRenderer().render(schema))


def _describe_parameters(operation: JSONSchema) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            parameter |= PATH_PARAMETERS.get(parameter["name"], {})


def _show(part: JSONSchema, example: object) -> None:
    (content,) = part["content"].values()
    content["example"] = example


def _links(targets: dict[str, dict[str, str]]) -> JSONSchema:
    return {
        operation: {"operationId": operation, "parameters": parameters}
        for operation, parameters in targets.items()
    }
