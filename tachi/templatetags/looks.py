"""`{% load looks %}`: times and states as all pages show them."""

from datetime import datetime

from django import template

from tachi.pages import looks
from tachi.pages.looks import Kind

register = template.Library()


@register.filter
def moment(value: datetime | None) -> str:
    """A time, relative; the exact one on hover."""
    return looks.relative_time(value)


@register.filter
def exact(value: datetime | None) -> str:
    """A time to the second, in UTC."""
    return looks.NEVER if value is None else looks.exactly(value)


@register.filter
def kind(state: str) -> Kind:
    """What a state means, as a class of `parts.css`: good, wait, bad, news, gone."""
    return looks.kind_of(state)


@register.filter
def badge(state: str) -> str:
    """A state, in words and colour."""
    return looks.badge(state)


@register.filter
def thousands(count: int) -> str:
    """A number with its thousands apart: "1,203"."""
    return f"{count or 0:,}"
