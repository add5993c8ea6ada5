"""The layers of docs/architecture.md, read from the import statements."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ("tachi", "scores", "imports")
# Who may be imported by whom: each by those after it, the rules of the games by all.
COMPOSITION = {
    *(f"tachi.{name}" for name in "settings urls wsgi checks views".split()),
    "tachi.accounts.apps",  # registers the checks when Django starts
}
LAYERS = ("shared", "scores", "imports", "composition")
FACES = {"admin", "broker", "management", "tasks", "urls", "views"}
PURE = {"formats": ("formats", "matching"), "matching": ("matching",)}
SHAPELESS = {"utils", "helpers", "services", "common", "signals"}
LONGEST_FILE, LONGEST_FUNCTION = 300, 60


def broken_rules(root: Path) -> Iterator[str]:
    files = {
        module_name(path.relative_to(root)): path
        for app in PRODUCT
        for path in sorted((root / app).rglob("*.py"))
        if "migrations" not in path.parts
    }
    for module, path in files.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for part in SHAPELESS & set(module.split(".")):
            yield f"{module}: {part} is no name for an idea"
        for imported in sorted(imports_of(tree, files)):
            for rule in broken_by(module, imported):
                yield f"{module} imports {imported}: {rule}"
        yield from too_long(module, tree, path)


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
    if within(module, "scores.games"):
        standard = imported.split(".")[0] in sys.stdlib_module_names
        if not (standard or within(imported, "scores.games")):
            yield "the rules of the games need the standard library only"
    elif imported.split(".")[0] in PRODUCT and layer(module) != "composition":
        yield from broken_between(module, imported)


def broken_between(module: str, imported: str) -> Iterator[str]:
    part, other = part_of(module), part_of(imported)
    if LAYERS.index(layer(imported)) > LAYERS.index(layer(module)):
        yield "it is in a higher layer"
    if other in FACES and part not in FACES:
        yield "only faces know faces"
    if part == "models" and other not in ("models", "games"):
        yield "models know no verbs"
    if part in PURE and layer(imported) == "imports" and other not in PURE[part]:
        yield f"{part} is pure"


def within(module: str, package: str) -> bool:
    return f"{module}.".startswith(f"{package}.")


def layer(module: str) -> str:
    if module in COMPOSITION:
        return "composition"
    return "shared" if within(module, "tachi") else module.split(".")[0]


def part_of(module: str) -> str:
    """views of imports.views.poll, and of tachi.accounts.views."""
    parts = module.split(".")[2 if within(module, "tachi") else 1 :]
    return parts[0] if parts else ""


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
        ("scores/x.py", "from imports.models import Import", "a higher layer"),
        ("scores/x.py", "def f():\n    import imports.revert", "a higher layer"),
        ("tachi/api/x.py", "from scores.models import Score", "a higher layer"),
        ("tachi/accounts/x.py", "import scores", "a higher layer"),
        ("imports/x.py", "from tachi.urls import ir", "a higher layer"),
        ("scores/x.py", "from tachi import settings", "a higher layer"),
        ("scores/games/x.py", "import django", "the standard library only"),
        ("scores/games/x.py", "from scores.models import Score", "standard library"),
        ("imports/x.py", "from . import revert", "the whole name"),
        ("imports/x.py", "from imports.views.poll import poll_status", "faces"),
        ("imports/x.py", "from imports import tasks", "faces"),
        ("imports/x.py", "from scores.admin.plays import x", "faces"),
        ("imports/models.py", "from imports.revert import x", "models know no verbs"),
        ("imports/models.py", "from scores import sessions", "models know no verbs"),
        ("imports/formats/x.py", "from imports.pipeline import run", "pure"),
        ("imports/matching/x.py", "from imports.formats import x", "pure"),
        ("imports/utils.py", "", "no name for an idea"),
        ("scores/common/x.py", "", "no name for an idea"),
        ("scores/x.py", "x = 1\n" * 301, "has 301 lines"),
        ("scores/games/x.py", "x = 1\n" * 301, "has 301 lines"),
        ("scores/x.py", LONG_FUNCTION, "x.act has 61 lines"),
        ("scores/games/x.py", LONG_FUNCTION, "x.act has 61 lines"),
        ("scores/x.py", f"X = Game(\n{CARD}\n)", "lines"),
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
        ("scores/models.py", "from scores.games import get_game"),
        ("scores/games/x.py", "import json\nfrom scores.games.base import Game"),
        ("scores/views/x.py", "from scores.admin.x import x"),
        ("imports/tasks.py", "from imports.pipeline import run"),
        ("imports/formats/x.py", "from imports.matching import match"),
        ("tachi/urls.py", "from imports.views import poll"),
        ("scores/games/x.py", f"X = Game(\n{CARD}\n)"),
        ("scores/games/x.py", f"def card():\n  return Game(\n{CARD}\n)"),
        ("scores/migrations/x.py", "from imports.utils import x"),
    ],
)
def test_what_keeps_the_rules_is_let_be(tmp_path, path, source):
    write(tmp_path, path, source)
    assert list(broken_rules(tmp_path)) == []


def write(root, path, source):
    for each in ("imports/tasks.py", "tachi/settings.py", path):
        (root / each).parent.mkdir(parents=True, exist_ok=True)
        (root / each).touch()
    (root / path).write_text(source, encoding="utf-8")
