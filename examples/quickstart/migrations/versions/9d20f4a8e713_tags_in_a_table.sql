-- Tags in a table
--
-- Each comma separated list becomes rows. The verify check runs before the change is committed:
-- where it finds a row, the tenant is rolled back and named.
--
-- Revision ID: 9d20f4a8e713
-- Revises: 7c14d6b9a0e5
-- Create Date: 2026-10-20 16:45:00+00:00

-- skein:upgrade
CREATE TABLE task_tags (
    task_id integer NOT NULL REFERENCES tasks (id),
    tag text NOT NULL,
    PRIMARY KEY (task_id, tag)
) WITHOUT ROWID;

WITH RECURSIVE cut (task_id, tag, rest) AS (
    SELECT id, '', tags || ',' FROM tasks WHERE tags <> ''
    UNION ALL
    SELECT task_id, trim(substr(rest, 1, instr(rest, ',') - 1)), substr(rest, instr(rest, ',') + 1)
    FROM cut WHERE rest <> ''
)
INSERT OR IGNORE INTO task_tags (task_id, tag) SELECT task_id, tag FROM cut WHERE tag <> '';

-- skein:verify every_tag_has_its_row
SELECT id FROM tasks
WHERE trim(tags, ', ') <> '' AND NOT EXISTS (SELECT 1 FROM task_tags WHERE task_id = tasks.id);

-- skein:downgrade
UPDATE tasks SET tags = coalesce(
    (SELECT group_concat(tag, ',') FROM task_tags WHERE task_id = tasks.id), '');

DROP TABLE task_tags;
