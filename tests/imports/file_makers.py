"""Tools that make files, which a player uploads then, and other people's uploads."""

from tests.imports.client_families import AT, Uploader, batch, sdvx_play
from tests.imports.files import iidx_csv, iidx_row
from tests.web.servers import as_bytes


class AsphyxiaToKamaitachi(Uploader):
    """By a name that is no more; without a lamp where it knows none."""

    def play(self):
        play = sdvx_play(matchType="inGameID")
        unknown = {**play, "difficulty": ""}
        document = self.imports(
            self.upload(as_bytes(batch("sdvx", "Single", play, unknown)))
        )
        self.read(document, 0)
        assert {each["type"] for each in document["errors"]} == {"InvalidDatapoint"}
        no_lamp = batch("sdvx", "Single", sdvx_play(lamp=""), sdvx_play())
        document = self.imports(self.upload(as_bytes(no_lamp)))
        shown, _ = self.read(document, 1)
        assert len(shown) == 1


class AsphyxiaConverter(Uploader):
    def play(self):
        first = sdvx_play(lamp="EXCESSIVE CLEAR", optional={"exScore": 4321})
        second = sdvx_play(score=9_400_000, timeAchieved=AT + 1000)
        sent = batch("sdvx", "Single", first, second, service="Asphyxia")
        self.read(self.imports(self.upload(as_bytes(sent))), 2)


class SDVX4(Uploader):
    def play(self):
        play = {
            "matchType": "songTitle",
            "identifier": "Void Runner",
            "difficulty": "EXH",
            "score": 9_579_365,
            "lamp": "CLEAR",
        }
        more = {"version": "vivid", "service": "e-amusement"}
        sent = as_bytes(batch("sdvx", "Single", play, **more))
        self.read(self.imports(self.upload(sent)))


class PopnFlower(Uploader):
    """A service of three letters is as short as one may be."""

    def play(self):
        play = {
            "matchType": "tachiSongID",
            "identifier": "1",
            "difficulty": "EX",
            "score": 90_123,
            "clearMedal": "clearDiamond",
            "timeAchieved": AT,
            "judgements": {"cool": 500, "great": 200, "good": 40, "bad": 12},
        }
        sent = batch("popn", "9B", play, service="FLO")
        self.read(self.imports(self.upload(as_bytes(sent))))
        sent["scores"][0]["score"] = None  # a number that it could not read
        answer = self.upload(as_bytes(sent))
        assert answer.status_code in (202, 400)
        assert self.told(answer)["description"]


class PullCSV(Uploader):
    """Sends the file of the official site, and leaves the playtype out."""

    def play(self):
        file = iidx_csv(iidx_row()).encode()
        answer = self.upload(file, "file/eamusement-iidx-csv")
        told = self.told(answer)
        if answer.status_code == 202:
            url = told["body"]["url"]
            answer = self.api.get(url)
            while answer.json().get("body", {}).get("importStatus") == "ongoing":
                answer = self.api.get(url)
            told = self.told(answer)
        assert (answer.status_code, told["success"]) == (400, False)
        assert "playtype" in told["description"]
