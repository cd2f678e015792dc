"""Step bilstm<width>: a bidirectional LSTM, distilled."""
