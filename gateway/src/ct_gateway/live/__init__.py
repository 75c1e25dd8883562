"""The live stream: one feed per service in, one WebSocket per browser out."""
