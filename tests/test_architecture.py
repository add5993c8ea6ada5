"""The rooms of docs/architecture.md and who may import whom, read from the source."""

import ast
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ("tachi", "scores", "imports")
#: From the ground up: a module imports from its own room and from those before it.
ROOMS = (
    "tachi.schema",
    "tachi.redaction",
    "tachi.logs",
    "tachi.metrics",
    "tachi.statements",
    "tachi.prepared",
    "scores.rules",
    "scores.games.formulas",
    "scores.games",
    "tachi.database",
    "tachi.commands",
    "tachi.encodings",
    "tachi.repeated_keys",
    "tachi.spreadsheets",
    "tachi.api",
    "tachi.pages",
    "tachi.admin",
    "tachi.moderation",  # what verbs write; its faces are above accounts
    "tachi.accounts",
    "tachi.moderation.admin",
    "tachi.moderation.views",
    "tachi.moderation.urls",
    "tachi.jobs",
    "scores.models",
    "scores.json_columns",
    "scores.copy_rows",
    "scores.locks",
    "scores.score_rows",
    "scores.derived",
    "scores.seeds",
    "scores.documents",
    "scores.tried_out",
    "scores.song_search",
    "scores.game_settings",
    "scores.snapshots",
    "scores.edits",
    "scores.replays",
    "scores.apply_each",
    "scores",  # faces: views, admin, management, urls
    "imports.models",
    "imports.acts",
    "imports.failures",
    "imports.matching",
    "imports.formats",
    "imports.playtypes",
    "imports.filters",
    "imports.once",
    "imports.rules",
    "imports.queue",
    "imports.progress",
    "imports.composition",
    "imports.reports",
    "imports.later_claims",
    "imports.hand_overs",
    "imports.claims",
    "imports.composing",
    "imports.read",
    "imports.rows",
    "imports.write",
    "imports.orphan_rows",
    "imports.orphans",
    "imports.everybodys_orphans",
    "imports.discards",
    "imports.chart_queue",
    "imports.quotas",
    "imports.hook_settings",
    "imports.kept",
    "imports.journal",
    "imports.at_once",
    "imports.pipeline",
    "imports.declared_classes",
    "imports.retry",
    "imports.class_review",
    "imports.undo",
    "imports.possible",
    "imports.batches",
    "imports.owned",
    "imports.verdicts",
    "imports.overview",
    "imports.demo",
    "imports.inputs",
    "imports.documents",
    "imports.activity",
    "imports.preview",
    "imports.delete_user",
    "imports.export",
    "imports",  # faces: tasks, views, admin, management, urls
    "tachi",  # composition: settings, urls, views, checks
)
FACES = {"admin", "management", "pages", "tasks", "templatetags", "urls", "views"}
#: What needs nothing but the standard library, and these rooms.
PURE = {
    "tachi.schema": ("tachi.schema",),
    "scores.rules": ("tachi.schema", "scores.rules"),
    "scores.games": ("tachi.schema", "scores.rules", "scores.games"),
}
SHAPELESS = {"utils", "helpers", "services", "common", "signals"}
DERIVED_MODELS = {"Session", "PersonalBest", "GameStats"}
WRITES = {"bulk_create", "bulk_update", "create", "delete", "get_or_create", "save"}
WRITES |= {"update", "update_or_create", "insert", "upsert"}
LONGEST_FILE, LONGEST_FUNCTION = 300, 60


def broken_rules(root: Path) -> Iterator[str]:
    files = {
        module_name(path.relative_to(root)): path
        for app in PRODUCT
        for path in sorted((root / app).rglob("*.py"))
        if "migrations" not in path.parts
    }
    imported_by: dict[str, set[str]] = {}
    for module, path in files.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported_by[module] = imports_of(tree, files)
        for part in SHAPELESS & set(module.split(".")):
            yield f"{module}: {part} is no name for an idea"
        for imported in sorted(imported_by[module]):
            for rule in broken_by(module, imported):
                yield f"{module} imports {imported}: {rule}"
        yield from too_long(module, tree, path)
        if path.name == "__init__.py" and not says_what_belongs_here(module, tree):
            yield f"{module} does not say what belongs there"
        if not within(module, "scores.derived"):
            yield from writes_of_derived_rows(module, tree)
            yield from changes_of_old_numbers(module, tree)
    yield from circles(imported_by)


def module_name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def imports_of(tree: ast.Module, files) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            names = {f"{module}.{alias.name}" for alias in node.names}
            found |= {name if name in files else module for name in names}
    return found


def broken_by(module: str, imported: str) -> Iterator[str]:
    if imported.startswith("."):
        yield "say the whole name"
    for pure, allowed in PURE.items():
        standard = imported.split(".")[0] in sys.stdlib_module_names
        if within(module, pure) and not standard:
            if not any(within(imported, room) for room in allowed):
                yield f"{pure} needs the standard library only"
            return
    if imported.split(".")[0] in PRODUCT:
        if rank(imported) > rank(module):
            yield "it is in a higher room"
        elif is_face(imported) and not may_know_faces(module):
            yield "only faces know faces"


def within(module: str, package: str) -> bool:
    return f"{module}.".startswith(f"{package}.")


def room(module: str) -> str:
    """The longest name in ROOMS that the module is in."""
    return max((name for name in ROOMS if within(module, name)), key=len)


def rank(module: str) -> int:
    return ROOMS.index(room(module))


def is_face(module: str) -> bool:
    """The admin's common ground is no face: it knows no model of ours."""
    return bool(FACES & set(module.split(".")[1:])) and room(module) != "tachi.admin"


def may_know_faces(module: str) -> bool:
    """The admin's common ground knows how times and states look on all pages."""
    return is_face(module) or is_composition(module) or within(module, "tachi.admin")


def is_composition(module: str) -> bool:
    return room(module) == "tachi"


def says_what_belongs_here(module: str, tree: ast.Module) -> bool:
    in_order = {"management", "commands"} & set(module.split("."))
    return bool(in_order or ast.get_docstring(tree))


def circles(imported_by: dict[str, set[str]]) -> Iterator[str]:
    """Modules that import each other, at whatever distance."""
    graph = {
        module: {each for each in imported if each in imported_by and each != module}
        for module, imported in imported_by.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield f"a circle: {' → '.join(error.args[1])}"


def writes_of_derived_rows(module: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_of(node.func) in WRITES:
            written = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
            for model in sorted(DERIVED_MODELS & written):
                yield f"{module} writes {model}: only scores.derived does"


def changes_of_old_numbers(module: str, tree: ast.Module) -> Iterator[str]:
    """Verbs enter by `change_of`, which rates a player again who waits for it."""
    for node in ast.walk(tree):
        of_locks = isinstance(node, ast.ImportFrom) and node.module == "scores.locks"
        if of_locks and "only_change_of" in {alias.name for alias in node.names}:
            yield f"{module} takes the lock by itself: change_of does"


def name_of(node: ast.expr) -> str:
    return getattr(node, "attr", "")


def too_long(module: str, tree: ast.Module, path: Path) -> Iterator[str]:
    declared = [node for node in tree.body if is_declared(module, node)]
    length = len(path.read_text(encoding="utf-8").splitlines())
    if length - sum(lines(node) for node in declared) > LONGEST_FILE:
        yield f"{module} has {length} lines"
    for node in ast.walk(tree):
        a_function = isinstance(node, ast.FunctionDef) and node not in declared
        if a_function and lines(node) > LONGEST_FUNCTION:
            yield f"{module}.{node.name} has {lines(node)} lines"


def is_declared(module: str, node: ast.AST) -> bool:
    """Whether it is one `Game(...)`, the card with the rules of a game."""
    if not within(module, "scores.games"):
        return False
    if isinstance(node, ast.FunctionDef) and len(node.body) == 1:
        node = node.body[0]
    if not isinstance(node, ast.Assign | ast.Return):
        return False
    return isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "Game"


def lines(node: ast.AST) -> int:
    return node.end_lineno - node.lineno + 1


def test_the_product_keeps_the_rules():
    assert list(broken_rules(ROOT)) == []


CARD = "\n".join(f"    key_{number}=1," for number in range(400))
LONG_FUNCTION = "def act():\n" + "    x = 1\n" * LONGEST_FUNCTION


@pytest.mark.parametrize(
    ("path", "source", "rule"),
    [
        ("scores/x.py", "from imports.models import Import", "a higher room"),
        ("scores/x.py", "def f():\n    import imports.undo.revert", "a higher room"),
        ("tachi/api/x.py", "from scores.models import Score", "a higher room"),
        ("tachi/api/x.py", "from tachi.accounts.models import User", "a higher room"),
        ("tachi/admin/x.py", "from tachi.accounts import models", "a higher room"),
        ("tachi/accounts/x.py", "import scores", "a higher room"),
        ("imports/x.py", "from tachi.urls import ir", "a higher room"),
        ("scores/x.py", "from tachi import settings", "a higher room"),
        ("scores/models/x.py", "from scores import derived", "a higher room"),
        ("scores/derived/x.py", "from scores import documents", "a higher room"),
        ("imports/models/x.py", "from imports import claims", "a higher room"),
        ("imports/formats/x.py", "from imports.pipeline import run", "a higher room"),
        ("imports/matching/x.py", "from imports.formats import x", "a higher room"),
        ("imports/queue/x.py", "from imports.tasks import sweep", "a higher room"),
        ("scores/rules/x.py", "from scores.games import GAMES", "library only"),
        ("scores/games/x.py", "import django", "the standard library only"),
        ("scores/games/x.py", "from scores.models import Score", "standard library"),
        ("tachi/schema/x.py", "import orjson", "the standard library only"),
        ("imports/x.py", "from . import pipeline", "the whole name"),
        ("imports/x.py", "from imports.views.poll import poll_status", "faces"),
        ("imports/x.py", "from imports import tasks", "faces"),
        ("imports/x.py", "from scores.admin.plays import x", "faces"),
        ("imports/utils.py", "", "no name for an idea"),
        ("scores/common.py", "", "no name for an idea"),
        ("scores/room/__init__.py", "", "does not say what belongs there"),
        ("scores/x.py", "x = 1\n" * 301, "has 301 lines"),
        ("scores/games/x.py", "x = 1\n" * 301, "has 301 lines"),
        ("scores/x.py", LONG_FUNCTION, "x.act has 61 lines"),
        ("scores/games/x.py", LONG_FUNCTION, "x.act has 61 lines"),
        ("scores/x.py", f"X = Game(\n{CARD}\n)", "lines"),
        ("scores/x.py", "from scores import y", "a circle: scores."),
        ("scores/x.py", "PersonalBest.objects.filter(x=1).delete()", "only scores.der"),
        ("scores/edits.py", "Session.objects.update(x=1)", "only scores.derived"),
        ("imports/x.py", "copy_rows.insert(PersonalBest, [], [])", "only scores.der"),
        ("imports/x.py", "from scores.locks import only_change_of", "change_of does"),
    ],
)
def test_a_rule_that_is_broken_is_told(tmp_path, path, source, rule):
    write(tmp_path, path, source)
    (told,) = broken_rules(tmp_path)
    assert rule in told


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("scores/x.py", "from scores.games import get_game\nimport orjson"),
        ("scores/models/x.py", "from scores.games import get_game"),
        ("scores/games/x.py", "import json\nfrom scores.rules.game import Game"),
        ("scores/rules/x.py", "from tachi.schema import checks"),
        ("scores/views/x.py", "from scores.admin.x import x"),
        ("scores/derived/x.py", "PersonalBest.objects.filter(x=1).delete()"),
        ("scores/x.py", "Session.objects.filter(x=1).count()"),
        ("imports/tasks.py", "from imports.pipeline import run"),
        ("imports/formats/x.py", "from imports.matching import match"),
        ("tachi/urls.py", "from imports.views import poll"),
        ("scores/games/x.py", f"X = Game(\n{CARD}\n)"),
        ("scores/games/x.py", f"def card():\n  return Game(\n{CARD}\n)"),
        ("scores/migrations/x.py", "from imports.utils import x"),
        ("scores/management/commands/__init__.py", ""),
    ],
)
def test_what_keeps_the_rules_is_let_be(tmp_path, path, source):
    write(tmp_path, path, source)
    assert list(broken_rules(tmp_path)) == []


def write(root, path, source):
    for each in ("imports/tasks.py", "tachi/settings.py", path):
        (root / each).parent.mkdir(parents=True, exist_ok=True)
        (root / each).touch()
    (root / "scores").mkdir(exist_ok=True)
    (root / "scores/y.py").write_text("from scores import x", encoding="utf-8")
    (root / path).write_text(source, encoding="utf-8")
