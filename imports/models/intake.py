"""How much a user's imports have added today."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.db.models import F

#: One row a user: a new day begins anew. A clock that is behind does not go back to it.
ADD = """
    INSERT INTO imports_dailyintake (user_id, day, bytes) VALUES (%s, %s, %s)
    ON CONFLICT (user_id) DO UPDATE SET
        bytes = excluded.bytes + CASE
            WHEN imports_dailyintake.day >= excluded.day
            THEN imports_dailyintake.bytes ELSE 0 END,
        day = CASE
            WHEN imports_dailyintake.day >= excluded.day
            THEN imports_dailyintake.day ELSE excluded.day END
    RETURNING bytes
"""


class DailyIntakes(models.Manager["DailyIntake"]):
    def add(
        self,
        user_id: int,
        day: date,
        count: int,
        also: str = "",
        parameters: Sequence[Any] = (),
    ) -> Sequence[Any]:
        """Add so many bytes to a user's day; returns how many it is now.

        `also` is SQL for further columns of what is returned. The row is locked until
        the end of the transaction.
        """
        with connection.cursor() as cursor:
            values = [user_id, day.isoformat(), count, *parameters]
            cursor.execute(f"{ADD}, {also}" if also else ADD, values)
            found: Sequence[Any] = cursor.fetchone()
            return found

    def give_back(self, user_id: int, day: date, count: int) -> None:
        """Take bytes off again that were added on that day, if it is that day still."""
        row = self.filter(user=user_id, day=day, bytes__gte=count)
        row.update(bytes=F("bytes") - count)


class DailyIntake(models.Model):
    """How many bytes a user's imports have added on the last day (UTC) they did.

    Inputs as they are stored, and what was written of them (`imports.write`).
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+"
    )
    day = models.DateField()
    bytes = models.PositiveBigIntegerField()

    objects = DailyIntakes()

    def __str__(self) -> str:
        return f"{self.bytes} bytes of user {self.user_id} on {self.day}"
