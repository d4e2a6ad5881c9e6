import { drawOne, isCloudError, type Cancel, type NodeId, type Random } from '@welkin/interface'
import type { Death } from '@welkin/platform-virtual'
import type { Cloud } from '../cloud.ts'

/** As a service manager does with a daemon that does not start. */
const RESTART_AFTER_MS = 5000

/**
 * The power switches and the service managers of all machines. Several faults may keep the same machine down or paused:
 * it goes on when the last of them ends.
 */
export class Switchboard {
  /** Machines that were without power at any time: what ran on them may be lost. */
  readonly darkened = new Set<NodeId>()
  readonly #cloud: Cloud
  readonly #random: Random
  /** What keeps each down. */
  readonly #downs = new Map<NodeId, Set<{ death: Death }>>()
  readonly #pauses = new Map<NodeId, Set<object>>()
  #startedMs = 0

  constructor (cloud: Cloud, random: Random) {
    this.#cloud = cloud
    this.#random = random
  }

  /** A machine is not there yet, and stays so until the returned function is called. */
  keepAway (name: NodeId): Cancel {
    return this.#keepDown(name, 'power-cut')
  }

  /** Ends a daemon's life, if it has one, and keeps it from starting until the returned function is called. */
  fell (name: NodeId, death: Death): Cancel {
    const raise = this.#keepDown(name, death)
    if (death === 'power-cut') {
      this.darkened.add(name)
      this.#cloud.powerOff(name)
    } else if (this.#cloud.isUp(name)) this.#cloud.crash(name)
    return raise
  }

  /** Lets a daemon stand still until the returned function is called. */
  pause (name: NodeId): Cancel {
    const release = hold(this.#pauses, name, {})
    if (this.#cloud.isUp(name)) this.#cloud.pause(name)
    return () => {
      if (release() && !this.isPaused(name)) this.#cloud.resume(name)
    }
  }

  /** When the latest daemon answered that was started, in the cloud's time. */
  get startedMs (): number {
    return this.#startedMs
  }

  isDark (name: NodeId): boolean {
    return [...this.#downs.get(name) ?? []].some(({ death }) => death === 'power-cut')
  }

  isPaused (name: NodeId): boolean {
    return (this.#pauses.get(name)?.size ?? 0) > 0
  }

  /** Starts a daemon, again and again until it runs or is felled; rejects for what no service manager can mend. */
  async start (name: NodeId): Promise<void> {
    while (!this.#isDown(name) && !this.#cloud.isUp(name)) {
      const known = drawOne(this.#random, this.#cloud.running())
      try {
        await this.#cloud.start(name, known === undefined ? [] : [known])
        this.#startedMs = this.#cloud.nowMs
        return
      } catch (error) {
        if (!isCloudError(error)) throw error
        this.#cloud.mark('did not start', name, error.code)
        this.#cloud.crash(name)
      }
      await this.#cloud.pass(RESTART_AFTER_MS)
    }
  }

  #keepDown (name: NodeId, death: Death): Cancel {
    const release = hold(this.#downs, name, { death })
    return () => {
      if (release() && !this.#isDown(name)) void this.start(name)
    }
  }

  #isDown (name: NodeId): boolean {
    return (this.#downs.get(name)?.size ?? 0) > 0
  }
}

/** Adds to what holds `name`; the returned function takes it back, and says whether it was there still. */
function hold<T> (holds: Map<NodeId, Set<T>>, name: NodeId, by: T): () => boolean {
  const all = holds.get(name) ?? new Set()
  holds.set(name, all.add(by))
  return () => all.delete(by)
}
