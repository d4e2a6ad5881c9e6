import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import fastifySwagger from '@fastify/swagger'
import fastifySwaggerUi from '@fastify/swagger-ui'
import { fromJson, isDownload, isUpload, openApi, TABLE, toJson, type Row } from '@welkin/abi'
import { CloudError, ERRORS, toErrorRecord, type Link, type Logger } from '@welkin/interface'
import { invoke } from '@welkin/syscalls'
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { VERSION } from '../../version.ts'
import { Callers, type GatewayNode } from './callers.ts'
import { requireLocal, requireToken } from './guards.ts'

const BODY_BYTES_MAX = 4 << 20
const REQUEST_ID = /^[0-9a-f]{32}$/

export interface HttpGateway {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  close (): Promise<void>
}

export interface HttpOptions {
  /** 0: any free one. */
  port: number
  /** What callers must show. */
  token: string
  node: GatewayNode
  log: Logger
  /** The text of `/metrics`, in Prometheus' format. */
  renderMetrics: () => Promise<string>
}

/**
 * Serves the system call table on loopback: `POST /v1/NAME`, its description at `/openapi.json`, for people at `/docs`,
 * figures at `/metrics`. Rejects EADDRINUSE.
 */
export async function serveHttp (options: HttpOptions): Promise<HttpGateway> {
  const server = fastify({ bodyLimit: BODY_BYTES_MAX, forceCloseConnections: true })
  server.addHook('onRequest', async ({ headers }) => { requireLocal(headers) })
  server.setErrorHandler((error, _request, reply) => sendError(options.log, reply, error))
  server.setNotFoundHandler(({ method, url }) => {
    throw new CloudError('ENOENT', `There is no ${method} ${url.split('?')[0]}; /docs shows what there is.`)
  })
  await server.register(fastifySwagger, { mode: 'static', specification: { document: openApi(VERSION) as never } })
  await server.register(fastifySwaggerUi, { routePrefix: '/docs' })
  server.get('/openapi.json', async () => server.swagger())
  server.get('/', async (_request, reply) => await reply.redirect('/docs'))
  await server.register(async calls => { serveCalls(calls, options) })
  return { url: await listen(server, options.port), close: async () => { await server.close() } }
}

function serveCalls (server: FastifyInstance, options: HttpOptions): void {
  const callers = new Callers(options.node, options.token)
  server.get('/session/:code', async ({ params }, reply) => {
    const { code } = params as { code: string }
    return await reply.header('set-cookie', callers.beginSession(code)).redirect('/docs')
  })
  server.decorateRequest('link', null)
  // Before the body is read: who may not ask need not be listened to.
  server.addHook('onRequest', async request => {
    if (request.url.startsWith('/v1/')) request.setDecorator('link', callers.linkOf(request.headers))
  })
  server.addContentTypeParser('application/octet-stream', (_request, body, done) => { done(null, body) })
  server.get('/metrics', async ({ headers }, reply) => {
    requireToken(headers, options.token)
    return await reply.type('text/plain; version=0.0.4').send(await options.renderMetrics())
  })
  for (const [name, row] of Object.entries(TABLE)) {
    server.post(`/v1/${name}`, async (request, reply) => await answer(name, row, request, reply, options))
  }
  server.post('/v1/*', async ({ url }) => {
    const name = url.slice('/v1/'.length).split('?')[0]
    throw new CloudError('ENOSYS', `There is no system call ${name}; /docs lists them.`)
  })
}

async function answer (
  name: string, row: Row, request: FastifyRequest, reply: FastifyReply, { log }: HttpOptions
): Promise<unknown> {
  const link = request.getDecorator<Link>('link')
  const { node, ...query } = request.query as Record<string, string>
  const input = inputOf(name, row, request)
  const gone = new AbortController()
  reply.raw.once('close', () => { gone.abort(new CloudError('ECANCELED', 'The connection was closed.')) })
  const args = input === undefined ? fromJson(row.request, request.body) : query
  const result = invoke(link, { drawRequestId: () => requestIdOf(request) }, name, args, {
    node, timeoutMs: timeoutOf(request), signal: gone.signal, ...input === undefined ? {} : { input }
  })
  if (!row.streams) return toJson(await result)
  const items = result as AsyncIterable<unknown>
  if (isDownload(row)) {
    const body = Readable.from(await begun(items), { objectMode: false })
    return await reply.type('application/octet-stream').send(body)
  }
  const body = Readable.from(asEvents(log, items))
  return await reply.type('text/event-stream').header('cache-control', 'no-store').send(body)
}

/** What the caller uploads; undefined for a call that takes JSON. Rejects EINVAL for a body of the other kind. */
function inputOf (name: string, row: Row, { body }: FastifyRequest): AsyncIterable<Uint8Array> | undefined {
  const isBytes = body instanceof Readable // what the parser of octet streams gives
  if (isUpload(row) && isBytes) return body
  if (isUpload(row)) {
    const message = `${name} takes bytes: send them as the body, with content-type application/octet-stream.`
    throw new CloudError('EINVAL', message)
  }
  if (isBytes) {
    throw new CloudError('EINVAL', `${name} takes its arguments as JSON: send them with content-type application/json.`)
  }
  return undefined
}

/** The same items, once the first has come: a download that fails at once still gets its own status. */
async function begun<T> (items: AsyncIterable<T>): Promise<AsyncGenerator<T>> {
  const iterator = items[Symbol.asyncIterator]()
  const first = await iterator.next()
  return (async function * () {
    try {
      for (let item = first; item.done !== true; item = await iterator.next()) yield item.value
    } finally {
      await iterator.return?.()
    }
  })()
}

async function * asEvents (log: Logger, items: AsyncIterable<unknown>): AsyncGenerator<string> {
  try {
    for await (const item of items) yield `data: ${JSON.stringify(toJson(item))}\n\n`
    yield 'event: end\ndata: {}\n\n'
  } catch (error) {
    yield `event: error\ndata: ${JSON.stringify(recordOf(log, error))}\n\n`
  }
}

function requestIdOf ({ headers }: FastifyRequest): string {
  const given = headers['x-request-id']
  if (given === undefined) return randomBytes(16).toString('hex')
  if (typeof given === 'string' && REQUEST_ID.test(given)) return given
  throw new CloudError('EINVAL', 'X-Request-Id must be 32 hexadecimal digits.')
}

function timeoutOf ({ headers }: FastifyRequest): number | undefined {
  const given = headers['x-timeout-ms']
  if (given === undefined) return undefined
  const timeoutMs = Number(given)
  if (timeoutMs > 0) return timeoutMs
  throw new CloudError('EINVAL', 'X-Timeout-Ms must be a number above 0.')
}

function sendError (log: Logger, reply: FastifyReply, error: unknown): FastifyReply {
  const record = recordOf(log, error)
  return reply.status(ERRORS[record.code].http).type('application/json').send(record)
}

function recordOf (log: Logger, error: unknown): ReturnType<typeof toErrorRecord> {
  if (error instanceof CloudError) return error.toJSON()
  const { statusCode, message } = error as { statusCode?: number, message?: string }
  if (statusCode === 413) {
    return { code: 'E2BIG', message: `The body is larger than ${BODY_BYTES_MAX} bytes; put a blob instead.` }
  }
  if (statusCode !== undefined && statusCode < 500) {
    return { code: 'EINVAL', message: `The request cannot be read: ${message ?? ''}` }
  }
  log.error('http.request_failed', { error })
  return toErrorRecord(error)
}

async function listen (server: FastifyInstance, port: number): Promise<string> {
  try {
    return await server.listen({ host: '127.0.0.1', port })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    const text = `Another program listens on port ${port}; give another by --http, or "off".`
    throw new CloudError('EADDRINUSE', text, { fields: { port }, cause: error })
  }
}
