"""What the model said about every frame: raw probabilities, views of them, and findings. No Qt, no torch."""
