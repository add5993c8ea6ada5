"""What no log may hold: tokens, passwords, cookies."""

import logging
import re
import traceback

LEFT_OUT = "…"
#: Each keeps what its first group matches, and leaves out what follows.
SECRETS = (
    re.compile(r"(\bBearer\s+)[^\s\"',]+", re.IGNORECASE),
    re.compile(r"(/api-tokens/)(?!create\b)[^\s\"'?/]+", re.IGNORECASE),
    # A query may hold what was meant for a header.
    re.compile(r"([^\s\"'?]\?)[^\s\"'>]+"),
    re.compile(
        r"(\b(?:authorization|(?:set-)?cookie|(?:api.?)?token|api.?key|secret|password"
        r"|csrftoken|\w+_session)[\"']?[:=]\s*[\"']?)(?!Bearer\b)[^\s\"',;}]+",
        re.IGNORECASE,
    ),
)


def redacted(text: str) -> str:
    """A text without the secrets in it."""
    for pattern in SECRETS:
        text = pattern.sub(rf"\1{LEFT_OUT}", text)
    return text


class Redacted(logging.Filter):
    """Lets every record pass, without the secrets in its message and its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redacted(record.getMessage()), ()
        if record.exc_info and record.exc_info[0] and not record.exc_text:
            lines = traceback.format_exception(*record.exc_info)
            record.exc_text = redacted("".join(lines).rstrip())
        return True
