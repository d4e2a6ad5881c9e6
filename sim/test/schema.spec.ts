import { expect } from 'chai'
import { parseScenario } from '../src/scenario/parse.ts'
import { parseSpan, tellSpan } from '../src/scenario/units.ts'

const read = (text: string): unknown => parseScenario(text, 'my.yaml')

describe('a scenario file', () => {
  it('needs no more than a name and what it is about', () => {
    expect(read('{ name: mine, about: Nothing happens. }'))
      .to.deep.include({ name: 'mine', until: 180_000, faults: [] })
  })

  for (const [why, text, told] of [
    ['no YAML', 'name: [', /my\.yaml is no YAML: line 1, column \d+/],
    ['no name', 'about: x', /name: /],
    ['a word that nobody knows', '{ name: a, about: x, nodes: 3 }', /nodes/],
    ['a fault that nobody knows', '{ name: a, about: x, faults: [{ fault: flood, at: 1s }] }', /faults 1 fault/],
    ['a fault without a time', '{ name: a, about: x, faults: [{ fault: crash }] }', /faults 1 at/],
    ['a setting of another', '{ name: a, about: x, faults: [{ fault: crash, at: 1s, ppm: 3 }] }', /faults 1.*ppm/],
    ['a span without a unit', '{ name: a, about: x, until: "30" }', /until: "30" is no span of time; write 200ms/],
    ['joins of two kinds', '{ name: a, about: x, workload: { joins: { share: 1, perMinute: 3 } } }', /joins: must/],
    ['links that cannot be', '{ name: a, about: x, topology: { links: { profile: moon } } }', /topology links: .*prof/]
  ] as const) {
    it(`is refused, with the place told, for ${why}`, () => {
      expect(() => read(text)).to.throw(told)
    })
  }
})

describe('a span', () => {
  it('is read with its unit, and told to people', () => {
    expect(['200ms', '30s', '5m', '1.5h', '3', '-1s', 's'].map(parseSpan))
      .to.deep.equal([200, 30_000, 300_000, 5_400_000, undefined, undefined, undefined])
    expect([40, 1500, 60_000, 125_000].map(tellSpan)).to.deep.equal(['40 ms', '1.5 s', '1 min', '2 min 5 s'])
  })
})
