"""From an image to probabilities and heat maps: numpy, OpenCV and ONNX Runtime, no torch."""
