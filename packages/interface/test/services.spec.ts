import { expect } from 'chai'
import { portMeant, portNameOf, splitTarget } from '../src/index.ts'

describe('a port', () => {
  const ports = { http: 8080, admin: 9000, chat: 0 }

  it('is meant by its name, its number, and the number of the service of its name', () => {
    for (const wanted of ['http', '8080', '80']) expect(portMeant(ports, wanted), wanted).to.equal('http')
    expect(portMeant(ports, 'chat')).to.equal('chat')
    expect(portMeant({ front: 80 }, 'http')).to.equal('front')
  })

  it('is not meant by what is no port of it, nor by 0', () => {
    for (const wanted of ['https', '443', '0', '', 'toString']) {
      expect(portMeant(ports, wanted), wanted).to.equal(undefined)
    }
  })

  it('need not be said where there is only one', () => {
    expect(portMeant({ chat: 0 }, undefined)).to.equal('chat')
    expect(portMeant(ports, undefined)).to.equal(undefined)
  })

  it('is called by the service that is found there, or by its number', () => {
    expect([80, 5432, 8080].map(portNameOf)).to.deep.equal(['http', 'postgresql', 'p8080'])
  })

  it('stands behind the last colon of a target', () => {
    expect(splitTarget('web.alice.acme:http')).to.deep.equal({ name: 'web.alice.acme', port: 'http' })
    expect(splitTarget('web')).to.deep.equal({ name: 'web', port: undefined })
  })
})
