import { expect } from 'chai'
import fc from 'fast-check'
import { planPages, type PageLayout } from '../src/state/plan-pages.ts'

const layout = (memory: string[], files: string[] = [], body: string[] = []): PageLayout =>
  ({ names: [...memory, ...files, ...body], memoryPages: memory.length, filePages: files.length })

/** What stands where after a plan was followed; '?': what an instance begins with, which is no zeros. */
function followed (before: PageLayout | undefined, after: PageLayout): string[] {
  const { fresh, kept, zeros } = planPages(before, after)
  const count = after.memoryPages + after.filePages
  const had = before?.names.slice(0, before.memoryPages + before.filePages) ?? []
  const there = Array.from({ length: count }, (_none, place): string => {
    if (place >= after.memoryPages) return '' // files are made anew
    if (before === undefined) return '?'
    return place < before.memoryPages ? had[place] as string : ''
  })
  for (const place of zeros) there[place] = ''
  for (const [place, from] of kept) there[place] = had[from] as string
  for (const place of fresh) there[place] = after.names[place] as string
  return there
}

describe('the plan that makes one state of another', () => {
  it('asks for everything where there was none, but for zeros', () => {
    expect(planPages(undefined, layout(['a', '', 'b'], ['', 'c'], ['d'])))
      .to.deep.equal({ kept: [], zeros: [1], fresh: [0, 2, 4] })
  })

  it('leaves the memory alone that has not changed, and asks only for what is new', () => {
    const before = layout(['a', '', 'b', 'c'], [], ['body'])
    expect(planPages(before, layout(['a', 'new', 'b', ''], [], ['other'])))
      .to.deep.equal({ kept: [], zeros: [3], fresh: [1] })
  })

  it('takes from elsewhere what has moved: pages of files, behind a memory that grew', () => {
    const before = layout(['a', 'b'], ['f', 'g'])
    expect(planPages(before, layout(['b', 'a', ''], ['g', 'f', 'h'])))
      .to.deep.equal({ kept: [[0, 1], [1, 0], [3, 3], [4, 2]], zeros: [2], fresh: [5] })
  })

  it('gives the later state, whatever the two are, and asks for no page that was there', () => {
    const names = fc.array(fc.constantFrom('', 'a', 'b', 'c', 'd'), { maxLength: 6 })
    fc.assert(fc.property(names, names, names, names, (memory, files, grown, later) => {
      const before = layout(memory, files)
      // A memory never shrinks.
      const after = layout([...grown, ...memory].slice(0, Math.max(grown.length, memory.length)), later)
      for (const from of [undefined, before]) expect(followed(from, after)).to.deep.equal(after.names)
      for (const place of planPages(before, after).fresh) expect(before.names).to.not.include(after.names[place])
    }))
  })
})
