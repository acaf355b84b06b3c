"""Training: what `compile` settles, the functions of a step, the one loop, and what feeds it."""
