"""A document costs what it is long, however its texts are distributed."""

import json

import pytest

from imports.models import Import, ImportInput
from tests.attacks.limits import cpu_limit
from tests.factories import HOUR, NOON, document, make_chart, make_song, play
from tests.imports.site import INNARDS
from tests.imports.storage import stored_bytes

ROWS = 1_000
MOST_LISTED, MOST_ROWS, LONGEST_MESSAGE = 1_000, 100_000, 2_000
#: Where a document has a text, and how many characters it may have there.
BOUNDS = {
    "meta.service": 60,
    "meta.version": 100,
    "difficulty": 100,
    "artist": 1_000,
    "identifier": 1_000,
    "comment": 240,
}
each_text = pytest.mark.parametrize("place", BOUNDS)


@pytest.fixture(autouse=True)
def inline(settings):
    settings.IMPORT_INLINE = True


def orphans(count, **changes):
    """A document of rows that name no song."""
    rows = [play(5_000_000 + n, time=NOON + n * HOUR, **changes) for n in range(count)]
    return document(*rows)


def with_text(place, length):
    """A document that names no song and has a text of that length in that place."""
    sent = orphans(1, matchType="songTitle")
    *parents, name = place.split(".")
    holder = sent["meta"] if parents else sent["scores"][0]
    holder[name] = "é" * length
    return sent


def listed(player):
    """The import document, as the poll and the import's page show it."""
    [import_] = Import.objects.completed()
    polled = player.poll(import_)
    page = player.ask("GET", f"/api/v1/imports/{import_.import_id}")
    assert polled.status_code == page.status_code == 200
    document = polled.json()["body"]["import"]
    assert document == page.json()["body"]["import"]
    return document


def refused(answer, *words):
    """It was refused with a clear text, and nothing of it is kept."""
    assert answer.status_code == 400, answer.content[:300]
    told = answer.json()
    assert told["success"] is False
    assert len(told["description"]) <= LONGEST_MESSAGE
    assert not INNARDS.search(told["description"])
    description = told["description"].replace(",", "")
    for word in words:
        assert word in description
    assert not Import.objects.completed().exists()


@pytest.mark.slow
@pytest.mark.django_db
def test_a_version_of_50000_characters_is_not_kept_a_thousand_times(player):
    sent = orphans(ROWS)
    sent["meta"]["version"] = "v" * 50_000
    size, before = len(json.dumps(sent)), stored_bytes()
    with cpu_limit(10):
        answer = player.upload(sent)
    assert stored_bytes() - before < 4 * size + 1_000_000
    assert len(answer.content) < 4 * size
    refused(answer, "version")
    for failed in Import.objects.all():  # whoever polls is told so in as few words
        assert len(player.poll(failed).content) < 4_000


@pytest.mark.django_db
@each_text
def test_a_text_beyond_its_bound_is_refused(player, place):
    name = place.rpartition(".")[2]
    for length in (BOUNDS[place] + 1, 50_000):
        for send in (player.upload, player.submit):
            refused(send(with_text(place, length)), name, str(BOUNDS[place]))


@pytest.mark.django_db
@each_text
def test_a_text_within_its_bound_is_taken(player, place):
    answer = player.upload(with_text(place, BOUNDS[place]))
    assert answer.status_code == 200, answer.content[:300]
    counts = answer.json()["body"]["counts"]
    assert counts["total"] == counts["orphaned"] + counts["rejected"] == 1


@pytest.mark.slow
@pytest.mark.django_db
def test_the_longest_texts_are_kept_as_often_as_they_were_sent(player):
    """Within every bound: what all rows share must not be kept for each of them."""
    sent = orphans(ROWS, difficulty="d" * 100, artist="a" * 1_000)
    sent["meta"] |= {"version": "v" * 100, "service": "s" * 60}
    for n, row in enumerate(sent["scores"]):
        row |= {"matchType": "songTitle", "identifier": f"{n:04}" + "i" * 996}
    size, before = len(json.dumps(sent)), stored_bytes()
    answer = player.upload(sent)
    assert answer.status_code == 200, answer.content[:300]
    assert stored_bytes() - before < 3 * size + 1_000_000
    assert len(json.dumps(listed(player))) < 2 * size


@pytest.mark.django_db
def test_a_message_is_cut_at_2000_characters(player):
    song = make_song(title="t" * 20_000)
    make_chart(song=song)
    unknown = play(song.song_id, time=NOON) | {"difficulty": "GRV"}
    assert player.upload(document(unknown)).status_code == 200
    [error] = listed(player)["errors"]
    assert error["type"] == "SongOrChartNotFound"
    assert 0 < len(error["message"]) <= LONGEST_MESSAGE


@pytest.mark.slow
@pytest.mark.django_db
def test_a_document_lists_a_thousand_errors_and_how_many_more(player):
    assert player.upload(orphans(ROWS + 500)).status_code == 200
    document = listed(player)
    assert document["counts"]["orphaned"] == document["counts"]["total"] == 1_500
    assert len(document["errors"]) == MOST_LISTED
    assert document["moreErrors"] == 500


@pytest.mark.slow
@pytest.mark.django_db
def test_a_document_with_few_errors_lists_them_all(player):
    assert player.upload(orphans(ROWS)).status_code == 200
    document = listed(player)
    assert len(document["errors"]) == ROWS
    assert document.get("moreErrors", 0) == 0


@pytest.mark.slow
@pytest.mark.django_db
def test_one_row_more_than_100000_is_refused(player):
    row = json.dumps(play(5_000_000))
    rows = ",".join([row] * (MOST_ROWS + 1))
    meta = json.dumps(document()["meta"])
    sent = f'{{"meta":{meta},"scores":[{rows}]}}'.encode()
    assert len(sent) < 16 * 1024 * 1024
    with cpu_limit(20):
        answer = player.upload(sent)
    refused(answer, "100000")


@pytest.mark.django_db
def test_the_name_of_a_file_has_a_bound(player):
    answer = player.upload(orphans(1), filename="f" * 50_000 + ".json")
    assert answer.status_code in (200, 400), answer.content[:300]
    if answer.status_code == 200:
        assert len(ImportInput.objects.get().filename) <= 1_000


@pytest.mark.django_db
def test_the_user_agent_has_a_bound(player):
    answer = player.upload(orphans(1), **{"User-Agent": "u" * 50_000})
    assert answer.status_code in (200, 400), answer.content[:300]
    if answer.status_code == 200:
        assert len(Import.objects.get().user_agent) <= 1_000
