"""docs/formats.md, from what the formats say of themselves."""

from collections.abc import Iterable

from imports.formats.base import Field, Format

HEAD = """# Formats

How scores come in. Made from the declarations of the formats by `make formats`: edit
those, in `imports/formats/`. Files go to `POST /api/v1/import/file`, with `importType`
and the fields of the format beside the file; a site may be of a kind that offers some
of them only.
"""
_LANGUAGES = {"{": "json", "[": "json", "<": "xml"}


def reference(formats: Iterable[Format]) -> str:
    """What each format is, where one gets it, its fields and a sample, as Markdown."""
    told = list(formats)
    rows = [
        f"| [`{each.import_type}`](#{_anchor(each)}) | {each.about.title} |"
        f" {', '.join(each.games) if len(each.games) < 5 else 'all'} |"
        f" {', '.join(each.servers)} |"
        for each in told
    ]
    table = ["| type | | games | servers |", "| --- | --- | --- | --- |", *rows]
    return "\n".join([HEAD, *table, "", *(_section(each) for each in told)])


def form_fields(formats: Iterable[Format]) -> dict[str, str]:
    """The fields beside a file that any of the formats knows, and what they mean."""
    told: dict[Field, list[str]] = {}
    for each in formats:
        for field in each.about.form:
            told.setdefault(field, []).append(each.import_type)
    fields: dict[str, str] = {}
    for field, import_types in told.items():
        text = f"{field.meaning} ({', '.join(import_types)})."
        fields[field.name] = f"{fields.get(field.name, '')} {text}".strip()
    return fields


def extension(format_: Format) -> str:
    """What the name of such a file ends with, by the sample: ".csv" for tables."""
    beginning = format_.about.sample.lstrip()[:1]
    return f".{_LANGUAGES.get(beginning, 'csv')}"


def _anchor(format_: Format) -> str:
    return format_.import_type.replace("/", "")


def _section(format_: Format) -> str:
    about = format_.about
    parts = [f"## {format_.import_type}", f"{about.title}. {about.text}"]
    parts.append(f"Where one gets it: {about.origin}")
    if about.form:
        parts.append(_table("field of the form", about.form))
    if about.fields:
        parts.append(_table("what is in it", about.fields))
    if about.sample:
        language = _LANGUAGES.get(about.sample[0], "")
        parts.append(f"```{language}\n{about.sample.rstrip()}\n```")
    return "\n\n".join(parts) + "\n"


def _table(title: str, fields: Iterable[Field]) -> str:
    rows = [f"| {_cell(each.name)} | {_cell(each.meaning)} |" for each in fields]
    return "\n".join([f"| {title} | |", "| --- | --- |", *rows])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
