import { expect } from 'chai'
import { coordinatorAfter, sourceAfter, verdictOf } from '../../../src/kernel/migration/protocol.ts'
import { beginning, stepsFrom, type Story, type World } from './world.ts'

interface Seen { world: World, from: string | undefined, what: string, calmNext: string[] }

const keyOf = (world: World): string => JSON.stringify(world)

/** Every world that can come about, with one way there. */
function explore (story: Story): Map<string, Seen> {
  const first = beginning(story)
  const seen = new Map<string, Seen>([[keyOf(first), { world: first, from: undefined, what: '', calmNext: [] }]])
  const open = [first]
  for (let world = open.pop(); world !== undefined; world = open.pop()) {
    const own = seen.get(keyOf(world)) as Seen
    for (const { what, world: next, crash } of stepsFrom(world, story)) {
      const key = keyOf(next)
      if (!crash) own.calmNext.push(key)
      if (seen.has(key)) continue
      seen.set(key, { world: next, from: keyOf(world), what, calmNext: [] })
      open.push(next)
    }
  }
  return seen
}

function pathTo (seen: Map<string, Seen>, key: string): string[] {
  const { from, what } = seen.get(key) as Seen
  return from === undefined ? [] : [...pathTo(seen, from), what]
}

function sidesOf ({ legs }: World): Array<'source' | 'target' | 'nowhere' | 'both'> {
  return legs.map(({ source, target }) => {
    const [there, here] = [['arrived', 'here'].includes(target.state), source.state === 'here']
    if (there && here) return 'both'
    return there ? 'target' : here ? 'source' : 'nowhere'
  })
}

/** Each object has one place, and nobody waits for a word. */
function isSettled (world: World): boolean {
  return sidesOf(world).every(side => side === 'source' || side === 'target')
}

const stories: Story[] = [
  { legs: 1, crashes: 3, tasksSurvive: true },
  { legs: 1, crashes: 3, tasksSurvive: false },
  { legs: 2, crashes: 1, tasksSurvive: true },
  { legs: 2, crashes: 1, tasksSurvive: false }
]

describe('the protocol of moves, in every order of events that there is', () => {
  for (const story of stories) {
    const what = `${story.legs} object${story.legs > 1 ? 's' : ''}, ${story.crashes} crashes, tasks that ` +
      `${story.tasksSurvive ? 'outlive' : 'die with'} their daemon`

    describe(`(${what})`, () => {
      const seen = explore(story)

      it(`never lets two copies of an object run (${seen.size} worlds)`, () => {
        const bad = [...seen].find(([, { world }]) =>
          world.legs.some(({ source, target }) => source.copy === 'runs' && target.copy === 'runs'))
        expect(bad === undefined ? [] : pathTo(seen, bad[0])).to.deep.equal([])
      })

      it('gives no object up: where no machine failed, one copy runs in the end', () => {
        const bad = [...seen].find(([, { world }]) => isSettled(world) && world.crashesLeft === story.crashes &&
          world.legs.some(({ source, target }) => source.copy !== 'runs' && target.copy !== 'runs'))
        expect(bad === undefined ? [] : pathTo(seen, bad[0])).to.deep.equal([])
      })

      it('comes to an end from wherever it is, once no more machines fail', () => {
        const settled = new Set([...seen].flatMap(([key, { world }]) => isSettled(world) ? key : []))
        for (let grown = true; grown;) {
          grown = false
          for (const [key, { calmNext }] of seen) {
            if (settled.has(key) || !calmNext.some(next => settled.has(next))) continue
            settled.add(key)
            grown = true
          }
        }
        const stuck = [...seen.keys()].find(key => !settled.has(key))
        expect(stuck === undefined ? [] : pathTo(seen, stuck)).to.deep.equal([])
      })

      it('keeps a copy that stands still until another has begun', () => {
        const bad = [...seen].find(([, { world }]) => world.legs.some(({ source, target }) =>
          source.state === 'gone' && target.copy === 'none'))
        expect(bad === undefined ? [] : pathTo(seen, bad[0])).to.deep.equal([])
      })
    })
  }

  it('moves all objects of a bundle or none, where no machine fails', () => {
    const seen = explore({ legs: 2, crashes: 0, tasksSurvive: true })
    const ends = [...seen.values()].filter(({ world }) => isSettled(world) && world.coordinator !== 'collecting' &&
      world.legs.every(({ source }) => source.state === (world.coordinator === 'committed' ? 'gone' : 'here')))
    expect(ends.length).to.be.greaterThan(0)
    const mixed = [...seen.values()].filter(({ world, calmNext }) =>
      calmNext.length === 0 && new Set(sidesOf(world)).size > 1)
    expect(mixed).to.deep.equal([])
  })

  it('takes what cannot happen for a bug', () => {
    expect(() => sourceAfter('here', 'taken')).to.throw(TypeError)
    expect(() => coordinatorAfter('over', 'all offered')).to.throw(TypeError)
  })

  it('holds a move that nobody remembers for given up', () => {
    expect(verdictOf(undefined)).to.equal('aborted')
    expect(verdictOf('collecting')).to.equal('undecided')
    expect(verdictOf('over')).to.equal('committed')
  })
})
