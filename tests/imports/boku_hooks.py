"""What beatoraja, LR2Hook and USC send, and clients that behave as theirs do."""

import json

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import make_chart, make_song

BEATORAJA = {"X-TachiIR-Version": "v3.1.1", "User-Agent": "OKHTTP"}
LR2HOOK: dict[str, str] = {}
SUBMIT_SCORE = "/ir/beatoraja/submit-score"
SUBMIT_COURSE = "/ir/beatoraja/submit-course"
LR2_IMPORT = "/ir/lr2hook/import"
LR2_COURSE = "/ir/lr2hook/import/course"
USC = "/ir/usc/Controller"
#: Import type → the address that takes it, and its headers.
ROUTES = {
    "ir/beatoraja": (SUBMIT_SCORE, BEATORAJA),
    "ir/lr2hook": (LR2_IMPORT, LR2HOOK),
    "ir/usc": (f"{USC}/scores", {}),
}
SHA256, MD5, SHA1 = "ab" * 32, "cd" * 16, "ef" * 20


def make_bms_chart(game="bms", playtype="7K", sha256=SHA256, md5=MD5, **fields):
    """A chart of a thousand notes."""
    data = {"hashSHA256": sha256, "hashMD5": md5, "notecount": 1000}
    return make_chart(
        game=game,
        playtype=playtype,
        difficulty="CHART",
        song=fields.pop("song", None) or make_song(game),
        data={**data, "tableFolders": [], **fields.pop("data", {})},
        **fields,
    )


def make_usc_chart(sha1=SHA1, playtype="Controller", **fields):
    data = {"hashSHA1": sha1, "isOfficial": False, "effector": "", "tableFolders": []}
    return make_chart(game="usc", playtype=playtype, data=data, **fields)


#: A chart, and a hard clear of it; with further keys, as the plug-in has them.
BEATORAJA_CHART = {
    "md5": MD5,
    "sha256": SHA256,
    "title": "Wire",
    "subtitle": "",
    "genre": "TEST",
    "artist": "Aster",
    "subartist": "",
    "url": "",
    "level": 8,
    "total": 220,
    "judge": 100,
    "minbpm": 135,
    "notes": 1000,
    "mode": "BEAT_7K",
    "lntype": 0,
    "hasUndefinedLN": False,
    "hasLN": False,
    "hasRandom": False,
    "values": {"nested": {"deep": [1]}},
}
BEATORAJA_SCORE = {
    "sha256": SHA256,
    "player": "unknown",
    "date": 2**63 - 1,
    "clear": "Hard",
    "exscore": 1300,
    "maxcombo": 223,
    "minbp": 17,
    "notes": 1000,
    "passnotes": 1000,
    "epg": 300,
    "egr": 150,
    "egd": 30,
    "ebd": 5,
    "epr": 3,
    "ems": 1,
    "lpg": 200,
    "lgr": 150,
    "lgd": 20,
    "lbd": 5,
    "lpr": 2,
    "lms": 1,
    "lntype": 0,
    "option": 2,
    "assist": 0,
    "gauge": 3,
    "deviceType": "BM_CONTROLLER",
    "judgeAlgorithm": "New",
    "rule": "LR2",
}


def beatoraja_play(score=None, chart=None, client="LR2oraja 0.8.5", **more):
    """A play, with other values and further keys."""
    return {
        "chart": BEATORAJA_CHART | (chart or {}),
        "score": BEATORAJA_SCORE | (score or {}),
        "client": client,
        **more,
    }


def pms_play(device="BM_CONTROLLER", **chart):
    return beatoraja_play(
        {"deviceType": device}, {"mode": "POPN_9K", **chart}, "beatoraja 0.8.5"
    )


def beatoraja_course(md5s, score=None, constraint=("GAUGE_LR2", "LN"), **more):
    """A dan that was cleared, on four charts."""
    charts = [{"md5": md5s[at : at + 32]} for at in range(0, 128, 32)]
    return {
        "course": {"charts": charts, "constraint": list(constraint), "name": "a dan"},
        "score": {"clear": "Normal", "option": 0, "lntype": 0, **(score or {})},
        **more,
    }


def lr2_play(score=None, player=None, **more):
    """A clear with an EX score of 1300."""
    return {
        "md5": MD5,
        "playerData": {
            "autoScr": 0,
            "gameMode": "7K",
            "random": "RAN",
            "gauge": "GROOVE",
            "rseed": 5,
            **(player or {}),
        },
        "scoreData": {
            "pgreat": 500,
            "great": 300,
            "good": 50,
            "bad": 10,
            "poor": 5,
            "exScore": 1300,
            "maxCombo": 100,
            "moneyScore": 150_000,
            "notesTotal": 1000,
            "notesPlayed": 1000,
            "lamp": "NORMAL",
            "hpGraph": [20] * 999 + [80],
            "extendedJudgements": None,
            "extendedHpGraphs": None,
            **(score or {}),
        },
        "unixTimestamp": 1_733_500_000,
        "version": {"major": 2, "minor": 0, "patch": 1},
        **more,
    }


def usc_play(score=9_000_000, chart_hash=SHA1, options=None, **changes):
    """A clear, as the game of today sends it: no early, late and combo."""
    return {
        "chart": {
            "chartHash": chart_hash,
            "title": "Unnamed",
            "artist": "Aster",
            "effector": "nobody",
            "illustrator": "nobody",
            "bpm": "180",
            "difficulty": 2,
            "level": 15,
        },
        "score": {
            "score": score,
            "crit": 100,
            "near": 50,
            "error": 5,
            "gauge": 0.800000011920929,
            "timestamp": 1_733_500_000,
            "options": {
                "gaugeType": 0,
                "gaugeOpt": 0,
                "mirror": False,
                "random": False,
                "autoFlags": 0,
                **(options or {}),
            },
            "windows": {
                "perfect": 46,
                "good": 150,
                "hold": 150,
                "miss": 300,
                "slam": 84,
            },
            **changes,
        },
    }


class TachiIR:
    """The Java plug-in: throws where `success` or `description` is missing from any
    JSON; logs what is refused; reads 26 keys of a list blindly."""

    KEYS = (
        "sha256 player playcount clear date maxcombo gauge minbp notes passnotes"
        " deviceType random epg egr lpg lgr egd lgd ebd lbd epr lpr ems lms"
    ).split()

    def __init__(self, api, token):
        self.api, self.token, self.log = api, token, []

    def ask(self, method, path, body=None):
        extra = {"content_type": "application/json; charset=utf-8"} if body else {}
        answer = self.api.send(method, path, body, self.token, BEATORAJA, **extra)
        told = json.loads(answer.content)
        assert isinstance(told["success"], bool)
        assert isinstance(told["description"], str)
        self.log.append((answer.status_code, told["description"]))
        return told.get("body") if told["success"] else None

    def log_in(self):
        who = self.ask("GET", "/api/v1/status?echo=lr2oraja-ir")["whoami"]
        return self.ask("GET", f"/api/v1/users/{who}")["username"]

    def scores(self, sha256=SHA256):
        found = self.ask("GET", f"/ir/beatoraja/charts/{sha256}/scores")
        return [{name: each[name] for name in self.KEYS} for each in found]


class BokutachiHook:
    """LR2's hook: anything but 200 is rejected, 5xx tried again, five times in all."""

    def __init__(self, api, token):
        self.api, self.token = api, token

    def starts(self):
        body = self.api.get("/api/v1/status", token=self.token).json()["body"]
        return body["whoami"] is not None and "submit_score" in body["permissions"]

    def send(self, body, path=LR2_IMPORT):
        pretty = json.dumps(body, indent=4)
        for _ in range(5):
            answer = self.api.post(path, pretty, token=self.token)
            if answer.status_code < 500:
                break
        told = json.loads(answer.content)
        assert isinstance(told["description"], str)
        return answer.status_code == 200 and told["success"]


class USCGame:
    """unnamed-sdvx-clone: HTTP has to be 200, `statusCode` 20 to 59; with 20 there is a
    `body`, of which it reads these keys and types; then it uploads the replay."""

    SCORE = dict.fromkeys(
        ("score", "crit", "near", "error", "lamp", "ranking", "timestamp"), int
    )

    def __init__(self, api, token, base=USC):
        self.api, self.token, self.base = api, token, base

    def read(self, answer):
        assert answer.status_code == 200
        told = json.loads(answer.content)
        assert 20 <= told["statusCode"] <= 59
        assert isinstance(told["description"], str)
        assert told["statusCode"] != 20 or "body" in told
        return told["statusCode"], told.get("body")

    def get(self, path=""):
        return self.read(self.api.get(f"{self.base}{path}", token=self.token))

    def send(self, body, replay=b"a replay"):
        answer = self.api.post(f"{self.base}/scores", body, token=self.token)
        code, body = self.read(answer)
        if code == 20:
            for each in (body["score"], body["serverRecord"]):
                self.check(each)
            for name in ("adjacentAbove", "adjacentBelow"):
                assert isinstance(body[name], list)
                for each in body[name]:
                    self.check(each)
            assert {type(body[name]) for name in ("isPB", "isServerRecord")} == {bool}
            if isinstance(body.get("sendReplay"), str):
                assert self.upload(body["sendReplay"], replay)[0] == 20
        return code, body

    def check(self, score):
        for name, kind in self.SCORE.items():
            assert type(score[name]) is kind
        assert isinstance(score["username"], str)

    def upload(self, identifier, replay=b"a replay", **more):
        data = {"replay": SimpleUploadedFile("x.urf", replay), **more}
        if identifier is not None:
            data["identifier"] = identifier
        answer = self.api.client.post(
            f"{self.base}/replays",
            data,
            headers={"Authorization": f"Bearer {self.token}"},
        )
        return self.read(answer)
