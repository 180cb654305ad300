#!/usr/bin/env python3
"""Checks that a skill folder may leave this machine, and with --export copies it to where other agents look.

    check_skill.py FOLDER [FOLDER...] [--export .agents/skills]

Looks at the frontmatter, the licence, links, secrets, personal paths, sizes. Prints one line a fault.
An export never replaces a skill that is there and differs. Exit code: 0 fit to share, 1 faults, 2 wrong usage.
"""

import argparse
import filecmp
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

FIELDS = ("name", "description", "license", "compatibility", "metadata", "allowed-tools")
NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MAX_NAME, MAX_DESCRIPTION, MAX_COMPATIBILITY = 64, 1024, 500
MAX_BODY_LINES, MAX_FILE_BYTES, MAX_FILES = 500, 1_000_000, 200
FIELD = re.compile(r"^([A-Za-z][\w-]*):(?:[ \t]+(.*))?$")
LINK = re.compile(r"\]\(\s*<?([^)>\s]+)")
DATA = re.compile(r"\.(?:ckpt|pth?|safetensors|onnx|h5|gguf|pkl|pickle|joblib|parquet|feather|npy|npz|sqlite|db)$|^\.env", re.I)
SECRETS = (
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("a cloud key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[\w-]{35}\b")),
    ("a forge token", re.compile(r"\bgh[pousr]_\w{36,}|\bgithub_pat_\w{22,}|\bglpat-[\w-]{20,}")),
    ("a model provider's key", re.compile(r"\bsk-[\w-]{20,}|\bhf_[A-Za-z]{30,}|\br8_\w{30,}")),
    ("a chat or package token", re.compile(r"\bxox[abprs]-[\w-]{10,}|\bnpm_\w{36}|\bpypi-[\w-]{40,}")),
    ("a password in a URL", re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@<>{}$]+:(?!\$|<|\{|\*|password@|pass@)[^\s/@<>{}]{3,}@")),
    (
        "an assigned secret",
        re.compile(
            r"(?i)\b[\w-]*(?:api_?key|secret|password|passwd|access_?token|auth_?token)[\w-]*[\"']?\s*[:=]\s*[\"']"
            r"(?!.*(?:example|your|placeholder|changeme|xxx|<|\$\{|\*\*))[^\s\"']{12,}[\"']"
        ),
    ),
)
PERSONAL = re.compile(r"(?:/(?:home|Users)/|[A-Za-z]:\\{1,2}Users\\{1,2})([\w.-]+)")
NOBODY = frozenset("you user users username me name someone anyone shared public runner alice bob".split())


def check(folder):
    manual = folder / "SKILL.md"
    if not manual.is_file():
        return ["there is no SKILL.md"]
    faults = [fault for path in files_of(folder) for fault in file_faults(folder, path)]
    if len(files_of(folder)) > MAX_FILES:
        faults.append(f"{len(files_of(folder))} files; at most {MAX_FILES}")
    data = manual.read_bytes()
    if data.startswith(b"\xef\xbb\xbf"):
        faults.append("SKILL.md begins with a byte order mark, which some readers refuse")
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return [*faults, "SKILL.md is not UTF-8"]
    found = re.match(r"---[ \t]*\n(.*?)\n---[ \t]*(?:\n|$)(.*)", text, re.S)
    if not found:
        return [*faults, "SKILL.md does not begin with frontmatter between two lines of ---"]
    fields, bad = frontmatter(found[1])
    return [*faults, *bad, *field_faults(fields, folder), *body_faults(found[2], folder)]


def frontmatter(text):
    """The strict form that every reader takes: `key: value`, one map or list below a key, no flow style."""
    fields, faults, key = {}, [], None
    for line in text.split("\n"):
        if line.strip() == "" or line.lstrip().startswith("#"):
            continue
        if line.startswith((" ", "\t")):
            entry = line.strip()
            if key is None or not isinstance(fields.get(key), (dict, list)) and fields.get(key) != "":
                faults.append(f"frontmatter: {entry!r} belongs to no key")
            elif entry.startswith("- "):
                fields[key] = [*(fields[key] or []), scalar(entry[2:], faults)]
            elif part := FIELD.match(entry):
                below = fields[key] if isinstance(fields[key], dict) else {}
                if part[1] in below:
                    faults.append(f"frontmatter: {key}.{part[1]} stands there twice")
                fields[key] = {**below, part[1]: scalar(part[2] or "", faults)}
            else:
                faults.append(f"frontmatter: {entry!r} is no `key: value`")
        elif part := FIELD.match(line):
            key = part[1]
            if key in fields:
                faults.append(f"frontmatter: {key} stands there twice")
            fields[key] = scalar(part[2] or "", faults)
        else:
            faults.append(f"frontmatter: {line!r} is no `key: value`")
    return fields, faults


def scalar(value, faults):
    value = value.strip()
    if quoted := re.fullmatch(r'"((?:[^"\\]|\\.)*)"|\'((?:[^\']|\'\')*)\'', value):
        return re.sub(r"\\(.)", r"\1", quoted[1]) if quoted[1] is not None else quoted[2].replace("''", "'")
    if value[:1] in tuple("[{&*!|>%@`\"'#") or ": " in value or value.endswith(":") or " #" in value:
        faults.append(f"frontmatter: put {value[:40]!r} in quotes, on one line")
    return value


def field_faults(fields, folder):
    for field in fields:
        if field not in FIELDS:
            yield f"frontmatter: {field} is not one of {', '.join(FIELDS)}"
    name, description = fields.get("name") or "", fields.get("description") or ""
    if not isinstance(name, str) or not NAME.fullmatch(name) or len(name) > MAX_NAME:
        yield f"name {name!r} must be small letters and digits with single dashes, at most {MAX_NAME}"
    elif name != folder.resolve().name:
        yield f"name {name} differs from the folder {folder.resolve().name}"
    if not isinstance(description, str) or not 1 <= len(description) <= MAX_DESCRIPTION:
        yield f"description must have 1 to {MAX_DESCRIPTION} characters"
    elif "<" in description or ">" in description:
        yield "description holds < or >, which some hosts refuse"
    if len(str(fields.get("compatibility") or "")) > MAX_COMPATIBILITY:
        yield f"compatibility has more than {MAX_COMPATIBILITY} characters"
    if fields.get("metadata", {}) != "" and not isinstance(fields.get("metadata", {}), dict):
        yield "metadata must be a map of string to string"
    if not fields.get("license") and not any((folder / each).is_file() for each in ("LICENSE", "LICENSE.txt", "LICENSE.md")):
        yield "no licence is named: others may not use it. Add `license: MIT` or the like"


def body_faults(body, folder):
    if body.strip() == "":
        yield "SKILL.md has no body"
    if body.count("\n") > MAX_BODY_LINES:
        yield f"the body has {body.count(chr(10))} lines; at most {MAX_BODY_LINES}: move reference matter into files"
    for link in LINK.findall(re.sub(r"```.*?```", "", body, flags=re.S)):
        target = link.split("#")[0]
        if target == "" or re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        path = Path(os.path.normpath(folder / target))
        if target.startswith("/") or not path.is_relative_to(os.path.normpath(folder)):
            yield f"the link {link} leaves the folder"
        elif not path.exists():
            yield f"the link {link} leads nowhere"


def files_of(folder):
    return sorted(path for path in folder.rglob("*") if path.is_symlink() or path.is_file())


def file_faults(folder, path):
    name = path.relative_to(folder).as_posix()
    if path.is_symlink():
        return [f"{name} is a link: others would get a broken one"]
    if "__pycache__" in path.parts or path.name == ".DS_Store":
        return [f"{name} is left over from a tool: delete it"]
    if DATA.search(path.name):
        return [f"{name} looks like data, a model or settings of yours"]
    if path.stat().st_size > MAX_FILE_BYTES:
        return [f"{name} has {path.stat().st_size} bytes; at most {MAX_FILE_BYTES}"]
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return [f"{name}:{at}: {fault}" for at, line in enumerate(lines, start=1) for fault in line_faults(line)]


def line_faults(line):
    """What is found is not shown: the report may be pasted somewhere."""
    for kind, pattern in SECRETS:
        if pattern.search(line):
            yield f"holds {kind}. Remove it, and make it invalid where it came from"
    for found in PERSONAL.finditer(line):
        if found[1].lower() not in NOBODY:
            yield f"the path of a person's home, {found[0]}. Write it relative, or with $HOME"


def export(folder, place):
    target = place / folder.resolve().name
    if target.is_symlink() or target.exists():
        if same(folder, target):
            return f"{target} is the same already"
        raise FileExistsError(f"{target} is there and differs: compare the two, and move it away yourself")
    place.mkdir(parents=True, exist_ok=True)
    # Copied aside and renamed, so that no reader meets half a skill.
    aside = Path(tempfile.mkdtemp(prefix=".export-", dir=place))
    try:
        shutil.copytree(folder, aside / target.name)
        (aside / target.name).rename(target)
    finally:
        shutil.rmtree(aside)
    return f"{target} written"


def same(one, other):
    names = [path.relative_to(one) for path in files_of(one)]
    if not other.is_dir() or other.is_symlink() or names != [path.relative_to(other) for path in files_of(other)]:
        return False
    return all(filecmp.cmp(one / name, other / name, shallow=False) for name in names)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="+", type=Path)
    parser.add_argument("--export", type=Path, metavar="PLACE")
    options = parser.parse_args()
    bad = False
    for folder in options.folder:
        faults = check(folder)
        try:
            if not faults and options.export:
                print(export(folder, options.export))
        except OSError as error:
            faults = [str(error)]
        for fault in faults:
            print(f"{folder}: {fault}")
        bad = bad or faults != []
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
