{include heads_version}
UNION ALL
{include heads_history}
