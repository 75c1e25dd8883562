"""Fill a fresh platform with things to see, through the public API like any user."""
