import { expect } from 'chai'
import type { Random } from '@welkin/interface'
import { Contacts } from '../../../../src/kernel/resources/cloud/contacts.ts'

const at = (id: string, site = 'acme/lyon', address = id) => ({ site, id, addresses: [address] })
const random = { unit: () => 0.5 } as Random

describe('contacts', () => {
  it('are where nodes were last said to be found', () => {
    const contacts = new Contacts()
    contacts.add(at('n1'))
    contacts.add(at('n2'))
    contacts.add(at('n1', 'acme/paris', 'elsewhere'))
    expect(contacts.all()).to.deep.equal([at('n2'), at('n1', 'acme/paris', 'elsewhere')])
  })

  it('are 256 at the most, the latest', () => {
    const contacts = new Contacts()
    for (let i = 0; i < 1000; i++) contacts.add(at(`n${i}`))
    expect(contacts.all()).to.have.lengthOf(256)
    expect(contacts.all()[0]?.id).to.equal('n744')
  })

  it('outside a site are those of all others', () => {
    const contacts = new Contacts()
    for (const contact of [at('n1'), at('n2', 'acme/paris'), at('n3', 'acme/rome')]) contacts.add(contact)
    expect(contacts.outside('acme/lyon', random).map(({ id }) => id)).to.have.members(['n2', 'n3'])
    expect(contacts.outside('acme/oslo', random)).to.have.lengthOf(3)
  })
})
