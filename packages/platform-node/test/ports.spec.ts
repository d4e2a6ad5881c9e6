import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  clockCompliance, dialerCompliance, diskCompliance, inRealTime, keysCompliance, machineCompliance,
  passwordsCompliance, randomCompliance
} from '@welkin/port-compliance'
import {
  createNodeClock, createNodeDialer, createNodeKeys, createNodeMachine, createNodePasswords, createNodeRandom,
  openNodeDisk, socketStream
} from '../src/index.ts'

const nothingToClose = { until: inRealTime, close: async () => {} }

describe('A real machine', () => {
  clockCompliance(async () => ({ clock: createNodeClock(), ...nothingToClose }))
  randomCompliance(async () => ({ random: createNodeRandom().fork('test'), ...nothingToClose }))
  machineCompliance(async () => ({ machine: createNodeMachine(tmpdir()), ...nothingToClose }))

  keysCompliance(async () => ({
    keys: createNodeKeys(new Uint8Array(32).fill(1)),
    others: createNodeKeys(new Uint8Array(32).fill(2)),
    ...nothingToClose
  }))

  passwordsCompliance(async () => ({ passwords: createNodePasswords(), ...nothingToClose }))

  dialerCompliance(async () => {
    const kills: Array<() => void> = []
    return {
      dialer: createNodeDialer(),
      serve: async program => {
        const sockets = new Set<Socket>()
        const server = createServer({ allowHalfOpen: true }, socket => {
          sockets.add(socket)
          program(socketStream(socket)).catch(() => socket.destroy())
        })
        await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
        const { port } = server.address() as AddressInfo
        const kill = (): void => {
          server.close()
          for (const socket of sockets) socket.resetAndDestroy()
        }
        kills.push(kill)
        return { port, kill }
      },
      until: inRealTime,
      close: async () => { for (const kill of kills) kill() }
    }
  })

  diskCompliance(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'welkin-disk-'))
    let disk = await openNodeDisk(directory, 'n1')
    return {
      disk,
      reopen: async () => {
        await disk.close()
        disk = await openNodeDisk(directory, 'n1')
        return disk
      },
      until: inRealTime,
      close: async () => {
        await disk.close()
        await rm(directory, { recursive: true })
      }
    }
  })
})
