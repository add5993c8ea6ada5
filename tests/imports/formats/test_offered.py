"""Which formats a site offers, what is written about them, and who recognises them."""

import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from imports import formats
from imports.failures import FailureType
from imports.formats import FORMATS, offered, offered_files
from imports.formats.base import Input
from imports.models import Import, State
from scores.models import Score
from tests.commands import call, failure
from tests.factories import make_token, make_user
from tests.formats_page import PAGE, page
from tests.imports.files import block, iidx_csv, iidx_row, s3_song, s3_xml, sdvx_csv
from tests.imports.formats.test_files import make_iidx

KAMAI = "file/eamusement-iidx-csv"


def test_the_page_about_formats_is_what_they_say_of_themselves():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make formats"


def test_every_format_says_what_it_is():
    for import_type, format_ in FORMATS.items():
        about = format_.about
        assert about.title and about.text and about.origin, import_type
        assert format_.games and format_.servers, import_type
        if import_type.startswith("file/"):
            assert about.fields and about.sample and format_.recognises, import_type


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "offers"), [("kamai", True), ("omni", True), ("boku", False)]
)
def test_a_type_that_a_site_does_not_offer_does_not_exist(
    api, user, settings, kind, offers
):
    settings.SERVER_TYPE, settings.IMPORT_INLINE = kind, True
    token = make_token(user, "submit_score")

    def send(import_type):
        file = SimpleUploadedFile("scores.csv", b"x")
        fields = {"importType": import_type, "scoreData": file, "playtype": "SP"}
        headers = {"Authorization": f"Bearer {token}"}
        answer = api.client.post("/api/v1/import/file", fields, headers=headers)
        return answer.status_code, answer.json()["description"]

    status, said = send(KAMAI)
    assert status == 400
    unknown = send("file/nothing")[1].replace("file/nothing", KAMAI)
    assert (said == unknown) is not offers
    told = api.get("/api/v1/config").json()["body"]["IMPORT_TYPES"]
    assert (KAMAI in told) is offers
    assert "file/batch-manual" in told
    assert told == [each.import_type for each in offered(kind)]
    assert {each.import_type for each in offered_files(kind)} <= set(told)


def import_file(path, *more):
    return call("import_scores", str(path), "--user", "alice", *more)


@pytest.fixture
def file(tmp_path, db):
    make_user("alice")
    make_iidx("Moon")
    path = tmp_path / "scores.csv"
    path.write_text(iidx_csv(iidx_row(ANOTHER=block())), encoding="utf-8")
    return path


def test_a_file_is_recognised_and_what_its_format_asks_for_is_given(file):
    said = import_file(file, "--field", "playtype=SP")
    assert f"scores.csv is {KAMAI}: it has the columns" in said
    assert "1 imported" in said
    assert Import.objects.get().input.parameters == {"playtype": "SP"}
    said = import_file(file, "--import-type", KAMAI, "--field", "playtype=SP")
    assert "recognised" not in said and "is file/" not in said
    assert Score.objects.count() == 1


def test_a_file_that_nobody_recognises_is_not_imported(file):
    file.write_text("a,b\n1,2\n")
    _, said = failure("import_scores", str(file), "--user", "alice")
    assert "it is none of file/batch-manual, " in said
    assert not Import.objects.exists()


def test_a_file_that_may_be_several_is_not_imported(file, monkeypatch):
    other = FORMATS["file/eamusement-sdvx-csv"]
    monkeypatch.setitem(FORMATS, "file/eamusement-sdvx-csv", twin(other))
    _, said = failure("import_scores", str(file), "--user", "alice")
    assert "may be any of these" in said and "a test says so" in said


def twin(format_):
    from dataclasses import replace

    return replace(format_, recognises=lambda payload, name: "a test says so")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--user", "alice"], "Name a file"),
        (["{file}"], "Name a file"),
        (["{file}", "--user", "alice", "--field", "playtype"], "NAME=TEXT"),
        (["{file}", "--user", "alice", "--field", "=x"], "NAME=TEXT"),
        (
            ["{file}", "--user", "alice"],
            "SP or DP. Fields not given: --field",
        ),
        (
            ["{file}", "--user", "alice", "--field", "playtyp=SP"],
            "no field 'playtyp'",
        ),
    ],
)
def test_what_the_command_is_not_told_it_asks_for(file, arguments, reason):
    _, said = failure("import_scores", *[each.format(file=file) for each in arguments])
    assert reason in said
    assert not Import.objects.filter(state=State.COMPLETED).exists()


@pytest.mark.django_db
def test_every_sample_of_a_file_is_right():
    for import_type, format_ in FORMATS.items():
        if not import_type.startswith("file/"):
            continue
        sent = Input(format_.about.sample.encode(), "sample", {"playtype": "SP"})
        parsed = format_.parse(sent)
        assert parsed.entries or parsed.classes, import_type
        for outcome in format_.convert(parsed.entries, parsed.context):
            assert outcome.type == FailureType.NOT_FOUND, (import_type, outcome)


def test_every_parameter_that_a_format_reads_is_listed():
    read = set()
    for path in Path(formats.__file__).parent.glob("*.py"):
        read |= set(re.findall(r'parameters\.get\("(\w+)"', path.read_text("utf-8")))
    abouts = [format_.about for format_ in FORMATS.values()]
    listed = {each.name for about in abouts for each in (*about.form, *about.asked)}
    assert "version" in read
    assert read - listed == set()


def test_the_command_lists_the_types():
    said = call("import_scores", "--list-types")
    for import_type, format_ in FORMATS.items():
        assert import_type in said and format_.about.title in said
    assert "--field playtype=…" in said


@pytest.mark.parametrize(
    ("text", "name", "import_type"),
    [
        (iidx_csv(), "scores.csv", KAMAI),
        (iidx_csv(), "PLI_export.csv", "file/pli-iidx-csv"),
        ("\ufeff" + sdvx_csv(), "x.csv", "file/eamusement-sdvx-csv"),
        (s3_xml(s3_song("Moon")), "x", "file/solid-state-squad"),
        ('{"scores": [], "meta": {}}', "x.json", "file/batch-manual"),
        ("music_id,a", "x", None),
        ("", "x", None),
        ("[]", "x", None),
    ],
)
def test_files_are_told_apart(text, name, import_type):
    found = [
        each.import_type
        for each in FORMATS.values()
        if each.recognises and each.recognises(text.encode(), name)
    ]
    assert found == ([import_type] if import_type else [])
