"""The index of a player's scores in time, in the order in which lists show them.

On PostgreSQL it is built beside whoever writes scores. Cut off, it can be run again.
"""

from django.db import migrations

from scores.models.indexes import NullsLastIndex

DROP = "DROP INDEX CONCURRENTLY IF EXISTS %s"


class AddIndex(migrations.AddIndex):
    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        schema_editor.execute(DROP % schema_editor.quote_name(self.index.name))
        schema_editor.add_index(model, self.index, concurrently=True)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        drop(self.index.name, schema_editor)


class RemoveIndex(migrations.RemoveIndex):
    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        drop(self.name, schema_editor)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        index = to_state.models[app_label, self.model_name_lower]
        AddIndex(self.model_name, index.get_index_by_name(self.name)).database_forwards(
            app_label, schema_editor, from_state, to_state
        )


def drop(name, schema_editor):
    statement = DROP % schema_editor.quote_name(name)
    if schema_editor.connection.vendor != "postgresql":
        statement = statement.replace("CONCURRENTLY ", "")
    schema_editor.execute(statement)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("scores", "0001_initial")]

    operations = [
        AddIndex(
            model_name="score",
            index=NullsLastIndex(
                fields=["user", "gpt", "-time_achieved"], name="score_newest_first"
            ),
        ),
        RemoveIndex(model_name="score", name="score_in_time"),
    ]
