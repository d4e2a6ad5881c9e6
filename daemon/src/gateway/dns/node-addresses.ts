import type { Syscalls } from '@welkin/abi'
import type { Clock } from '@welkin/interface'
import { ipAddressesOf } from '@welkin/naming'
import { reverseName } from './reverse.ts'

const KEPT_MS = 5000
const TIMEOUT_MS = 3000

/** What the nodes of the cloud are called, by their addresses; asked for when somebody wants to know. */
export class NodeAddresses {
  readonly #ports: { syscalls: Pick<Syscalls, 'nodes'>, clock: Clock }
  #names: Promise<ReadonlyMap<string, readonly string[]>> | undefined
  #untilMs = 0

  constructor (ports: { syscalls: Pick<Syscalls, 'nodes'>, clock: Clock }) {
    this.#ports = ports
  }

  /** `reverse`: as in `reverseName`. Rejects what `nodes` does. */
  async nodesAt (reverse: string): Promise<readonly string[]> {
    const nowMs = this.#ports.clock.monotonicMs()
    if (this.#names === undefined || this.#untilMs <= nowMs) {
      this.#untilMs = nowMs + KEPT_MS
      const asked = this.#ask()
      this.#names = asked
      asked.catch(() => { if (this.#names === asked) this.#names = undefined })
    }
    return (await this.#names).get(reverse) ?? []
  }

  async #ask (): Promise<ReadonlyMap<string, readonly string[]>> {
    const { nodes } = await this.#ports.syscalls.nodes({}, { timeoutMs: TIMEOUT_MS })
    const names = new Map<string, string[]>()
    for (const { name, addresses } of nodes) {
      for (const reverse of ipAddressesOf(addresses).map(reverseName)) {
        names.set(reverse, [...new Set([...names.get(reverse) ?? [], name])])
      }
    }
    return names
  }
}
