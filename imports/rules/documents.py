"""The API's document of a rule, for those who may make one."""

from typing import Annotated, Any, Literal, TypedDict, cast

from django.utils import timezone

from imports.models import ImportRule
from tachi.api.openapi import Milliseconds
from tachi.api.times import milliseconds

States = Literal["live", "lifted", "over"]


class RuleDocument(TypedDict):
    """A rule that refuses further imports of a source."""

    ruleID: str
    state: Annotated[States, "`over`: its time is past."]
    filters: Annotated[dict[str, Any], "As they were given."]
    until: Annotated[Milliseconds | None, "Null: for good."]
    text: Annotated[str, "What senders are told."]
    note: Annotated[str, "For moderators only."]
    batchID: Annotated[str | None, "The batch whose source it stops."]
    matched: Annotated[int, "How many imports it has refused."]
    origin: str
    madeAt: Milliseconds
    madeBy: Annotated[str, "The name; empty where no user made it."]
    liftedAt: Milliseconds | None
    liftedBy: str


def rule_document(rule: ImportRule) -> RuleDocument:
    """The document of a rule whose batch was selected with it."""
    return {
        "ruleID": rule.rule_id,
        "state": cast(States, rule.state(timezone.now())),
        "filters": rule.filters,
        "until": milliseconds(rule.until) if rule.until else None,
        "text": rule.text,
        "note": rule.note,
        "batchID": rule.batch.batch_id if rule.batch else None,
        "matched": rule.matched,
        "origin": rule.origin,
        "madeAt": milliseconds(rule.made_at),
        "madeBy": rule.made_by_name,
        "liftedAt": milliseconds(rule.lifted_at) if rule.lifted_at else None,
        "liftedBy": rule.lifted_by_name,
    }
