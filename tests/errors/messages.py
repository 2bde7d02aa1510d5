"""The messages that the product's source can say, read off its text: what varies stands as …"""

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
GAP = "…"

AT = {
    "BadSettings": 1,
    "AuthFailed": 0,
    "NotFound": 0,
    "Unreachable": 0,
    "ValueError": 0,
    "Complaint": 1,
    "Refused": 0,
}
"""By what a failure is told, and which of its arguments is the message."""
TREE = {"BadSettings", "AuthFailed", "NotFound", "Unreachable"}
SAID_WITH = {"error", "info", "warning"}
"""What Streamlit shows a notice with."""
LEAST_CHARS = 8
"""Of its own words a message has at least so many; else they come from another."""


def messages(path: str) -> set[str]:
    """All messages of a file, each with … for what varies."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    found = set()
    for scope, node in _nodes(tree):
        for text in itertools.chain.from_iterable(_texts(each, scope) for each in _told(node)):
            line = re.sub(rf"({GAP}\s*)+", f"{GAP} ", " ".join(text.split())).strip()
            if len(line.replace(GAP, "").replace(" ", "")) >= LEAST_CHARS:
                found.add(line)
    return found


def _nodes(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Each node with the function that it stands in, or the module."""

    def walk(scope: ast.AST, node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
        for child in ast.iter_child_nodes(node):
            yield scope, child
            yield from walk(child if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else scope, child)

    yield from walk(tree, tree)


def _told(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions in a node that are messages."""
    if isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in AT:
            at = AT[name] + (name == "Refused" and len(node.args) > 1)  # that of a post has its status first
            yield from node.args[at : at + 1]
        if (
            isinstance(node.func, ast.Attribute)
            and node.func.attr in SAID_WITH
            and ast.unparse(node.func.value) == "st"
        ):
            yield from node.args[:1]
    elif isinstance(node, ast.Tuple) and TREE & {each.id for each in node.elts if isinstance(each, ast.Name)}:
        last = node.elts[-1]  # a table of causes
        if not isinstance(last, ast.Name):
            yield last


def _texts(node: ast.AST, scope: ast.AST) -> list[str]:
    """What an expression may say."""
    match node:
        case ast.Constant(value=str(text)):
            return [re.sub(r"\{[^{}]*\}", GAP, text)]
        case ast.JoinedStr(values=parts):
            return [
                "".join(parts)
                for parts in itertools.product(
                    *([each.value] if isinstance(each, ast.Constant) else [GAP] for each in parts)
                )
            ]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [one + other for one in _texts(left, scope) for other in _texts(right, scope)]
        case ast.IfExp(body=one, orelse=other):
            return [*_texts(one, scope), *_texts(other, scope)]
        case ast.Call(func=ast.Attribute(value=value)) if not isinstance(value, ast.Name):
            return _texts(value, scope)
        case ast.Name(id=name):
            given = [
                each.value
                for each in ast.walk(scope)
                if isinstance(each, ast.Assign)
                and any(isinstance(to, ast.Name) and to.id == name for to in each.targets)
            ]
            return [text for value in given for text in _texts(value, ast.Module([], []))] or [GAP]
    return [GAP]
