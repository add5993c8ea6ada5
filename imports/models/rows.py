"""What became of each row of an import."""

from django.db import models

from imports.models.imports import Import


class ImportRows(models.Model):
    """The rows of a completed import as they ended when it ran (`imports.rows.packed`).

    A table of its own: a document of 10,000 rows is some hundred kilobytes, which
    nothing but the list of rows reads.
    """

    of_import = models.OneToOneField(
        Import, models.CASCADE, primary_key=True, related_name="rows"
    )
    packed = models.BinaryField()

    class Meta:
        verbose_name_plural = "import rows"

    def __str__(self) -> str:
        return f"rows of {self.of_import_id}"
