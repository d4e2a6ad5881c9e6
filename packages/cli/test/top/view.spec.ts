import { expect } from 'chai'
import fc from 'fast-check'
import { FIRST_VIEW, press, type Key, type View } from '../../src/top/view.ts'

const ROOM = { count: 35, page: 10 }

/** What is looked at after these were typed: names of keys, and text. */
function typed (...keys: string[]): View {
  return keys.reduce((view, key) => {
    const next = press(view, key.length === 1 ? { sequence: key, name: key } : { name: key }, ROOM)
    if (next === 'quit') throw new Error('It was left.')
    return next
  }, FIRST_VIEW)
}

describe('the keys of top', () => {
  it('leave it: q, and Ctrl-C at any time', () => {
    expect(press(FIRST_VIEW, { name: 'q', sequence: 'q' }, ROOM)).to.equal('quit')
    expect(press(typed('/'), { name: 'c', sequence: '\u0003', ctrl: true }, ROOM)).to.equal('quit')
  })

  it('change between nodes and objects, each with an order of its own', () => {
    const view = typed('r', 'tab', 'm', 'tab')
    expect(view).to.deep.include({ subject: 'nodes', reversed: false, orders: { nodes: 'rtt', objects: 'memory' } })
  })

  for (const [key, nodes, objects] of [
    ['n', 'name', 'name'], ['c', 'cpu', 'cpu'], ['m', 'memory', 'memory'], ['o', 'objects', 'cpu'], ['r', 'rtt', 'cpu'],
    ['x', 'name', 'cpu'], ['', 'name', 'cpu']
  ] as const) {
    it(`order by their first letter, where there is such an order: ${key}`, () => {
      expect(typed(key).orders.nodes).to.equal(nodes)
      expect(typed('tab', key).orders.objects).to.equal(objects)
    })
  }

  it('turn the order round when it is chosen again', () => {
    expect(typed('c').reversed).to.equal(false)
    expect(typed('c', 'c').reversed).to.equal(true)
    expect(typed('c', 'c', 'c').reversed).to.equal(false)
    expect(typed('c', 'c', 'm').reversed).to.equal(false)
  })

  it('type a filter, in which no letter has another meaning', () => {
    expect(typed('/', 'q', 'c')).to.deep.include({ filter: 'qc', typing: true, orders: FIRST_VIEW.orders })
    expect(typed('/', 'q', 'é', 'backspace', 'return')).to.include({ filter: 'q', typing: false })
    expect(typed('/', 'q', 'escape')).to.include({ filter: '', typing: false })
    expect(typed('/', 'q', 'return', 'escape')).to.include({ filter: '', typing: false })
  })

  it('scroll by rows and pages, never before the first, nor past the last', () => {
    expect(typed('up').first).to.equal(0)
    expect(typed('down', 'pagedown', 'up').first).to.equal(10)
    expect(typed('pagedown', 'pageup', 'pageup').first).to.equal(0)
    expect(typed('pagedown', 'pagedown', 'pagedown', 'down').first).to.equal(25)
    expect(typed('end').first).to.equal(25)
    expect(typed('end', 'home').first).to.equal(0)
    expect(typed('end', 'c').first).to.equal(0)
  })

  it('never come to anything that cannot be shown, whatever is pressed', () => {
    const names = fc.constantFrom(undefined, 'up', 'down', 'pageup', 'tab', 'return', 'escape', 'backspace', 'f1')
    const sequences = fc.constantFrom(undefined, '/', 'n', 'c', 'é', '\u001b', '\u0003', '\u001b[A')
    const key = fc.record<Key>({ name: names, sequence: sequences, ctrl: fc.boolean() })
    fc.assert(fc.property(fc.array(key), keys => {
      let view = FIRST_VIEW
      for (const pressed of keys) {
        const next = press(view, pressed, ROOM)
        if (next === 'quit') break
        view = next
      }
      expect(view.filter).to.not.match(/\p{Cc}/u)
      expect(view.first).to.be.within(0, 25)
    }))
  })
})
