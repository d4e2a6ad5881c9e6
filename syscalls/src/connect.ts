import { randomBytes } from 'node:crypto'
import { CloudError, SILENT, type Link } from '@welkin/interface'
import { connectUnix } from '@welkin/link-unix'
import { createNodeClock } from '@welkin/platform-node/clock'
import { createSyscalls, type SyscallOptions } from './client.ts'
import type { Syscalls } from '@welkin/abi'

const { WELKIN_SOCKET: OWN_SOCKET, WELKIN_TOKEN: OWN_TOKEN } = process.env

/** A program's connection to its daemon. */
export interface Connection {
  readonly syscalls: Syscalls
  /** For calls by name, with `invoke`. */
  readonly link: Link
  readonly options: SyscallOptions
  /** Settles once, with why the connection ended; never rejects. */
  readonly closed: Promise<CloudError>
  close (): void
}

export interface ConnectOptions {
  /** Path of the daemon's socket; default: `WELKIN_SOCKET`, as every object finds it in its environment. */
  socket?: string | undefined
  /**
   * Proves which object asks; null: none does, but the owner. Default: `WELKIN_TOKEN` where the socket is
   * `WELKIN_SOCKET`, since another daemon has no use for it.
   */
  token?: string | null | undefined
}

/**
 * Connects to the daemon of this machine.
 * Rejects ENOENT where no socket is named, EHOSTDOWN where no daemon answers.
 */
export async function connect (
  { socket = OWN_SOCKET, token = socket === OWN_SOCKET ? OWN_TOKEN : null }: ConnectOptions = {}
): Promise<Connection> {
  if (socket === undefined) {
    throw new CloudError('ENOENT', 'No daemon is named: set WELKIN_SOCKET, or give the path of its socket.')
  }
  const { link, close, closed } = await connectUnix({ path: socket, clock: createNodeClock(), log: SILENT })
  const options: SyscallOptions = {
    drawRequestId: () => randomBytes(16).toString('hex'),
    ...(token === undefined || token === null ? {} : { chain: [new TextEncoder().encode(token)] })
  }
  return { syscalls: createSyscalls(link, options), link, options, close, closed }
}
