"""Later claims name what they say otherwise one by one, and may fill scores.

Nothing is composed here: whoever has scores that an old claim may fill waits to be rated
again, which composes them too, and a job does that player by player. The way back takes
from scores what was filled; `check_integrity --repair` then has to put the rest right.
"""

from itertools import islice

from django.db import migrations

OF_SCORE_DATA = ('judgements', 'optional')
FILLABLE = {'time_achieved', 'comment', *OF_SCORE_DATA, 'score_meta'}
REPORTED = FILLABLE - set(OF_SCORE_DATA)
CHUNK = 1000


def chunks(items):
    iterator = iter(items)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def rewrite(apps, alias, rewritten):
    """Rewrite each later claim that is an object, with its score."""
    Import = apps.get_model('imports', 'Import')
    Score = apps.get_model('scores', 'Score')
    imports = Import.objects.using(alias).exclude(later_claims={})
    for import_ in imports.only('later_claims').order_by('pk').iterator(20):
        before = import_.later_claims
        objects = [int(pk) for pk, claim in before.items() if isinstance(claim, dict)]
        after = dict(before)
        for pks in chunks(objects):
            for score in Score.objects.using(alias).filter(pk__in=pks):
                after[str(score.pk)] = rewritten(before[str(score.pk)], score)
        if after != before:
            import_.later_claims = after
            import_.save(update_fields=['later_claims'])


def one_by_one(apps, schema_editor):
    alias = schema_editor.connection.alias
    waiting = set()

    def rewritten(claim, score):
        claim = dict(claim)
        data = claim.pop('score_data', {})
        for name in OF_SCORE_DATA:
            if name in data and data[name] != score.score_data.get(name, {}):
                claim[name] = data[name]
        if may_fill(claim, score):
            waiting.add((score.user_id, score.gpt))
        return claim['position'] if claim.keys() == {'position'} else claim

    rewrite(apps, alias, rewritten)
    wait(apps, alias, waiting)


def may_fill(claim, score):
    """What names another time than the score has says nothing of this play."""
    times = {score.time_achieved, claim.get('time_achieved', score.time_achieved)}
    return bool(FILLABLE & claim.keys()) and len(times - {None}) < 2


def wait(apps, alias, players):
    PlayerToRerate = apps.get_model('scores', 'PlayerToRerate')
    Job = apps.get_model('jobs', 'Job')
    PlayerToRerate.objects.using(alias).bulk_create(
        [PlayerToRerate(user_id=user, gpt=gpt) for user, gpt in sorted(players)],
        batch_size=1000,
        update_conflicts=True,
        unique_fields=['user', 'gpt'],
        update_fields=['since', 'problem'],
    )
    ended = ('cancelled', 'done', 'failed')
    jobs = Job.objects.using(alias).filter(kind='rerate', user=None)
    if players and not jobs.exclude(state__in=ended).exists():
        jobs.create(kind='rerate')


def as_a_whole(apps, schema_editor):
    alias = schema_editor.connection.alias
    Score = apps.get_model('scores', 'Score')

    def rewritten(claim, score):
        of_data = {name: claim[name] for name in claim if name in OF_SCORE_DATA}
        claim = {name: claim[name] for name in claim if name not in OF_SCORE_DATA}
        if of_data:
            claim['score_data'] = {**score.score_data, **own_data(score), **of_data}
        return claim

    rewrite(apps, alias, rewritten)
    filled = Score.objects.using(alias).filter(own__isnull=False).order_by('pk')
    players = set()
    while scores := list(filled[:CHUNK]):
        for score in scores:
            for name in REPORTED & score.own.keys():
                setattr(score, name, score.own[name])
            score.score_data = {**score.score_data, **own_data(score)}
            if score.time_achieved is None:
                score.session_id = None
            score.own = score.timed_by = score.timed_at = None
            players.add((score.user_id, score.gpt))
        names = [*sorted(REPORTED), 'score_data', 'session', 'own', 'timed_by', 'timed_at']
        Score.objects.using(alias).bulk_update(scores, names, batch_size=100)
    wait(apps, alias, players)


def own_data(score):
    own = score.own or {}
    return {name: own[name] for name in OF_SCORE_DATA if name in own}


class Migration(migrations.Migration):
    dependencies = [
        ('imports', '0013_rights'),
        ('jobs', '0001_initial'),
        ('scores', '0005_filled'),
    ]

    operations = [migrations.RunPython(one_by_one, as_a_whole)]
