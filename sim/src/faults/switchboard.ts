import { drawOne, isCloudError, type NodeId, type Random } from '@welkin/interface'
import type { Death } from '@welkin/platform-virtual'
import type { VirtualCloud } from '../virtual-cloud.ts'

/** As a service manager does with a daemon that does not start. */
const RESTART_AFTER_MS = 5000

/**
 * The power switches and the service managers of all machines. Several faults may keep the same machine down or paused:
 * it goes on when the last of them ends.
 */
export class Switchboard {
  /** Machines that were without power at any time: what ran on them may be lost. */
  readonly darkened = new Set<NodeId>()
  readonly #cloud: VirtualCloud
  readonly #random: Random
  readonly #downs = new Map<NodeId, number>()
  /** Of those that are down, how many cuts of power keep them so. */
  readonly #dark = new Map<NodeId, number>()
  readonly #pauses = new Map<NodeId, number>()

  constructor (cloud: VirtualCloud, random: Random) {
    this.#cloud = cloud
    this.#random = random
  }

  /** Ends a daemon's life, if it has one, and keeps it from starting until `raise`. */
  fell (name: NodeId, death: Death): void {
    this.#downs.set(name, (this.#downs.get(name) ?? 0) + 1)
    if (death === 'power-cut') {
      this.darkened.add(name)
      this.#dark.set(name, (this.#dark.get(name) ?? 0) + 1)
      this.#cloud.powerOff(name)
    } else if (this.#isAlive(name)) this.#cloud.crash(name)
  }

  /** Takes back one call of `fell`. */
  raise (name: NodeId, death: Death): void {
    if (death === 'power-cut') this.#dark.set(name, (this.#dark.get(name) ?? 0) - 1)
    const downs = (this.#downs.get(name) ?? 0) - 1
    this.#downs.set(name, downs)
    if (downs === 0) void this.start(name)
  }

  pause (name: NodeId): void {
    this.#pauses.set(name, (this.#pauses.get(name) ?? 0) + 1)
    if (this.#isAlive(name)) this.#cloud.pause(name)
  }

  resume (name: NodeId): void {
    const pauses = (this.#pauses.get(name) ?? 0) - 1
    this.#pauses.set(name, pauses)
    if (pauses === 0) this.#cloud.resume(name)
  }

  isDark (name: NodeId): boolean {
    return (this.#dark.get(name) ?? 0) > 0
  }

  isPaused (name: NodeId): boolean {
    return (this.#pauses.get(name) ?? 0) > 0
  }

  /** Starts a daemon, again and again until it runs or is felled; rejects for what no service manager can mend. */
  async start (name: NodeId): Promise<void> {
    while ((this.#downs.get(name) ?? 0) === 0 && !this.#isAlive(name)) {
      const known = drawOne(this.#random, this.#cloud.nodes())?.id
      try {
        await this.#cloud.start(name, known === undefined ? [] : [known])
        return
      } catch (error) {
        if (!isCloudError(error)) throw error
        this.#cloud.mark('did not start', name, error.code)
        this.#cloud.crash(name)
      }
      await this.#cloud.pass(RESTART_AFTER_MS)
    }
  }

  #isAlive (name: NodeId): boolean {
    return this.#cloud.machines.get(name)?.isUp === true
  }
}
