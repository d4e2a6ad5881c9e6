import { expect } from 'chai'
import { isSameMeaning, Records } from '../src/records.ts'
import { entry, OBJECT } from './kit.ts'

const entries = [entry({ object: OBJECT.web })]
const record = (name: string) => ({ name, rule: 'latest' as const, ttlMs: 10, entries })
const known = (name: string, untilMs: number) => ({ record: record(name), untilMs })

describe('the records that are remembered', () => {
  it('are believed for their TTL', () => {
    const records = new Records({ namesMax: 9 })
    records.keep('a', known('a', 10), 0)
    expect(records.use('a', 9)?.record?.name).to.equal('a')
    expect(records.use('a', 10)).to.equal(undefined)
    expect(records.last('a')?.record?.name).to.equal('a')
  })

  it('are bounded: the one that was not used for longest makes room, and news are no use', () => {
    const records = new Records({ namesMax: 2 })
    records.keep('a', known('a', 10), 0)
    records.keep('b', known('b', 10), 1)
    records.use('a', 2)
    records.keep('b', known('b', 20), 3, { isNews: true })
    expect(records.keep('c', known('c', 10), 4)).to.equal('b')
    expect(records.use('b', 5)).to.equal(undefined)
    expect(records.use('a', 5)?.record?.name).to.equal('a')
  })

  it('are forgotten when nobody uses them', () => {
    const records = new Records({ namesMax: 9 })
    records.keep('a', known('a', 10), 0)
    records.keep('b', known('b', 10), 5)
    expect(records.dropIdle(3)).to.deep.equal(['a'])
    expect(records.dropIdle(3)).to.deep.equal([])
  })

  it('say the same where only renewal tells them apart', () => {
    const one = record('a')
    const renewed = { ...one, entries: [entry({ object: OBJECT.web, boundAtMs: 5, untilMs: 9 })] }
    const moved = { ...one, entries: [entry({ object: OBJECT.web, node: 'n2' })] }
    expect(isSameMeaning(one, renewed)).to.equal(true)
    expect(isSameMeaning(one, moved)).to.equal(false)
    expect(isSameMeaning(undefined, { ...one, entries: [] })).to.equal(true)
    expect(isSameMeaning(one, undefined)).to.equal(false)
  })
})
