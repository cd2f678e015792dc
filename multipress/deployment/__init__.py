"""Models outside of training: packed files, ONNX, runtimes, the predictor."""
