import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Figures } from '../bench.ts'
import { isInstalled } from '../programs.ts'
import { until, type Stage } from '../stage.ts'
import { bootSector } from './boot-sector.ts'

const QEMU = 'qemu-system-x86_64'
const MEGA = 2 ** 20
const BANDWIDTH_MAX = 10 * 2 ** 30
const DOWN_MS_MAX = 20

interface Migration { 'status': string, 'downtime'?: number, 'total-time'?: number, 'ram'?: { transferred: number } }

/** QEMU's own live migration between two processes of this machine; null where it is not installed. */
export async function migrateQemu (stage: Stage, megabytes: number): Promise<Figures | null> {
  if (!await isInstalled(QEMU)) return null
  const folder = stage.folder()
  const disk = join(folder, 'boot.img')
  await writeFile(disk, bootSector(megabytes))
  const start = (name: string, more: readonly string[]) => {
    const monitor = join(folder, `${name}.sock`)
    const program = stage.program(QEMU, [
      '-machine', 'pc,accel=tcg', '-m', `${megabytes}`, '-display', 'none', '-serial', 'stdio', '-monitor', 'none',
      '-drive', `file=${disk},format=raw,if=floppy,readonly=on`, '-qmp', `unix:${monitor},server=on,wait=off`, ...more
    ], { stdio: ['ignore', 'pipe', 'ignore'] })
    return { program, monitor }
  }
  const address = `tcp:127.0.0.1:${await freePort()}`
  const source = start('source', [])
  start('target', ['-incoming', address])
  for await (const chunk of source.program.stdout as AsyncIterable<Buffer>) if (chunk.includes('R')) break
  const machine = await Monitor.connect(source.monitor)
  stage.onClear(() => machine.close())
  await machine.ask('migrate-set-parameters', { 'max-bandwidth': BANDWIDTH_MAX, 'downtime-limit': DOWN_MS_MAX })
  await machine.ask('migrate', { uri: address })
  let migration: Migration = { status: 'none' }
  await until(async () => {
    migration = await machine.ask('query-migrate') as Migration
    return migration.status === 'completed' || migration.status === 'failed'
  })
  if (migration.status === 'failed') throw new Error('QEMU has not migrated its guest.')
  const sentMiB = (migration.ram?.transferred ?? Number.NaN) / MEGA
  return {
    downMs: migration.downtime ?? Number.NaN, totalMs: migration['total-time'] ?? Number.NaN,
    sentMiB, sentToMemory: sentMiB / megabytes
  }
}

/** QEMU's monitor: one question at a time. */
class Monitor {
  readonly #socket: Socket
  readonly #answers: AsyncIterator<string>

  static async connect (path: string): Promise<Monitor> {
    const socket = connect(path)
    await once(socket, 'connect')
    const monitor = new Monitor(socket)
    await monitor.#next() // its greeting
    await monitor.ask('qmp_capabilities')
    return monitor
  }

  private constructor (socket: Socket) {
    this.#socket = socket
    this.#answers = createInterface({ input: socket })[Symbol.asyncIterator]()
  }

  async ask (execute: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    this.#socket.write(`${JSON.stringify({ execute, arguments: args })}\n`)
    for (;;) {
      const answer = await this.#next()
      if ('error' in answer) throw new Error(`QEMU does not ${execute}: ${JSON.stringify(answer['error'])}`)
      if ('return' in answer) return answer['return']
    }
  }

  close (): void {
    this.#socket.destroy()
  }

  async #next (): Promise<Record<string, unknown>> {
    const { value, done } = await this.#answers.next()
    if (done === true) throw new Error('QEMU has ended.')
    return JSON.parse(value) as Record<string, unknown>
  }
}

async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
