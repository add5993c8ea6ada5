"""Every client that is known to exist, against a real server and its worker.

They all play at once, each for somebody of its own, and a test for each says what came
of it. Which clients there are is in spec/real-world.md of TACHI_TEST_DATA.
"""

import re
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.factories import make_chart, make_song, make_token, make_user
from tests.imports import client_families as by_batch
from tests.imports import file_makers as files
from tests.imports import game_hooks as hooks
from tests.imports.boku_hooks import make_bms_chart, make_usc_chart
from tests.imports.hooks import make_iidx_chart
from tests.shared_data import SHARED, needs_shared_data
from tests.web.servers import gunicorn, running

pytestmark = pytest.mark.slow
#: How a client's line in the table of real-world.md begins → what behaves as it does.
FAMILIES = {
    "saekawa": by_batch.Saekawa,
    "chuni-penguin": by_batch.ChuniPenguin,
    "kt-chunithm-site-importer": by_batch.SiteImporter,
    "Tachi Import Scripts": by_batch.ImportScripts,
    "tachi-beatoraja-ir": hooks.Beatoraja,
    "newer beatoraja IR builds": hooks.NewerBeatoraja,
    "BokutachiHook": hooks.LR2,
    "BokutachiIR_OpenLR2": hooks.OpenLR2,
    "unnamed-sdvx-clone": hooks.USC,
    "kshook": hooks.Konaste,
    "fervidex": hooks.Infinitas,
    "mikado": by_batch.Mikado,
    "takure": by_batch.Takure,
    "arrabbiata": by_batch.Arrabbiata,
    "Simply Love": by_batch.SimplyLove,
    "AsoBMaShow TachiDriver": by_batch.TachiDriver,
    "RhythmGame": by_batch.RhythmGame,
    "a React score app": by_batch.ReactApp,
    "a Python kt importer": by_batch.PythonImporter,
    "maimai-report": by_batch.FromApi,
    "pullCSVFromKonami": files.PullCSV,
    "AsphyxiaToKamaitachi": files.AsphyxiaToKamaitachi,
    "sdvx-asphyxia-kamaitachi-converter": files.AsphyxiaConverter,
    "SDVX4ToKamaitachi": files.SDVX4,
    "popn-flower-kamaitachi-importer": files.PopnFlower,
}
#: Nobody has seen what this one does: it is made of what the original reads.
UNSEEN = {"barbatos": hooks.Barbatos}
ALL = FAMILIES | UNSEEN
AT_ONCE = 6  # clients


def make_charts():
    """One for each game that the clients play."""
    chu = make_song("chunithm", title="Chu")
    data = {"inGameID": 61}
    make_chart("chunithm", song=chu, difficulty="MASTER", data=data)
    void = make_song("sdvx", title="Void Runner")
    versions = ["vivid", "exceed", "konaste"]
    for difficulty in ("EXH", "GRV"):
        more = {"difficulty": difficulty, "data": {"inGameID": 501}}
        make_chart(song=void, versions=versions, **more)
    make_bms_chart()
    make_usc_chart()
    make_iidx_chart()
    make_iidx_chart(playtype="DP")
    ddr = {"inGameID": 11, "ddrSongHash": "0" * 32}
    make_chart("ddr", "SP", difficulty="EXPERT", data=ddr)
    stamina = {"hashGSv3": "0123456789abcdef", "rankedLevel": 10}
    make_chart("itg", "Stamina", difficulty="CHART", data=stamina)
    popn = make_song("popn", song_id=1)
    make_chart("popn", "9B", song=popn, difficulty="EX", data={"inGameID": 1})


@pytest.fixture(scope="module")
def evenings(database_url, django_db_blocker):
    """Of each family, what came of it: a future."""
    with django_db_blocker.unblock():
        make_charts()
        tokens = {
            name: make_token(make_user(), "submit_score", "customise_score")
            for name in ALL
        }
    worker = [sys.executable, "manage.py", "qcluster"]
    quiet = {"RATE_LIMITS": "off", "LOG_LEVEL": "CRITICAL"}
    with (
        running(worker, database_url, **quiet),
        gunicorn(database_url) as server,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        yield {
            name: pool.submit(ALL[name](server.port, token).play)
            for name, token in tokens.items()
        }


@pytest.mark.parametrize("family", ALL)
def test_a_real_server_serves(evenings, family):
    evenings[family].result()


@needs_shared_data
def test_every_client_of_the_research_is_here():
    text = (SHARED / "spec/real-world.md").read_text(encoding="utf-8")
    tables = re.findall(r"^\| (.+?) \|", text.partition("\n## 2.")[0], re.M)
    names = [name.replace("*", "") for name in tables if name.strip("-")]
    clients = [name for name in names if name.split()[0] not in ("client", "tool")]
    assert len(clients) == len(FAMILIES)
    for client in clients:
        assert sum(client.startswith(known) for known in FAMILIES) == 1, client
