import type { JSX } from 'preact';
import type { PanelState, Send } from '../protocol';
import type { TakenRows } from '../rows';
import { Activity } from './activity';
import { Agents } from './agents';
import { Asking } from './asking';
import { Changes } from './changes';
import type { Colouring } from './colouring';
import type { Drawing } from './curves/drawing';
import type { TakenCurves } from './curves/kept';
import { Checkpoints } from './checkpoints';
import { Composer } from './composer';
import { Empty, Head } from './head';
import { Jobs } from './jobs';
import type { Memory } from './memory';
import { Meter } from './meter';
import { once } from './once';
import { Runs } from './runs';
import { Sessions } from './sessions';
import { Skills } from './skills';
import { Todos } from './todos';

const sections = {
  Head: once(Head),
  Asking: once(Asking),
  Todos: once(Todos),
  Agents: once(Agents),
  Skills: once(Skills),
  Changes: once(Changes),
  Checkpoints: once(Checkpoints),
  Activity: once(Activity),
  Meter: once(Meter),
  Composer: once(Composer),
  Sessions: once(Sessions),
  Runs: once(Runs),
  Jobs: once(Jobs),
};

interface Props {
  state: PanelState;
  /** The timeline's rows, which come apart from the state. */
  taken: TakenRows;
  send: Send;
  memory: Memory;
  /** The curves of jobs, which come apart from the state too. */
  curves: TakenCurves;
  colouring: Colouring;
  drawing: Drawing;
}

/** The page: drawn whole from one PanelState and the rows, however often they come. The composer stays the same element. */
export function Panel(props: Props): JSX.Element {
  const { state, send, memory, curves, drawing } = props;
  const { composer, sessions: list, runs, jobs, labels } = state;
  return (
    <div class="page">
      <Session {...props} />
      <sections.Jobs {...{ jobs, curves, labels, send, memory, drawing }} />
      <sections.Sessions sessions={list} labels={labels} send={send} memory={memory} />
      <sections.Runs runs={runs} labels={labels} send={send} memory={memory} />
      <sections.Composer
        composer={composer}
        said={state.head.status.detail}
        labels={labels}
        send={send}
        memory={memory}
      />
    </div>
  );
}

function Session({ state, taken, send, memory, colouring }: Props): JSX.Element {
  const { head, asking, todos, agents, skills, changes, checkpoints, activity, meter, labels } = state;
  const empty =
    head.status.kind === 'none' && todos.length === 0 && changes.files.length === 0 && asking.questions.length === 0;
  // A session that was taken back to before its first message has nothing but the way forward.
  if (empty && checkpoints.undo === null) return <Empty labels={labels} send={send} />;
  return (
    // Not aria-busy while it works: a screen reader would keep back what is said in here, questions among it.
    <div class="session-now">
      <sections.Head head={head} labels={labels} />
      <sections.Asking asking={asking} labels={labels} send={send} />
      <sections.Todos todos={todos} labels={labels} send={send} memory={memory} />
      <sections.Agents agents={agents} labels={labels} send={send} />
      <sections.Skills skills={skills} labels={labels} />
      <sections.Changes {...{ changes, labels, send, memory, colouring }} />
      <sections.Checkpoints checkpoints={checkpoints} labels={labels} send={send} memory={memory} />
      <sections.Activity activity={activity} taken={taken} labels={labels} send={send} memory={memory} />
      <sections.Meter meter={meter} labels={labels} memory={memory} />
    </div>
  );
}
