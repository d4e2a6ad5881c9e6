import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runDaemon, type DaemonOptions, type RunningDaemon } from '@welkin/daemon/real'
import { endShepherd } from '@welkin/driver-native'
import { SILENT } from '@welkin/interface'
import { createNodeClock } from '@welkin/platform-node'
import { connect, type Connection } from '@welkin/syscalls/connect'

const clock = createNodeClock()

/** Real daemons in this process, in temporary directories, that are gone after each test. */
export class Daemons {
  readonly #directories: string[] = []
  readonly #running: RunningDaemon[] = []
  readonly #connections: Connection[] = []

  async directory (): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), 'welkin-'))
    this.#directories.push(directory)
    return directory
  }

  async start (options: Partial<DaemonOptions> = {}): Promise<RunningDaemon & { dataDir: string }> {
    const dataDir = options.dataDir ?? await this.directory()
    const ticket = options.ticket ?? await this.#ticketFor(dataDir, options.join)
    const daemon = await runDaemon({
      name: 'n1', profile: 'local', logLevel: 'error', http: false, ...options, ticket, dataDir
    })
    this.#running.push(daemon)
    return { ...daemon, dataDir }
  }

  /** Who is to join another of these is invited by it, unless it was before. */
  async #ticketFor (dataDir: string, [address]: readonly string[] = []): Promise<string | undefined> {
    const host = this.#running.find(({ info }) => info.addresses.includes(address as string))
    if (host === undefined || (await readdir(dataDir)).length > 0) return undefined
    const { ticket } = await (await this.connect(host)).syscalls.invite({ role: 'admin' })
    return ticket
  }

  /** Stops one without ending its objects. */
  async stop (daemon: RunningDaemon): Promise<void> {
    this.#running.splice(this.#running.findIndex(({ info }) => info.id === daemon.info.id), 1)
    await daemon.stop()
  }

  async connect (daemon: RunningDaemon, token?: string): Promise<Connection> {
    const connection = await connect({ socket: daemon.info.socket, token })
    this.#connections.push(connection)
    return connection
  }

  async end (): Promise<void> {
    for (const connection of this.#connections.splice(0)) connection.close()
    await Promise.all(this.#running.splice(0).map(async daemon => { await daemon.stop({ endObjects: true }) }))
    for (const directory of this.#directories.splice(0)) {
      await endShepherd({ directory: join(directory, 'native'), clock, log: SILENT })
      await rm(directory, { recursive: true, force: true })
    }
  }
}

export async function tokenOf ({ dataDir }: { dataDir: string }): Promise<string> {
  return (await readFile(join(dataDir, 'http.token'), 'utf8')).trim()
}
