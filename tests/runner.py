#!/usr/bin/env python3
"""Runs meson's tests, shows the logs of those that failed, and ends with one line: N passed, N failed.

usage: runner.py BUILD [SUITE|TEST|OPTION]...

The line is counted from meson-logs/testlog.json; the exit status is 0 where something passed and nothing failed.
"""

import json
import os
import subprocess
import sys

PASSED = {"OK", "EXPECTEDFAIL"}
SKIPPED = {"SKIP"}
LOG_LINES = 200


def known_suites(build):
    done = subprocess.run(["meson", "introspect", "--tests", build], capture_output=True, text=True,
                          check=True)
    return {suite.split(":")[-1] for test in json.loads(done.stdout) for suite in test["suite"]}


def meson_arguments(build, arguments):
    """A suite's name becomes --suite; meson would take it for a test's."""
    suites = known_suites(build) if arguments else set()
    for argument in arguments:
        yield from ["--suite", argument] if argument in suites else [argument]


def results(log):
    if os.path.exists(log):
        with open(log, encoding="utf-8", errors="replace") as stream:
            for line in stream:
                yield json.loads(line)


def show_failure(test):
    text = (test.get("stdout") or "") + (test.get("stderr") or "")
    lines = text.rstrip("\n").split("\n")
    print(f"\n---- {test['name']}: {test['result']} (status {test.get('returncode')}, "
          f"{test.get('duration', 0):.1f}s)")
    if len(lines) > LOG_LINES:
        print(f"(the last {LOG_LINES} of {len(lines)} lines)")
    print("\n".join(lines[-LOG_LINES:]))


def main(build, arguments):
    log = os.path.join(build, "meson-logs", "testlog.json")
    if os.path.exists(log):
        os.unlink(log)
    command = ["meson", "test", "-C", build, "--no-rebuild", "--timeout-multiplier", "3"]
    command += meson_arguments(build, arguments)
    status = subprocess.run(command, check=False).returncode
    passed, failed, skipped = [], [], []
    for test in results(log):
        group = passed if test["result"] in PASSED else \
            skipped if test["result"] in SKIPPED else failed
        group.append(test)
    for test in failed:
        show_failure(test)
    for test in skipped:
        print(f"skipped: {test['name']}")
    if status and not failed:
        print(f"meson test ended with status {status}")
    print(f"{len(passed)} passed, {len(failed)} failed", flush=True)
    sys.exit(1 if failed or status or not passed else 0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
