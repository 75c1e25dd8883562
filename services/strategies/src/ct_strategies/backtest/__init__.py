"""The backtest: kernel, runner and metrics. The fill model is docs/fill-model.md."""
