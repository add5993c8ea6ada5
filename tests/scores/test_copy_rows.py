import pytest
from django.db import connection

from scores import copy_rows
from scores.models import ChartIdentifier, PersonalBest
from tests.factories import make_chart, make_user

pytestmark = pytest.mark.django_db

AWKWARD = [
    "",
    " ",
    "plain",
    "tab\tnewline\nreturn\r",
    "back\\slash \\t \\n \\N",
    "\\N",
    "\\.",
    "NULL",
    "quote ' \" ` % %s {}",
    "ÄÖ 音ゲー 🎵",
    "\x01\x7f",
]


def insert_names(values):
    chart = make_chart()
    rows = [("sdvx", "test", value, chart.pk) for value in values]
    copy_rows.insert(ChartIdentifier, ["game", "kind", "value", "chart"], rows)
    stored = ChartIdentifier.objects.filter(kind="test").order_by("pk")
    return list(stored.values_list("value", "song"))


def insert_best(**fields):
    best = {
        "user": make_user().pk,
        "chart": make_chart().pk,
        "gpt": "sdvx:Single",
        "is_primary": True,
        "score_data": {},
        "composed_from": [],
        "time_achieved": None,
        "highlight": False,
        "rank_1": 1.0,
        "rank_2": 0.0,
        "rank_3": 0.0,
        "time_key": 0,
        **fields,
    }
    copy_rows.insert(PersonalBest, list(best), [tuple(best.values())])
    return PersonalBest.objects.get()


def test_any_text_is_stored_as_it_is():
    assert insert_names(AWKWARD) == [(value, None) for value in AWKWARD]


@pytest.mark.parametrize("text", AWKWARD)
def test_any_text_in_json_is_stored_as_it_is(text):
    data = {"text": text, text: [None, True, 1, -1.5]}
    assert insert_best(score_data=data).score_data == data


@pytest.mark.parametrize("flag", [True, False])
def test_a_flag_is_stored_as_it_is(flag):
    assert insert_best(highlight=flag).highlight is flag


@pytest.mark.parametrize("number", [0.1 + 0.2, 1e-300, 1.7976931348623157e308])
def test_a_float_is_stored_to_the_last_bit(number):
    assert repr(insert_best(rating_1=number).rating_1) == repr(number)


def test_a_number_of_64_bits_is_stored_as_it_is():
    assert insert_best(time_key=2**63 - 1).time_key == 2**63 - 1


def test_no_rows_are_no_error():
    assert insert_names([]) == []


@pytest.mark.postgresql
def test_thousands_of_rows_are_one_copy():
    statements = []

    def note(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        assert len(insert_names(map(str, range(3000)))) == 3000
    assert sum(sql.startswith("COPY") for sql in statements) == 1


def upsert_best(best):
    names = list(best)
    copy_rows.upsert(PersonalBest, names, [list(best.values())], "user_id, chart_id")
    return PersonalBest.objects.get()


@pytest.mark.parametrize("text", AWKWARD)
def test_an_upsert_stores_what_an_insert_does_and_replaces_it(text):
    stored = insert_best(score_data={"text": "before"}, rating_1=0.5, highlight=True)
    best = {
        "user": stored.user_id,
        "chart": stored.chart_id,
        "gpt": stored.gpt,
        "is_primary": False,
        "score_data": {"text": text, text: [None, True, 1, -1.5]},
        "composed_from": [{"name": text}],
        "time_achieved": None,
        "highlight": False,
        "rating_1": None,
        "rank_1": 0.1 + 0.2,
        "rank_2": 1e-300,
        "rank_3": 1.7976931348623157e308,
        "time_key": 2**63 - 1,
    }
    after = upsert_best(best)
    assert after.pk == stored.pk
    names = {"user": "user_id", "chart": "chart_id"}
    assert {name: getattr(after, names.get(name, name)) for name in best} == best
    assert upsert_best({**best, "rating_1": 2.5}).rating_1 == 2.5


@pytest.mark.postgresql
def test_an_upsert_does_not_write_a_row_that_is_as_it_should_be():
    best = insert_best(rating_1=None, time_achieved=5)
    written = "SELECT ctid FROM scores_personalbest"
    with connection.cursor() as cursor:
        cursor.execute(written)
        before = cursor.fetchall()
        names = [f.name for f in PersonalBest._meta.concrete_fields if f.name != "id"]
        values = [
            getattr(best, PersonalBest._meta.get_field(name).attname) for name in names
        ]
        copy_rows.upsert(PersonalBest, names, [values], "user_id, chart_id")
        cursor.execute(written)
        assert cursor.fetchall() == before
