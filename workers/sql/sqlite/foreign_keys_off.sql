PRAGMA foreign_keys = off
