"""The clients that send a BATCH-MANUAL or a file, each as small as it can be.

Each does what its sources do: its headers, how long it waits, how it polls, and what it
reads without looking whether it is there. `play` is one evening with it.
"""

import time

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.imports.real_http import RealApi

DIRECT, STATUS, ME = "/ir/direct-manual/import", "/api/v1/status", "/api/v1/users/me"
FILE = "/api/v1/import/file"
AT = 1_733_500_000_000  # unix milliseconds
LONGEST = 30  # seconds until an import is over, for all of them

CHUNITHM = {"matchType": "inGameID", "identifier": "61", "difficulty": "MASTER"}
SDVX = {"matchType": "sdvxInGameID", "identifier": "501", "difficulty": "ANY_INF"}
COUNTS = {"jcrit": 900, "justice": 50, "attack": 10, "miss": 5}


def batch(game, playtype, *scores, service="a tool", **more):
    meta = {"game": game, "playtype": playtype, "service": service}
    version = {"version": more.pop("version")} if "version" in more else {}
    return {"meta": meta | version, "scores": list(scores), **more}


def chunithm_play(**more):
    """With the one lamp of former days, as all of these clients send it."""
    return {"score": 1_001_234, "lamp": "CLEAR", **CHUNITHM, **more}


def sdvx_play(**more):
    return {"score": 9_579_365, "lamp": "CLEAR", "timeAchieved": AT, **SDVX, **more}


class Family:
    """A client with somebody's token. It waits `patience` seconds for an answer."""

    headers: dict[str, str] = {}
    patience = 10

    def __init__(self, port, token):
        self.token = token
        self.api = RealApi(port, self.patience, self.headers)

    def told(self, answer):
        """What every answer of JSON has, of every status."""
        told = answer.json()
        assert isinstance(told["success"], bool)
        assert isinstance(told["description"], str)
        return told

    def submit(self, body, **more):
        return self.api.post(DIRECT, body, token=self.token, **more)

    def status(self):
        body = self.told(self.api.get(STATUS, token=self.token))["body"]
        assert body["whoami"] is not None
        assert "submit_score" in body["permissions"]


class Blind(Family):
    """Sends, and reads nothing but the status."""

    def sends(self, body, **more):
        answer = self.submit(body, **more)
        assert 200 <= answer.status_code <= 204, answer.content
        return answer


class Poller(Family):
    """Takes the address to poll from the answer, for granted."""

    pause = 1.0
    polls_with_token = True
    path = staticmethod(lambda body: body["url"])

    def imports(self, answer):
        """The document of an import that was accepted."""
        told = self.told(answer)
        assert (answer.status_code, told["success"]) == (202, True), told
        return self.wait_for(told["body"])

    def wait_for(self, body):
        token = self.token if self.polls_with_token else None
        until = time.monotonic() + LONGEST
        while time.monotonic() < until:
            time.sleep(self.pause)
            told = self.told(self.api.get(self.path(body), token=token))
            assert told["success"], told
            if told["body"]["importStatus"] == "completed":
                return told["body"]["import"]
            assert told["body"]["importStatus"] == "ongoing"
            # Decoded as an object: the integer 0 would be an error.
            assert isinstance(told["body"]["progress"]["description"], str)
        raise TimeoutError("The import does not end.")

    def read(self, document, scores=1):
        """What they show: how many scores, and what is wrong with the others."""
        assert len(document["scoreIDs"]) == scores, document["errors"]
        shown = [f"{each['type']}: {each['message']}" for each in document["errors"]]
        sessions = [(s["type"], s["sessionID"]) for s in document["createdSessions"]]
        assert isinstance(document["classDeltas"], list)
        return shown, sessions


class Saekawa(Poller):
    """Tells the two forms of answers by their keys; tries three times."""

    headers = {"User-Agent": "saekawa/0.5.0"}
    patience = 5

    def submits(self, body):
        for _ in range(3):
            try:
                answer = self.submit(body)
            except TimeoutError:
                continue
            if answer.status_code < 500:
                break
        body = self.told(answer)["body"]
        deferred = "url" in body and "importID" in body
        return self.wait_for(body) if deferred else body

    def play(self):
        play = chunithm_play(judgements=COUNTS, optional={"maxCombo": 400})
        self.read(self.submits(batch("chunithm", "Single", play, service="Saekawa")))
        end = {**play, "difficulty": "WORLD'S END"}
        course = {"dan": "DAN_III", "emblem": "DAN_II"}
        self.read(self.submits(batch("chunithm", "Single", classes=course)), 0)
        shown, _ = self.read(self.submits(batch("chunithm", "Single", end)), 0)
        assert len(shown) == 1  # not a difficulty of ours: the row, not the evening


class ChuniPenguin(Poller):
    """A bot: reads who it is and what it may, then polls every two seconds."""

    headers = {"User-Agent": "ChuniPenguin (https://chuni.example)"}
    pause = 2.0

    def play(self):
        self.status()
        play = chunithm_play(judgements=COUNTS, hitMeta={"maxCombo": 400})
        body = batch("chunithm", "Single", play, service="site-importer", classes={})
        self.read(self.imports(self.submit(body)))


class SiteImporter(Poller):
    """A userscript on a game's own site: the browser asks first, from that origin."""

    headers = {"X-User-Intent": "true", "Origin": "https://game.example"}

    def play(self):
        names = ("authorization", "content-type", "x-user-intent")
        asked = {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": ",".join(names),
        }
        answer = self.api.send("OPTIONS", DIRECT, headers=asked)
        allowed = answer.headers["access-control-allow-headers"].lower()
        assert all(each in allowed for each in names)
        assert self.told(self.api.get(ME, token=self.token))["body"]["username"]
        play = {**chunithm_play(timeAchieved=None), "matchType": "songTitle"}
        answer = self.submit(batch("chunithm", "Single", {**play, "identifier": "Chu"}))
        assert answer.headers["access-control-allow-origin"] == "*"
        self.read(self.imports(answer))


class ImportScripts(Poller):
    """The official scripts: null for whatever is missing; polls as nobody."""

    headers = {"X-User-Intent": "true", "User-Agent": "TIS/2.2.0"}
    polls_with_token = False

    def play(self):
        assert len(self.token) == 40
        assert self.told(self.api.get(ME, token=self.token))["body"]["username"]
        nothing = dict.fromkeys(("fast", "slow", "bp", "gauge", "gaugeHistory", "epg"))
        play = {
            "matchType": "bmsChartHash",
            "identifier": "cd" * 16,
            "score": 1300,
            "lamp": "HARD CLEAR",
            "comment": None,
            "timeAchieved": None,
            "optional": {**nothing, "maxCombo": 223},
            "scoreMeta": {"random": "RANDOM", "inputDevice": None, "gauge": None},
        }
        more = {"service": "TIS. v2.2.0", "version": None, "classes": {}}
        self.read(self.imports(self.submit(batch("bms", "7K", play, **more))))
        # An answer without `body` is a failure.
        refused = self.submit(batch("bms", "7K", {**play, "score": "a lot"}, **more))
        if refused.status_code != 202:
            assert "body" not in self.told(refused)


class Mikado(Blind):
    """Logs what it is told; reads which bests it has, to show them in the game."""

    headers = {"User-Agent": "mikado-1.0/abc"}

    def play(self):
        self.status()
        hits = {"fast": 20, "slow": 26, "maxCombo": 158, "exScore": None, "gauge": 71.5}
        body = batch("sdvx", "Single", sdvx_play(hitMeta=hits), version="nabla")
        del body["meta"]["playtype"]
        self.told(self.sends(body))
        body["meta"]["version"] = "exceed"
        self.told(self.sends(body))
        self.told(self.sends(batch("sdvx", "Single", classes={"dan": "DAN_11"})))
        bests = self.bests()
        charts = {each["chartID"]: each["data"] for each in bests["charts"]}
        for best in bests["pbs"]:
            assert charts[best["chartID"]]["inGameID"] == 501
            data = best["scoreData"]
            assert {"score", "lamp", "enumIndexes", "optional"} <= data.keys()
            assert "grade" in data["enumIndexes"]

    def bests(self):
        """There are none, and no such player of the game, until there is a score."""
        path = "/api/v1/users/me/games/sdvx/Single/pbs/all"
        until = time.monotonic() + LONGEST
        while time.monotonic() < until:
            told = self.told(self.api.get(path, token=self.token))
            if told["success"] and told["body"]["pbs"]:
                return told["body"]
            time.sleep(0.1)
        raise TimeoutError("The play does not become a best.")


class Takure(Blind):
    """Has both names for what is optional, with something in each."""

    def play(self):
        self.status()
        names = ("MARVELOUS", "PERFECT", "GREAT", "GOOD", "MISS", "OK")
        play = {
            "score": 999_900,
            "lamp": "PERFECT FULL COMBO",
            "matchType": "inGameID",
            "identifier": "11",
            "difficulty": "EXPERT",
            "timeAchieved": AT,
            "judgements": dict(zip(names, (90, 10, 0, 0, 0, 0), strict=True)),
            "hitMeta": {"fast": 5, "slow": 5, "maxCombo": 100, "exScore": 290},
            "optional": {"flare": "IX"},
        }
        self.sends(batch("ddr", "SP", play, service="Takure"))


class Arrabbiata(Blind):
    patience = 3

    def play(self):
        self.sends(batch("sdvx", "Single", sdvx_play(), service="arrabbiata"))


class SimplyLove(Blind):
    """A theme of ITGmania: one play, that was just now."""

    headers = {"X-Infer-Score-TimeAchieved": "true"}

    def play(self):
        play = {
            "scorePercent": 96.54,
            "survivedPercent": 100,
            "lamp": "CLEAR",
            "matchType": "itgChartHash",
            "identifier": "0123456789abcdef",
            "judgements": {"fantastic": 900, "excellent": 80, "miss": 2},
        }
        service = "ITGmania v1.0.2 (tsl v0.1.2)"
        self.sends(batch("itg", "Stamina", play, service=service))


class TachiDriver(Poller):
    """Makes the address to poll of the import's id, and reads a mebibyte at most."""

    path = staticmethod(lambda body: f"/api/v1/imports/{body['importID']}/poll-status")

    def play(self):
        answer = self.submit(batch("sdvx", "Single", sdvx_play()))
        number = answer.json()["body"]["importID"]
        assert number.isascii() and len(number) <= 128
        assert len(answer.content) < 1024 * 1024
        self.read(self.imports(answer))
        stranger = self.api.post(DIRECT, batch("sdvx", "Single"), token="wrong")
        assert stranger.status_code in (401, 403)  # a wrong configuration


class RhythmGame(Poller):
    headers = {"X-User-Intent": "false", "X-Infer-Score-TimeAchieved": "false"}

    def play(self):
        play = {
            "matchType": "inGameID",
            "identifier": "1001",
            "difficulty": "ANOTHER",
            "score": 1600,
            "lamp": "CLEAR",
            "scoreMeta": {"random": ["MIRROR", "RANDOM"]},
        }
        self.read(self.imports(self.submit(batch("iidx", "DP", play))))


class ReactApp(Poller):
    """What it means by the header is not what the header is for."""

    headers = {"X-User-Intent": "ir/direct-manual"}

    def play(self):
        self.read(self.imports(self.submit(batch("sdvx", "Single", sdvx_play()))))


class PythonImporter(Poller):
    headers = {"User-Agent": "python-requests/2.32.3"}
    polls_with_token = False

    def play(self):
        document = self.imports(self.submit(batch("sdvx", "Single", sdvx_play())))
        _, sessions = self.read(document)
        assert len(sessions) == 1


class FromApi(Family):
    """Lets the server fetch; newer ones wait for a stream of events."""

    def play(self):
        body = {"importType": "api/maimai-report"}
        answer = self.api.post("/api/v1/import/from-api", body, token=self.token)
        assert 400 <= answer.status_code < 500
        assert self.told(answer)["success"] is False
        answer = self.api.get("/api/v1/imports/some/stream", token=self.token)
        assert (answer.status_code, self.told(answer)["success"]) == (404, False)


class Uploader(Poller):
    """The page to which a player gives the file."""

    headers = {"X-User-Intent": "true"}

    def upload(self, content, import_type="file/batch-manual", **fields):
        file = SimpleUploadedFile("scores", content)
        fields = {"importType": import_type, "scoreData": file, **fields}
        authorization = {"Authorization": f"Bearer {self.token}"}
        return self.api.client.post(FILE, fields, headers=authorization)
