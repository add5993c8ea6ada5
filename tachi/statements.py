"""Counting SQL statements: `with connection.execute_wrapper(Statements()) as …`."""

from collections.abc import Callable
from typing import Any


class Statements:
    """How many statements a connection was sent, cheaply enough for every request."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(
        self,
        execute: Callable[..., Any],
        sql: str,
        params: Any,
        many: bool,
        context: dict[str, Any],
    ) -> Any:
        self.count += 1
        return execute(sql, params, many, context)
