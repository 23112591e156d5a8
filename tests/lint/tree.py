"""What the lints share: which files there are, and how a finding is told."""

import os
import re
import subprocess
import sys

SKIPPED_FOLDERS = re.compile(r"^(build.*|\.git|\.cache|\.skein|__pycache__)$")


def listed_by_git(root):
    """What git knows or would add; None where git cannot say (no repository, another owner)."""
    if not os.path.exists(os.path.join(root, ".git")):
        return None
    command = ["git", "-c", "safe.directory=*", "-C", root, "ls-files", "-z", "--cached",
               "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError:
        return None
    return os.fsdecode(done.stdout).split("\0") if done.returncode == 0 else None


def listed_by_walk(root):
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not SKIPPED_FOLDERS.match(name)]
        for name in names:
            yield os.path.relpath(os.path.join(folder, name), root)


def files(root, *suffixes):
    """Paths relative to root, sorted; all of them, or those that end with one of the suffixes."""
    paths = listed_by_git(root)
    if paths is None:
        paths = listed_by_walk(root)
    return sorted({path for path in paths
                   if path and path.endswith(suffixes or "")
                   and os.path.isfile(os.path.join(root, path))})


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as stream:
        return stream.read()


def blank(match):
    """Spaces in place of the text, so that lines and columns stay."""
    return re.sub(r"[^\n]", " ", match.group(0))


TOKENS = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def code_of(text):
    """C without comments, string and character literals; an #include keeps its name."""
    def replace(match):
        before = text[text.rfind("\n", 0, match.start()) + 1:match.start()]
        keep = match.group(0).startswith('"') and re.match(r"\s*#\s*include\s*$", before)
        return match.group(0) if keep else blank(match)
    return TOKENS.sub(replace, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def end(findings):
    """Prints what was found; the exit status tells meson."""
    for finding in findings:
        print(finding)
    if findings:
        print(f"{len(findings)} finding(s)")
    sys.exit(1 if findings else 0)


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)
