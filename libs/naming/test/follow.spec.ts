import { expect } from 'chai'
import { CloudError } from '@welkin/interface'
import { follow } from '../src/follow.ts'
import type { NameEntry } from '../src/index.ts'
import { entry, OBJECT } from './kit.ts'

const object = (id: string) => entry({ object: id })
const alias = (name: string) => entry({ alias: name })

/** Names and what they stand for, each to be remembered for 100 ms unless said otherwise. */
function asking (names: Record<string, NameEntry[]>, ttlsMs: Record<string, number> = {}) {
  return async (name: string) => {
    const entries = names[name]
    if (entries === undefined) throw new CloudError('ENOENT', `${name} stands for nothing.`)
    const ttlMs = ttlsMs[name] ?? 100
    return { record: { name, rule: 'both' as const, entries, ttlMs }, ttlMs }
  }
}

async function refusal (names: Record<string, NameEntry[]>, name = 'a'): Promise<CloudError> {
  const found = follow(name, asking(names))
  return await found.then(() => { throw new Error('It was found.') }, error => error as CloudError)
}

describe('aliases', () => {
  it('lead to what the last of them stands for, under its name, for the shortest TTL on the way', async () => {
    const names = { a: [alias('b')], b: [alias('C.welkin.')], c: [object(OBJECT.web)] }
    const { name, entries, ttlMs } = await follow('a', asking(names, { b: 7 }))
    expect([name, entries.map(found => found.object), ttlMs]).to.deep.equal(['c', [OBJECT.web], 7])
  })

  it('are one of several things that a name stands for, which keeps its own name then', async () => {
    const names = { a: [object(OBJECT.mail), alias('b'), alias('lost')], b: [object(OBJECT.web)] }
    const { name, entries } = await follow('a', asking(names))
    expect([name, entries.map(found => found.object)]).to.deep.equal(['a', [OBJECT.mail, OBJECT.web]])
  })

  it('that lead back are refused with the way they take', async () => {
    const error = await refusal({ a: [alias('b')], b: [alias('a')] })
    expect(error).to.include({ code: 'EINVAL' })
    expect(error.message).to.include('a leads to a again, by b; bind one of these to something')
    expect(await refusal({ a: [alias('a')] })).to.include({ code: 'EINVAL' })
  })

  it('that lead on and on, or to ever more names, are refused', async () => {
    const chain = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`n${at}`, [alias(`n${at + 1}`)]]))
    expect(await refusal(chain, 'n0')).to.include({ code: 'EINVAL' })
    const fan = Object.fromEntries(Array.from({ length: 6 }, (_, at) =>
      [`n${at}`, Array.from({ length: 5 }, () => alias(`n${at + 1}`))]))
    expect(await refusal({ ...fan, n6: [object(OBJECT.web)] }, 'n0')).to.include({ code: 'EINVAL' })
  })

  it('that lead nowhere say so', async () => {
    const error = await refusal({ a: [alias('b')] })
    expect(error).to.include({ code: 'ENOENT' })
    expect(error.message).to.equal('a leads nowhere: b stands for nothing.')
    expect(await refusal({ a: [] })).to.include({ code: 'ENOENT' })
  })
})
