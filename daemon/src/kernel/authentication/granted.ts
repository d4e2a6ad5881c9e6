import { decode, encode } from '@welkin/abi'
import type { Clock, Disk } from '@welkin/interface'

const PREFIX = 'authentication/granted/'

/** What was granted at this node, until it ends: who takes it back shows by it that he has given it. */
export class Granted {
  readonly #ports: { clock: Clock, disk: Disk }

  constructor (ports: { clock: Clock, disk: Disk }) {
    this.#ports = ports
  }

  /** Resolves when it is durable, and what has ended is forgotten. */
  async keep (id: string, chain: readonly Uint8Array[], expiresMs: number): Promise<void> {
    const { clock, disk } = this.#ports
    const old = (await disk.records.list(PREFIX)).filter(({ value }) => read(value).expiresMs <= clock.wallMs())
    await disk.records.write([
      ...old.map(({ key }) => ({ key, value: undefined })),
      { key: PREFIX + id, value: encode([expiresMs, chain]) }
    ])
  }

  /** Those whose ids, which `grant` has replied, begin so. */
  async find (start: string): Promise<Array<{ id: string, chain: readonly Uint8Array[] }>> {
    const kept = await this.#ports.disk.records.list(PREFIX + start)
    return kept.map(({ key, value }) => ({ id: key.slice(PREFIX.length), chain: read(value).chain }))
  }
}

function read (value: Uint8Array): { expiresMs: number, chain: readonly Uint8Array[] } {
  const [expiresMs, chain] = decode(value) as [number, Uint8Array[]]
  return { expiresMs, chain: chain.map(link => new Uint8Array(link)) }
}
