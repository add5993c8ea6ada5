"""Random decisions, reverts and restores of one player's classes, against a model."""

import os
from contextlib import suppress
from dataclasses import replace

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imports.class_review.decide import NotDecided
from imports.class_review.listing import reviews
from imports.models import Import, RevertBatch
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.derived.integrity import check_user
from scores.models import ClassClaim
from tests.factories import OPERATOR, make_import, make_user
from tests.imports.class_review.naive import naive_claims
from tests.imports.class_review.test_decide import DECISIONS, dan_of

pytestmark = pytest.mark.django_db

SENT = ["DAN_3", "DAN_7", "DAN_7"]
VERBS = ["revert", "revert_with_classes", "restore", *DECISIONS]


def with_classes():
    batch = RevertBatch.objects.create(origin="command", withdraw_classes=True)
    return replace(OPERATOR, batch=batch)


def act(verb, name):
    """Do it, whatever comes of it; whether the model is told."""
    import_ = Import.objects.get(service=name)
    if verb == "restore":
        return restore_import(import_, OPERATOR) is not None
    if verb.startswith("revert"):
        by = with_classes() if verb == "revert_with_classes" else OPERATOR
        return revert_import(import_, by) is not None
    with suppress(NotDecided):
        DECISIONS[verb](ClassClaim.objects.get(source_import=import_), OPERATOR)
    return True


@settings(
    max_examples=int(os.environ.get("HISTORIES", 10)),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(
    st.lists(
        st.tuples(st.sampled_from(VERBS), st.integers(0, len(SENT) - 1)), max_size=14
    )
)
def test_classes_are_what_was_decided(choices):
    with transaction.atomic():
        user, events = make_user(), []
        for number, dan in enumerate(SENT):
            make_import(user, service=f"import {number}", classes={"dan": dan})
            events.append(("send", {"name": f"import {number}", "dan": dan}))
        for verb, number in choices:
            if act(verb, f"import {number}"):
                events.append((verb, {"name": f"import {number}"}))
            told = reviews(ClassClaim.objects.select_related("source_import"))
            found = {
                each.claim.source_import.service: (each.claim.value, each.state)
                for each in told
            }
            assert found == naive_claims(events)
            left = [dan for dan, state in found.values() if state != "withdrawn"]
            assert dan_of(user) == max(left, default=None)
            assert check_user(user.pk) == []
        transaction.set_rollback(True)
