import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { request } from 'node:http'
import { createHash } from 'node:crypto'
import { Validator } from '@seriousme/openapi-schema-validator'
import type { RunningDaemon } from '@welkin/daemon/real'
import { Daemons, tokenOf } from './daemons.ts'

interface Answer { status: number, body: string, type: string }

interface Item { event: string, data: Record<string, unknown> }

describe('the HTTP gateway', () => {
  const daemons = new Daemons()
  let daemon: RunningDaemon & { dataDir: string }
  let token = ''

  before(async () => {
    daemon = await daemons.start({ http: 0 })
    token = await tokenOf(daemon)
  })
  after(async () => { await daemons.end() })

  async function post (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return await send('POST', path, JSON.stringify(body), {
      authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers
    })
  }

  async function send (
    method: string, path: string, body: string | Uint8Array | undefined, headers: Record<string, string> = {}
  ): Promise<Answer> {
    return await new Promise((resolve, reject) => {
      const call = request(new URL(path, daemon.info.http as string), { method, headers }, response => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(parts).toString(),
            type: String(response.headers['content-type'])
          })
        })
      })
      call.on('error', reject)
      call.end(body)
    })
  }

  const itemsOf = ({ body }: Answer): Item[] => body.trim().split('\n\n').map(block => {
    const event = /^event: (.*)$/m.exec(block)?.[1] ?? 'message'
    return { event, data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? 'null') as Record<string, unknown> }
  })

  it('takes bytes as base64', async () => {
    const body = Buffer.alloc((1 << 20) + 1)
    const refused = await post('/v1/send', { to: { object: 'nobody' }, body: body.toString('base64') })
    expect(JSON.parse(refused.body)).to.have.property('code', 'E2BIG')
    const unreadable = await post('/v1/send', { to: { object: 'nobody' }, body: '*' })
    expect(JSON.parse(unreadable.body)).to.have.property('message').that.contains('body: must be bytes; in JSON')
  })

  it('answers every call of the table as JSON', async () => {
    const { status, body } = await post('/v1/whoami', {})
    expect(status).to.equal(200)
    expect(JSON.parse(body)).to.deep.include({ principal: 'owner', nodeName: 'n1' })
  })

  it('runs a program, and streams what it writes as server-sent events', async () => {
    const { body } = await post('/v1/spawn', { program: { argv: ['echo', 'hello'] } })
    const spawned = JSON.parse(body) as { objects: Array<{ id: string }> }
    const id = spawned.objects[0]?.id as string
    const answer = await post('/v1/attach', { id, from: {} })
    expect(answer.type).to.equal('text/event-stream')
    const items = itemsOf(answer)
    expect(Buffer.from(items[0]?.data['bytes'] as string, 'base64').toString()).to.equal('hello\n')
    expect(items.at(-2)?.data).to.deep.equal({ kind: 'exit', exit: { kind: 'exited', code: 0 } })
    expect(items.at(-1)?.event).to.equal('end')
  })

  it('takes and gives blobs as bodies', async () => {
    const content = new Uint8Array(3 << 20).map((_, index) => index % 251)
    const expected = createHash('sha256').update(content).digest('hex')
    const put = await send('POST', '/v1/blob.put', content, {
      authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream'
    })
    expect(JSON.parse(put.body)).to.deep.equal({ blob: expected, sizeBytes: content.length })
    const got = await post('/v1/blob.get', { blob: expected, from: 250, length: 4 })
    expect([got.status, got.type]).to.deep.equal([200, 'application/octet-stream'])
    const part = Buffer.from(content.subarray(250, 254)).toString()
    expect(Buffer.from(got.body).toString('hex')).to.equal(Buffer.from(part).toString('hex'))
    expect((await post('/v1/blob.get', { blob: 'a'.repeat(64) })).status).to.equal(404)
  })

  it('takes an empty blob too', async () => {
    const { body } = await send('POST', '/v1/blob.put', undefined, {
      authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream', 'content-length': '0'
    })
    expect(JSON.parse(body)).to.have.property('sizeBytes', 0)
  })

  it('refuses bytes of another type, and bytes for a call that takes none, and goes on', async () => {
    const authorization = `Bearer ${token}`
    for (const [path, type] of [
      ['/v1/blob.put', 'text/plain'], ['/v1/blob.put', 'application/json'], ['/v1/spawn', 'application/octet-stream']
    ] as const) {
      const { status, body } = await send('POST', path, '"text"', { authorization, 'content-type': type })
      expect([status, (JSON.parse(body) as { code: string }).code], `${path} ${type}`).to.deep.equal([400, 'EINVAL'])
      expect(body).to.match(/content-type/)
    }
    expect((await post('/v1/whoami', {})).status).to.equal(200)
  })

  it('executes a repeated request id once', async () => {
    const headers = { 'x-request-id': 'e'.repeat(32) }
    const spawn = async (): Promise<Answer> => await post('/v1/spawn', { program: { argv: ['true'] } }, headers)
    const [first, second] = [await spawn(), await spawn()]
    expect(second.body).to.equal(first.body)
  })

  it('keeps out who has no token, and web pages of elsewhere', async () => {
    expect((await send('POST', '/v1/whoami', '{}', { 'content-type': 'application/json' })).status).to.equal(403)
    expect((await post('/v1/whoami', {}, { authorization: 'Bearer x' })).status).to.equal(403)
    expect((await post('/v1/whoami', {}, { host: 'evil.example' })).status).to.equal(403)
    expect((await post('/v1/whoami', {}, { origin: 'http://evil.example' })).status).to.equal(403)
    expect((await send('GET', '/metrics', undefined)).status).to.equal(403)
  })

  it('takes a capability as a token, for what it gives and until it is revoked', async () => {
    const given = JSON.parse((await post('/v1/grant', { role: 'guest' })).body) as { capability: string, id: string }
    const authorization = `Bearer ${given.capability}`
    expect((await post('/v1/nodes', {}, { authorization })).status).to.equal(200)
    const spawned = await post('/v1/spawn', { program: { argv: ['true'] } }, { authorization })
    expect([spawned.status, JSON.parse(spawned.body).code]).to.deep.equal([403, 'EACCES'])
    expect((await post('/v1/nodes', {}, { authorization: authorization.slice(0, -3) })).status).to.equal(400)
    expect((await post('/v1/revoke', { target: given.id })).status).to.equal(200)
    expect((await post('/v1/nodes', {}, { authorization })).status).to.equal(403)
    const audit = itemsOf(await post('/v1/events', { types: ['callRefused', 'accessRevoked'] }))
    expect(audit.map(({ data: { type } }) => type)).to.include.members(['callRefused', 'accessRevoked'])
  })

  it('gives a browser a session by a link that is good once, and to no page of elsewhere', async () => {
    const { url } = JSON.parse((await post('/v1/session', {})).body) as { url: string }
    const path = new URL(url).pathname
    const opened = await fetch(url, { redirect: 'manual' })
    expect(opened.status).to.equal(302)
    const given = opened.headers.get('set-cookie') ?? ''
    expect(given).to.include('HttpOnly').and.to.include('SameSite=Strict')
    const cookie = given.split(';')[0] as string
    const asBrowser = { cookie, 'content-type': 'application/json' }
    expect((await send('POST', '/v1/whoami', '{}', asBrowser)).status).to.equal(200)
    for (const strange of [{ origin: 'http://127.0.0.1:1' }, { cookie: `${cookie}0` }]) {
      expect((await send('POST', '/v1/whoami', '{}', { ...asBrowser, ...strange })).status).to.equal(403)
    }
    expect((await send('GET', path, undefined)).status).to.equal(403)
  })

  const refused: Array<[
    what: string, path: string, body: unknown, headers: Record<string, string>, status: number, code: string
  ]> = [
    ['an unknown call', '/v1/frobnicate', {}, {}, 501, 'ENOSYS'],
    ['an unknown field', '/v1/stat', { id: 'x', y: 1 }, {}, 400, 'EINVAL'],
    ['an unknown object', '/v1/stat', { id: 'x' }, {}, 404, 'ENOENT'],
    ['a deadline that is no number', '/v1/whoami', {}, { 'x-timeout-ms': 'soon' }, 400, 'EINVAL'],
    ['a request id of another form', '/v1/whoami', {}, { 'x-request-id': '1' }, 400, 'EINVAL'],
    ['another path', '/v2/whoami', {}, {}, 404, 'ENOENT']
  ]
  for (const [what, path, body, headers, status, code] of refused) {
    it(`refuses ${what} with ${status} and ${code}`, async () => {
      const answer = await post(path, body, headers)
      expect(answer.status).to.equal(status)
      expect(JSON.parse(answer.body)).to.have.property('code', code)
    })
  }

  it('refuses what is no JSON, and too much of it', async () => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    expect(JSON.parse((await send('POST', '/v1/whoami', '{', headers)).body)).to.have.property('code', 'EINVAL')
    const tooMuch = JSON.stringify({ x: 'x'.repeat(5 << 20) })
    expect(JSON.parse((await send('POST', '/v1/whoami', tooMuch, headers)).body)).to.have.property('code', 'E2BIG')
  })

  it('waits no longer than the deadline', async () => {
    const { body } = await post('/v1/spawn', { program: { argv: ['sleep', '60'] } })
    const { objects: [object] } = JSON.parse(body) as { objects: [{ id: string }] }
    const answer = await post('/v1/wait', { id: object.id }, { 'x-timeout-ms': '50' })
    expect([answer.status, (JSON.parse(answer.body) as { code: string }).code]).to.deep.equal([504, 'ETIMEDOUT'])
  })

  it('describes itself to programs and to people', async () => {
    const { body } = await send('GET', '/openapi.json', undefined)
    const result = await new Validator().validate(JSON.parse(body) as Record<string, unknown>)
    expect(result.valid, JSON.stringify(result.errors)).to.equal(true)
    expect((await send('GET', '/docs/', undefined)).body).to.include('swagger')
  })

  it('shows the node\'s figures to who has the token', async () => {
    const { body, status } = await send('GET', '/metrics', undefined, { authorization: `Bearer ${token}` })
    expect(status).to.equal(200)
    expect(body).to.match(/welkin_dispatch_calls_total\{call="whoami",code="ok"\} \d+/)
  })

  it('shows figures with which promtool finds nothing wrong', async function () {
    if (spawnSync('promtool', ['--version']).error !== undefined) {
      console.log('      skipped: promtool is not installed')
      this.skip()
    }
    // So that figures of objects and of peers have something to tell, too.
    await post('/v1/spawn', { program: { argv: ['true'] }, count: 2 })
    await post('/v1/measure', {})
    const { body } = await send('GET', '/metrics', undefined, { authorization: `Bearer ${token}` })
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: body, encoding: 'utf8' })
    expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: '', stderr: '' })
  })
})
