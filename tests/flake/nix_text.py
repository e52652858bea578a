# SPDX-License-Identifier: MIT
"""Nix text as a second opinion sees it: tokens and comments by a small lexer of its own, patterns by their words."""
import difflib
import re

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_'-]*")
PATH = re.compile(r"(?:~|\.\.?|[A-Za-z0-9._+-]*)(?:/[A-Za-z0-9._+-]+)+|<[A-Za-z0-9._+/-]+>")
NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
OPERATOR = re.compile(r"\.\.\.|\+\+|//|==|!=|<=|>=|&&|\|\||->|.", re.S)


def tokens(text):
    """[(kind, text)]: comment, text (one piece of a string), word, path, other; blanks are left out."""
    found, at, open_strings = [], 0, []  # open_strings: the string around, and how many braces are open in it
    while at < len(text):
        if open_strings and open_strings[-1][1] == 0:
            at = _in_string(text, at, open_strings, found)
            continue
        if text[at].isspace():
            at += 1
            continue
        kind, end = _one(text, at)
        piece = text[at:end]
        if piece in ('"', "''"):
            open_strings.append([piece, 0])
        elif open_strings and piece == "{":
            open_strings[-1][1] += 1
        elif open_strings and piece == "}":
            open_strings[-1][1] -= 1
        found.append((kind, piece))
        at = end
    return found


def _one(text, at):
    if text[at] == "#":
        end = text.find("\n", at)
        return "comment", len(text) if end < 0 else end
    if text.startswith("/*", at):
        end = text.find("*/", at + 2)
        return "comment", len(text) if end < 0 else end + 2
    if text.startswith("''", at):
        return "other", at + 2
    for kind, form in (("path", PATH), ("word", IDENTIFIER), ("word", NUMBER)):
        match = form.match(text, at)
        if match:
            return kind, match.end()
    return "other", OPERATOR.match(text, at).end()


def _in_string(text, at, open_strings, found):
    """One piece of a string, up to its end or the next ${."""
    quote, start = open_strings[-1][0], at
    while at < len(text):
        if quote == '"' and text[at] == "\\":
            at += 2
        elif quote == "''" and text.startswith(("'''", "''$", "''\\"), at):
            at += 3
        elif text.startswith("$${", at):
            at += 3
        elif text.startswith("${", at):
            found.append(("text", text[start:at]))
            found.append(("other", "${"))
            open_strings[-1][1] = 1
            return at + 2
        elif text.startswith(quote, at):
            found.append(("text", text[start:at]))
            found.append(("other", quote))
            open_strings.pop()
            return at + len(quote)
        else:
            at += 1
    found.append(("text", text[start:]))
    return len(text)


def comments(text):
    return [piece.rstrip() for kind, piece in tokens(text) if kind == "comment"]


def inserted(before, after):
    """The tokens that `after` has more than `before`, in runs; None where some of `before` is gone or moved."""
    old, new = tokens(before), tokens(after)
    runs, n, fresh = [], 0, []
    for token in new:
        if n < len(old) and token == old[n]:
            n += 1
            if fresh:
                runs.append(" ".join(fresh))
            fresh = []
        else:
            fresh.append(token[1])
    if fresh:
        runs.append(" ".join(fresh))
    return runs if n == len(old) else None


def removed(before, after):
    """What `after` has no more, in runs of tokens; comments do not count."""
    old, new = ([token for token in tokens(text) if token[0] != "comment"] for text in (before, after))
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    gone = [(i, j) for tag, i, j, _, _ in matcher.get_opcodes() if tag in ("replace", "delete")]
    return [" ".join(text for _, text in old[i:j]) for i, j in gone]


# What makes hosts, by the words of flake.nix; the first that fits. `{calls}` is the text without comments.
FRAMEWORKS = (
    ("snowfall", r"snowfall-lib|snowfallorg/lib"), ("flake-utils-plus", r"flake-utils-plus"),
    ("blueprint", r"numtide/blueprint"), ("flakelight", r"flakelight"), ("lite-config", r"lite-config"),
    ("clan", r"clan-core"), ("nixos-unified", r"nixos-unified|nixos-flake"), ("easy-hosts", r"easy-hosts"),
    ("import-tree", r"import-tree|haumea"),
)
GENERATORS = r"genAttrs|mapAttrs'?|listToAttrs|mapAttrsToList|foldl'?|concatMapAttrs|forEach|readDir|mergeAttrs"


def pattern(text):
    """The pattern of a flake.nix in the words of the study of public flakes."""
    plain = " ".join(piece for kind, piece in tokens(text) if kind != "comment")
    for name, form in FRAMEWORKS:
        if re.search(form, plain):
            return name
    if re.search(r"\bmkFlake\b", plain):
        return "flake-parts-inline" if "nixosSystem" in plain else "flake-parts-imported"
    if not re.search(r"\bnixosConfigurations\b", plain):
        return "no-hosts"
    if "nixosSystem" not in plain:
        return "import-hosts" if re.search(r"nixosConfigurations (\. \S+ )*= [( ]*import", plain) else "helper-imported"
    if re.search(rf"nixosConfigurations = (?:[^{{;]|\{{(?=[^}}]*\}} :))*?\b(?:{GENERATORS})\b", plain):
        return "generated-inline"
    helper = re.search(r"\b([\w'-]+) = (?:[\w'-]+ : |\{[^{}]*\} (?:@ \w+ )?: )+(?:(?!;).)*?\bnixosSystem\b", plain)
    if helper and re.search(rf"= (?:\w+ \. )?{re.escape(helper[1])}\b", plain[helper.end():]):
        return "helper-local"
    return "plain-dotted" if re.search(r"nixosConfigurations \. ", plain) else "plain-attrset"
