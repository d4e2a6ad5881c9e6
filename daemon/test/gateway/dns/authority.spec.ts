import { expect } from 'chai'
import { authorityOf, answered, endpoint, PlayedNames, query, WEB } from './kit.ts'

const SOA = ['acme.welkin 1 SOA n1.node.acme.welkin hostmaster.acme.welkin 1']
const WEB_NAME = 'web.alice.acme.welkin'

describe('what the cloud\'s domain says', () => {
  it('has the addresses of the nodes, nearest first, with authority and no recursion', async () => {
    const { rcode, flags, answers } = await answered(WEB_NAME, { flags: 0x100 })
    expect(answers).to.deep.equal([`${WEB_NAME} 5 A 10.0.0.3`, `${WEB_NAME} 5 A 10.0.0.4`])
    expect([rcode, flags]).to.deep.equal(['ok', { aa: true, tc: false, ra: false, rd: true }])
    expect((await answered(WEB_NAME, { type: 'AAAA' })).answers).to.deep.equal([`${WEB_NAME} 5 AAAA fd00::3`])
  })

  it('does not mind how a name is written, and gives it back as it was', async () => {
    const { answers, questions } = await answered('WEB.Alice.acme.WELKIN')
    expect(questions).to.deep.equal(['WEB.Alice.acme.WELKIN A'])
    expect(answers).to.have.length(2)
  })

  it('has all ports as SRV, or those of one name, the farther with less priority, targets with addresses', async () => {
    const all = await answered(WEB_NAME, { type: 'SRV' })
    expect(all.answers).to.deep.equal([
      `${WEB_NAME} 5 SRV 0 1 8080 n3.node.acme.welkin`, `${WEB_NAME} 5 SRV 0 1 9090 n3.node.acme.welkin`,
      `${WEB_NAME} 5 SRV 1 1 8081 n4.node.acme.welkin`
    ])
    expect(all.additionals).to.deep.equal([
      'n3.node.acme.welkin 5 A 10.0.0.3', 'n3.node.acme.welkin 5 AAAA fd00::3', 'n4.node.acme.welkin 5 A 10.0.0.4'
    ])
    const one = await answered(`_http._tcp.${WEB_NAME}`, { type: 'SRV' })
    expect(one.answers).to.deep.equal([
      `_http._tcp.${WEB_NAME} 5 SRV 0 1 8080 n3.node.acme.welkin`,
      `_http._tcp.${WEB_NAME} 5 SRV 1 1 8081 n4.node.acme.welkin`
    ])
  })

  it('has no service where nothing listens so, and nothing else where a service is', async () => {
    for (const name of ['_ssh._tcp', '_mail._tcp', '_http._udp', '_udp']) {
      expect(await answered(`${name}.${WEB_NAME}`, { type: 'SRV' }), name)
        .to.deep.include({ rcode: 'noSuchName', authorities: SOA })
    }
    for (const name of [`_http._tcp.${WEB_NAME}`, `_tcp.${WEB_NAME}`]) {
      expect(await answered(name), name).to.deep.include({ rcode: 'ok', answers: [], authorities: SOA })
    }
    expect((await answered(`_http._tcp.gone.acme.welkin`, { type: 'SRV' })).rcode).to.equal('noSuchName')
  })

  it('says as TXT what each endpoint is', async () => {
    const { answers } = await answered(WEB_NAME, { type: 'TXT' })
    expect(answers[0]).to.equal(`${WEB_NAME} 5 TXT object=${WEB} node=n3 http=8080 admin=9090 mail=0`)
    expect(answers).to.have.length(2)
  })

  it('shows an alias as CNAME, with what it leads to', async () => {
    const cname = `www.acme.welkin 5 CNAME ${WEB_NAME}`
    expect((await answered('www.acme.welkin')).answers)
      .to.deep.equal([cname, `${WEB_NAME} 5 A 10.0.0.3`, `${WEB_NAME} 5 A 10.0.0.4`])
    expect((await answered('www.acme.welkin', { type: 'CNAME' })).answers).to.deep.equal([cname])
    expect((await answered('www.acme.welkin', { type: 'MX' })).answers).to.deep.equal([cname])
    expect((await answered(WEB_NAME, { type: 'CNAME' })).answers).to.deep.equal([])
  })

  it('has the nodes by their names, and by their addresses', async () => {
    expect((await answered('n3.node.acme.welkin')).answers).to.deep.equal(['n3.node.acme.welkin 5 A 10.0.0.3'])
    const { answers, flags } = await answered('3.0.0.10.in-addr.arpa', { type: 'PTR' })
    expect([answers, flags.aa]).to.deep.equal([['3.0.0.10.in-addr.arpa 5 PTR n3.node.acme.welkin'], true])
    const six = `3.${'0.'.repeat(27)}0.0.d.f.ip6.arpa`
    expect((await answered(six, { type: 'PTR' })).answers).to.deep.equal([`${six} 5 PTR n3.node.acme.welkin`])
    expect(await answered('3.0.0.10.in-addr.arpa')).to.deep.include({ rcode: 'ok', answers: [] })
    expect((await answered('4.3.2.1.in-addr.arpa', { type: 'PTR' })).rcode).to.equal('refused')
  })

  it('begins with SOA and NS', async () => {
    expect((await answered('acme.welkin', { type: 'SOA' })).answers).to.deep.equal(SOA)
    expect((await answered('acme.welkin', { type: 'NS' })).answers)
      .to.deep.equal(['acme.welkin 5 NS n1.node.acme.welkin'])
    expect(await answered('acme.welkin')).to.deep.include({ rcode: 'ok', answers: [], authorities: SOA })
  })

  it('tells a name that is not there from one that has nothing of the kind, with the SOA', async () => {
    expect(await answered('gone.acme.welkin')).to.deep.include({ rcode: 'noSuchName', answers: [], authorities: SOA })
    expect(await answered(WEB_NAME, { type: 'MX' })).to.deep.include({ rcode: 'ok', answers: [], authorities: SOA })
    for (const odd of ['we_b.acme.welkin', 'w b.acme.welkin', 'wéb.acme.welkin', '-.acme.welkin']) {
      expect((await answered(odd)).rcode, odd).to.equal('noSuchName')
    }
  })

  it('does not deny what has names below it', async () => {
    for (const domain of ['alice.acme.welkin', 'node.acme.welkin', 'zone.acme.welkin', 'object.acme.welkin']) {
      expect(await answered(domain), domain).to.deep.include({ rcode: 'ok', answers: [], authorities: SOA })
    }
  })

  it('is all that is answered', async () => {
    for (const name of ['example.org', 'welkin', 'other.welkin', 'xacme.welkin', 'com', '']) {
      expect(await answered(name), name).to.deep.include({ rcode: 'refused', answers: [], authorities: [] })
    }
    expect((await answered(WEB_NAME, { type: 'AXFR' })).rcode).to.equal('refused')
  })

  it('says little to who asks for everything', async () => {
    const { answers } = await answered(WEB_NAME, { type: 'ANY' })
    expect(answers).to.deep.equal([`${WEB_NAME} 1 HINFO {"cpu":"RFC8482","os":""}`])
    expect((await answered('gone.acme.welkin', { type: 'ANY' })).rcode).to.equal('noSuchName')
  })

  it('fails where the cloud does, and says so', async () => {
    for (const name of ['lost.acme.welkin', 'circle.acme.welkin']) {
      expect(await answered(name), name).to.deep.include({ rcode: 'failed', answers: [] })
    }
  })
})

describe('how long that may be remembered', () => {
  it('is never longer, here and elsewhere together, than the name itself allows', async () => {
    for (const ttlMs of [0, 1, 300, 1000, 1001, 1500, 2000, 4999, 5000, 10_000, 3_600_000]) {
      const names = new PlayedNames()
      names.set('x.acme', [endpoint({ node: 'id', addresses: ['10.0.0.1'] })], ttlMs)
      const { answers: [answer = ''], keepMs } = await answered('x.acme.welkin', {}, { names })
      const ttlS = Number(answer.split(' ')[1])
      expect(ttlS, String(ttlMs)).to.be.at.most(5)
      expect(ttlS * 1000 + keepMs, String(ttlMs)).to.be.at.most(ttlMs)
      expect(keepMs).to.be.within(0, 1000)
      if (ttlMs > 0) expect(ttlS * 1000 + keepMs, String(ttlMs)).to.be.at.least(Math.min(ttlMs, 5000))
    }
  })
})

describe('what asking costs the cloud', () => {
  it('is bounded, however many names that are not there are asked for', async () => {
    const names = new PlayedNames()
    const authority = authorityOf(names)
    for (let nth = 0; nth < 50; nth++) {
      const { question } = query(`x${nth}.acme.welkin`)
      if (question !== undefined) expect(await authority.answer(question)).to.include({ rcode: 3 })
    }
    expect(names.listed).to.have.length(5)
  })

  it('is nothing for names that cannot be', async () => {
    const names = new PlayedNames()
    await answered('we_b.acme.welkin', {}, { names })
    await answered('example.org', {}, { names })
    expect([...names.asked, ...names.listed]).to.deep.equal([])
  })
})
