/**
 * How a move goes, without its messages and disks: what each of the three who take part does next. A move is of one
 * object or of several (a bundle); each object has its own source and target, and all have one coordinator.
 *
 *   coordinator             source                  target
 *        |                     |------- offer ------->|   room is kept; what it hears from now on is in memory
 *        |------- copy ------->|------- pages ------->|   in rounds, while it runs on; a task is made ready of each
 *        |<------ copied ------|                      |
 *        |------- stop ------->|  it stands still     |
 *        |                     |--- the last pages -->|   checked, made ready as well, not begun
 *        |                     |  notes OFFERED       |   durable: it runs here no more unless it is told to
 *        |<------ offered -----|                      |
 *   notes COMMITTED            |                      |   durable, once, for all objects: the decision
 *        |-------- go -------->|  notes DECIDED       |   durable: only the target knows where the object is now
 *        |                     |-------- take ------->|  notes ARRIVED, durable; begins it
 *        |                     |<------- taken -------|
 *        |                     |  forgets it, durable |   leaves a hint where it went
 *        |<------- gone -------|------ settled ------>|   forgets that it came; the move is over
 *   forgets                    |                      |
 *
 * A move of one object has no separate decision: its source notes DECIDED where it would note OFFERED.
 *
 * An object runs at its source before the first note, and at its target after ARRIVED; in between nowhere. That is
 * why two copies never run: a target begins only what it is told to take, and a source tells it so only when its own
 * copy stands still and will not be begun again by anything but the word of that same target that it has not got it.
 * A target that has forgotten a state can not take it any more, whatever is told to it late.
 *
 * Who comes back after a crash finds its note and asks the one that knows: a source that has noted OFFERED asks the
 * coordinator (no note there means that the move was given up), one that has noted DECIDED tells the target to take it,
 * and a target that has noted ARRIVED and finds nothing running asks the source whether it still has the object: if so,
 * the source takes that for the word that the target has not got it, before it answers.
 * Nobody decides by a clock. Who is asked and does not answer is asked again, for as long as it takes.
 */

/** Where an object's move is at its source. */
export type SourceState =
  /** It runs here; no move, or one that has left no trace on the disk. */
  | 'here'
  /** It stands still; no trace on the disk. */
  | 'still'
  /** It stands still, and a note says so: the coordinator decides. */
  | 'offered'
  /** It was decided that it goes, and the note is on its way to the disk. */
  | 'deciding'
  /** It stands still: the target may have it. */
  | 'decided'
  | 'gone'

export type SourceEvent =
  /** It was made to stand still. */
  | 'stopped'
  /** What comes before the note failed, or was taken back. */
  | 'failed'
  /** The note that it is offered is durable; or the one that it is decided. */
  | 'offered' | 'decided'
  /** The coordinator's word. */
  | 'committed' | 'aborted'
  /** The target's word: it has it; it has not got it and never will by this move. */
  | 'taken' | 'absent'
  /** The target asks: it had taken it, and lost it again before it said so. */
  | 'returned'
  /** This node has started anew. */
  | 'restarted'

export type SourceDeed = 'none' | 'go on' | 'note decided' | 'ask coordinator' | 'tell target' | 'forget'

type Table<State extends string, Event extends string, Deed extends string> =
  Readonly<Record<State, Partial<Record<Event, readonly [State, Deed]>>>>

const SOURCE: Table<SourceState, SourceEvent, SourceDeed> = {
  here: { stopped: ['still', 'none'], failed: ['here', 'none'], restarted: ['here', 'go on'] },
  still: {
    failed: ['here', 'go on'], offered: ['offered', 'none'], decided: ['decided', 'tell target'],
    restarted: ['here', 'go on']
  },
  offered: {
    committed: ['deciding', 'note decided'], aborted: ['here', 'go on'], restarted: ['offered', 'ask coordinator']
  },
  deciding: {
    committed: ['deciding', 'none'], decided: ['decided', 'tell target'], restarted: ['offered', 'ask coordinator']
  },
  decided: {
    committed: ['decided', 'none'], taken: ['gone', 'forget'], absent: ['here', 'go on'], returned: ['here', 'go on'],
    restarted: ['decided', 'tell target']
  },
  gone: { committed: ['gone', 'none'], restarted: ['gone', 'none'] }
}

/** Where an object's move is at its target. */
export type TargetState =
  /** It knows nothing of it, or has forgotten it. */
  | 'none'
  /** Room is kept, pages come. */
  | 'expecting'
  /** The whole state is here, and checked. */
  | 'ready'
  /** It was told to take it: a note is on its way to the disk, then it is begun. */
  | 'taking'
  /** It runs here; the source may not know yet. */
  | 'arrived'
  /** After a start anew: it had been taken, and nothing runs. */
  | 'asking'
  /** It is this node's own, as any object. */
  | 'here'

export type TargetEvent =
  | 'expected' | 'completed' | 'begun'
  /** It could not be begun. */
  | 'failed'
  /** The source tells it to take it; to forget it; that it has forgotten it itself. */
  | 'take' | 'drop' | 'settled'
  /** The source's word, asked: it still has it; it has it no more. */
  | 'held' | 'released'
  /** This node has started anew, and found it running, or nothing. */
  | 'found' | 'lost'

export type TargetDeed = 'none' | 'begin' | 'say taken' | 'say absent' | 'forget' | 'ask source' | 'own'

const TARGET: Table<TargetState, TargetEvent, TargetDeed> = {
  none: {
    expected: ['expecting', 'none'], take: ['none', 'say absent'], drop: ['none', 'none'], lost: ['none', 'none']
  },
  expecting: {
    completed: ['ready', 'none'], take: ['none', 'say absent'], drop: ['none', 'forget'], lost: ['none', 'none']
  },
  ready: { take: ['taking', 'begin'], drop: ['none', 'forget'], lost: ['none', 'none'] },
  taking: {
    begun: ['arrived', 'say taken'], failed: ['none', 'say absent'], take: ['taking', 'none'], drop: ['taking', 'none'],
    found: ['arrived', 'none'], lost: ['asking', 'ask source']
  },
  arrived: {
    take: ['arrived', 'say taken'], drop: ['arrived', 'none'], settled: ['here', 'own'], released: ['here', 'own'],
    found: ['arrived', 'none'], lost: ['asking', 'ask source'], held: ['arrived', 'none']
  },
  // What it is told may be old by now; the answer to its own question is not.
  asking: {
    take: ['asking', 'none'], held: ['none', 'forget'], released: ['here', 'own'], settled: ['here', 'own'],
    drop: ['asking', 'none'], lost: ['asking', 'ask source']
  },
  here: { take: ['here', 'say taken'], drop: ['here', 'none'], settled: ['here', 'none'], found: ['here', 'none'] }
}

/** Where a move is at its coordinator. */
export type CoordinatorState = 'collecting' | 'committed' | 'aborted' | 'over'
export type CoordinatorEvent = 'all offered' | 'failed' | 'all gone' | 'restarted'
export type CoordinatorDeed = 'none' | 'tell all to go' | 'tell all to go on' | 'forget'

const COORDINATOR: Table<CoordinatorState, CoordinatorEvent, CoordinatorDeed> = {
  collecting: {
    'all offered': ['committed', 'tell all to go'], failed: ['aborted', 'tell all to go on'],
    restarted: ['aborted', 'none']
  },
  committed: {
    'all gone': ['over', 'forget'], failed: ['committed', 'none'], restarted: ['committed', 'tell all to go']
  },
  aborted: { restarted: ['aborted', 'none'], failed: ['aborted', 'none'] },
  over: { restarted: ['over', 'none'] }
}

/** What comes next at the source. An event that cannot take place in this state is a bug, and thrown as one. */
export function sourceAfter (state: SourceState, event: SourceEvent): readonly [SourceState, SourceDeed] {
  return lookUp(SOURCE, state, event)
}

export function targetAfter (state: TargetState, event: TargetEvent): readonly [TargetState, TargetDeed] {
  return lookUp(TARGET, state, event)
}

export function coordinatorAfter (
  state: CoordinatorState, event: CoordinatorEvent
): readonly [CoordinatorState, CoordinatorDeed] {
  return lookUp(COORDINATOR, state, event)
}

/** What a coordinator says of a move to who asks; `undefined`: it has no trace of it. */
export function verdictOf (state: CoordinatorState | undefined): 'committed' | 'aborted' | 'undecided' {
  if (state === 'collecting') return 'undecided'
  return state === 'committed' || state === 'over' ? 'committed' : 'aborted'
}

function lookUp<State extends string, Event extends string, Deed extends string> (
  table: Table<State, Event, Deed>, state: State, event: Event
): readonly [State, Deed] {
  const next = table[state][event]
  if (next === undefined) throw new TypeError(`A move that is "${state}" cannot be "${event}".`)
  return next
}
