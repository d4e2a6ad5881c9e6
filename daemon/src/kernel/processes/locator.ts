import {
  CloudError, isCloudError, type AbortOptions, type Logger, type Membership, type NodeId, type ObjectId
} from '@welkin/interface'
import { askNodes, type Calls, type Locator } from '../../dispatch/index.ts'
import { pickMatch, type Candidate } from './pick-match.ts'
import type { Processes } from './processes.ts'

const REMEMBERED_MAX = 10_000
const WHOLE_ID = /^[0-9a-f]{32}$/

export interface LocatorPorts { calls: Calls, membership: Membership, processes: Processes, log: Logger }

/**
 * Finds objects by asking: this node first, then what is remembered, then everyone who is up. Rejects EHOSTDOWN rather
 * than ENOENT while there are nodes that do not answer: the object may be on one of them.
 */
export function createLocator (ports: LocatorPorts): Locator {
  return new AskingLocator(ports)
}

class AskingLocator implements Locator {
  readonly #ports: LocatorPorts
  readonly #remembered = new Map<ObjectId, NodeId>()
  /** Objects that went from here. */
  readonly #left = new Set<ObjectId>()

  constructor (ports: LocatorPorts) {
    this.#ports = ports
  }

  async locate (ref: string, { signal }: AbortOptions = {}): Promise<{ id: ObjectId, node: NodeId }> {
    const { calls, log, membership, processes } = this.#ports
    const here = processes.matches(ref).map(match => ({ ...match, node: membership.self }))
    if (WHOLE_ID.test(ref)) {
      if (here[0] !== undefined) return here[0]
      const node = this.#remembered.get(ref)
      if (node !== undefined && membership.node(node)?.state !== 'down') return { id: ref, node }
    }
    const { nodes, silent: silentSites } = await membership.everyone({ signal })
    const others = nodes.filter(({ id }) => id !== membership.self)
    const { answers, silent } = await askNodes(others, async ({ id: node }, options) => {
      const { matches } = await calls.at(node).locate({ ref }, options)
      return matches.map(match => ({ ...match, node }))
    }, { log, signal })
    try {
      const found = pickMatch(ref, [...here, ...answers.flat()])
      this.#remember(found)
      return found
    } catch (error) {
      if (silent.length + silentSites.length === 0 || !isCloudError(error, 'ENOENT')) throw error
      const names = [...silent.map(({ name }) => name), ...silentSites].toSorted()
      const message = `No object goes by "${ref}" on the nodes that answer; it may be on one that does not: ` +
        `${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}.`
      throw new CloudError('EHOSTDOWN', message, { fields: { object: ref, silent: silent.map(({ id }) => id) } })
    }
  }

  forget (id: ObjectId): void {
    this.#remembered.delete(id)
  }

  learn (id: ObjectId, node: NodeId): void {
    this.#remember({ id, node })
  }

  leftFor (id: ObjectId, node: NodeId): void {
    this.learn(id, node)
    this.#left.add(id)
    for (const oldest of this.#left) {
      if (this.#left.size <= REMEMBERED_MAX) return
      this.#left.delete(oldest)
    }
  }

  hasLeft (id: ObjectId): boolean {
    return this.#left.has(id)
  }

  #remember ({ id, node }: Pick<Candidate, 'id' | 'node'>): void {
    this.#remembered.delete(id)
    this.#remembered.set(id, node)
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= REMEMBERED_MAX) return
      this.#remembered.delete(oldest)
    }
  }
}
