import { expect } from 'chai'
import fc from 'fast-check'
import type { Condition } from '@welkin/abi'
import type { NodeView, SiteSummary } from '@welkin/interface'
import { parseQuery, summarise, whyNot, type WhyNot } from '../src/index.ts'
import { formatOperand } from '../src/format.ts'
import { meets } from './brute-force.ts'
import { anyNode, anyQuery, GIB, nodeView, SURROUNDINGS } from './kit.ts'

const nodes: NodeView[] = [
  nodeView({ machine: { hostname: 'a', os: 'linux', arch: 'x64', cpuCount: 16, memoryBytes: 8 * GIB } }),
  nodeView({ machine: { hostname: 'b', os: 'linux', arch: 'arm64', cpuCount: 4, memoryBytes: 8 * GIB } }),
  nodeView({ machine: { hostname: 'c', os: 'linux', arch: 'arm64', cpuCount: 4, memoryBytes: 8 * GIB } })
]

const explain = (text: string, views = nodes, sites: SiteSummary[] = []): WhyNot | undefined =>
  whyNot(parseQuery(text), views, SURROUNDINGS, sites)

const conjuncts = (where: Condition): Condition[] =>
  where.kind === 'all' ? where.of.flatMap(conjuncts) : [where]

describe('whyNot', () => {
  it('names the clause that excludes all', () => {
    expect(explain('arch = x64 and memory.free >= 64GiB')).to.deep.equal({
      nodes: 3,
      clauses: [{ text: 'arch = x64', met: 1 }, { text: 'memory.free >= 64GiB', met: 0 }],
      conflict: ['memory.free >= 64GiB'],
      message: 'None of 3 nodes meets memory.free >= 64GiB.'
    })
  })

  it('names the clauses that only together exclude all, and not those that are needless', () => {
    const { conflict, message } = explain('os = linux and cpu.free >= 8 and name = n1 and arch = arm64') as WhyNot
    expect(conflict).to.deep.equal(['cpu.free >= 8', 'arch = arm64'])
    expect(message).to.equal(
      'None of 3 nodes meets all of these at once: cpu.free >= 8 (met by 1), arch = arm64 (met by 2).')
  })

  it('names every clause that excludes all by itself', () => {
    expect(explain('arch = mips and os = linux and cpu.free > 99')).to.deep.include({
      conflict: ['arch = mips'], message: 'None of 3 nodes meets arch = mips, nor cpu.free > 99.'
    })
  })

  it('takes a conjunction within a conjunction apart', () => {
    expect(explain('state = up and (os = linux and arch = mips)')?.conflict).to.deep.equal(['arch = mips'])
  })

  it('takes a choice for one clause', () => {
    expect(explain('arch = mips or arch = sparc')?.conflict).to.deep.equal(['(arch = mips or arch = sparc)'])
  })

  it('says so when there is no node at all', () => {
    expect(explain('arch = x64', [])).to.deep.equal({
      nodes: 0, clauses: [{ text: 'arch = x64', met: 0 }], conflict: [], message: 'No node is known that could match.'
    })
  })

  it('counts the nodes of sites that were not asked, by their summaries', () => {
    const views = [nodeView({ zone: 'acme/paris' }), nodeView({ zone: 'acme/paris', drivers: ['wasm'] })]
    const paris: SiteSummary = { site: 'acme/paris', ...summarise(views), delegates: [], ageMs: 0 }
    expect(explain('drivers has wasm and zone in acme/lyon', nodes, [paris])).to.deep.include({
      nodes: 5,
      clauses: [{ text: 'drivers has wasm', met: 2 }, { text: 'zone in acme/lyon', met: 3 }],
      conflict: ['drivers has wasm', 'zone in acme/lyon']
    })
  })

  it('has nothing to say exactly if a node matches; else its conflict excludes all, and no part of it does', () => {
    fc.assert(fc.property(fc.array(anyNode, { minLength: 1, maxLength: 8 }), anyQuery, (views, query) => {
      const found = whyNot(query, views, SURROUNDINGS)
      const { where } = query
      expect(found === undefined).to.equal(views.some(view => meets(view, where)))
      if (found === undefined || where === undefined) return
      const clauses = new Map(conjuncts(where).map(clause => [formatOperand(clause), clause]))
      const isMet = (texts: readonly string[]): boolean => {
        return views.some(view => texts.every(text => meets(view, clauses.get(text))))
      }
      expect(isMet(found.conflict)).to.equal(false)
      for (const one of found.conflict) expect(isMet(found.conflict.filter(other => other !== one))).to.equal(true)
    }), { numRuns: 2000 })
  })
})
