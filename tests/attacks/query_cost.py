"""How much a database had to look at to answer: counted, not timed.

On PostgreSQL the rows that the nodes of the plans produced or threw away (EXPLAIN
ANALYZE of each statement, just before it); on SQLite the instructions
of its virtual machine. Only to be compared with themselves.
"""

import json
from collections.abc import Callable, Iterator

from django.db import connection

REMOVED = (
    "Rows Removed by Filter",
    "Rows Removed by Index Recheck",
    "Rows Removed by Join Filter",
)
EXPLAINED = ("SELECT", "WITH", "UPDATE", "DELETE")
SAVE, UNDO = "SAVEPOINT plan", "ROLLBACK TO SAVEPOINT plan; RELEASE SAVEPOINT plan"


def cost_of(act: Callable[[], object]) -> int:
    """What all statements in `act` cost together."""
    if connection.vendor == "sqlite":
        return _instructions(act)
    return sum(_rows(plan) for plan in plans_of(act))


def plans_of(act: Callable[[], object]) -> list[dict]:
    """PostgreSQL's plans, as they ran, for what `act` sends; outermost node each."""
    plans: list[dict] = []

    def look(execute, sql, params, many, context):
        if sql.lstrip().upper().startswith(EXPLAINED) and not many:
            plans.append(_plan(context["cursor"].cursor.connection, sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        act()
    return plans


def nodes_of(plan: dict) -> Iterator[dict]:
    """A plan's nodes, itself first."""
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes_of(child)


def rows_of(node: dict) -> int:
    """How many rows a node produced, in all its loops."""
    return round(node["Actual Rows"] * node["Actual Loops"])


def statements_of(act: Callable[[], object]) -> int:
    """How many statements it sends, transactions apart."""
    seen = []

    def look(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        act()
    return len(seen)


def _rows(plan: dict) -> int:
    return sum(
        rows_of(node)
        + sum(node.get(name, 0) for name in REMOVED) * node["Actual Loops"]
        for node in nodes_of(plan)
    )


def _plan(raw, sql: str, params) -> dict:
    """The plan of a statement that is executed for it, and undone."""
    begin, undo = ("BEGIN", "ROLLBACK") if raw.autocommit else (SAVE, UNDO)
    with raw.cursor() as cursor:
        cursor.execute(begin)
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
        (found,) = cursor.fetchone()
        cursor.execute(undo)
    found = json.loads(found) if isinstance(found, str) else found
    return found[0]["Plan"]


def _instructions(act: Callable[[], object]) -> int:
    connection.ensure_connection()
    count = 0

    def tick() -> int:
        nonlocal count
        count += 1
        return 0

    connection.connection.set_progress_handler(tick, 10)
    try:
        act()
    finally:
        connection.connection.set_progress_handler(None, 0)
    return count * 10
