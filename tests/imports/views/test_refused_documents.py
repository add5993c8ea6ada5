"""A document that is refused: all that is wrong with it, at every door."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from imports.models import Import
from imports.pipeline import run_inline
from tests.factories import document, make_chart, make_token, make_user, play

pytestmark = pytest.mark.django_db
FILE, DIRECT = "/api/v1/import/file", "/ir/direct-manual/import"
DOORS = ("upload", "body")


@pytest.fixture
def chart():
    return make_chart()


@pytest.fixture
def send(api, chart, settings):
    settings.IMPORT_INLINE = True
    token = make_token(make_user(), "submit_score")

    def send(door, payload, **headers):
        payload = payload if isinstance(payload, bytes) else json.dumps(payload)
        headers["Authorization"] = f"Bearer {token}"
        if door == "body":
            return api.client.post(DIRECT, payload, "application/json", headers=headers)
        raw = payload if isinstance(payload, bytes) else payload.encode()
        file = SimpleUploadedFile("scores.json", raw)
        fields = {"importType": "file/batch-manual", "scoreData": file}
        return api.client.post(FILE, fields, headers=headers)

    return send


def problems(answer):
    assert answer.status_code == 400, answer.json()
    return {each["path"]: each["message"] for each in answer.json()["errors"]}


def with_four_faults(chart):
    good = play(chart)
    return document(
        good,
        {**good, "lamp": "EX HARD CLEAR"},
        good,
        {**good, "score": "9000000", "timeAchieved": 1_700_000_000},
        {**good, "zzz": 1},
    )


@pytest.mark.parametrize("door", DOORS)
def test_every_problem_has_its_place(send, chart, door):
    answer = send(door, with_four_faults(chart))
    found = problems(answer)
    assert set(found) == {
        "scores[1].lamp",
        "scores[3].score",
        "scores[3].timeAchieved",
        "scores[4]",
    }
    text = answer.json()["description"]
    assert all(path in text for path in list(found)[:3])
    assert text.endswith(" And 1 more.")
    assert 'Received "EX HARD CLEAR"' in found["scores[1].lamp"]
    assert "zzz" in found["scores[4]"]


@pytest.mark.parametrize("door", DOORS)
def test_who_polls_is_told_the_same(send, api, chart, settings, door):
    inline = send(door, with_four_faults(chart)).json()
    settings.IMPORT_INLINE = False
    answer = send(door, with_four_faults(chart))
    assert answer.status_code == 202
    import_ = Import.objects.latest("pk")
    run_inline(import_)
    polled = api.get(f"/api/v1/imports/{import_.import_id}/poll-status")
    assert (polled.status_code, polled.json()) == (400, inline)


@pytest.mark.parametrize("door", DOORS)
def test_a_repetition_is_told_the_same(send, chart, door):
    headers = {"Idempotency-Key": "one"}
    first, again = (send(door, with_four_faults(chart), **headers) for _ in range(2))
    assert again.status_code == 400 and first.json() == again.json()
    assert Import.objects.count() == 1


def test_a_hundred_are_listed_and_the_others_counted(send, chart):
    answer = send("body", document(*[{**play(chart), "lamp": "X"}] * 150))
    assert len(problems(answer)) == 100
    assert answer.json()["description"].endswith(" And 147 more.")
    assert len(answer.json()["description"]) <= 2_000


@pytest.mark.parametrize("door", DOORS)
def test_a_key_that_is_given_twice_is_a_problem_among_others(send, chart, door):
    text = json.dumps(document(play(chart), {**play(chart), "lamp": "X"}))
    doubled = text.replace('"lamp": "X"', '"lamp": "CLEAR", "lamp": "X"')
    doubled = doubled.replace('"meta": {', '"meta": {"game": "iidx",')
    found = problems(send(door, doubled.encode()))
    assert set(found) == {"meta.game", "scores[1].lamp"}
    assert send(door, text.replace(": ", " :\n").replace('"X"', '"CLEAR"').encode())


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("key", ["lamp", r"\u006camp"])
def test_a_key_is_the_same_however_it_is_written(send, chart, door, key):
    text = json.dumps(document(play(chart))).replace('"lamp"', f'"{key}": "", "lamp"')
    found = problems(send(door, text.encode()))
    assert found == {"scores[0].lamp": 'The key "lamp" is given twice.'}


@pytest.mark.parametrize("door", DOORS)
def test_colons_in_texts_are_no_keys(send, chart, door):
    comment = r"a: b \u003a c \\u003a d"
    text = json.dumps(document(play(chart, comment="abc"))).replace("abc", comment)
    assert send(door, text.encode()).status_code == 200


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_unicode_with_a_mark_is_read(send, chart, door, encoding):
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    text = json.dumps(document(play(chart, comment="すごい")), ensure_ascii=False)
    answer = send(door, f"{mark}{text}".encode(encoding))
    assert answer.status_code == 200
    assert Import.objects.get().counts["imported"] == 1


LIKELY = {
    "cp932": "Shift-JIS",
    "euc_jp": "EUC-JP",
    "latin-1": "Latin-1",
    "utf-16-le": "UTF-16 without a byte-order mark",
    "utf-32": "UTF-32",
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("encoding", LIKELY)
def test_another_encoding_is_told_with_the_place(send, chart, door, encoding):
    comment = "d\xe9j\xe0 vu" if encoding == "latin-1" else "この譜面はむずかしい"
    text = json.dumps(document(play(chart, comment=comment)), ensure_ascii=False)
    answer = send(door, text.encode(encoding))
    [told] = problems(answer).values()
    assert LIKELY[encoding] in told and "Save it as UTF-8" in told
    if encoding in ("cp932", "euc_jp", "latin-1"):
        place = len(text[: text.index(comment)].encode())
        assert f"byte {place:,} (0x" in told or f"byte {place + 1:,} (0x" in told
    assert not Import.objects.completed().exists()


def test_a_field_beside_the_file_is_text(api, chart):
    token = make_token(make_user(), "submit_score")
    body = (
        b'--edge\r\nContent-Disposition: form-data; name="playtype"\r\n\r\n'
        b"S\x82\xa0\r\n--edge\r\nContent-Disposition: form-data;"
        b' name="importType"\r\n\r\nfile/batch-manual\r\n--edge\r\n'
        b'Content-Disposition: form-data; name="scoreData"; filename="a"\r\n\r\n'
        b"{}\r\n--edge--\r\n"
    )
    answer = api.client.post(
        FILE,
        body,
        "multipart/form-data; boundary=edge",
        headers={"Authorization": f"Bearer {token}"},
    )
    told = answer.json()["description"]
    assert told.startswith("The field 'playtype' is not UTF-8: byte 1 of it is none.")
    assert not Import.objects.exists()


TIMES = {
    1_700_000_000: "seconds: multiply by 1000, 1700000000000 is 2023-11-14T22:13:20Z",
    "2023-11-14T22:13:20Z": "ISO date: send unix milliseconds, 1700000000000",
    "2023-11-14": "ISO date: send unix milliseconds, 1699920000000 (as UTC)",
    "1700000000000": "This is a text: send the number.",
}


@pytest.mark.parametrize(("time", "hint"), TIMES.items())
def test_a_time_in_another_form_is_recognised(send, chart, time, hint):
    row = {**play(chart), "timeAchieved": time}
    assert hint in problems(send("body", document(row)))["scores[0].timeAchieved"]


def test_a_time_ahead_is_told_as_a_date(send, chart):
    times = [4_000_000_000_000, 1_700_000_000_000_000, 1e300]
    rows = [{**play(chart, n), "timeAchieved": each} for n, each in enumerate(times)]
    answer = send("body", document(*rows))
    told = [each["message"] for each in answer.json()["body"]["errors"]]
    start = "Invalid timestamp: score happens in the future. It says "
    assert told[0].startswith(f"{start}2096-10-02T07:06:40Z, which is ")
    assert told[0].endswith(" days ahead: up to 24 hours are allowed.")
    assert told[1].endswith(
        "This looks like microseconds: divide by 1000, 1700000000000 is"
        " 2023-11-14T22:13:20Z."
    )
    assert told[2] == (
        f"{start}1e+300, which is more than 10,000,000 days ahead: up to 24 hours are"
        " allowed."
    )


def test_a_number_whose_digits_are_lost_is_to_be_sent_as_a_text(send, chart):
    rows = [{**play(chart), "identifier": each} for each in (2**60, True)]
    told = problems(send("body", document(*rows)))
    assert told["scores[0].identifier"].endswith(" is sent as a text.")
    assert told["scores[1].identifier"] == "Expected string. Received true."


def test_what_may_stand_where_a_part_of_meta_is_missing_is_told(send):
    told = problems(send("file", {"scores": []}))["meta.game"]
    assert told.startswith("Could not retrieve meta.game - is this valid BATCH-MANUAL?")
    assert 'whose "game" is any of iidx, museca, ' in told
    sent = {"meta": {"game": "iidx", "service": "Test"}, "scores": []}
    told = problems(send("file", sent))["meta.playtype"]
    assert told.endswith('whose "playtype" is any of SP, DP.')


@pytest.mark.parametrize(
    ("changes", "path", "hint"),
    [
        ({"lamp": "excessive clear"}, "scores[0].lamp", "EXCESSIVE CLEAR"),
        ({"timeachieved": None}, "scores[0]", "timeAchieved"),
        ({"matchType": "title"}, "scores[0].matchType", "Expected any of"),
    ],
)
def test_the_right_word_is_told(send, chart, changes, path, hint):
    assert hint in problems(send("body", document({**play(chart), **changes})))[path]


@pytest.mark.parametrize(
    ("changes", "path", "hint"),
    [
        ({"meta": {"game": "Sdvx"}}, "meta.game", 'Did you mean "sdvx"?'),
        ({"meta": {"playtype": "single"}}, "meta.playtype", 'mean "Single"?'),
        ({"classes": {"dan": "dan 9"}}, "classes.dan", 'Did you mean "DAN_9"?'),
        ({"classes": {"skill": "A"}}, "classes", "There are: dan."),
        ({"classes": {"vfClass": "A"}}, "classes", "vfClass follows from ratings"),
    ],
)
def test_what_there_is_is_told(send, chart, changes, path, hint):
    sent = document(play(chart))
    sent["meta"] |= changes.get("meta", {})
    sent |= {name: each for name, each in changes.items() if name != "meta"}
    assert hint in problems(send("body", sent))[path]


@pytest.mark.parametrize("number", [1001, 1001.0])
@pytest.mark.parametrize("door", DOORS)
def test_a_number_as_identifier_is_its_text(send, chart, door, number):
    row = {**play(chart), "matchType": "songTitle", "identifier": number}
    [error] = send(door, document(row)).json()["body"]["errors"]
    assert "1001" in error["message"] and "1001.0" not in error["message"]


@pytest.mark.parametrize("identifier", [True, None, [1], 2**53])
def test_what_is_no_text_and_no_exact_number_is_no_identifier(send, chart, identifier):
    row = {**play(chart), "identifier": identifier}
    assert "scores[0].identifier" in problems(send("body", document(row)))
