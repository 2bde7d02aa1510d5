"""The messages that the product's source can say, read off its text: … stands for what varies."""

import ast
import re
from collections.abc import Collection, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
GAP = "…"

TREE = {"BadSettings": 1, "AuthFailed": 0, "NotFound": 0, "Unreachable": 0, "Unanswered": 0}
AT = TREE | {"ValueError": 0, "Complaint": 1, "Refused": 0, "Missing": 0, "Broken": 0, "broken_html": 0, "_say": 1}
"""By what a failure is told, and which of its arguments is the message."""
SAID_WITH = {"error", "info", "warning"}
"""What Streamlit shows a notice with."""
LEAST_CHARS = 8
"""Of its own words a message has at least so many; else they come from another."""


def messages(path: str, kinds: Collection[str] = AT) -> set[str]:
    """All messages of a file, each with … for what varies."""
    tree = _tree(path)
    texts = (
        text for scope, node in _nodes(tree) for each in _told(node, kinds) for text in _texts(each, [scope, tree])
    )
    return {line for line in map(_line, texts) if len(line.replace(GAP, "").replace(" ", "")) >= LEAST_CHARS}


def texts(path: str) -> set[str]:
    """All text of a file, likewise."""
    return {_line(text) for _, node in _nodes(_tree(path)) for text in _texts(node, [])}


def _tree(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text("utf-8"))


def _line(text: str) -> str:
    return re.sub(rf"({GAP}\s*)+", f"{GAP} ", " ".join(text.split())).strip()


def _nodes(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Each node with the function that it stands in, or the module."""

    def walk(scope: ast.AST, node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
        for child in ast.iter_child_nodes(node):
            yield scope, child
            yield from walk(child if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else scope, child)

    yield from walk(tree, tree)


def _told(node: ast.AST, kinds: Collection[str]) -> Iterator[ast.expr]:
    """The expressions in a node that are messages."""
    if isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in kinds:
            at = AT[name] + (name == "Refused" and len(node.args) > 1)  # that of a post has its status first
            yield from node.args[at : at + 1]
        if (
            isinstance(node.func, ast.Attribute)
            and node.func.attr in SAID_WITH
            and ast.unparse(node.func.value) == "st"
        ):
            yield from node.args[:1]
    elif isinstance(node, ast.Tuple) and TREE.keys() & {each.id for each in node.elts if isinstance(each, ast.Name)}:
        yield node.elts[-1]  # a table of causes


def _texts(node: ast.AST, scopes: list[ast.AST]) -> list[str]:
    """What an expression may say; names are looked up in the first scope that has them."""
    found = [GAP]
    match node:
        case ast.Constant(value=str(text)):
            found = [re.sub(r"\{[^{}]*\}", GAP, text)]
        case ast.JoinedStr(values=parts):
            found = ["".join(str(each.value) if isinstance(each, ast.Constant) else GAP for each in parts)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            found = [one + other for one in _texts(left, scopes) for other in _texts(right, scopes)]
        case ast.IfExp(body=one, orelse=other):
            found = [*_texts(one, scopes), *_texts(other, scopes)]
        case ast.Call(func=ast.Attribute(value=value)) if not isinstance(value, ast.Name):
            found = _texts(value, scopes)
        case ast.Name(id=name):
            given = (
                [each.value for each in ast.walk(scope) if isinstance(each, ast.Assign) and name in _names(each)]
                for scope in scopes
            )
            found = [text for value in next(filter(None, given), []) for text in _texts(value, [])] or found
    return found


def _names(assignment: ast.Assign) -> list[str]:
    return [each.id for each in assignment.targets if isinstance(each, ast.Name)]
