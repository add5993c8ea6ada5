import json
import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from scores.models import Course
from tests.shared_data import SHARED, needs_shared_data, shared_json

pytestmark = pytest.mark.django_db
NAME = "bms-course-lookup.json"
COURSE = {
    "title": "a dan",
    "md5sums": "ab" * 64,
    "set": "genocideDan",
    "playtype": "7K",
    "value": "OVERJOY",
}


@pytest.fixture
def load(tmp_path):
    def load(*courses):
        content = json.dumps(list(courses) if courses != (None,) else None)
        (tmp_path / NAME).write_text(content)
        call_command("load_seeds", tmp_path, stdout=StringIO())

    return load


def courses():
    found = Course.objects.order_by("md5s")
    return list(found.values_list("gpt", "class_set", "value", "title"))


def test_courses_are_created_changed_and_kept(load):
    load(COURSE, {**COURSE, "md5sums": "cd" * 64, "playtype": "14K"})
    assert courses() == [
        ("bms:7K", "genocideDan", "OVERJOY", "a dan"),
        ("bms:14K", "genocideDan", "OVERJOY", "a dan"),
    ]
    load({**COURSE, "value": "NORMAL_1", "title": "another"})
    assert courses()[0] == ("bms:7K", "genocideDan", "NORMAL_1", "another")
    assert len(courses()) == 2


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ([5, 6], "record 0: it has to be an object."),
        ([{}], "record 0: md5sums is not what it has to be."),
        ([{**COURSE, "title": None}], "record 0: title is not what it has to be."),
        ([COURSE, {**COURSE}], "record 1: this course is there twice."),
        ([{**COURSE, "playtype": "5K"}], "'5K' is no playtype of bms."),
        ([{**COURSE, "set": "x"}], "'x' is no set of classes"),
        ([{**COURSE, "value": "x"}], "'x' is none of the classes of genocideDan."),
        ([{**COURSE, "title": "\0"}], "record 0 holds NUL or half a character."),
        ([{**COURSE, "more": 1}], "record 0: more is not what it has to be."),
        ([None], "has to be a list of courses."),
    ],
)
def test_bad_courses_are_refused_whole(load, wrong, told):
    with pytest.raises(CommandError, match=re.escape(told)):
        load(*wrong)
    assert not Course.objects.exists()


@needs_shared_data
def test_the_courses_of_the_seeds_are_loaded(tmp_path):
    (tmp_path / NAME).write_bytes((SHARED / f"seeds/collections/{NAME}").read_bytes())
    for kind in ("songs", "charts"):
        source = SHARED / f"seeds/collections/{kind}-bms.json"
        (tmp_path / source.name).write_bytes(source.read_bytes())
    call_command("load_seeds", tmp_path, stdout=StringIO())
    known = shared_json(f"seeds/collections/{NAME}")
    assert Course.objects.count() == len(known) == 136
