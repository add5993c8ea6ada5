"""What a request brings for import, made ready for the pipeline."""

from dataclasses import replace
from typing import Any

import orjson
from rest_framework.request import Request

from imports import once
from imports.formats.json_text import read_json
from imports.models import Import
from imports.once import Decide, Sent
from imports.pipeline import submit
from tachi.accounts.authentication import token_of, user_of
from tachi.api.requests import api_request
from tachi.repeated_keys import has_repeated


def sent_by(request: Request, import_type: str, payload: bytes, **more: Any) -> Sent:
    """What the request brings for import, with who sent it, how, and on whose wish.

    `more` are the `filename` and `parameters` of `imports.once.Sent`. Raises
    `imports.once.BadKey`.
    """
    return Sent(
        user=user_of(request),
        import_type=import_type,
        payload=payload,
        user_intent=is_true(request, "X-User-Intent"),
        token=token_of(request),
        user_agent=request.headers.get("User-Agent", ""),
        key=once.checked(request.headers.get("Idempotency-Key")),
        **more,
    )


def json_of(request: Request, body: Any) -> bytes:
    """The JSON of a body, in few words; where a key of an object in the request is
    given twice, the request's own: its format tells where.
    """
    payload = orjson.dumps(body)
    if body is request.data:
        sent = getattr(api_request(request), "json_text", payload)
        return sent if has_repeated(sent, payload) else payload
    return payload


def single_body(request: Request) -> Any:
    """The JSON body for a view that looks into it. Raises ImportRefused where a key of
    an object in it is given twice.
    """
    body = request.data
    read_json(json_of(request, body))
    return body


def is_true(request: Request, header: str) -> bool:
    """Whether a header says true, in any case; "1" is not true."""
    return request.headers.get(header, "").lower() == "true"


def import_here(
    request: Request, import_type: str, body: Any, **parameters: Any
) -> Import:
    """Import a hook's JSON body in the request, and return the import as it ended.

    It is still queued where the database was busy for too long. Raises as `submit`.
    """
    return submit(hook_sent(request, import_type, body, **parameters), here=True)


def hook_sent(
    request: Request,
    import_type: str,
    body: Any,
    decide: Decide | None = None,
    **parameters: Any,
) -> Sent:
    """A hook's JSON body for import, with what its parser needs beside it.

    It is nobody's wish, whatever a header says: the game is played, and the hook sends.
    """
    payload = json_of(request, body)
    sent = sent_by(request, import_type, payload, parameters=parameters)
    return replace(sent, user_intent=False, decide=decide)
