"""Is fine-tuning the right tool? Rules in, verdict out."""
