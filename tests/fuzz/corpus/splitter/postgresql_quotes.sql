SELECT 'a;b', ''';''', E'c\';d', E'\\', e'x''y\'', U&'d\0061t\+000061;', U&"d\0061t;", B'101', X'1F', N'n;';
SELECT E'first'

  'sec\'ond;' , 'third'
  'fourth\';
SELECT "a;b" AS "c"";d", "select", "E'" FROM "t;1";
SELECT $$a;b$$, $x$ $$ ; $y$ ; $x$, $_1é$;$_1é$, 'tag$$', $$it's$$;
SELECT 1 AS a$b$, 2 AS c$b$;
PREPARE p (int) AS SELECT $1; EXECUTE p(1); DEALLOCATE p;
SELECT '/* no comment */', '-- none', "/*", $$--$$ /* 'one; /* nested; */ still; */ -- and 'this;
;
;; ;
SELECT 1 /* */ + /**/ 2 /*;*/; /* a */ -- b
SELECT a[1], b[2:3], ARRAY[1,2,3], '{{1,2},{3,4}}'::int[], '{";"}'::text[] FROM t;
SELECT 2*3/4, 5 - -6, 7 # 8, 9 | 10, a @> b, a <@ b, a ?| b, j -> 'x' ->> 'y', j #>> '{a,b}' FROM t;
SELECT 1.5e10, .5, 1., 0 FROM t WHERE a = 1
