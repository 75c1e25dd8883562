"""The AI engine: durable jobs, honest evidence, market analysis."""
