import { expect } from 'chai'
import type { Clock, NodeId, Transport } from '@welkin/interface'
import type { Hearing } from '../../../../src/kernel/resources/site/hearing.ts'
import {
  packDifference, unpackQuestion, type Comparison, type Contact, type News
} from '../../../../src/kernel/resources/site/messages.ts'
import { SiteTable, type Member } from '../../../../src/kernel/resources/site/site-table.ts'
import { TableComparison } from '../../../../src/kernel/resources/site/table-comparison.ts'
import { openStatement } from '../../../../src/kernel/resources/statements/statement.ts'
import { createSpeaker, type Speaker } from '../statements/kit.ts'

const WHOLE = { whole: true, timeoutMs: 1000 }
const PART = { whole: false, timeoutMs: 1000 }
const NOW_MS = 100_000
/** What was said more lately than this comes by itself. */
const ON_ITS_WAY_MS = 12_000

const [n1, n2, n3] = [createSpeaker('n1'), createSpeaker('n2'), createSpeaker('n3')]
const crowd = Array.from({ length: 300 }, (_, i) => createSpeaker(`crowd ${i}`))

interface Node {
  table: SiteTable
  comparison: TableComparison
  /** What it was told of where nodes are found. */
  met: Contact[]
  /** What others asked it to compare. */
  asked: Comparison[]
  take: (news: readonly News[]) => void
}

/** Nodes that compare tables with one another, all at one moment; they believe whatever they are told. */
function createWorld () {
  const nodes = new Map<NodeId, Node>()
  const hear = (table: SiteTable, { wire, ageMs }: News): void => {
    const statement = openStatement(wire, n1.keys)
    if (statement.kind === 'facts') table.hearFacts(statement, NOW_MS)
    else if (statement.kind === 'vitals') table.hearVitals(statement, NOW_MS - ageMs, NOW_MS)
    else table.hearAccusation(statement, NOW_MS)
  }
  const answer = (from: NodeId, to: NodeId, payload: Uint8Array): Uint8Array => {
    const { asked, comparison, take } = nodes.get(to) as Node
    const question = unpackQuestion(payload)
    if (question.kind === 'exchange') take(question.news)
    if (question.kind !== 'compare') return new Uint8Array()
    asked.push(question)
    return packDifference(comparison.answer(question, from))
  }
  return function add (self: Speaker, known: readonly Speaker[], { site = 'acme/lyon', saidMs = 0 } = {}): Node {
    const table = new SiteTable(10_000)
    for (const speaker of [self, ...known]) {
      table.hearFacts(speaker.facts({ version: 0 }), saidMs)
      table.hearVitals(speaker.vitals({ version: 1 }), saidMs, saidMs)
    }
    const take = (news: readonly News[]): void => { for (const told of news) hear(table, told) }
    const transport = {
      link: (to: NodeId) => ({ request: async (payload: Uint8Array) => answer(self.id, to, payload) })
    } as unknown as Transport
    const met: Contact[] = []
    const comparison = new TableComparison({
      clock: { monotonicMs: () => NOW_MS } as Clock, keys: self.keys, transport, table,
      hearing: { take } as Partial<Hearing> as Hearing
    }, { site, self: self.handle }, {
      contacts: asker => [{ site: asker, id: `found by ${self.id}`, addresses: [] }],
      met: contacts => { met.push(...contacts) }
    })
    const node = { table, comparison, met, asked: [], take }
    nodes.set(self.id, node)
    return node
  }
}

const sizeOf = ({ table }: Node): number => table.size

describe('a comparison of tables', () => {
  it('tells each side what the other knows', async () => {
    const add = createWorld()
    const [a, b] = [add(n1, crowd.slice(0, 20)), add(n2, crowd.slice(10, 40))]
    await a.comparison.compare(n2.id, WHOLE)
    expect([a, b].map(sizeOf)).to.deep.equal([42, 42])
    expect(a.met).to.deep.equal([{ site: 'acme/lyon', id: `found by ${n2.id}`, addresses: [] }])
  })

  it('leaves those out that are held to be down', async () => {
    const add = createWorld()
    const [a, b] = [add(n1, []), add(n2, [n3])]
    b.table.markDown(b.table.byId(n3.id) as Member, 0)
    await a.comparison.compare(n2.id, WHOLE)
    expect(a.table.byId(n3.id)).to.equal(undefined)
  })

  it('brings what is later, with its age, and who is accused', async () => {
    const add = createWorld()
    const [a, b] = [add(n1, [n3]), add(n2, [n3])]
    b.table.hearVitals(n3.vitals({ version: 7 }), NOW_MS - 50_000, 0)
    b.table.hearAccusation(n2.accuse(n3.vitals({ version: 7 })), 0)
    await a.comparison.compare(n2.id, WHOLE)
    const heard = a.table.byId(n3.id) as Member
    expect(heard.vitals.stamp.version).to.equal(7)
    expect(heard.statedMs).to.equal(NOW_MS - 50_000)
    expect(heard.view.suspected).to.equal(true)
  })

  it('does not bring what comes by itself', async () => {
    const add = createWorld()
    const [a, b] = [add(n1, [n3]), add(n2, [n3])]
    b.table.hearVitals(n3.vitals({ version: 7 }), NOW_MS - ON_ITS_WAY_MS + 1, 0)
    await a.comparison.compare(n2.id, WHOLE)
    expect(a.table.byId(n3.id)).to.have.nested.property('vitals.stamp.version', 1)
  })

  it('goes round the whole table in parts', async () => {
    const add = createWorld()
    const [a, b] = [add(n1, crowd), add(n2, [...crowd, n3])]
    for (let round = 0; round < 3; round++) await a.comparison.compare(n2.id, PART)
    expect(b.asked.map(({ digest }) => digest.length)).to.deep.equal([128, 128, 45])
    expect(b.asked.map(({ from }) => from)).to.deep.equal([0, b.asked[0]?.to, b.asked[1]?.to])
    expect(b.asked[2]?.to).to.equal(2 ** 48)
    expect(sizeOf(a)).to.equal(303)
    await a.comparison.compare(n2.id, PART)
    expect(b.asked[3]).to.deep.include({ from: 0 })
  })

  it('asks on where one answer cannot tell it all', async () => {
    const add = createWorld()
    const addresses = Array.from({ length: 8 }, (_, i) => `test:${i}`.padEnd(250, 'x'))
    const talkative = crowd.map(({ facts, ...speaker }): Speaker => ({
      ...speaker, facts: (stamp, more) => facts(stamp, { ...more, addresses })
    }))
    const [a, b] = [add(n1, []), add(n2, talkative)]
    await a.comparison.compare(n2.id, WHOLE)
    expect(sizeOf(a)).to.equal(302)
    expect(b.asked.length).to.be.within(2, 5)
  })

  it('with a node of another site finds where nodes are, and makes this one known there', async () => {
    const add = createWorld()
    const foreign = createSpeaker('foreign', 'acme/paris/r1')
    const [a, b] = [add(n1, crowd.slice(0, 5)), add(foreign, [], { site: 'acme/paris' })]
    await a.comparison.compare(foreign.id, WHOLE)
    expect([a, b].map(sizeOf)).to.deep.equal([6, 1])
    expect(a.met).to.deep.equal([{ site: 'acme/lyon', id: `found by ${foreign.id}`, addresses: [] }])
    expect(b.met).to.deep.equal([{ site: 'acme/lyon', id: n1.id, addresses: ['test:n1'] }])
  })
})
