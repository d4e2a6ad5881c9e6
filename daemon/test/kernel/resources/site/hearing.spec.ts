import { expect } from 'chai'
import type { Clock, Logger, MetricRegister, NodeId, Transport } from '@welkin/interface'
import { Rings } from '../../../../src/kernel/resources/detection/rings.ts'
import { registerMetrics } from '../../../../src/kernel/resources/metrics.ts'
import { Complaints } from '../../../../src/kernel/resources/site/complaints.ts'
import { Hearing } from '../../../../src/kernel/resources/site/hearing.ts'
import { Rumours } from '../../../../src/kernel/resources/site/rumours.ts'
import { SiteTable, type Member } from '../../../../src/kernel/resources/site/site-table.ts'
import { sealVitals, type Statement } from '../../../../src/kernel/resources/statements/statement.ts'
import { createSpeaker, vitalsOf, type Speaker } from '../statements/kit.ts'

const SITE = 'acme/lyon'
const FROM = 'whoever tells'
const self = createSpeaker('self')
const [n1, n2, n3] = [createSpeaker('n1'), createSpeaker('n2'), createSpeaker('n3')]
/** Among so many a node watches few of the others. */
const crowd = Array.from({ length: 40 }, (_, i) => createSpeaker(`crowd ${i}`))

function registerOfNothing (): MetricRegister {
  return {
    counter: () => ({ add: () => {} }), gauge: () => ({ set: () => {} }), histogram: () => ({ observe: () => {} })
  }
}

/** The ears of `self`, which knows itself and these others already. */
function createEars (known: readonly Speaker[] = [], { nodesMax = 100 } = {}) {
  const happened: unknown[] = []
  const named: Array<{ peer: NodeId, reason: string }> = []
  const learnt: NodeId[] = []
  const table = new SiteTable(nodesMax)
  const rings = new Rings(4)
  const rumours = new Rumours()
  for (const speaker of [self, ...known]) {
    table.hearFacts(speaker.facts({ version: 0 }), 0)
    table.hearVitals(speaker.vitals({ version: 1 }), 0, 0)
    rings.add(speaker.handle)
  }
  const clock = { monotonicMs: () => 1000 } as Clock
  const metrics = registerMetrics(registerOfNothing())
  const log = { warn: (_event: string, fields: { peer: NodeId, reason: string }) => { named.push(fields) } }
  const transport = { learn: (id: NodeId) => { learnt.push(id) } } as unknown as Transport
  const nameOf = ({ view }: Member): string => view.name
  const hearing = new Hearing({
    clock, keys: self.keys, transport, metrics, table, rings, rumours,
    complaints: new Complaints(log as unknown as Logger, metrics.nonsense)
  }, { site: SITE, self: self.handle }, {
    heard: (outcome, member) => { happened.push([outcome, nameOf(member)]) },
    accused: member => { happened.push(['accused', nameOf(member)]) },
    contradicted: stamp => { happened.push(['contradicted', stamp.incarnation, stamp.version]) },
    news: ({ key, urgent }) => { happened.push(['news', key.split(' ')[0], urgent]) },
    lacking: from => { happened.push(['lacking', from]) },
    toldAgain: member => { happened.push(['told again', nameOf(member)]) }
  })
  const tell = (...statements: Array<Pick<Statement, 'wire'>>): unknown[] => {
    hearing.take(statements.map(({ wire }) => ({ wire, ageMs: 100 })), FROM)
    return happened.splice(0)
  }
  const member = ({ handle }: Speaker): Member => table.get(handle) as Member
  return { hearing, tell, member, table, rings, rumours, named, learnt }
}

describe('hearing of a node', () => {
  it('takes it up when its facts and vitals have come, and passes both on', () => {
    const { tell, member, learnt } = createEars()
    expect(tell(n1.facts(), n1.vitals({ version: 1 })))
      .to.deep.equal([['news', 'vitals', true], ['news', 'facts', true], ['joined', 'n1']])
    expect(learnt).to.deep.equal([n1.id])
    expect(member(n1).statedMs).to.equal(900)
  })

  it('asks for facts where vitals have come alone, unless there is no room', () => {
    expect(createEars().tell(n1.vitals())).to.deep.equal([['lacking', FROM]])
    expect(createEars([], { nodesMax: 1 }).tell(n1.vitals())).to.deep.equal([])
  })

  it('passes on at once what others place by, and the rest in its time', () => {
    const { tell } = createEars([n1])
    expect(tell(n1.vitals({ version: 2 }))).to.deep.equal([['news', 'vitals', false], ['refreshed', 'n1']])
    expect(tell(n1.vitals({ version: 3 }, { price: 1 }))).to.deep.equal([['news', 'vitals', true], ['refreshed', 'n1']])
    expect(tell(n1.facts({ version: 4 }, { addresses: ['x'] })))
      .to.deep.equal([['news', 'facts', true], ['refreshed', 'n1']])
  })

  it('passes nothing on that it knew, and notes who knows it too', () => {
    const { tell, rumours } = createEars([n1])
    const said = n1.vitals({ version: 2 })
    rumours.add({ key: `vitals ${n1.handle}`, wire: said.wire, statedMs: 0, urgent: true }, undefined, 0)
    tell(said)
    expect(tell(said)).to.deep.equal([['told again', 'n1']])
    expect(rumours.lackedBy(FROM, new Uint8Array(), 8192, 0)).to.deep.equal([])
  })
})

describe('hearing nonsense', () => {
  it('believes nothing that is not signed by whom it is about, and names who told it', () => {
    const { tell, named, member } = createEars([n1])
    const { wire } = n1.vitals({ version: 2 })
    const forged = wire.with(10, (wire[10] as number) ^ 1)
    const facts = n2.facts().wire
    expect(tell({ wire: forged }, { wire: facts.with(10, (facts[10] as number) ^ 1) }, { wire: new Uint8Array(70) }))
      .to.deep.equal([])
    expect(named).to.deep.equal([{
      peer: FROM, reason: 'A statement was refused: its signature is not that of whoever it says.', count: 1
    }])
    expect(member(n1).vitals.stamp.version).to.equal(1)
  })

  it('takes what stands beside it all the same', () => {
    const { tell, member } = createEars([n1])
    tell({ wire: new Uint8Array(100) }, n1.vitals({ version: 2 }))
    expect(member(n1).vitals.stamp.version).to.equal(2)
  })

  it('takes up nobody of another site', () => {
    const { tell, named, table } = createEars()
    const stranger = createSpeaker('stranger', 'acme/paris/r1')
    expect(tell(stranger.facts(), stranger.vitals())).to.deep.equal([['lacking', FROM]])
    expect(table.get(stranger.handle)).to.equal(undefined)
    expect(named).to.have.lengthOf(1)
  })
})

describe('hearing of oneself', () => {
  it('says nothing to an echo, and speaks above what another life has said', () => {
    const { tell } = createEars()
    const echoes = [self.vitals({ version: 1 }), self.facts({ version: 0 }), self.vitals({ incarnation: 0 })]
    expect(tell(...echoes)).to.deep.equal([])
    expect(tell(self.vitals({ incarnation: 5, version: 2 }))).to.deep.equal([['contradicted', 5, 2]])
  })

  it('denies whatever it is accused of that it has said, whoever accuses', () => {
    const { tell, member } = createEars([n1])
    const { vitals } = member(self)
    expect(tell(n1.accuse(vitals))).to.deep.equal([['contradicted', 1, 1], ['accused', 'self']])
    expect(tell(n2.accuse(vitals))).to.deep.equal([['contradicted', 1, 1]])
    expect(tell(n1.accuse(self.vitals({ version: 0 })))).to.deep.equal([])
  })

  it('denies nothing that it has not said', () => {
    const { hearing, tell, named } = createEars([n1])
    const stamp = { incarnation: Number.MAX_SAFE_INTEGER, version: Number.MAX_SAFE_INTEGER }
    const pretended = sealVitals(vitalsOf(), self.handle, stamp, n1.keys)
    expect(tell(n1.accuse(pretended))).to.deep.equal([])
    expect(named).to.have.lengthOf(1)
    for (const last of [pretended, n1.vitals(), n1.accuse(self.vitals())]) {
      expect(() => hearing.contradict(last)).to.throw().with.property('code', 'EPROTO')
    }
  })
})

describe('hearing an accusation', () => {
  it('suspects the node, and passes it on at once, once for each that accuses', () => {
    const { tell, member } = createEars([n1, n2, n3])
    const { vitals } = member(n1)
    expect(tell(n2.accuse(vitals))).to.deep.equal([['news', 'accusation', true], ['accused', 'n1']])
    expect(tell(n2.accuse(vitals))).to.deep.equal([])
    expect(tell(n3.accuse(vitals))).to.deep.equal([['news', 'accusation', true], ['accused', 'n1']])
    expect(member(n1).view.suspected).to.equal(true)
  })

  it('learns from it what the accused has said last', () => {
    const { tell, member } = createEars([n1, n2])
    expect(tell(n2.accuse(n1.vitals({ version: 7 })))).to.deep.equal([
      ['news', 'vitals', false], ['refreshed', 'n1'], ['news', 'accusation', true], ['accused', 'n1']
    ])
    expect(member(n1)).to.have.nested.property('vitals.stamp.version', 7)
    expect(member(n1).accusations.size).to.equal(1)
  })

  it('takes one that rests on something later for another', () => {
    const { tell, member } = createEars([n1, n2])
    tell(n2.accuse(member(n1).vitals))
    expect(tell(n2.accuse(n1.vitals({ version: 7 })))).to.deep.equal([
      ['news', 'vitals', false], ['refreshed', 'n1'], ['news', 'accusation', true], ['accused', 'n1']
    ])
    expect(member(n1).accusations.get(n2.handle)?.stamp.version).to.equal(7)
  })

  it('finds void what the accused has outlived', () => {
    const { tell } = createEars([n1, n2])
    tell(n1.vitals({ version: 2 }))
    expect(tell(n2.accuse(n1.vitals({ version: 1 })))).to.deep.equal([])
  })

  it('listens to nobody who is unknown, held to be down, or not the one it says', () => {
    const { tell, member, table, named } = createEars([n1, n2])
    const { vitals } = member(n1)
    expect(tell(n3.accuse(vitals))).to.deep.equal([])
    table.markDown(member(n2), 0)
    expect(tell(n2.accuse(vitals))).to.deep.equal([])
    expect(named).to.deep.equal([])
    const { wire } = self.accuse(vitals)
    expect(tell({ wire: wire.with(1, (wire[1] as number) ^ 1) })).to.deep.equal([])
    expect(named).to.have.lengthOf(1)
  })

  it('names who accuses a node that it does not watch', () => {
    const { tell, member, rings, named } = createEars(crowd)
    const subject = crowd[0] as Speaker
    const others = crowd.slice(1)
    const watching = others.find(({ handle }) => rings.watches(handle, subject.handle)) as Speaker
    const strange = others.find(({ handle }) => !rings.watches(handle, subject.handle)) as Speaker
    const { vitals } = member(subject)
    expect(tell(strange.accuse(vitals))).to.deep.equal([])
    expect(named).to.deep.equal([{ peer: strange.id, reason: 'it accuses a node that it does not watch', count: 1 }])
    expect(tell(watching.accuse(vitals))).to.have.lengthOf(2)
  })
})
