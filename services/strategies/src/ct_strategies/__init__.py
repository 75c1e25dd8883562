"""Strategies, their live stepper and the backtest kernel, all on one step function.

Start at `registry.get_strategy`, `stepper.Stepper` and `backtest.run.run_backtest`.
"""
