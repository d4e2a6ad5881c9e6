import { expect } from 'chai'
import { isZone, zoneContains } from '../src/index.ts'

describe('zones', () => {
  it('are one to three labels', () => {
    for (const good of ['acme', 'acme/lyon', 'acme/lyon/r7']) expect(isZone(good), good).to.equal(true)
    for (const bad of ['', '/', 'acme/', 'Acme', 'acme/lyon/r7/n1', 'acme//r7', '-a', 'a_b']) {
      expect(isZone(bad), bad).to.equal(false)
    }
  })

  it('contain what is below them, and not what only begins alike', () => {
    expect(zoneContains('acme/lyon', 'acme/lyon/r7')).to.equal(true)
    expect(zoneContains('acme/lyon', 'acme/lyon')).to.equal(true)
    expect(zoneContains('acme/ly', 'acme/lyon')).to.equal(false)
    expect(zoneContains('acme/lyon/r7', 'acme/lyon')).to.equal(false)
  })
})
