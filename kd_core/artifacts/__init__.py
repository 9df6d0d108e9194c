"""What is written to disk of a model: weights, cards, ONNX, int8, replay sets."""
