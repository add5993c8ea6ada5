"""Every answer that a test receives is held to the OpenAPI document.

`tests/conftest.py` puts `check` behind Django's test client. An address, a method, a
status, a key or a type that is not declared fails the test.
"""

import re
from functools import cache

import jsonschema_rs
import orjson
from django.conf import settings

from tachi import openapi

API = re.compile(r"/(api/v1|ir)(/|$)", re.IGNORECASE)
#: What is answered to an address or a method that is not there, and why.
UNDECLARED = {
    400: "Failure",
    401: "Failure",
    403: "Failure",
    404: "Failure",
    413: "Failure",
    429: "TooManyRequests",
    503: "Failure",
}


class Undeclared(AssertionError):
    """An answer that is not as the OpenAPI document says."""


def check(method, path, response):
    """Raise Undeclared unless the answer is as declared."""
    if settings.ROOT_URLCONF != "tachi.urls" or not API.match(path):
        return
    asked = f"{method} {path}: {response.status_code}"
    if method == "OPTIONS":
        if response.status_code != 200 or response.content:
            raise Undeclared(asked)
        return
    operation = operation_of("GET" if method == "HEAD" else method, path)
    kind = response.get("Content-Type", "").partition(";")[0]
    validator = validator_of(operation, response.status_code, kind)
    if validator is None:
        raise Undeclared(f"{asked} is not declared.")
    if method == "HEAD" or response.status_code in (301, 304):
        return
    is_json = kind == "application/json"
    answer = orjson.loads(response.content) if is_json else response.content.decode()
    if not validator.is_valid(answer):
        errors = [each.message[:1000] for each in validator.iter_errors(answer)]
        raise Undeclared("\n".join([f"{asked} is not as declared.", *errors[:3]]))


@cache
def document():
    return orjson.loads(openapi.document())


@cache
def addresses():
    """(regular expression, path), those with literals where others have parameters
    first, as the router has them."""
    found = []
    for path in document()["paths"]:
        pattern = re.sub(r"{\w+}", "[^/]+", path)
        places = [part.startswith("{") for part in path.split("/")]
        found.append((places, re.compile(f"{pattern}/?", re.IGNORECASE), path))
    return [each[1:] for each in sorted(found, key=lambda each: each[0])]


def operation_of(method, path):
    """(path, method) of the document, or None."""
    for pattern, declared in addresses():
        if pattern.fullmatch(path):
            known = method.lower() in document()["paths"][declared]
            return (declared, method.lower()) if known else None
    return None


@cache
def validator_of(operation, status, kind="application/json"):
    """The validator of an operation's answer; None where it is not declared."""
    if operation is None:
        name = UNDECLARED.get(status)
        return name and validator({"$ref": f"#/components/schemas/{name}"})
    path, method = operation
    responses = document()["paths"][path][method]["responses"]
    response = responses.get(str(status)) or responses.get(f"{status // 100}XX")
    if response is None:
        return None
    if "$ref" in response:
        name = response["$ref"].rpartition("/")[2]
        response = document()["components"]["responses"][name]
    if "content" not in response:
        return jsonschema_rs.Draft202012Validator(False)  # there is no body
    content = response["content"].get(kind)
    return content and validator(content["schema"])


def validator(schema):
    with_components = {**schema, "components": document()["components"]}
    return jsonschema_rs.Draft202012Validator(with_components)
