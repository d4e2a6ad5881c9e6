import {
  coordinatorAfter, sourceAfter, targetAfter, verdictOf, type CoordinatorState, type SourceDeed, type SourceEvent,
  type SourceState, type TargetEvent, type TargetState
} from '../../../src/kernel/migration/protocol.ts'

/** `dead`: it was there when its machine failed. */
type Copy = 'none' | 'runs' | 'still' | 'dead'

interface Leg {
  source: { state: SourceState, copy: Copy, life: number }
  target: { state: TargetState, copy: Copy }
}

/**
 * All that counts of a move: states, copies, and every message that was ever sent. These are never lost from here, so
 * that each may come late, twice, out of order, or (as nothing has to happen) not at all.
 */
export interface World {
  legs: Leg[]
  coordinator: CoordinatorState
  messages: string[]
  crashesLeft: number
}

export interface Story {
  /** One: the source decides by itself. */
  legs: number
  crashes: number
  /** Whether tasks go on when their daemon dies. */
  tasksSurvive: boolean
}

export function beginning ({ legs, crashes }: Story): World {
  return {
    legs: Array.from({ length: legs }, (): Leg => ({
      source: { state: 'here', copy: 'runs', life: 0 }, target: { state: 'none', copy: 'none' }
    })),
    coordinator: 'collecting', messages: [], crashesLeft: crashes
  }
}

/** What may happen next; `crash`: it is a fault. */
export interface Step { what: string, world: World, crash: boolean }

export function stepsFrom (world: World, story: Story): Step[] {
  const steps: Step[] = []
  const add = (what: string, change: (copy: World) => void, crash = false): void => {
    const copy = structuredClone(world)
    change(copy)
    if (crash) copy.crashesLeft--
    copy.messages = [...new Set(copy.messages)].toSorted()
    steps.push({ what, world: copy, crash })
  }
  world.legs.forEach((leg, at) => {
    sourceSteps(leg, at, world, story, add)
    targetSteps(leg, at, world, story, add)
  })
  coordinatorSteps(world, add)
  return steps
}

type Add = (what: string, change: (copy: World) => void, crash?: boolean) => void

const legOf = (world: World, at: number): Leg => world.legs[at] as Leg

function sourceSteps ({ source, target }: Leg, at: number, world: World, story: Story, add: Add): void {
  const happen = (event: SourceEvent) => (copy: World): void => sourceHears(copy, at, event)
  const isSingle = story.legs === 1
  if (source.state === 'here' && target.state === 'expecting' && source.copy === 'runs') {
    add(`source ${at} stops it`, happen('stopped'))
  }
  if (source.state === 'still') add(`source ${at} fails`, happen('failed'))
  if (source.state === 'still' && target.state === 'ready') {
    add(`source ${at} notes`, happen(isSingle ? 'decided' : 'offered'))
  }
  if (source.state === 'offered') {
    const verdict = verdictOf(world.coordinator)
    if (verdict !== 'undecided') add(`source ${at} hears ${verdict}`, happen(verdict))
  }
  for (const answer of ['taken', 'absent'] as const) {
    const isMeant = source.state === 'decided' && world.messages.includes(`${answer} ${at} to life ${source.life}`)
    if (isMeant) add(`source ${at} hears ${answer}`, happen(answer))
  }
  if (world.messages.includes(`held? ${at}`)) {
    add(`source ${at} is asked`, copy => {
      if (legOf(copy, at).source.state === 'decided') sourceHears(copy, at, 'returned')
      const { state } = legOf(copy, at).source
      copy.messages.push(state === 'gone' ? `released ${at}` : `held ${at}`)
    })
  }
  if (world.crashesLeft > 0) {
    add(`source ${at} crashes`, copy => {
      const { source: own } = legOf(copy, at)
      own.life++
      if (!story.tasksSurvive && own.copy !== 'none') own.copy = 'dead'
      sourceHears(copy, at, 'restarted')
    }, true)
  }
}

function sourceHears (world: World, at: number, event: SourceEvent): void {
  const { source } = legOf(world, at)
  const [state, deed] = sourceAfter(source.state, event)
  source.state = state
  if (state === 'still' && source.copy === 'runs') source.copy = 'still'
  const deeds: Record<SourceDeed, () => void> = {
    none: () => {},
    'go on': () => { if (source.copy === 'still') source.copy = 'runs' },
    'note decided': () => sourceHears(world, at, 'decided'),
    'ask coordinator': () => {},
    'tell target': () => { world.messages.push(`take ${at} of life ${source.life}`) },
    forget: () => {
      source.copy = 'none'
      world.messages.push(`settled ${at}`)
    }
  }
  deeds[deed]()
}

function targetSteps ({ source, target }: Leg, at: number, world: World, story: Story, add: Add): void {
  const happen = (event: TargetEvent, life?: number) => (copy: World): void => targetHears(copy, at, event, life)
  const isFresh = target.state === 'none' && source.life === 0 && !world.messages.includes(`expected ${at}`)
  if (isFresh && source.state === 'here') {
    add(`target ${at} expects it`, copy => {
      copy.messages.push(`expected ${at}`)
      targetHears(copy, at, 'expected')
    })
  }
  if (target.state === 'expecting' && source.state === 'still') add(`target ${at} has it all`, happen('completed'))
  if (target.state === 'expecting' || target.state === 'ready') add(`target ${at} lets it lapse`, happen('drop'))
  for (let life = 0; life <= source.life; life++) {
    if (world.messages.includes(`take ${at} of life ${life}`)) add(`target ${at} is told to take`, happen('take', life))
  }
  if (target.state === 'taking') {
    add(`target ${at} begins it`, happen('begun', source.life))
    add(`target ${at} cannot begin it`, happen('failed', source.life))
  }
  if (target.state === 'arrived' || target.state === 'asking') {
    for (const word of ['held', 'released', 'settled'] as const) {
      if (world.messages.includes(`${word} ${at}`)) add(`target ${at} hears ${word}`, happen(word))
    }
  }
  if (world.crashesLeft > 0) {
    add(`target ${at} crashes`, copy => {
      const { target: own } = legOf(copy, at)
      const found = own.copy === 'runs' && story.tasksSurvive
      if (!found && own.copy !== 'none') own.copy = 'dead'
      if (own.state !== 'here') targetHears(copy, at, found ? 'found' : 'lost')
    }, true)
  }
}

function targetHears (world: World, at: number, event: TargetEvent, life = 0): void {
  const { target } = legOf(world, at)
  const [state, deed] = targetAfter(target.state, event)
  target.state = state
  if (event === 'begun') target.copy = 'runs'
  if (deed === 'say taken') world.messages.push(`taken ${at} to life ${life}`)
  if (deed === 'say absent') world.messages.push(`absent ${at} to life ${life}`)
  if (deed === 'ask source') world.messages.push(`held? ${at}`)
  if (deed === 'forget') target.copy = 'none'
}

function coordinatorSteps (world: World, add: Add): void {
  if (world.legs.length === 1 || world.coordinator !== 'collecting') return
  if (world.legs.every(({ source }) => source.state === 'offered')) {
    add('the coordinator commits', copy => { [copy.coordinator] = coordinatorAfter(copy.coordinator, 'all offered') })
  }
  add('the coordinator gives up', copy => { [copy.coordinator] = coordinatorAfter(copy.coordinator, 'failed') })
  if (world.crashesLeft > 0) {
    add('the coordinator crashes', copy => {
      [copy.coordinator] = coordinatorAfter(copy.coordinator, 'restarted')
    }, true)
  }
}
