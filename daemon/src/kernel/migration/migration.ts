import type { ObjectSpec } from '@welkin/abi'
import { withDeadline } from '@welkin/async'
import { CloudError, isCloudError, type NodeId, type ObjectId, type Service } from '@welkin/interface'
import type { ReplyOf } from '@welkin/syscalls'
import type { Caller } from '../../dispatch/index.ts'
import type { Resident } from '../../residents.ts'
import { Arrivals } from './arrivals.ts'
import { Checkpoints } from './checkpoints.ts'
import { Coordinating, type CopyOptions, type Part } from './coordinating.ts'
import { Departures } from './departures.ts'
import { notUnderWay } from './errors.ts'
import { Guarding } from './guarding.ts'
import { Keepers } from './keepers.ts'
import { registerMetrics } from './metrics.ts'
import type { MigrationOptions } from './options.ts'
import type { MigrationPorts, Wanted } from './ports.ts'

/** So often an object that moves meanwhile is looked for. */
const MOVES_MAX = 16

/** Who asks, and for how long. */
export interface Asking { caller: Caller, signal: AbortSignal }

/** Moves objects between nodes while they run, keeps their states and goes on from them. */
export class Migration implements Service {
  readonly name = 'migration'
  readonly departures: Departures
  readonly arrivals: Arrivals
  readonly coordinating: Coordinating
  readonly checkpoints: Checkpoints
  readonly guarding: Guarding
  readonly keepers: Keepers
  readonly #ports: MigrationPorts
  readonly #options: MigrationOptions
  #started = false

  constructor (ports: MigrationPorts, options: MigrationOptions) {
    const own = { ...ports, random: ports.random.fork('migration') }
    const metrics = registerMetrics(ports.metrics)
    this.#ports = own
    this.#options = options
    this.departures = new Departures(own, options, metrics)
    this.checkpoints = new Checkpoints(own)
    this.guarding = new Guarding(own, options, this.checkpoints)
    this.keepers = new Keepers(own, options, this.checkpoints)
    this.arrivals = new Arrivals(own, options, metrics, async object => await this.guarding.admits(object))
    this.coordinating = new Coordinating(own, options)
    ports.objects.settleBy(async object => {
      const verdict = object.record.departure === undefined
        ? await this.arrivals.judge(object)
        : await this.departures.judge(object)
      if (verdict === 'gone' || verdict.again !== true) return verdict
      const judged = await this.guarding.judge(object)
      return judged === 'gone' ? judged : { ...verdict, ...judged }
    })
  }

  /** What this node has is known from now on. */
  async start (): Promise<void> {
    await this.coordinating.start()
    this.arrivals.start()
    await this.keepers.start()
    await this.checkpoints.shelf.sweep()
    this.guarding.start()
    this.#started = true
  }

  async stop (): Promise<void> {
    this.#started = false
    this.arrivals.stop()
    this.guarding.stop()
    this.keepers.stop()
  }

  /** Throws EAGAIN: before it knows what it has, nobody is told that something is not here. */
  checkStarted (): void {
    if (!this.#started) throw new CloudError('EAGAIN', 'This node is just starting; ask again.')
  }

  /** Where objects are, and where they could go; what is there already is left out. Rejects as `choose` does. */
  async plan (refs: readonly string[], wanted: Wanted, { caller, signal }: Asking): Promise<Part[]> {
    const { choose } = this.#ports
    const parts = new Map<ObjectId, Part>()
    for (const ref of refs) {
      const { id, source, spec } = await this.#find(ref, { caller, signal })
      if (parts.has(id)) continue
      const targets = await choose(spec, wanted, { signal })
      // Whoever says only what for wants it where it is best: that is where it is, perhaps.
      if (wanted.to !== undefined && targets[0] === source && targets.length === 1) continue
      const others = targets.filter(node => node !== source)
      if (others.length === 0) throw nowhere(id)
      parts.set(id, { id, source, targets: others })
    }
    return [...parts.values()]
  }

  /** An object of this node, as soon as it can be taken up. Rejects ENOENT, ESTALE, EAGAIN (not soon, and why). */
  async underWay (id: ObjectId, signal: AbortSignal): Promise<Resident> {
    const object = this.#ports.objects.get(id)
    const patience = { timeoutMs: this.#options.underWayMs, signal, what: `Object ${id}` }
    try {
      await withDeadline(this.#ports.clock, patience, async until => await object.whenUnderWay({ signal: until }))
    } catch (error) {
      if (!isCloudError(error, 'ETIMEDOUT')) throw error
      throw notUnderWay(object)
    }
    return object
  }

  /** Where an object is and what; who asks in vain is told where it went. */
  async #find (ref: string, { caller, signal }: Asking): Promise<{ id: ObjectId, source: NodeId, spec: ObjectSpec }> {
    const { calls, locator } = this.#ports
    for (let tries = 0; ; tries++) {
      const { id, node: source } = await locator.locate(ref, { signal })
      try {
        return { id, source, ...await calls.at(source, caller).move.spec({ id }, { signal }) }
      } catch (error) {
        if (!isCloudError(error, 'ESTALE') || tries >= MOVES_MAX) throw error
        const { node } = error.fields
        if (typeof node === 'string') locator.learn(id, node)
        else locator.forget(id)
      }
    }
  }

  /** What each would cost, to where it would go. */
  async * explain (parts: readonly Part[], options: CopyOptions, { caller, signal }: Asking) {
    for (const { id, source, targets: [to] } of parts) {
      const question = { id, to: to as NodeId, ...options }
      const cost = await this.#ports.calls.at(source, caller).move.size(question, { signal })
      yield { kind: 'plan' as const, ...cost }
    }
  }

  /** Moves all that this node has away, one by one, and tells what stays. */
  async * drain (options: CopyOptions, { caller, signal }: Asking): AsyncGenerator<ReplyOf<'drain'>> {
    const { objects } = this.#ports
    const open = objects.close('it is being drained')
    try {
      for (const { hasEnded, record: { id } } of Array.from(objects.all())) {
        if (hasEnded || objects.rightsOf(id) === undefined) continue
        try {
          const parts = await this.plan([id], {}, { caller, signal })
          for await (const item of this.coordinating.move(parts, options, caller, signal)) {
            if (item.kind === 'moved') yield item
          }
        } catch (error) {
          if (!isCloudError(error) || isCloudError(error, 'ECANCELED')) throw error
          yield { kind: 'stays', id, why: error.message }
        }
      }
    } finally {
      open()
    }
  }

  /** A new object goes on from a checkpoint on the first node that takes it. Rejects as these do. */
  async restore (
    checkpoint: string, id: ObjectId, name: string | undefined, wanted: Wanted, { caller, signal }: Asking
  ): Promise<NodeId> {
    const { access, calls, choose } = this.#ports
    const { cp, spec } = await this.checkpoints.open(checkpoint)
    let refusal: CloudError | undefined
    for (const node of await choose(spec, wanted, { signal })) {
      const chain = [...access.chainOfObjects(node, caller, cp, spec.can ?? [])]
      const request = {
        checkpoint, object: id, ...name === undefined ? {} : { name }, ...chain.length === 0 ? {} : { chain }
      }
      try {
        await calls.at(node, caller).move.restore(request, { signal })
        return node
      } catch (error) {
        // A node that fell silent may have begun it: it is not to begin twice.
        if (!isCloudError(error, 'EAGAIN', 'ENOSYS', 'ENOSPC', 'EHOSTDOWN', 'EHOSTUNREACH')) throw error
        refusal = error
      }
    }
    throw refusal ?? new CloudError('EAGAIN', 'No node takes it; wait, or add nodes.')
  }
}

function nowhere (id: ObjectId): CloudError {
  const message = `There is no other node for object ${id}; ask for less, or add nodes.`
  return new CloudError('EAGAIN', message, { fields: { object: id } })
}
