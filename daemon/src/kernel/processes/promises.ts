import type { ObjectSpec } from '@welkin/abi'
import type { MachineFacts, NodePromises } from '@welkin/interface'

/** CPUs are counted in thousandths: sums of fractions would not come back to nothing. */
const PARTS = 1000

/** What of an object counts. */
type Kind = Pick<ObjectSpec, 'limits'>

/** How many more objects there is room for, and what is scarcest. */
export interface Room { room: number, why: string }

/** What a node has promised to its objects, and what it can still promise: never more than it has. */
export class Promises {
  readonly #machine: MachineFacts
  readonly #objectsMax: number
  #objects = 0
  #cpuParts = 0
  #memoryBytes = 0

  constructor (machine: MachineFacts, objectsMax: number) {
    this.#machine = machine
    this.#objectsMax = objectsMax
  }

  get objects (): number {
    return this.#objects
  }

  add ({ limits }: Kind): void {
    this.#change(1, limits)
  }

  release ({ limits }: Kind): void {
    this.#change(-1, limits)
  }

  /** For one more object of this kind after another. */
  roomFor ({ limits: { cpu = 0, memoryBytes = 0 } }: Kind): Room {
    const { cpuCount, memoryBytes: memoryTotal } = this.#machine
    const rooms: Room[] = [{
      room: this.#objectsMax - this.#objects, why: `${this.#objects} of at most ${this.#objectsMax} objects are here`
    }]
    if (cpu > 0) {
      const room = Math.floor((cpuCount * PARTS - this.#cpuParts) / partsOf(cpu))
      rooms.push({ room, why: `${this.#cpuParts / PARTS} of its ${cpuCount} CPUs are promised` })
    }
    if (memoryBytes > 0) {
      const room = Math.floor((memoryTotal - this.#memoryBytes) / memoryBytes)
      rooms.push({ room, why: `${this.#memoryBytes} of its ${memoryTotal} bytes of memory are promised` })
    }
    return rooms.reduce((scarcest, other) => other.room < scarcest.room ? other : scarcest)
  }

  state (): NodePromises {
    return {
      objects: this.#objects, objectsMax: this.#objectsMax, cpuPromised: this.#cpuParts / PARTS,
      memoryPromisedBytes: this.#memoryBytes
    }
  }

  #change (sign: 1 | -1, { cpu = 0, memoryBytes = 0 }: ObjectSpec['limits']): void {
    this.#objects += sign
    this.#cpuParts += sign * partsOf(cpu)
    this.#memoryBytes += sign * memoryBytes
  }
}

function partsOf (cpu: number): number {
  return Math.round(cpu * PARTS)
}
