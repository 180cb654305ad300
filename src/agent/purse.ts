import { orAborted } from './abort';
import {
  budgetOf,
  grantsFor,
  isCrowded,
  isToldOf,
  nearlyUsed,
  paidIn,
  raisedLimits,
  tallied,
  tokensIn,
  usedUp,
  type DayLedger,
  type Limits,
  type Tally,
  type Used,
} from './budget';
import { limitText, nearNote } from './budget-words';
import type { DurableEvent, JournalEntry, RunEnd } from './events';
import type { RunClock } from './run-clock';
import type { Session } from './session';
import { skillAtWork } from './skill-marks';

type LimitEnd = Extract<RunEnd, { reason: 'limit' }>;

/** Thrown instead of a request that a used up budget does not pay for. */
export class UsedUp extends Error {
  constructor(readonly end: LimitEnd) {
    super(`The run was stopped ${limitText(end)}.`);
    this.name = 'UsedUp';
  }
}

/** Who spends: its limits, the model turns it has taken, and when to stop waiting. */
export interface Spender {
  limits: Limits;
  turns: number;
  signal: AbortSignal;
}

/** What is used, and what of it is used up. */
export interface Look {
  limits: Limits;
  used: Used;
  end: LimitEnd | undefined;
  tally: Tally;
}

/**
 * What one message of the user may use, looked at before each request of its run, of its subagents and of its tools: all
 * that is spent for it stands in the session's journal. Requests go side by side only while what each may cost fits, so
 * that the limit is passed by one request at most as long as none costs more than any before it.
 */
export class Purse {
  #since: string | undefined;
  #inFlight = 0;
  #tally: Tally | undefined;
  #read: readonly JournalEntry[] | undefined;
  #waiting: (() => void)[] = [];

  /** Without a ledger a day has no budget. */
  constructor(
    private readonly session: Session,
    readonly clock: RunClock,
    private readonly ledger: DayLedger | undefined,
  ) {}

  /** The message begins, by the entry of its prompt. */
  begin(prompt: string): void {
    this.#since = prompt;
  }

  async look({ limits: given, turns }: Pick<Spender, 'limits' | 'turns'>): Promise<Look> {
    const day = await this.#today(given);
    const { entries } = this.session;
    // A journal is read on from where it was read to; another array is one that was read anew from the disk.
    const tally = tallied(entries, this.#since, this.#read === entries ? this.#tally : undefined);
    [this.#tally, this.#read] = [tally, entries];
    const limits = raisedLimits(given, tally.marks, day.day);
    const used: Used = {
      message: { ...tally.message, turns, minutes: this.clock.minutes },
      session: { ...tally.session },
      day,
    };
    return { limits, used, end: usedUp(limits, used), tally };
  }

  /** Does what asks a model, as soon as it fits. Throws UsedUp where it does not, and the signal's reason. */
  async request<T>(spender: Spender, ask: () => Promise<T>): Promise<T> {
    for (;;) {
      const { limits, used, end, tally } = await this.look(spender);
      spender.signal.throwIfAborted();
      if (end) throw new UsedUp(end);
      if (this.#inFlight === 0 || !isCrowded(limits, used, tally.dearest, this.#inFlight)) break;
      await orAborted(new Promise<void>((resolve) => this.#waiting.push(resolve)), spender.signal);
    }
    this.#inFlight += 1;
    try {
      return await ask();
    } finally {
      this.#inFlight -= 1;
      for (const look of this.#waiting.splice(0)) look();
    }
  }

  /** What is to be told of budgets nearly used up: to the user once, and to each model once. `own` is the model's journal. */
  warnings({ limits, used, tally }: Look, own: readonly JournalEntry[]): DurableEvent[] {
    return nearlyUsed(limits, used).flatMap((near): DurableEvent[] => {
      // Turns are each run's own; the rest is shared by all that work for the message.
      const span = near.budget === 'turns' ? 'own' : budgetOf(near.budget).span;
      const told = span === 'own' ? own : span === 'message' ? tally.messageMarks : tally.marks;
      return [
        ...(isToldOf(near, told, 'budget-near') ? [] : [{ type: 'budget-near' as const, ...near }]),
        ...(isToldOf(near, own, 'note') ? [] : [{ type: 'note' as const, text: nearNote(near), near }]),
      ];
    });
  }

  /** What the user's word to go on grants. */
  async grants(spender: Pick<Spender, 'limits'>): Promise<DurableEvent[]> {
    const { limits, used } = await this.look({ ...spender, turns: 0 });
    return grantsFor(spender.limits, limits, used).map((grant) => ({ type: 'budget-raised', ...grant }));
  }

  /** Counts what an event says was paid towards the day, for a droid and the skill that the message goes by. Throws UserError where a budget of the day could then not be held. */
  async count(event: DurableEvent, limits: Limits, droid: string): Promise<void> {
    const paid = paidIn({ event });
    // What a subagent paid for was counted by its own run.
    if (!this.ledger || !paid || (event.type === 'tool-usage' && event.subagent !== undefined)) return;
    try {
      await this.ledger.add({
        ...{ usd: paid.costUsd ?? 0, tokens: tokensIn(paid.usage) },
        ...{ model: paid.model, droid, skill: skillAtWork(this.session.branch) },
        ...(paid.costUsd === null ? { unpriced: true } : {}),
      });
    } catch (error) {
      // Without such a budget it is a count that nobody looks at, and the journal has it all the same.
      if (hasDay(limits)) throw error;
    }
  }

  async #today(limits: Limits): Promise<Used['day']> {
    const none = { day: '', usd: 0, tokens: 0 };
    return (hasDay(limits) && (await this.ledger?.today())) || none;
  }
}

function hasDay({ dayCostUsd, dayTokens }: Limits): boolean {
  return dayCostUsd !== undefined || dayTokens !== undefined;
}
