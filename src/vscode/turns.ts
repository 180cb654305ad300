import type { Memento } from 'vscode';
import * as z from 'zod';

const placeSchema = z.object({ session: z.string(), event: z.string() });
const leftSchema = z.object({ session: z.string(), from: z.string(), to: z.string() });
const cutSchema = z.object({ session: z.string(), prompt: z.string(), from: z.literal('panel').optional() });

export type LeftBranch = z.infer<typeof leftSchema>;
export type CutTurn = z.infer<typeof cutSchema>;

const KEYS = {
  last: 'mlEngineer.lastTurn',
  left: 'mlEngineer.leftBranch',
  undone: 'mlEngineer.lastUndo',
  running: 'mlEngineer.running',
};

/**
 * What buttons need to know and VS Code forgets: the arguments of a button do not survive a reload, and a turn that
 * runs while the window reloads vanishes from the chat. Kept in the workspace's own state.
 */
export class Turns {
  #closing = false;
  #continuing: string | undefined;
  /** Turns that were running when the window went down, found when it came up. */
  readonly #cut: CutTurn[];

  constructor(private readonly state: Memento) {
    this.#cut = this.#running();
  }

  get last(): z.infer<typeof placeSchema> | undefined {
    return placeSchema.safeParse(this.state.get(KEYS.last)).data;
  }

  get left(): LeftBranch | undefined {
    return leftSchema.safeParse(this.state.get(KEYS.left)).data;
  }

  get undone(): z.infer<typeof placeSchema> | undefined {
    return placeSchema.safeParse(this.state.get(KEYS.undone)).data;
  }

  get cut(): CutTurn | undefined {
    return this.#cut.at(-1);
  }

  async setLast(place: z.infer<typeof placeSchema>): Promise<void> {
    await this.state.update(KEYS.last, place);
  }

  async setLeft(left: LeftBranch): Promise<void> {
    await this.state.update(KEYS.left, left);
  }

  async setUndone(place: z.infer<typeof placeSchema>): Promise<void> {
    await this.state.update(KEYS.undone, place);
  }

  /** The next chat message goes on with the cut turn. */
  goOnWithCut(): void {
    this.#continuing = this.cut?.session;
  }

  /** The next chat message goes on with this session, wherever it is sent. */
  goOnWith(session: string): void {
    this.#continuing = session;
  }

  /** The session to go on with, once. */
  takeContinuing(): string | undefined {
    const session = this.#continuing;
    this.#continuing = undefined;
    return session;
  }

  /** The cut turn was answered, one way or another. */
  async forgetCut(): Promise<void> {
    const sessions = this.#cut.splice(0).map(({ session }) => session);
    await this.#save(this.#running().filter(({ session }) => !sessions.includes(session)));
  }

  async began(turn: CutTurn): Promise<void> {
    await this.#save([...this.#running().filter(({ session }) => session !== turn.session), turn]);
  }

  /** After `close` nothing counts as ended: the chat will not show what the run still says. */
  async ended(session: string): Promise<void> {
    if (!this.#closing) await this.#save(this.#running().filter((turn) => turn.session !== session));
  }

  close(): void {
    this.#closing = true;
  }

  #running(): CutTurn[] {
    return z.array(cutSchema).catch([]).parse(this.state.get(KEYS.running));
  }

  async #save(turns: CutTurn[]): Promise<void> {
    await this.state.update(KEYS.running, turns);
  }
}
