import type { ObjectSpec } from '@welkin/abi'
import { CloudError, type Cancel, type Events, type PublishedObject } from '@welkin/interface'
import type { SupervisedObject } from './supervised-object.ts'

const PORTS_MAX = 64

/** TCP ports that an object is to have, by name, and names of those that it is to have no more. */
export interface PortChange { ports: Readonly<Record<string, number>>, hide: readonly string[] }

type NamedPorts = Readonly<Record<string, number>>

/** Where this node's objects can be talked to: by TCP, as their records say, and by what they listen on themselves. */
export class Ports {
  readonly #events: Events

  constructor (events: Events) {
    this.#events = events
  }

  * published (objects: Iterable<SupervisedObject>): Generator<PublishedObject> {
    for (const { ports, record: { id, cp, name, rights }, state } of objects) {
      if (state !== 'running' || Object.keys(ports).length === 0) continue
      yield { id, cp, name: name ?? id, ports, chain: rights?.chain ?? [] }
    }
  }

  /** Rejects ESRCH for what has ended, EINVAL for ports that nobody could reach, ENOSPC, EIO. */
  async expose (object: SupervisedObject, { ports, hide }: PortChange): Promise<NamedPorts> {
    const { id, spec } = object.record
    if (object.hasEnded) throw new CloudError('ESRCH', `Object ${id} has ended.`, { fields: { object: id } })
    checkReachable(spec, ports)
    const kept = Object.entries(object.tcpPorts).filter(([name]) => !hide.includes(name))
    const after = { ...Object.fromEntries(kept), ...ports }
    checkCount(after)
    await object.expose(after)
    this.#tell(object)
    return object.ports
  }

  /** Throws EBUSY where it listens there already. */
  listen (object: SupervisedObject, port: string): Cancel {
    const { listened, record: { id } } = object
    if (listened.has(port)) {
      throw new CloudError('EBUSY', `This object listens on "${port}" already; end that first.`, {
        fields: { object: id, port }
      })
    }
    checkCount(object.ports)
    listened.add(port)
    this.#tell(object)
    return () => {
      if (listened.delete(port)) this.#tell(object)
    }
  }

  #tell ({ ports, record: { id, name = '' } }: SupervisedObject): void {
    this.#events.emit('objectExposed', { object: id, name, ports: Object.keys(ports).toSorted().join(' ') })
  }
}

/** In a network of its own an object listens for itself alone. Throws EINVAL. */
export function checkReachable ({ network }: Pick<ObjectSpec, 'network'>, ports: NamedPorts = {}): void {
  checkCount(ports)
  if (network === undefined || network === 'host' || Object.keys(ports).length === 0) return
  const message = `Nobody reaches the TCP ports of an object whose network is "${network}"; ` +
    'give it that of its node, or let it listen by system calls.'
  throw new CloudError('EINVAL', message, { fields: { network } })
}

function checkCount (ports: NamedPorts): void {
  if (Object.keys(ports).length <= PORTS_MAX) return
  throw new CloudError('EINVAL', `An object can have ${PORTS_MAX} ports at the most.`)
}
