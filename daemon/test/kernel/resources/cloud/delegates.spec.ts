import { expect } from 'chai'
import { delegatesAmong } from '../../../../src/kernel/resources/cloud/delegates.ts'
import { SiteTable, type Member } from '../../../../src/kernel/resources/site/site-table.ts'
import { createSpeaker } from '../statements/kit.ts'

describe('the delegates of a site', () => {
  const table = new SiteTable(10)
  for (const name of ['n1', 'n2', 'n3', 'n4', 'n5']) {
    const speaker = createSpeaker(name)
    table.hearFacts(speaker.facts(), 0)
    table.hearVitals(speaker.vitals(), 0, 0)
  }
  const handles = [...table.members()].map(({ handle }) => handle).toSorted((a, b) => a - b)
  const chosen = (count: number): number[] => delegatesAmong(table.members(), count).map(({ handle }) => handle)

  it('are those with the lowest handles, whatever the order in which they came', () => {
    expect(chosen(3)).to.deep.equal(handles.slice(0, 3))
    expect(delegatesAmong([...table.members()].toReversed(), 2).map(({ handle }) => handle))
      .to.deep.equal(handles.slice(0, 2))
  })

  it('are all where there are no more, and nobody where nobody is', () => {
    expect(chosen(9)).to.deep.equal(handles)
    expect(delegatesAmong([], 3)).to.deep.equal([])
  })

  it('are up', () => {
    table.markDown(table.get(handles[1] as number) as Member, 0)
    expect(chosen(2)).to.deep.equal([handles[0], handles[2]])
  })
})
