"""A score that is at hand, with its song and chart: for the answer to a single play."""

from orjson import Fragment

from scores.documents.charts import ParentsOf
from scores.documents.scores import ScoreDocument, edits_of, score_of_row
from scores.json_columns import dump_json
from scores.models import Score
from scores.rules.javascript import whole


class PlayDocument(ParentsOf):
    """A score with its song and chart."""

    score: ScoreDocument


def play_document(score: Score) -> PlayDocument:
    """`{score, song, chart}` of a score with its chart and song; one statement."""
    chart, song = score.chart, score.chart.song
    row = (
        score.score_id,
        score.user_id,
        score.gpt,
        song.song_id,
        chart.chart_id,
        chart.is_primary,
        score.service,
        score.import_type,
        score.time_achieved,
        score.time_added,
        score.comment,
        dump_json(score.score_data),
        dump_json(score.score_meta),
        *score.ratings,
    )
    edits = edits_of(Score.objects.filter(pk=score.pk), [score.user_id])
    return {
        "score": score_of_row(row, edits.get(score.score_id)),
        "song": {
            "id": song.song_id,
            "title": song.title,
            "artist": song.artist,
            "searchTerms": Fragment(dump_json(song.search_terms)),
            "altTitles": Fragment(dump_json(song.alt_titles)),
            "data": Fragment(dump_json(song.data)),
        },
        "chart": {
            "chartID": chart.chart_id,
            "songID": song.song_id,
            "level": chart.level,
            "levelNum": whole(chart.level_num),
            "isPrimary": chart.is_primary,
            "difficulty": chart.difficulty,
            "playtype": chart.playtype,
            "data": Fragment(dump_json(chart.data)),
            "versions": Fragment(dump_json(chart.versions)),
        },
    }
