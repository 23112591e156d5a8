SELECT 'table', table_schema, NULL, table_name, 1, @@lower_case_table_names <> 0, 1
FROM information_schema.tables
WHERE table_schema = database() AND instr($1, concat(char(10), table_name, char(10))) > 0
UNION ALL
SELECT 'column', table_schema, table_name, column_name, 1, @@lower_case_table_names <> 0, 1
FROM information_schema.columns
WHERE table_schema = database() AND instr($1, concat(char(10), table_name, char(10))) > 0
  AND instr($1, concat(char(10), column_name, char(10))) > 0
UNION ALL
SELECT DISTINCT 'index', table_schema, table_name, index_name, 1, @@lower_case_table_names <> 0, 1
FROM information_schema.statistics
WHERE table_schema = database() AND instr($1, concat(char(10), table_name, char(10))) > 0
  AND instr($1, concat(char(10), index_name, char(10))) > 0
UNION ALL
SELECT 'constraint', table_schema, table_name, constraint_name, 1, @@lower_case_table_names <> 0, 1
FROM information_schema.table_constraints
WHERE table_schema = database() AND instr($1, concat(char(10), table_name, char(10))) > 0
  AND instr($1, concat(char(10), constraint_name, char(10))) > 0
