"""Local LoRA training in a worker process."""
