"""One event of a bot's life, worked out without I/O: `process(event) -> Step`.

A `Turn` starts from a committed bot, lets the strategy see one candle, fill or command, and ends
as a `Step`: the bot to commit, the decision to write down, lines for the log. Nothing has been
sent when a turn ends. The runner commits the step first and then sends what the bot's orders say
is unsent, so a crash anywhere leaves either nothing or a decision that can be carried on.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from ct_bots.domain.book import ZERO, product
from ct_bots.domain.bot import Bot, Run
from ct_bots.domain.guard import Denied, Exposure, Wanted, approve, sellable
from ct_bots.domain.journal import DecidedTarget, Decision, Note, Trigger
from ct_bots.domain.lifecycle import NO_ENTRIES, BotState, ExitPlan
from ct_bots.domain.orders import TERMINAL, UNSENT, BotOrder, from_approved
from ct_bots.domain.seen import CandleSeen, FillSeen, OrderSeen, Step
from ct_bots.domain.sentences import fill_sentence, sentence_of
from ct_kit.domain import Instrument, client_order_id
from ct_strategies.spec import Account, Strategy, Target
from ct_strategies.spec import Fill as StrategyFill
from ct_strategies.stepper import Stepper

MAX_REFUSALS = 5
"""Consecutive refusals after which a bot fails: something is wrong that a retry cannot mend."""


class Turn:
    """Works out one event; use it once."""

    def __init__(self, bot: Bot, strategy: Strategy, instrument: Instrument, at: datetime) -> None:
        self._bot = bot
        self._run = bot.run
        self._instrument = instrument
        self._at = at
        self._params = strategy.parse(dict(bot.active_parameters))
        self._strategy = strategy
        self._stepper: Stepper | None = None
        self._targets: list[DecidedTarget] = []
        self._notes: list[Note] = []
        self._key: str | None = None
        self._trigger: Trigger = "candle"
        self._candle: int | None = None
        self._worth_telling = False

    # -- events ---------------------------------------------------------------------------

    def candle(self, seen: CandleSeen) -> Step:
        """Let the strategy see a closed candle and take what it wants.

        Nothing is decided while the state belongs to other parameters: see `prepared`.
        """
        if not self._state_fits():
            return self._finish()
        self._begin(f"candle-{seen.open_time}", "candle", seen.open_time)
        warm = self._run.seen >= self._strategy.warmup_candles(self._params)
        acting = seen.live and warm
        account = self._account(in_flight=self._run.in_flight or not acting)
        wanted = self._stepping().on_candle(seen.row(), account)
        self._run = replace(
            self._run,
            seen=self._run.seen + 1,
            decided=seen.open_time,
            last_close=seen.close,
        )
        self._take(wanted, acting=acting)
        if not any(o.state == UNSENT or o.cancel for o in self._run.working):
            # Nothing to send: the candle is done with this very write.
            self._run = replace(self._run, last_candle=seen.open_time)
        return self._finish()

    def history(self, candles: Sequence[CandleSeen], code: str, message: str) -> Step:
        """Feed closed candles nobody may act on any more, all in one step.

        The strategy is told that an order is in flight, as in a backtest's warm-up, so its
        indicators move and it asks for nothing; what it asks for all the same is denied.
        """
        if not self._state_fits():
            return self._finish()
        for seen in candles:
            self._begin(f"candle-{seen.open_time}", "candle", seen.open_time)
            account = self._account(in_flight=True)
            self._take(self._stepping().on_candle(seen.row(), account), acting=False)
            self._run = replace(
                self._run,
                seen=self._run.seen + 1,
                decided=seen.open_time,
                last_candle=seen.open_time,
                last_close=seen.close,
            )
        self._note(code, message)
        return self._finish()

    def fill(self, order: BotOrder, seen: FillSeen) -> Step:
        """Apply one fill to the book and let the strategy answer it."""
        filled = order.filled + seen.execution.quantity
        changed = replace(
            order,
            filled=filled,
            fills=(*order.fills, seen.id),
            executed=max(order.executed, filled),
        )
        book = self._run.book.after(seen.execution)
        self._run = replace(self._run.with_order(changed), book=book, refusals=0)
        self._begin(f"fill-{seen.id}", "fill", self._run.decided)
        code = "order_filled" if changed.ended else "order_partly_filled"
        self._note(code, fill_sentence(order.side, seen, self._instrument), order.order_id)
        told = StrategyFill(
            side=order.side,
            quantity=seen.execution.quantity,
            price=seen.execution.price,
            fee=seen.fee,
            slot=order.slot,
            complete=changed.ended,
        )
        if not self._strategy_knows(order):
            return self._finish()
        wanted = self._stepping().on_fill(told, self._account(in_flight=self._run.in_flight))
        self._take(wanted, acting=True)
        return self._finish()

    def order(self, order: BotOrder, seen: OrderSeen) -> Step:
        """Take over what the bridge says of an order; an end is told to the strategy."""
        self._begin(f"order-{seen.order_id}", "fill", self._run.decided)
        if order.state == "not_placed" and order.order_id is None:
            self._note(
                "order_adopted", "An order given up as unsent had been placed after all.", seen
            )
        # A read that is older than the stream must not reopen what has ended.
        settled = order.order_id is not None and order.state in TERMINAL
        changed = replace(
            order,
            order_id=seen.order_id,
            state=order.state if settled else seen.state,
            executed=max(order.executed, seen.executed),
        )
        self._run = self._run.with_order(changed)
        if order.order_id is None and seen.state != "refused":
            self._note("order_placed", f"Placed: {sentence_of(order, self._instrument)}.", seen)
        if seen.state == "unknown" and order.state != "unknown":
            self._note(
                "order_unknown",
                f"The venue's answer was lost: {seen.reason or 'being settled from its records'}.",
                seen,
            )
        if changed.ended and not order.ended:
            self._ended(changed, seen.reason)
        return self._finish()

    def refused(self, order: BotOrder, code: str, message: str) -> Step:
        """Note that the bridge refused to take the order at all."""
        self._begin(f"refused-{order.key}", "fill", self._run.decided)
        changed = replace(order, state="refused")
        self._run = self._run.with_order(changed)
        self._ended(changed, f"{code}: {message}")
        return self._finish()

    def objection(self, order: BotOrder) -> Denied | None:
        """Say why an order that waited for others to end may no longer be sent, if so.

        What it waited for may have filled instead of being taken back, so its rules are asked
        again at the last moment.
        """
        wanted = Wanted(
            order.side, order.kind, order.quantity, order.price, order.slot, order.reason
        )
        exposure = self._exposure((*order.after, order.key))
        verdict = approve(wanted, state=self._bot.state, acting=True, exposure=exposure)
        return verdict if isinstance(verdict, Denied) else None

    def dropped(self, order: BotOrder, why: Denied | None = None) -> Step:
        """Give up an unsent order that the bridge does not know: grown stale, or objected to."""
        self._begin(f"dropped-{order.key}", "fill", self._run.decided)
        if why is not None:
            self._note(why.code, why.message)
        changed = replace(order, state="not_placed")
        self._run = self._run.with_order(changed)
        self._ended(changed, None)
        return self._finish()

    def failed(self, reason: str) -> Step:
        """Give the bot up: its orders are taken back, its position stays."""
        self._begin(f"command-{self._run.step}", "command", self._run.decided)
        self._fail(reason)
        return self._finish()

    def control(self) -> Step:
        """Act on the bot's state alone: take back orders, sell, or come to rest."""
        self._begin(f"command-{self._run.step}", "command", self._run.decided)
        return self._finish()

    def published(self, candle: int) -> Step:
        """Say that a candle's orders were sent and their fills applied."""
        self._run = replace(self._run, last_candle=candle)
        return self._finish()

    def prepared(self) -> Step:
        """Start the strategy's state afresh where parameters or strategy changed since."""
        run, strategy = self._run, self._strategy
        if not self._state_fits():
            if run.strategy_state is not None:
                self._notes.append(
                    Note("parameters_applied", "The strategy starts afresh: its parameters, "
                         "version or position were changed.")
                )  # fmt: skip
            run = run.taken_back(lambda _order: True)
            self._run = replace(
                run,
                generation=run.generation + 1,
                strategy_state=(0.0,) * strategy.state_size(self._params),
                strategy_version=strategy.version,
                parameters_version=self._bot.active_version,
                seen=0,
                decided=None,
            )
        return self._finish()

    def _state_fits(self) -> bool:
        """Say whether the strategy's state belongs to its present version and parameters."""
        run, strategy = self._run, self._strategy
        return (
            run.strategy_state is not None
            and len(run.strategy_state) == strategy.state_size(self._params)
            and run.strategy_version == strategy.version
            and run.parameters_version == self._bot.active_version
        )

    # -- the strategy -----------------------------------------------------------------------

    def _begin(self, key: str, trigger: Trigger, candle: int | None) -> None:
        self._key, self._trigger, self._candle = key, trigger, candle

    def _stepping(self) -> Stepper:
        if self._stepper is None:
            self._stepper = Stepper(
                self._strategy,
                self._params,
                self._instrument,
                self._bot.budget,
                state=self._run.strategy_state,
            )
        return self._stepper

    def _account(self, *, in_flight: bool) -> Account:
        book = self._run.book
        return Account(book.cash(self._bot.budget), book.base, in_flight)

    def _take(self, wanted: Sequence[Target], *, acting: bool) -> None:
        after: tuple[str, ...] = ()
        for target in wanted:
            if target.action == "cancel":
                after += self._take_back(target)
            else:
                self._place(target, acting=acting, after=after)

    def _take_back(self, target: Target) -> tuple[str, ...]:
        """Ask for the slot's order back; return its key, for what follows must wait for its end."""
        resting = next((o for o in self._run.working if o.slot == target.slot), None)
        key = resting.key if resting else None
        self._targets.append(
            DecidedTarget("cancel", None, None, None, target.slot, target.reason, key)
        )
        if resting is not None:
            self._worth_telling = True
            self._run = self._run.with_order(resting.asked_to_cancel("strategy"))
            message = f"Take back the order in slot {target.slot}: {target.reason}."
            self._note("decision_cancel", message, resting.order_id)
        return (key,) if key else ()

    def _place(self, target: Target, *, acting: bool, after: tuple[str, ...]) -> None:
        if target.action == "cancel" or target.side is None or target.quantity is None:
            raise ValueError(f"an order needs a side and a quantity; the target was {target}")
        wanted = Wanted(
            target.side, target.action, target.quantity, target.price, target.slot, target.reason
        )
        verdict = self._slot_taken(target) or approve(
            wanted, state=self._bot.state, acting=acting, exposure=self._exposure(after)
        )
        key = None
        if isinstance(verdict, Denied):
            self._deny(target, verdict)
        else:
            key = f"{self._bot.id}:{self._key}:{len(self._targets)}"
            order = from_approved(
                verdict,
                key=key,
                decision=self._key or "",
                index=len(self._targets),
                decided_at=self._at,
                client_order_id=client_order_id(self._bot.account_id, key, 1),
                generation=self._run.generation,
                after=after,
            )
            self._run = replace(self._run.with_order(order), muted=None)
            self._worth_telling = True
            sentence = sentence_of(order, self._instrument)
            self._note(f"decision_{order.side}", f"{sentence}: {target.reason}.")
        denied = verdict.code if isinstance(verdict, Denied) else None
        self._targets.append(
            DecidedTarget(
                target.action,
                target.side,
                target.quantity,
                target.price,
                target.slot,
                target.reason,
                key,
                denied,
            )
        )

    def _slot_taken(self, target: Target) -> Denied | None:
        if target.action == "limit" and any(
            o.slot == target.slot and o.kind == "limit" and o.cancel is None
            for o in self._run.working
        ):
            return Denied("slot_taken", f"Slot {target.slot} already holds a resting order.")
        return None

    def _deny(self, target: Target, denied: Denied) -> None:
        """Tell the strategy that its order ended unfilled; it answers with its next candle."""
        side = target.side or "buy"
        ended = StrategyFill(side, ZERO, ZERO, ZERO, target.slot, complete=True)
        self._stepping().on_fill(ended, self._account(in_flight=self._run.in_flight))
        if self._run.muted != denied.code:
            self._worth_telling = True
            self._run = replace(self._run, muted=denied.code)
            self._note(denied.code, denied.message)

    def _exposure(self, without: tuple[str, ...]) -> Exposure:
        slots = self._strategy.slots(self._params)
        dust = product(self._instrument.step_size * slots, self._run.last_close or ZERO)
        return self._run.without(without).exposure(self._bot.budget, dust)

    # -- orders and position -------------------------------------------------------------------

    def _ended(self, order: BotOrder, reason: str | None) -> None:
        refused = order.state == "refused"
        sentence = sentence_of(order, self._instrument)
        if refused:
            self._note("order_refused", f"{sentence} was refused: {reason}.", order.order_id)
        elif order.state == "not_placed":
            self._note("order_expired", f"{sentence} was not placed in time and is given up.")
        elif order.filled < order.quantity:
            self._note("order_ended", f"{sentence} ended as {order.state}.", order.order_id)
        self._run = replace(self._run, refusals=self._run.refusals + 1 if refused else 0)
        if order.forced:
            if refused:
                self._fail(f"the sale of a forced exit was refused: {reason}")
            return
        untold = order.cancel != "strategy" and self._strategy_knows(order)
        if order.filled < order.quantity and untold:
            told = StrategyFill(order.side, ZERO, ZERO, ZERO, order.slot, complete=True)
            self._stepping().on_fill(told, self._account(in_flight=self._run.in_flight))
        if self._run.refusals >= MAX_REFUSALS:
            self._fail(f"{MAX_REFUSALS} orders in a row were refused, the last one: {reason}")

    def _strategy_knows(self, order: BotOrder) -> bool:
        """Say whether the present state of the strategy asked for this order."""
        mine = order.generation == self._run.generation and not order.forced
        return mine and self._state_fits()

    def _fail(self, reason: str) -> None:
        self._bot = self._bot.in_state(
            "exiting", reason, ExitPlan(sell=False, final="failed", reason=reason)
        )

    def _rest(self) -> None:
        """Bring orders and state in line: what the bot's state forbids is taken back."""
        state: BotState = self._bot.state
        if state in NO_ENTRIES:
            buys_only = state in {"paused", "draining"}
            self._run = self._run.taken_back(lambda order: order.side == "buy" or not buys_only)
        if self._run.working:
            return
        if state == "draining" and not self._sellable():
            self._come_to_rest("stopped", "drained", "Everything is sold; the bot is stopped.")
        elif state == "exiting":
            self._exit(self._bot.exit or ExitPlan(sell=False))

    def _exit(self, plan: ExitPlan) -> None:
        quantity = self._sellable() if plan.sell else ZERO
        if quantity:
            self._key, self._trigger = f"command-{self._run.step}", "command"
            exit_target = Target("market", "sell", quantity, None, 0, "force_exit")
            # The bot's own rules bind entries; an exit passes them by what the book holds.
            self._place(exit_target, acting=True, after=())
            return
        if plan.sell:
            # What the strategy believes to hold is gone: it starts afresh at the next start.
            self._run = replace(self._run, strategy_version=0)
            self._stepper = None
        if plan.final == "failed":
            self._come_to_rest("failed", "failed", f"Failed: {plan.reason}.")
        else:
            self._come_to_rest("stopped", "stopped", "The bot is stopped.")

    def _come_to_rest(self, state: BotState, code: str, message: str) -> None:
        plan = self._bot.exit
        reason = plan.reason if plan else None
        self._bot = self._bot.in_state(state, reason, None)
        self._note(code, message)
        base = self._run.book.base
        if base and not self._sellable() and (code == "drained" or (plan and plan.sell)):
            self._note("dust_left", f"{base:f} {self._instrument.symbol.base} stay: "
                       "too little for the venue to take.")  # fmt: skip

    def _sellable(self) -> Decimal:
        return sellable(self._run.book, self._run.last_close, self._instrument)

    # -- the end -------------------------------------------------------------------------------

    def _finish(self) -> Step:
        self._rest()
        if self._stepper is not None:
            self._run = replace(self._run, strategy_state=tuple(self._stepper.state))
        run: Run = replace(self._run, step=self._run.step + 1)
        decision = None
        if self._targets and self._worth_telling:
            decision = Decision(
                key=self._key or "",
                trigger=self._trigger,
                candle=self._candle,
                at=self._at,
                targets=tuple(self._targets),
                parameters_version=run.parameters_version,
                state_after=run.strategy_state or (),
            )
        return Step(self._bot.with_run(run), decision, tuple(self._notes))

    def _note(self, code: str, message: str, of: OrderSeen | str | None = None) -> None:
        order_id = of.order_id if isinstance(of, OrderSeen) else of
        self._notes.append(Note(code, message, order_id, self._candle))
