"""Courses that players have passed, for the class that each gives."""

from typing import NamedTuple

from imports.declared_classes import declare
from imports.pipeline import Sent
from scores.models import Course


class UnknownCourse(Exception):
    """No course has these charts."""

    status = 404
    text = "This course is not known."


class Passed(NamedTuple):
    """The class that a course gives, and whether that raised the player's."""

    course: Course
    raised: bool


def pass_course(sent: Sent, md5s: str) -> Passed:
    """Declare the class of a course that a player has passed.

    `md5s` are those of its charts, one after the other, in any case. Raises
    UnknownCourse, and as `declared_classes.declare`.
    """
    course = Course.objects.filter(md5s=md5s.lower()).first()
    if course is None:
        raise UnknownCourse
    return Passed(course, declare(sent, course.gpt, course.class_set, course.value))
