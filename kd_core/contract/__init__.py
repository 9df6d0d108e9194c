"""The words that the application and the training process share. Never imports torch, numpy, cv2 or Qt."""
