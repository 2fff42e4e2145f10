"""The check of the rows before anything is trained: what is wrong, where, what to do, and fixes that are safe."""
