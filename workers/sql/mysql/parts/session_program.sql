(SELECT max(attr_value) FROM performance_schema.session_account_connect_attrs
  WHERE processlist_id = blocking.id AND attr_name = 'program_name')
