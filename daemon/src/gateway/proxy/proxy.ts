import { createServer, type AddressInfo, type Socket } from 'node:net'
import { joinStreams } from '@welkin/async'
import {
  CloudError, ignoreFault, isCloudError, toErrorRecord, type ByteStream, type ErrorRecord, type Logger
} from '@welkin/interface'
import { socketStream } from '@welkin/platform-node/socket-stream'
import { Client } from './client.ts'
import { CONNECTED, readHead, refusal } from './http-head.ts'
import {
  greetingReply, isRefused, needsPassword, passwordReply, readGreeting, readPassword, readRequest, requestReply,
  SOCKS_VERSION
} from './socks.ts'

export interface ProxyOptions {
  /** 0: any free one. */
  port: number
  /** Reaches `NAME:PORT`. */
  dial: (target: string) => Promise<ByteStream>
  log: Logger
  connectionsMax?: number
  /** How long a client may take to say whom it wants, milliseconds. */
  openingMs?: number
  /** How long nothing may pass, milliseconds. */
  idleMs?: number
}

export interface Proxy {
  /** `127.0.0.1:PORT` */
  readonly address: string
  close (): Promise<void>
}

/** Both protocols on one port of loopback: the first byte tells which it is. Rejects EADDRINUSE. */
export async function serveProxy (options: ProxyOptions): Promise<Proxy> {
  const { port, log, connectionsMax = 2048, openingMs = 15_000, idleMs = 3_600_000 } = options
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.setTimeout(openingMs, () => socket.resetAndDestroy())
    const begun = (): void => { socket.setTimeout(idleMs) }
    serveClient(new Client(socketStream(socket)), options.dial, begun).catch((error: unknown) => {
      socket.destroy()
      if (!isCloudError(error)) log.error('proxy.client_failed', { error })
    })
  })
  server.maxConnections = connectionsMax
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EADDRINUSE') return reject(cause)
      const message = `Another program listens on port ${port}; give another by --proxy, or "off".`
      reject(new CloudError('EADDRINUSE', message, { fields: { port }, cause }))
    })
    server.listen(port, '127.0.0.1', resolve)
  })
  const { port: given } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${given}`,
    close: async () => {
      const closed = new Promise<void>(resolve => { server.close(() => resolve()) })
      for (const socket of sockets) socket.destroy()
      await closed
    }
  }
}

type Dial = ProxyOptions['dial']

async function serveClient (client: Client, dial: Dial, begun: () => void): Promise<void> {
  const onward = await client.peek() === SOCKS_VERSION ? await bySocks(client, dial) : await byHttp(client, dial)
  if (onward === undefined) return
  begun()
  try {
    if (client.left.byteLength > 0) await onward.send(client.left)
    await joinStreams(client.stream, onward)
  } catch (error) {
    if (!isCloudError(error)) throw error
    onward.fail(error)
    client.stream.fail(error)
  }
}

/** Undefined: it was told why not. */
async function bySocks (client: Client, dial: Dial): Promise<ByteStream | undefined> {
  const { stream } = client
  try {
    const { value: method } = await client.take(readGreeting)
    await stream.send(greetingReply(method))
    if (isRefused(method)) return await end(stream)
    if (needsPassword(method)) {
      await client.take(readPassword)
      await stream.send(passwordReply())
    }
    const { value: target } = await client.take(readRequest)
    const onward = await dial(target)
    await sendOrFail(stream, requestReply(), onward)
    return onward
  } catch (error) {
    return await refuse(stream, error, ({ code }) => requestReply(code))
  }
}

async function byHttp (client: Client, dial: Dial): Promise<ByteStream | undefined> {
  try {
    const { target, onward: head } = await client.take(readHead)
    const onward = await dial(target)
    if (head === undefined) await sendOrFail(client.stream, CONNECTED, onward)
    else await onward.send(head)
    return onward
  } catch (error) {
    return await refuse(client.stream, error, refusal)
  }
}

/** Whoever was dialled learns that nobody is there any more. */
async function sendOrFail (stream: ByteStream, bytes: Uint8Array, onward: ByteStream): Promise<void> {
  try {
    await stream.send(bytes)
  } catch (error) {
    onward.fail(new CloudError('ECONNRESET', 'The client is gone.', { cause: error }))
    throw error
  }
}

async function refuse (
  stream: ByteStream, error: unknown, tell: (record: ErrorRecord) => Uint8Array
): Promise<undefined> {
  if (!isCloudError(error)) throw error
  await stream.send(tell(toErrorRecord(error))).catch(ignoreFault)
  return await end(stream)
}

/** Says no more, and reads what is still on its way: else the client may lose what it was told. */
async function end (stream: ByteStream): Promise<undefined> {
  try {
    await stream.end()
    for await (const _bytes of stream) { /* nobody wants it */ }
  } catch (error) {
    ignoreFault(error)
  }
}
