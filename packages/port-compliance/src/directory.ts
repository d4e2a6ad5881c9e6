import { expect } from 'chai'
import { CloudError, type Cancel, type Directory, type NodeId, type RecordKind } from '@welkin/interface'
import { rejects } from './rejects.ts'
import { factsIn, type Fact, type Setup } from './world.ts'

export interface DirectoryPorts {
  /** Five or more nodes that know one another, and keep nothing yet. */
  nodes: ReadonlyArray<{ self: NodeId, directory: Directory }>
  /** The wall clock of all of them. */
  wallMs: () => number
  /** Ends the node at this place without a farewell. */
  lose: (place: number) => Promise<void>
}

/** What a directory can do beyond the least. */
export interface DirectoryAbilities {
  /** Holders tell of changes. */
  tells: boolean
  /** A put resolves with what the holders had, if that was more. */
  tellsWriters: boolean
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** `version untilMs text`: the greater version replaces the smaller. */
function line (version: number, text: string, untilMs = 1e15): Uint8Array {
  return encoder.encode(`${version} ${untilMs} ${text}`)
}

function textOf (record: Uint8Array | undefined): string | undefined {
  return record === undefined ? undefined : decoder.decode(record).split(' ').slice(2).join(' ')
}

function partOf (record: Uint8Array, place: number): number {
  return Number(decoder.decode(record).split(' ')[place])
}

function kindOf (name: string, changed: (key: string, record: Uint8Array) => void = () => {}): RecordKind {
  return {
    name,
    changed,
    check: (_key, record) => {
      if (!Number.isFinite(partOf(record, 0))) throw new CloudError('EPROTO', 'This is no line.')
      if (textOf(record) === 'forbidden') throw new CloudError('EACCES', 'Nobody may write this.')
    },
    merge: (_key, held, given) => partOf(given, 0) > partOf(held, 0) ? given : held,
    untilMs: (_key, record) => partOf(record, 1)
  }
}

type Story = (ports: DirectoryPorts) => Promise<void>

/** Every node keeps lines from the beginning. */
function keeping (fact: Fact<DirectoryPorts>, title: string, story: Story): void {
  fact(title, async ports => {
    for (const { directory } of ports.nodes) directory.keep(kindOf('line'))
    await story(ports)
  })
}

async function texts ({ nodes }: DirectoryPorts, key: string): Promise<Array<string | undefined>> {
  return await Promise.all(nodes.map(async ({ directory }) => textOf(await directory.get('line', key))))
}

function first ({ nodes }: DirectoryPorts, place = 0): Directory {
  return (nodes[place] as DirectoryPorts['nodes'][number]).directory
}

export function directoryCompliance (setup: Setup<DirectoryPorts>, abilities: DirectoryAbilities): void {
  describe('as Directory', () => {
    const fact = factsIn(setup)
    kept(fact)
    refused(fact)
    if (abilities.tells) told(fact)
    if (!abilities.tellsWriters) return
    keeping(fact, 'says to a late writer what the holders had', async ports => {
      await first(ports).put('line', 'k', line(2, 'new'))
      expect(textOf((await first(ports, 1).put('line', 'k', line(1, 'old'))).record)).to.equal('new')
    })
  })
}

function kept (fact: Fact<DirectoryPorts>): void {
  keeping(fact, 'finds everywhere what one has put, under any key', async ports => {
    for (const key of ['k', '', 'a/b/../c', 'ключ 🔑', 'x'.repeat(512)]) {
      const { record, holders } = await first(ports).put('line', key, line(1, `of ${key}`))
      expect(textOf(record)).to.equal(`of ${key}`)
      expect(holders).to.be.at.least(2)
      expect(new Set(await texts(ports, key))).to.deep.equal(new Set([`of ${key}`]))
    }
  })

  keeping(fact, 'knows what it has not', async ports => {
    expect(await first(ports).get('line', 'nothing')).to.equal(undefined)
  })

  keeping(fact, 'finds the latest, in whatever order it was put', async ports => {
    for (const [place, version] of [2, 1, 4, 3].entries()) {
      await first(ports, place).put('line', 'k', line(version, `v${version}`))
    }
    expect(new Set(await texts(ports, 'k'))).to.deep.equal(new Set(['v4']))
  })

  keeping(fact, 'keeps kinds apart', async ports => {
    for (const { directory } of ports.nodes) directory.keep(kindOf('other'))
    await first(ports).put('line', 'k', line(1, 'a line'))
    expect(await first(ports, 1).get('other', 'k')).to.equal(undefined)
  })

  keeping(fact, 'says what each node keeps', async ports => {
    const { holders } = await first(ports).put('line', 'k', line(1, 'v'))
    const held = ports.nodes.filter(({ directory }) => [...directory.held('line')].some(([key]) => key === 'k'))
    expect(held.length).to.be.at.least(holders)
    expect([...first(ports).held('other')]).to.deep.equal([])
  })

  keeping(fact, 'finds it though a node is lost', async ports => {
    await first(ports).put('line', 'k', line(1, 'v'))
    await ports.lose(ports.nodes.length - 1)
    expect(textOf(await first(ports).get('line', 'k'))).to.equal('v')
  })
}

function refused (fact: Fact<DirectoryPorts>): void {
  keeping(fact, 'refuses what its kind does, and what has expired', async ports => {
    const directory = first(ports)
    await rejects(directory.put('line', 'k', line(1, 'forbidden')), 'EACCES')
    await rejects(directory.put('line', 'k', encoder.encode('nonsense')), 'EPROTO')
    await rejects(directory.put('line', 'k', line(1, 'late', ports.wallMs() - 1)), 'EINVAL')
    expect(new Set(await texts(ports, 'k'))).to.deep.equal(new Set([undefined]))
  })

  keeping(fact, 'forgets what has expired', async ports => {
    await first(ports).put('line', 'k', line(1, 'v', ports.wallMs() + 1500))
    while (await first(ports, 1).get('line', 'k') !== undefined) {
      expect(ports.wallMs(), 'it is forgotten').to.be.below(1e15)
    }
  })

  fact('says that it does not know a kind before somebody keeps it, and afterwards', async ports => {
    const directory = first(ports)
    await rejects(directory.put('line', 'k', line(1, 'v')), 'ENOSYS')
    const cancel: Cancel = directory.keep(kindOf('line'))
    cancel()
    await rejects(directory.get('line', 'k'), 'ENOSYS')
  })

  keeping(fact, 'is taken back by its caller', async ports => {
    const controller = new AbortController()
    controller.abort()
    await rejects(first(ports).get('line', 'k', { signal: controller.signal }), 'ECANCELED')
    await rejects(first(ports).put('line', 'k', line(1, 'v'), { signal: controller.signal }), 'ECANCELED')
  })
}

function told (fact: Fact<DirectoryPorts>): void {
  fact('tells whoever asked to be told, of each change', async ports => {
    const { nodes } = ports
    let heard = (_text: string | undefined): void => {}
    for (const [place, { directory }] of nodes.entries()) {
      directory.keep(kindOf('line', (_key, record) => {
        if (place === 1) heard(textOf(record))
      }))
    }
    await first(ports).put('line', 'k', line(1, 'v1'))
    await first(ports, 1).get('line', 'k', { tellMs: 60_000 })
    for (const version of [2, 3]) {
      const change = new Promise<string | undefined>(resolve => { heard = resolve })
      await first(ports, 2).put('line', 'k', line(version, `v${version}`))
      expect(await change).to.equal(`v${version}`)
    }
  })
}
