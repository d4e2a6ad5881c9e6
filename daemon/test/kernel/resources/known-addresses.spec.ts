import { expect } from 'chai'
import { CloudError, type Disk, type Logger, type RecordChange } from '@welkin/interface'
import { KnownAddresses } from '../../../src/kernel/resources/known-addresses.ts'

const PREFIX = 'resources/known/'
const encoder = new TextEncoder()

/** A disk of records alone, and what is logged of it. */
function desk (records: Record<string, string> = {}, { failing = false } = {}) {
  const kept = new Map(Object.entries(records).map(([id, text]) => [PREFIX + id, text]))
  const warned: string[] = []
  const writes: number[] = []
  const check = (): void => { if (failing) throw new CloudError('EIO', 'The disk is broken.') }
  const disk = {
    records: {
      list: async () => {
        check()
        return Array.from(kept, ([key, text]) => ({ key, value: encoder.encode(text) }))
      },
      write: async (changes: readonly RecordChange[]) => {
        check()
        writes.push(changes.length)
        for (const { key, value } of changes) {
          if (value === undefined) kept.delete(key)
          else kept.set(key, new TextDecoder().decode(value))
        }
      }
    }
  } as unknown as Disk
  const log = { warn: (event: string) => { warned.push(event) } } as Partial<Logger> as Logger
  const down = new Set<string>()
  const known = new KnownAddresses({ disk, log, isUp: id => !down.has(id) })
  return { known, kept, warned, writes, down }
}

describe('the addresses that a node keeps', () => {
  it('are there in its next life, in their latest form', async () => {
    const { known, kept } = desk()
    known.remember('n2', ['a'])
    known.remember('n2', ['b', 'c'])
    await known.settled()
    expect([...kept]).to.deep.equal([[`${PREFIX}n2`, '["b","c"]']])
    const next = desk({ n2: '["b","c"]' })
    await next.known.load()
    expect([...next.known.all()]).to.deep.equal([['n2', ['b', 'c']]])
    next.known.forget('n2')
    await next.known.settled()
    expect(next.kept.size).to.equal(0)
  })

  it('are written only when they change, all that change meanwhile at once', async () => {
    const { known, writes } = desk()
    for (let i = 0; i < 20; i++) known.remember(`n${i}`, ['a'])
    for (let i = 0; i < 20; i++) known.remember(`n${i}`, ['a'])
    await known.settled()
    expect(writes).to.deep.equal([1, 19])
  })

  it('are those of 64 nodes at the most; one that is not up makes room', async () => {
    const { known, kept, down } = desk()
    for (let i = 0; i < 100; i++) known.remember(`n${i}`, ['a'])
    expect(known.all().size).to.equal(64)
    down.add('n7')
    known.remember('m1', ['a'])
    known.remember('m2', ['a'])
    await known.settled()
    expect([known.all().has('n7'), known.all().has('m1'), known.all().has('m2')]).to.deep.equal([false, true, false])
    expect([...kept.keys()]).to.have.members(Array.from(known.all().keys(), id => PREFIX + id))
  })

  it('are done without where they cannot be read or written', async () => {
    const odd = desk({ n1: 'nonsense', n2: '["a"]', n3: '{"x":1}' })
    await odd.known.load()
    await odd.known.settled()
    expect([...odd.known.all().keys()]).to.deep.equal(['n2'])
    expect([...odd.kept.keys()]).to.deep.equal([`${PREFIX}n2`])
    expect(odd.warned).to.deep.equal(['resources.address_unreadable', 'resources.address_unreadable'])

    const broken = desk({ n1: '["a"]' }, { failing: true })
    await broken.known.load()
    broken.known.remember('n2', ['b'])
    await broken.known.settled()
    expect([...broken.known.all()]).to.deep.equal([['n2', ['b']]])
    expect(broken.warned).to.deep.equal(['resources.addresses_unreadable', 'resources.addresses_not_kept'])
  })
})
