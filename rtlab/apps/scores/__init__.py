"""Several matches at once, told as one feed in which a later event may amend an earlier one."""
