SELECT CASE type WHEN 'index' THEN 'index' ELSE 'table' END, NULL,
       CASE type WHEN 'index' THEN tbl_name END, name, 1, 1, 1
  FROM sqlite_schema
 WHERE type IN ('table', 'view', 'index') AND instr(lower(?1), char(10) || lower(name) || char(10)) > 0
UNION ALL
SELECT 'column', NULL, of_table.name, of_column.name, 1, 1, 1
  FROM sqlite_schema AS of_table JOIN pragma_table_xinfo(of_table.name) AS of_column
 WHERE of_table.type IN ('table', 'view') AND instr(lower(?1), char(10) || lower(of_table.name) || char(10)) > 0
   AND instr(lower(?1), char(10) || lower(of_column.name) || char(10)) > 0
