"""What a formula refuses: values outside the range it was made for."""

from scores.rules.errors import Impossible


def require_between(name: str, value: float, low: float, high: float) -> None:
    """Raises Impossible below `low` (which is 0 or more) or above `high`."""
    require_at_least(name, value, low)
    if value > high:
        raise Impossible("value-too-large", f"{name} cannot be above {high}.")


def require_at_least(name: str, value: float, low: float = 0) -> None:
    """Raises Impossible below `low`."""
    if value < low:
        raise Impossible("value-negative", f"{name} cannot be below {low}.")
