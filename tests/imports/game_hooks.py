"""The hooks of games, which are answered with what became of the play, as families.

How each behaves is in `hooks` and `boku_hooks`: here it plays an evening.
"""

import time

from tests.imports.boku_hooks import (
    LR2_COURSE,
    SHA256,
    BokutachiHook,
    TachiIR,
    USCGame,
    beatoraja_course,
    beatoraja_play,
    lr2_play,
    usc_play,
)
from tests.imports.client_families import LONGEST, Family
from tests.imports.hooks import (
    BARBATOS,
    CLASS,
    EXPORT,
    INFINITAS,
    PROFILE,
    SAVE,
    SCORE,
    Fervidex,
    KsHook,
    exceed_play,
    fervidex_play,
    kshook_play,
    profile,
    vivid_play,
)

HARD = 6  # a lamp, as beatoraja numbers them


class Beatoraja(Family):
    def play(self):
        plugin = TachiIR(self.api, self.token)
        assert plugin.log_in()
        assert plugin.ask("POST", "/ir/beatoraja/submit-score", beatoraja_play())
        # Others play the same chart in other games at the same time.
        of_chart = [(each["clear"], each["epg"]) for each in plugin.scores(SHA256)]
        assert (HARD, 650) in of_chart
        plugin.ask("POST", "/ir/beatoraja/submit-course", beatoraja_course("0" * 128))
        plugin.ask("GET", "/ir/beatoraja/no/such/address")
        assert [status for status, _ in plugin.log[:4]] == [200] * 4
        assert plugin.log[-1][0] == 404


class NewerBeatoraja(Family):
    """Asks for what is not there, and reads why."""

    def play(self):
        plugin = TachiIR(self.api, self.token)
        for path in ("players/1/scores", "rivals"):
            assert plugin.ask("GET", f"/ir/beatoraja/{path}") is None
        assert [status for status, _ in plugin.log] == [404, 404]


class LR2(Family):
    extra: dict[str, object] = {}

    def play(self):
        hook = BokutachiHook(self.api, self.token)
        assert hook.starts()
        assert hook.send(lr2_play(player=self.extra))
        assert not hook.send({"md5": "nothing"})
        assert not hook.send({}, LR2_COURSE)


class OpenLR2(LR2):
    patience = 30
    extra = {"dpFlip": 0, "randomr": None}


class USC(Family):
    def play(self):
        game = USCGame(self.api, self.token)
        assert game.get()[0] == 20
        code, body = game.send(usc_play())
        assert (code, body["isPB"]) == (20, True)
        chart = f"/charts/{'ef' * 20}"
        code, record = game.get(f"{chart}/record")
        assert code == 20
        game.check(record["record"])
        assert game.get(chart)[0] == 20
        code, best = game.get(f"{chart}/leaderboard?mode=best&n=5")
        assert code == 20
        for each in best:
            game.check(each)
        old = usc_play()
        del old["score"]["windows"]["slam"]
        assert game.send(old)[0] == 40


class Konaste(Family):
    """Ten seconds, and whatever follows from them."""

    def play(self):
        hook = KsHook(self.api, self.token)
        assert hook.send(SAVE, kshook_play()) == ""
        assert hook.send(EXPORT, {"scores": None}) == ""
        assert hook.send(SAVE, {})


class Infinitas(Family):
    """The profile comes at each login, again where its answer is not there at once."""

    patience = 5

    def play(self):
        hook = Fervidex(self.api, self.token, **INFINITAS)
        status, told = hook.send(SCORE, fervidex_play())
        assert (status, told["body"]["counts"]["imported"]) == (200, 1)
        course = {"cleared": True, "course_id": 18, "play_style": 1}
        assert hook.send(CLASS, course)[0] == 200
        assert hook.send(SCORE, {})[1]["success"] is False

        status, told = hook.send(PROFILE, profile())
        assert (status, told["body"], told["success"]) == (202, {}, True)
        path = "/api/v1/users/me/imports?importType=ir/fervidex-static"
        until = time.monotonic() + LONGEST
        while not (imports := self.api.get(path, token=self.token).json()["body"]):
            assert time.monotonic() < until
            time.sleep(0.1)
        assert imports[0]["counts"]["imported"] == 1
        (delta,) = imports[0]["classDeltas"]
        assert (delta["playtype"], delta["new"]) == ("SP", "DAN_9")


class Barbatos(Family):
    def play(self):
        for body in (vivid_play(), exceed_play()):
            told = self.told(self.api.post(BARBATOS, body, token=self.token))
            assert told["body"]["counts"]["imported"] == 1
