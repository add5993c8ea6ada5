"""Rules that stop a source: listed, made and lifted by moderators."""

from datetime import UTC, datetime
from typing import Annotated, TypedDict

from rest_framework.request import Request

from imports.models import ImportRule, Origin, RequestedBy
from imports.rules.documents import RuleDocument, rule_document
from imports.rules.meaning import FILTERS
from imports.rules.stop import LONGEST, Wanted, lift, stop_source
from tachi.accounts.authentication import user_of
from tachi.accounts.permissions import SessionMay
from tachi.api.envelope import success
from tachi.api.openapi import answers
from tachi.api.openapi.answers import Empty
from tachi.api.paging import LINK, PAGING, Order, page
from tachi.api.rendering import JSONResponse
from tachi.api.validation import nullable, optional, string, that, validate
from tachi.api.viewsets import ResourceViewSet

NEWEST = Order(("-made_at", "-pk"))
LAST = 253_402_300_800_000  # the year 10000, in unix milliseconds
RULE = {
    "filters": that(
        lambda sent: isinstance(sent, dict),
        "Expected an object of filters.",
        {
            "type": "object",
            "additionalProperties": {
                "oneOf": [
                    {"type": "string"},
                    {"type": "array", "items": {"type": "string"}},
                ]
            },
            "description": f"Any of {', '.join(FILTERS)}: a value, or a list of those"
            " of which one has to match. Together they narrow each other down.",
        },
    ),
    "until": optional(
        nullable(
            that(
                lambda sent: type(sent) is int and 0 < sent < LAST,
                "Expected unix milliseconds, or null.",
                {"type": "integer", "format": "int64"},
            )
        )
    ).described("Null: for good."),
    "text": string(1, LONGEST).described("What senders are told; anybody may read it."),
    "note": optional(string(0, LONGEST)).described("For moderators only."),
}


class Rules(TypedDict):
    """Rules, the newest first."""

    rules: list[RuleDocument]
    next: Annotated[str | None, "The cursor of the next page; null at the end."]


class ImportRuleViewSet(ResourceViewSet):
    """Rules that refuse further imports of a source."""

    queryset = ImportRule.objects.select_related("batch")
    lookup_field = "rule_id"
    not_found_text = "This rule does not exist."
    permission_classes = [SessionMay("imports.stop_source")]

    @answers(
        Rules,
        query=PAGING,
        response_headers={"Link": LINK},
        tag="imports",
        name="list_import_rules",
    )
    def list(self, request: Request) -> JSONResponse:
        """Rules, those that were lifted or are over as well, newest first.

        `matched` is how many imports each has refused.
        """
        found = page(request, self.get_queryset(), NEWEST, always=True)
        rules = [rule_document(rule) for rule in found.rows]
        body = {"rules": rules, **found.more}
        return success(f"Found {len(rules)} rules.", body, headers=found.headers)

    @answers(
        RuleDocument, status=201, sent=RULE, tag="imports", name="make_import_rule"
    )
    def create(self, request: Request) -> JSONResponse:
        """Refuse further imports of a source, until a time or for good.

        Who sends one is answered 403 with `text`. What is queued, or not written yet,
        fails with it. Imports that moderators run again, and those of the command
        `import_scores`, are not refused; nor are orphans of imports that are there.
        """
        sent = validate(request.data, RULE)
        until = sent.get("until")
        wanted = Wanted(
            filters=sent["filters"],
            until=None if until is None else datetime.fromtimestamp(until / 1000, UTC),
            text=sent["text"],
            note=sent.get("note", ""),
        )
        rule = stop_source(wanted, RequestedBy(user_of(request), Origin.API))
        return success("Stopped this source.", rule_document(rule), 201)

    @answers(
        Empty,
        tag="imports",
        name="lift_import_rule",
        refuses={409: "It was lifted already."},
    )
    def destroy(self, request: Request, rule_id: str) -> JSONResponse:
        """Lift a rule: its source goes on. It stays listed, with who lifted it."""
        lift(self.get_object(), RequestedBy(user_of(request), Origin.API))
        return success("Lifted this rule.", {})
