import { expect } from 'chai'
import { bareAnswer, composeReply, composeTruncated, type DnsRecord } from '../../../src/gateway/dns/reply.ts'
import { udpBytesMax } from '../../../src/gateway/dns/responder.ts'
import { query, tell } from './kit.ts'

const addresses = (name: string, count: number): DnsRecord[] =>
  Array.from({ length: count }, (_, at) => ({ name, type: 'A', ttlS: 1, data: `10.0.0.${at}` }))
const answer = (answers: DnsRecord[], additionals: DnsRecord[] = []) => ({ ...bareAnswer(0), answers, additionals })

describe('a DNS reply', () => {
  it('names once what was asked, and points there', () => {
    const reply = composeReply(query('web.acme.welkin'), answer(addresses('web.acme.welkin', 10)), 512)
    expect(reply.length).to.equal(12 + 21 + 10 * 16)
    expect(tell(reply).answers[9]).to.equal('web.acme.welkin 1 A 10.0.0.9')
    const parent = composeReply(query('web.acme.welkin'), answer(addresses('acme.welkin', 1)), 512)
    expect(tell(parent).answers).to.deep.equal(['acme.welkin 1 A 10.0.0.0'])
    expect(parent.length).to.equal(12 + 21 + 16)
  })

  it('leaves out first what is only helpful, then all, and says so', () => {
    const asked = query('web.acme.welkin', { edns: 512 })
    const helpful = addresses('n1.node.acme.welkin', 5)
    const short = tell(composeReply(asked, answer(addresses('web.acme.welkin', 20), helpful), 512))
    expect([short.answers.length, short.additionals, short.flags.tc]).to.deep.equal([20, ['OPT 1232 0'], false])
    const cut = composeReply(asked, answer(addresses('web.acme.welkin', 40)), 512)
    expect(tell(cut)).to.deep.include({ answers: [], additionals: ['OPT 1232 0'] })
    expect(tell(cut).flags.tc).to.equal(true)
    expect(cut.length).to.be.at.most(512)
  })

  it('fits exactly where there is just room', () => {
    const asked = query('web.acme.welkin')
    const whole = answer(addresses('web.acme.welkin', 3))
    const { length } = composeReply(asked, whole, 512)
    expect(tell(composeReply(asked, whole, length)).answers).to.have.length(3)
    expect(tell(composeReply(asked, whole, length - 1)).flags.tc).to.equal(true)
  })

  it('speaks EDNS to who does, and has long codes there', () => {
    expect(tell(composeReply(query('a.welkin'), bareAnswer(16), 512)).additionals).to.deep.equal([])
    expect(tell(composeReply(query('a.welkin', { edns: 4096 }), bareAnswer(16), 512)).additionals)
      .to.deep.equal(['OPT 1232 1'])
  })

  it('is as large as the asker takes, between 512 bytes and what no router cuts', () => {
    expect(udpBytesMax(query('a.welkin'))).to.equal(512)
    expect([100, 600, 4096].map(edns => udpBytesMax(query('a.welkin', { edns })))).to.deep.equal([512, 600, 1232])
  })

  it('sends to TCP with nothing but the question', () => {
    expect(tell(composeTruncated(query('web.acme.welkin'))))
      .to.deep.include({ answers: [], questions: ['web.acme.welkin A'], rcode: 'ok' })
    expect(tell(composeTruncated(query('web.acme.welkin'))).flags.tc).to.equal(true)
  })
})
