"""Files of the original's own tests, with the outcomes that are known of them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from tests.factories import make_token, make_user
from tests.seeds import store_seeds
from tests.shared_data import SHARED, needs_shared_data

pytestmark = [pytest.mark.django_db, needs_shared_data]
FILES = SHARED / "samples/upstream"
SEEDS = "seeds/collections"
IIDX, PLI = "file/eamusement-iidx-csv", "file/pli-iidx-csv"
SDVX, S3 = "file/eamusement-sdvx-csv", "file/solid-state-squad"
RECORDS, BATCH = "file/mypagescraper-records-csv", "file/batch-manual"

#: File, import type → scores imported, rows in error. Those of IIDX are matched with
#: the few charts of the original's tests, those of SDVX and WACCA with all there are.
OUTCOMES = [
    ("batch-manual/empty-file.json", BATCH, 0, 0),
    ("batch-manual/small-file.json", BATCH, 1, 0),
    ("eamusement-iidx-csv/small-hv-file.csv", IIDX, 0, 2),
    ("eamusement-iidx-csv/pre-leggendaria.csv", IIDX, 1, 179),
    ("eamusement-iidx-csv/pre-leggendaria.csv", PLI, 1, 179),
    ("eamusement-iidx-csv/post-leggendaria.csv", IIDX, 0, 293),
    ("eamusement-iidx-csv/invalid/small-duplicate.csv", IIDX, 0, 3),
    ("eamusement-iidx-csv/invalid/large-duplicates.csv", IIDX, 0, 111),
    ("eamusement-sdvx-csv/exceed-gear-score.csv", SDVX, 203, 1),
    ("wacca-mypage-scraper/records.csv", RECORDS, 280, 0),
    ("s3/valid.xml", S3, 0, 2),
    ("s3/one-score.xml", S3, 0, 1),
    ("s3/point-five-nine.xml", S3, 0, 1),
    ("s3/large-example.xml", S3, 0, 2091 - 28),  # 28 were played with five keys
    ("mer/base.json", "file/mer-iidx", 0, 3),
    ("mer/large.json", "file/mer-iidx", 1, 626),
]
REFUSED = [
    ("s3/no-score-data.xml", S3),
    ("s3/invalid-lamp.xml", S3),
    ("s3/invalid-exscore.xml", S3),
    ("s3/malicious-mods.xml", S3),
    ("s3/malicious-scorebreakdown.xml", S3),
    ("s3/danger/billion-laughs.xml", S3),
    ("s3/danger/specific-blaugh.xml", S3),
    ("mer/base.json", BATCH),
    ("eamusement-sdvx-csv/exceed-gear-score.csv", IIDX),
]


@pytest.fixture(scope="module")
def charts(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        store_seeds("samples/fixtures/mock-db", "iidx")
        for game in ("sdvx", "wacca"):
            store_seeds(SEEDS, game)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def upload(api, charts, db, settings):
    settings.IMPORT_INLINE, settings.RATE_LIMITS = True, False
    token = make_token(make_user(), "submit_score")

    def upload(path, import_type):
        file = SimpleUploadedFile("scores", (FILES / path).read_bytes())
        fields = {"importType": import_type, "scoreData": file, "playtype": "SP"}
        headers = {"Authorization": f"Bearer {token}"}
        return api.client.post("/api/v1/import/file", fields, headers=headers)

    return upload


@pytest.mark.parametrize(("path", "import_type", "imported", "errors"), OUTCOMES)
def test_a_file_of_the_original_has_its_outcome(
    upload, path, import_type, imported, errors
):
    body = upload(path, import_type).json()["body"]
    counts = body["counts"]
    told = [error["message"] for error in body["errors"][:3]]
    assert (counts["imported"], counts["total"] - imported) == (imported, errors), told


@pytest.mark.parametrize(("path", "import_type"), REFUSED)
def test_a_bad_file_of_the_original_is_refused(upload, path, import_type):
    answer = upload(path, import_type)
    assert answer.status_code == 400
    assert answer.json()["description"]
