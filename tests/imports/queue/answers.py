"""What an answer has to look like when something is wrong that is nobody's fault."""

from tests.imports.site import INNARDS


def is_unavailable(answer) -> bool:
    """Whether it is the 503 of a database that cannot be used; any other must be good.

    Raises AssertionError for a 503, or any other 5xx, that is not as it has to be.
    """
    if answer.status_code < 500:
        return False
    assert answer.status_code == 503, (answer.status_code, answer.content[:500])
    assert int(answer["Retry-After"]) >= 1
    assert answer["Content-Type"].startswith("application/json")
    told = answer.json()
    assert set(told) - {"error"} == {"success", "description"}, told  # for some hooks
    assert told["success"] is False
    assert told["description"]
    assert not INNARDS.search(answer.content.decode()), told
    return True
