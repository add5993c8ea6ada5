"""One endpoint's operation in the OpenAPI document: drf-spectacular's hooks."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NotRequired, cast, get_args, get_origin
from weakref import WeakKeyDictionary

from drf_spectacular.drainage import warn
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent, get_doc
from rest_framework.permissions import BasePermission

from tachi.api.openapi.answers import DECLARED, Answers, Empty
from tachi.api.openapi.refusals import (
    LIMITS,
    header_components,
    refusals,
    response_components,
)
from tachi.api.openapi.shapes import Shape, Shapes
from tachi.schema import Check, Document
from tachi.schema.check import JSONSchema

CONTENT_TYPE = "application/json"
GENERATED = re.compile(r"(?<!^)(?=[A-Z])")


#: The shapes of each document that is being made, by its components.
SHAPES: WeakKeyDictionary[ComponentRegistry, Shapes] = WeakKeyDictionary()


class Inspector(AutoSchema):
    """What drf-spectacular asks about a view, answered from what we declare."""

    def get_operation(self, *args: Any) -> JSONSchema | None:
        self.registry = args[-1]
        operation = super().get_operation(*args)
        self._register(ResolvedComponent.HEADER, header_components())
        self._register(ResolvedComponent.RESPONSE, response_components(self.shapes))
        self._register(ResolvedComponent.SCHEMA, self.shapes.components)
        return operation

    def _register(self, kind: str, components: JSONSchema) -> None:
        for name, schema in components.items():
            component = ResolvedComponent(  # type: ignore[no-untyped-call]
                name, kind, schema, self
            )
            self.registry.register_on_missing(component)

    @property
    def shapes(self) -> Shapes:
        """The shapes of the whole document, kept with its components."""
        return SHAPES.setdefault(self.registry, Shapes())

    @property
    def declared(self) -> Answers:
        name = getattr(self.view, "action", None) or self.method.lower()
        method = getattr(self.view, name, None)
        declared = getattr(method, DECLARED, getattr(self.view, DECLARED, None))
        if declared is None:
            warn(f"{self.method} {self.path} does not declare what it answers.")
            return Answers(body=Empty)
        return cast(Answers, declared)

    # What it is called

    def get_operation_id(self) -> str:
        """`import_revert`, of the viewset and its method; or the function's name."""
        if self.declared.name:
            return self.declared.name
        name = type(self.view).__name__
        action = getattr(self.view, "action", None)
        if action is None:
            is_only = set(self.view.allowed_methods) <= {self.method, "OPTIONS"}
            is_plain = is_only or self.method == "GET"
            return name if is_plain else f"{name}_{self.method.lower()}"
        resource = GENERATED.sub("_", name.removesuffix("ViewSet")).lower()
        return f"{resource}_{action}"

    def get_tags(self) -> list[str]:
        module = type(self.view).__module__.split(".")
        tag = self.declared.tag or getattr(self.view, "tag", "")
        return [tag or [part for part in module if part != "views"][-1]]

    def get_summary(self) -> str:
        return self._doc.partition("\n")[0].rstrip(".").replace("`", "")

    def get_description(self) -> str:  # type: ignore[override]
        """The docstring's further paragraphs, and who may do it."""
        parts = [self._doc.partition("\n")[2].strip()]
        who = [get_doc(type(each)).partition("\n")[0] for each in self._permissions]
        if who:
            parts.append(f"Who may: {' '.join(who)}")
        return "\n\n".join(part for part in parts if part)

    @property
    def _doc(self) -> str:
        method = getattr(self.view, "action", None) or self.method.lower()
        return get_doc(getattr(self.view, method, None)) or get_doc(type(self.view))

    # What is sent

    def _get_parameters(self) -> list[JSONSchema]:
        path = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"{(\w+)}", self.path)
        ]
        # A plain view may read the same from a query and, by another method, a body.
        asks = self.method == "GET" or getattr(self.view, "action", None)
        query = self.declared.query if asks else {}
        headers = [
            {
                "name": name,
                "in": "header",
                "description": text,
                "schema": {"type": "string"},
            }
            for name, text in self.declared.headers.items()
        ]
        return [*path, *(_query(*each) for each in query.items()), *headers]

    def _get_request_body(self, direction: str = "request") -> JSONSchema | None:
        declared = self.declared
        if self.method == "GET":
            return None
        if declared.form is not None:
            return _content(_form(declared.form), "multipart/form-data", required=True)
        if declared.sent is None:
            return None
        check = declared.sent
        if isinstance(check, Mapping) and not _is_schema(check):
            check = Document(check, open=declared.open_ended)
        required = isinstance(check, Document) and any(
            not each.optional for each in check.fields.values()
        )
        return _content(self.shapes.schema(check), required=required)

    # What is answered

    def get_auth(self) -> list[JSONSchema]:
        """Session, token or nothing; a token with the permissions that it needs."""
        if not self.view.get_authenticators():
            return [{}]
        needed = [
            str(name)
            for each in self._permissions
            for name in getattr(each, "permissions", ())
        ]
        if getattr(self.view, "tokens_only", False):
            return [{"token": needed}]
        ways: list[JSONSchema] = [] if self._permissions else [{}]
        ways.append({"session": []})
        if not any(getattr(each, "session_only", False) for each in self._permissions):
            ways.append({"token": needed})
        return ways

    @property
    def _permissions(self) -> list[BasePermission]:
        late = [each() for each in self.declared.late]
        return [*cast(list[BasePermission], self.view.get_permissions()), *late]

    def _get_response_bodies(self, direction: str = "response") -> JSONSchema:
        declared = self.declared
        bodies = {declared.status: declared.body, **declared.also}
        given = {str(code): self._success(code, of) for code, of in bodies.items()}
        refused = refusals(
            self.shapes,
            declared.refuses,
            named="{" in self.path,
            limited=self._is_limited,
            identified=bool(self.view.get_authenticators()),
        )
        return dict(sorted({**refused, **given}.items()))

    @property
    def _is_limited(self) -> bool:
        return bool(self.view.get_throttles()) or self.path.startswith("/ir/")

    def _success(self, status: int, body: Shape) -> JSONSchema:
        declared = self.declared
        response: JSONSchema = {"description": HTTPStatus(status).phrase}
        headers = {
            name: {"description": text, "schema": {"type": "string"}}
            for name, text in declared.response_headers.items()
        }
        if self._is_limited:
            headers |= LIMITS
        if headers:
            response["headers"] = headers
        if body is not None:
            schema = self.shapes.schema(body)
            kind = declared.media_type
            response |= _content(schema if kind else envelope(schema), kind)
            if declared.or_csv:
                response["content"]["text/csv"] = {"schema": {"type": "string"}}
        return response


def envelope(body: JSONSchema) -> JSONSchema:
    """The envelope of a success."""
    return {
        "type": "object",
        "properties": {
            "success": {"const": True},
            "description": {"type": "string", "description": "For people."},
            "body": body,
        },
        "required": ["success", "description", "body"],
        "additionalProperties": False,
    }


def _content(schema: JSONSchema, kind: str = "", **more: Any) -> JSONSchema:
    return {"content": {kind or CONTENT_TYPE: {"schema": schema}}, **more}


def _query(name: str, check: Check) -> JSONSchema:
    schema = check.json_schema()
    parameter: JSONSchema = {"name": name, "in": "query", "schema": schema}
    if "description" in schema:
        parameter["description"] = schema.pop("description")
    if not check.optional:
        parameter["required"] = True
    return parameter


def _form(fields: Mapping[str, Any]) -> JSONSchema:
    """The shape of a form, all of whose fields are required but the NotRequired."""
    shapes = Shapes()
    optional = [name for name, of in fields.items() if get_origin(of) is NotRequired]
    return {
        "type": "object",
        "properties": {
            name: shapes.schema(get_args(of)[0] if name in optional else of)
            for name, of in fields.items()
        },
        "required": [name for name in fields if name not in optional],
        "additionalProperties": {"type": "string"},
    }


def _is_schema(body: Mapping[str, Any]) -> bool:
    return not all(isinstance(each, Check) for each in body.values())
