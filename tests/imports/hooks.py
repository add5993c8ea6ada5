"""What hooks send, and clients that behave as theirs do."""

import json

from tests.factories import make_chart, make_song

FERVIDEX = {
    "User-Agent": "fervidex/1.3.2",
    "X-Software-Model": "LDJ:J:E:A:2021091500",
}
INFINITAS = {**FERVIDEX, "X-Software-Model": "P2D:J:B:A:2022010100"}
KSHOOK = {"User-Agent": "kshook/1.1.0", "X-Software-Model": "QCV:J:B:A:2025042200"}

SCORE, PROFILE, CLASS = (
    f"/ir/fervidex/{path}/submit" for path in ("score", "profile", "class")
)
SAVE, EXPORT = "/ir/kshook/sv6c/score/save", "/ir/kshook/sv6c/score/export"
BARBATOS = "/ir/barbatos/score/submit"


def make_iidx_chart(number=1001, versions=("28", "inf"), song=None, **fields):
    """SP ANOTHER of a thousand notes, unless `fields` say more."""
    data = {"inGameID": number, "notecount": 1000, "2dxtraSet": None}
    return make_chart(
        game="iidx",
        playtype=fields.pop("playtype", "SP"),
        song=song or make_song("iidx"),
        difficulty=fields.pop("difficulty", "ANOTHER"),
        versions=list(versions),
        data={**data, **fields.pop("data", {})},
        **fields,
    )


def make_sdvx_chart(number=501, versions=("vivid", "exceed", "konaste"), **fields):
    return make_chart(data={"inGameID": number}, versions=list(versions), **fields)


def fervidex_play(**changes):
    """A hard clear of song 1001 with a score of 1600."""
    return {
        "chart": "spa",
        "entry_id": 1001,
        "pgreat": 700,
        "great": 200,
        "good": 50,
        "bad": 10,
        "poor": 5,
        "slow": 40,
        "fast": 30,
        "combo_break": 15,
        "max_combo": 120,
        "ex_score": 1600,
        "clear_type": 5,
        "gauge": [100, 98, 80, 60],
        "ghost": [0, 2, 4],
        "option": {"gauge": "HARD", "range": "SUDDEN_PLUS", "style": "RANDOM"},
        **changes,
    }


def profile(**changes):
    best = {"ex_score": 1180, "clear_type": 4, "miss_count": 40}
    return {"scores": {"1001": {"spa": best}}, "sp_dan": 15, **changes}


def kshook_play(**changes):
    return {
        "clear": "CLEAR_EFFECTIVE",
        "difficulty": "DIFFICULTY_EXHAUST",
        "gauge": 8100,
        "grade": "GRADE_AA_PLUS",
        "rate": "RATE_EFFECTIVE",
        "critical": 1184,
        "near": 46,
        "error": 30,
        "max_chain": 158,
        "music_id": 501,
        "ex_score": 3334,
        "score": 9_579_365,
        "track_no": 1,
        "retry_count": 0,
        **changes,
    }


def kshook_best(**changes):
    names = ("clear", "difficulty", "grade", "max_chain", "music_id", "score")
    play = kshook_play()
    best = {name: play[name] for name in (*names, "ex_score")}
    return {**best, "timestamp": 1_624_324_467, **changes}


def vivid_play(**changes):
    return {
        "difficulty": 2,
        "level": 15,
        "song_id": 501,
        "max_chain": 500,
        "critical": 1000,
        "near_total": 30,
        "near_fast": 20,
        "near_slow": 10,
        "score": 9_500_000,
        "error": 5,
        "percent": 81,
        "did_fail": False,
        "clear_type": 2,
        "gauge_type": 1,
        "is_skill_analyzer": False,
        **changes,
    }


def exceed_play(**changes):
    counts = (
        *("early_error", "early_near", "early_crit", "s_crit", "late_crit"),
        *("late_near", "late_error", "chip_s_crit", "chip_crit", "chip_near"),
        *("chip_error", "long_crit", "long_error", "vol_crit", "vol_error"),
    )
    return {
        "difficulty": 2,
        "level": 15,
        "song_id": 501,
        "max_chain": 500,
        "score": 9_500_000,
        "ex_score": 4000,
        "clear_type": 2,
        "grade": "AAA",
        "percent": 90,
        "gauge_type": 1,
        **dict.fromkeys(counts, 1),
        **changes,
    }


class KsHook:
    """kshook: any status from 200 to 204 is fine; of others it reads the text `error`,
    and throws where there is none. It tries five times, on 408, 503 and 504 only."""

    AGAIN = {408, 503, 504}

    def __init__(self, api, token):
        self.api, self.token, self.sent = api, token, 0

    def send(self, address, body):
        headers = {**KSHOOK, "Accept": "application/json"}
        for _ in range(5):
            self.sent += 1
            answer = self.api.post(address, body, token=self.token, headers=headers)
            if answer.status_code not in self.AGAIN:
                break
        if 200 <= answer.status_code <= 204:
            return ""
        error = json.loads(answer.content)["error"]
        assert isinstance(error, str)
        return error


class Fervidex:
    """fervidex: a play is sent as it ends; the profile at each login, whose answer has
    to be there at once, and 202; of failures it reads the text `error`."""

    def __init__(self, api, token, **headers):
        self.api, self.token = api, token
        self.headers = {**FERVIDEX, **headers}

    def send(self, address, body):
        answer = self.api.post(address, body, token=self.token, headers=self.headers)
        told = json.loads(answer.content)
        if not told["success"]:
            assert isinstance(told["error"], str)
        return answer.status_code, told
