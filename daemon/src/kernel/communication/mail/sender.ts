import { mapConcurrently } from '@welkin/async'
import {
  CloudError, isCloudError, type AbortOptions, type CloudProcessId, type Keys, type NodeId, type ObjectId,
  type Resolver
} from '@welkin/interface'
import type { Caller, Calls } from '../../../dispatch/index.ts'

const SEND_WIDTH = 64
/** For one object; the caller's own deadline comes first where it is sooner. */
const DELIVER_TIMEOUT_MS = 10_000

/** Whom a letter is for. */
export type Recipient = { name: string } | { object: string } | { cp: CloudProcessId }

export interface Outgoing {
  mailbox: string
  mode: 'one' | 'any' | 'all'
  id: string
  body: Uint8Array
  sentAtMs: number
}

export interface Sent { delivered: ObjectId[], failed: Array<{ object: ObjectId, code: string }> }

export interface SenderPorts { calls: Calls, keys: Keys, resolver: Resolver }

/** An object and where it is; undefined: to be found. */
interface Address { object: string, node: NodeId | undefined }

/** Brings letters to the objects that are meant. */
export class Sender {
  readonly #ports: SenderPorts

  constructor (ports: SenderPorts) {
    this.#ports = ports
  }

  /** Rejects ENOENT (nobody is meant), and for `one` and `any` what the last has refused it by. */
  async send (caller: Caller, to: Recipient, letter: Outgoing, { signal }: AbortOptions = {}): Promise<Sent> {
    const addresses = await this.#addressesOf(caller, to, signal)
    if (addresses.length === 0) throw new CloudError('ENOENT', 'Nobody runs to whom this letter could go.')
    const deliver = async (address: Address): Promise<ObjectId> => await this.#deliver(caller, address, letter, signal)
    if (letter.mode === 'all') return await toAll(addresses, deliver)
    // The same one each time, whoever sends and from wherever, for as long as it is there.
    const inOrder = letter.mode === 'any' ? addresses : addresses.toSorted(byObject).slice(0, 1)
    return await toFirst(inOrder, deliver)
  }

  async #addressesOf (caller: Caller, to: Recipient, signal: AbortSignal | undefined): Promise<Address[]> {
    if ('object' in to) return [{ object: to.object, node: undefined }]
    if ('cp' in to) return await this.#objectsOf(caller, to.cp, signal)
    const { endpoints } = await this.#ports.resolver.resolve(to.name, { signal })
    return endpoints.flatMap(({ object, node }) => object === undefined ? [] : { object, node })
  }

  async #objectsOf (caller: Caller, cp: CloudProcessId, signal: AbortSignal | undefined): Promise<Address[]> {
    const syscalls = this.#ports.calls.at(this.#ports.keys.self, caller)
    const found: Address[] = []
    for (let after: string | undefined; ;) {
      const { objects, next } = await syscalls.list({ cp, after, limit: 1000 }, { signal })
      found.push(...objects.map(({ id, node }) => ({ object: id, node })))
      if (next === undefined) return found
      after = next
    }
  }

  async #deliver (
    caller: Caller, { object, node }: Address, { mailbox, id, body, sentAtMs }: Outgoing,
    signal: AbortSignal | undefined
  ): Promise<ObjectId> {
    const syscalls = this.#ports.calls.at(node ?? this.#ports.keys.self, caller)
    const letter = { id: object, mailbox, letter: id, body, sentAtMs }
    return (await syscalls.deliver(letter, { timeoutMs: DELIVER_TIMEOUT_MS, signal })).id
  }
}

type Deliver = (address: Address) => Promise<ObjectId>

async function toFirst (addresses: readonly Address[], deliver: Deliver): Promise<Sent> {
  let last: unknown
  for (const address of addresses) {
    try {
      return { delivered: [await deliver(address)], failed: [] }
    } catch (error) {
      if (!isCloudError(error) || isCloudError(error, 'ECANCELED')) throw error
      last = error
    }
  }
  throw last
}

async function toAll (addresses: readonly Address[], deliver: Deliver): Promise<Sent> {
  const sent: Sent = { delivered: [], failed: [] }
  await mapConcurrently(addresses, SEND_WIDTH, async address => {
    try {
      sent.delivered.push(await deliver(address))
    } catch (error) {
      if (!isCloudError(error) || isCloudError(error, 'ECANCELED')) throw error
      sent.failed.push({ object: address.object, code: error.code })
    }
  })
  return sent
}

function byObject (one: Address, other: Address): number {
  return one.object < other.object ? -1 : 1
}
