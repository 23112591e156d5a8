-- Welcome project
--
-- Data, not schema: every tenant finds something to look at.
--
-- Revision ID: 42d6f8a01e9c
-- Revises: 3b7e51c08d24
-- Create Date: 2026-09-08 14:05:00+00:00

-- skein:upgrade
INSERT INTO projects (name) SELECT 'Welcome' WHERE NOT EXISTS (SELECT 1 FROM projects);

INSERT INTO tasks (project_id, title, tags)
SELECT id, 'Invite a colleague', 'urgent,welcome' FROM projects WHERE name = 'Welcome';

-- skein:downgrade
DELETE FROM tasks WHERE title = 'Invite a colleague' AND state = 'open';

DELETE FROM projects
WHERE name = 'Welcome' AND NOT EXISTS (SELECT 1 FROM tasks WHERE project_id = projects.id);
