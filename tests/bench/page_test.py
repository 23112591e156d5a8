#!/usr/bin/env python3
"""The page in parts: what is measured replaces its section at once, the others stay, in the fixed order.

usage: page_test.py BUILD
"""

import os
import signal
import subprocess
import sys
import tempfile
import unittest

import page

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = ""
KEPT = "## MariaDB: three revisions\n\nMeasured on 2026-01-01.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
OLD = "## Many revision files\n\nMeasured on 2026-01-01: old.\n"


def bench(path, *arguments):
    return [sys.executable, os.path.join(HERE, "bench.py"), BUILD, "--smoke", "--write", path, *arguments]


def titles(text):
    return [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]


class Parts(unittest.TestCase):
    """The text alone."""

    def test_replaces_one_and_keeps_the_others_as_they_are(self):
        text = page.with_section(f"# Performance\n\nOld words.\n\n{KEPT}\n{OLD}", "Many revision files",
                                 "## Many revision files\n\nnew")
        self.assertIn(KEPT, text)
        self.assertNotIn("Measured on 2026-01-01: old.", text)
        self.assertTrue(text.endswith("\n\n## Many revision files\n\nnew\n"))
        self.assertTrue(text.startswith(page.HEAD))
        self.assertNotIn("Old words", text)

    def test_any_order_of_measuring_gives_the_same_page(self):
        one = two = ""
        for title in page.TITLES:
            one = page.with_section(one, title, f"## {title}\n\nx\n")
        for title in reversed(page.TITLES):
            two = page.with_section(two, title, f"## {title}\n\nx\n")
        self.assertEqual(one, two)
        self.assertEqual(titles(one), list(page.TITLES))
        self.assertEqual(page.with_section(one, page.TITLES[3], f"## {page.TITLES[3]}\n\nx\n"), one)

    def test_refuses_what_it_did_not_write(self):
        for text, words in (("# P\n\n## By hand\n\nx\n", "'By hand'"), (f"{KEPT}\n{KEPT}", "twice"),
                            ("## MariaDB: three revisions on 100 databases\n", "on 100")):
            with self.assertRaisesRegex(page.PageError, words):
                page.with_section(text, "Many targets", "## Many targets\n")
        with self.assertRaisesRegex(page.PageError, "no place"):
            page.with_section("", "By hand", "## By hand\n")

    def test_the_page_of_the_project_can_be_renewed(self):
        sections = page.sections_of(page.read(os.path.join(ROOT, "docs", "performance.md")))
        for title, text in sections.items():
            self.assertRegex(text, r"\n\nMeasured on \d{4}-\d\d-\d\d", title)


class Program(unittest.TestCase):
    """The benchmark itself, on a page that is there."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="skein-page.")
        self.addCleanup(folder.cleanup)
        os.chmod(folder.name, 0o755)  # the server's user passes
        self.folder, self.path = folder.name, os.path.join(folder.name, "page.md")

    def fill(self, text):
        with open(self.path, "w", encoding="utf-8") as stream:
            stream.write(text)

    def test_only_what_was_measured_is_replaced(self):
        self.fill(f"# Performance\n\n{KEPT}\n{OLD}")
        done = subprocess.run(bench(self.path, "--only", "files"), check=True, text=True, capture_output=True)
        text = page.read(self.path)
        self.assertEqual(titles(text), ["MariaDB: three revisions", "Many revision files"])
        self.assertIn(KEPT, text)
        self.assertNotIn("Measured on 2026-01-01: old.", text)
        self.assertTrue(text.endswith("\n" + done.stdout.removesuffix("\n")))

    def test_unknown_section_ends_it_before_anything_is_measured(self):
        self.fill(f"# Performance\n\n{KEPT}\n## By hand\n\nx\n")
        before = page.read(self.path)
        done = subprocess.run(bench(self.path, "--only", "files"), check=False, text=True, capture_output=True)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("By hand", done.stderr)
        self.assertEqual(page.read(self.path), before)

    def test_stopped_run_leaves_what_it_has_measured_and_nothing_else(self):
        self.fill(f"# Performance\n\n{KEPT}\n{OLD}")
        with subprocess.Popen(bench(self.path, "--only", "postgresql,files"), text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, env={**os.environ, "TMPDIR": self.folder}) as process:
            first = process.stdout.readline()
            process.terminate()
            process.stdout.read()
        text = page.read(self.path)
        self.assertEqual(first, "## PostgreSQL: three revisions\n")
        self.assertEqual(process.returncode, 128 + signal.SIGTERM)
        self.assertEqual((titles(text)[0], titles(text)[-2:]),
                         ("PostgreSQL: three revisions", ["MariaDB: three revisions", "Many revision files"]))
        self.assertIn(KEPT, text)
        self.assertIn(OLD, text)
        self.assertEqual(os.listdir(self.folder), ["page.md"])


if __name__ == "__main__":
    BUILD = sys.argv.pop(1)
    unittest.main()
