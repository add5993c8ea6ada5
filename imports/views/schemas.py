from typing import Any

from django.conf import settings
from rest_framework.decorators import api_view
from rest_framework.request import Request

from imports.formats.batch_manual_schema import json_schema
from scores.views.addresses import get_game
from tachi.api.envelope import success
from tachi.api.openapi import answers
from tachi.api.rendering import JSONResponse

DRAFT = "https://json-schema.org/draft/2020-12/schema"
JSON_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "A JSON Schema, draft 2020-12.",
    "properties": {"$schema": {"const": DRAFT}, "title": {"type": "string"}},
    "required": ["$schema", "title"],
}


@answers(JSON_SCHEMA, tag="imports", name="schema_batch_manual")
@api_view(["GET"])
def batch_manual(request: Request, game: str, playtype: str) -> JSONResponse:
    """The JSON Schema of a BATCH-MANUAL document for a game and playtype.

    What fits it is not refused as a whole; a row may still be rejected, for its chart
    sets limits of its own, for example.
    """
    rules = get_game(game, playtype)
    title = f"BATCH-MANUAL for {rules.title} ({playtype})"
    schema = json_schema(rules)
    schema["properties"]["scores"]["maxItems"] = settings.MAX_ROWS
    body = {"$schema": DRAFT, "title": title, **schema}
    return success(f"Returned the JSON Schema of {title}.", body)
