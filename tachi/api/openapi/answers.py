"""What an endpoint is sent and answers, declared by one decorator beside it.

    @answers(ImportPage)
    def retrieve(self, request, import_id): ...

    @action(detail=True, methods=["post"], permission_classes=[IsOwner])
    @answers(Empty, refuses={409: "It is running."}, sent=EDIT)
    def cancel(self, request, import_id): ...

Not declared, because it follows: 404 of an address with parameters; who may, of the
permission classes; 429 and the headers of the limits, of the throttles; and what every
request may be refused for (400, 401, 403, 413, 500, 503).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict, TypeVar

from rest_framework.permissions import BasePermission

from tachi.api.openapi.shapes import Fields, Shape

View = TypeVar("View", bound=Callable[..., Any])
#: The attribute of a view, or of a method, that holds its Answers.
DECLARED = "declared_answers"


class Empty(TypedDict):
    """Nothing to say."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What the decorator was given.

    `body`: the shape of the envelope's body on success, with this `status`.
    `also`: further successes, the shapes of their bodies by status.
    `refuses`: refusals that do not follow from anything else, and when they happen;
    a status or a range, "4XX".
    `query`, `sent`: the checks of the parameters and of the JSON body, by key;
    `open_ended` where further keys are ignored. A whole Check, for another body.
    `form`: the fields of a multipart form, where the body is one.
    `headers`: request headers that mean something here, and what.
    `response_headers`: of the successes, beside the limits', and what they say.
    `late`: permissions that the method itself asks for.
    `media_type`: of an answer that is not JSON in the envelope.
    `or_csv`: whether `Accept: text/csv` is answered with that.
    `tag`, `name`: the group and the name of the operation, where those of the view
    would not do.
    `methods`: of a plain Django view, and its `limits`.
    """

    body: Shape
    status: int = 200
    also: Mapping[int, Shape] = field(default_factory=dict)
    refuses: Mapping[int | str, str] = field(default_factory=dict)
    query: Fields = field(default_factory=dict)
    sent: Any = None
    open_ended: bool = False
    form: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    response_headers: Mapping[str, str] = field(default_factory=dict)
    late: Sequence[type[BasePermission]] = ()
    media_type: str = ""
    or_csv: bool = False
    tag: str = ""
    name: str = ""
    methods: Sequence[str] = ("GET",)
    limits: Sequence[type] = ()


def answers(body: Shape, **declared: Any) -> Callable[[View], View]:
    """Declare what a view or a viewset's method answers: the fields of `Answers`."""
    declaration = Answers(body=body, **declared)

    def declare(view: View) -> View:
        setattr(view, DECLARED, declaration)
        # Of a function, REST framework's `api_view` makes a class.
        made_of = getattr(view, "cls", None)
        if made_of is not None:
            setattr(made_of, DECLARED, declaration)
        return view

    return declare
