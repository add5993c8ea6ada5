"""Every regular expression of the product, and how it is used, read from the source."""

import ast
import importlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("tachi", "scores", "imports")
USES = {"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
#: Where expressions are made of our own words; those of addresses are found in the map.
BUILT = {"tachi/api/routes.py", "tachi/error_reports.py"}
BUILT |= {"imports/formats/times.py"}


class Expression(NamedTuple):
    """An expression and a method that it is used by; `search` where none is seen."""

    where: str
    pattern: str | bytes
    flags: int
    use: str

    def __str__(self) -> str:
        return f"{self.where} {self.use}"

    def apply(self, text: str) -> object:
        compiled = re.compile(self.pattern, self.flags)
        subject = text.encode() if isinstance(self.pattern, bytes) else text
        if self.use in {"sub", "subn"}:
            return compiled.sub(b"" if isinstance(subject, bytes) else "", subject)
        if self.use == "finditer":
            return list(compiled.finditer(subject))
        return getattr(compiled, self.use)(subject)


def expressions() -> list[Expression]:
    """Those that the source names; raises ValueError for one that cannot be read."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in _files()}
    uses = _uses(trees.values())
    return [
        found
        for path, tree in trees.items()
        for found in _expressions(path.relative_to(ROOT), tree, uses)
    ]


def address_patterns() -> dict[str, Callable[[str], object]]:
    """The expressions of all addresses, as Django applies them to a path."""
    found: dict[str, Callable[[str], object]] = {}

    def walk(resolver: URLResolver) -> None:
        for each in resolver.url_patterns:
            found[str(each.pattern)] = each.pattern.match
            if not isinstance(each, URLPattern):
                walk(each)

    walk(get_resolver())
    return found


def _files() -> Iterator[Path]:
    for app in PRODUCT:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def _uses(trees) -> dict[str, set[str]]:
    """Name of a compiled expression → the methods that are called on it, anywhere."""
    found = defaultdict(set)
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Attribute) and node.attr in USES:
            of = node.value
            name = getattr(of, "id", getattr(of, "attr", None))
            if name:
                found[name].add(node.attr)
    return found


def _expressions(path: Path, tree: ast.Module, uses) -> Iterator[Expression]:
    names = {
        id(node.value): node.targets[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    chained = {
        id(node.value): node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in USES
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        argument, method = _argument(node)
        if argument is None or str(path) in BUILT:
            continue
        pattern = _value(path, argument)
        if method == "compile":
            name = names.get(id(node), "")
            methods = {chained[id(node)]} if id(node) in chained else uses.get(name)
        else:
            methods = {method}
        for use in sorted(methods or {"search"}):
            yield Expression(f"{path}:{node.lineno}", pattern, _flags(node), use)


def _argument(call: ast.Call) -> tuple[ast.expr | None, str]:
    """The expression that a call is given, and how it is applied."""
    function = call.func
    of = getattr(getattr(function, "value", None), "id", "")
    if of == "re" and function.attr in USES | {"compile"}:
        return call.args[0], function.attr
    if getattr(function, "id", "") == "RegexValidator":
        return call.args[0], "search"
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    return named.get("pattern"), "search"  # as in msgspec's Meta


def _value(path: Path, argument: ast.expr) -> str | bytes:
    if isinstance(argument, ast.Constant):
        return argument.value
    module = ".".join(path.with_suffix("").parts)
    found = getattr(importlib.import_module(module), getattr(argument, "id", ""), None)
    if isinstance(found, str | bytes):
        return found
    raise ValueError(f"{path}:{argument.lineno}: say the expression, or add to BUILT.")


def _flags(call: ast.Call) -> int:
    flags = 0
    for given in [*call.args[1:], *(keyword.value for keyword in call.keywords)]:
        for node in ast.walk(given):
            flag = getattr(re, getattr(node, "attr", ""), None)
            if isinstance(flag, re.RegexFlag):
                flags |= flag
    return flags
