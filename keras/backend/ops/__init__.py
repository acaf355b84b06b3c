"""The ops: one declaration each, in one file a family."""
