"""Models on disk: weights, folders with their cards, ONNX, int8 and torch.export files."""
