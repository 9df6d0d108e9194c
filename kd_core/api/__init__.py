"""What a researcher calls: one typed function for each job; ``import kd_core`` offers the usual."""
