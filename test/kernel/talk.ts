import { collectBytes } from '@welkin/async'
import type { ByteStream, Link } from '@welkin/interface'
import type { VirtualCloud } from '@welkin/sim'
import type { VirtualProgram } from '@welkin/platform-virtual'
import type { Caller } from '@welkin/syscalls'
import { run } from './in-cloud.ts'

let requests = 0

/** Who asks over `link`. */
export function by (link: Link): Caller {
  return { link, options: { drawRequestId: () => (0xd1a1_0000 + ++requests).toString(16).padStart(32, '0') } }
}

/** The owner of a node. */
export const owner = (cloud: VirtualCloud, node: string): Caller => by(cloud.node(node)?.link as Link)

/** An object of a node. */
export const object = (cloud: VirtualCloud, node: string, id: string): Caller =>
  by(cloud.node(node)?.dispatcher.link({ kind: 'object', id }) as Link)

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

export async function textOf (stream: AsyncIterable<Uint8Array>): Promise<string> {
  return new TextDecoder().decode(await collectBytes(stream))
}

/** Says something, and all; gives what the other end says. */
export async function ask (stream: ByteStream, text: string): Promise<string> {
  await stream.send(bytesOf(text))
  await stream.end()
  return await textOf(stream)
}

/** Says who it is and what it was told. */
export function greeter (name: string): VirtualProgram {
  return async connection => {
    const text = await textOf(connection)
    await connection.send(bytesOf(`${name}: ${text}`))
    await connection.end()
  }
}

/** An object that runs and has a program behind its port `http`; with what ends the program alone. */
export async function serve (
  cloud: VirtualCloud, node: string, program: VirtualProgram, { name = 'web', port = 8080 } = {}
): Promise<{ id: string, kill: () => void }> {
  const kill = cloud.machines.get(node)?.programs.listen(port, program) as () => void
  const { id } = await run(cloud.syscalls('n1'), ['sleep', '100000'], { name, on: node, ports: { http: port } })
  await cloud.pass(200)
  return { id, kill }
}
