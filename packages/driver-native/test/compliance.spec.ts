import { driverCompliance, inRealTime, type Programs } from '@welkin/port-compliance'
import type { Driver } from '@welkin/interface'
import { COUNTS, playedUpcalls } from './played-program.ts'
import { isolated, Room, shell } from './room.ts'

const programs: Programs = {
  exits: code => shell('exit "$1"', `${code}`),
  prints: text => shell('printf %s "$1"', text),
  complains: text => shell('printf %s "$1" >&2', text),
  writesFile: (path, text) => shell('printf %s "$2" > "$1"', path, text),
  printsFile: path => ['cat', path],
  printsVariable: name => ['printenv', name],
  sleeps: ['sleep', '1000'],
  ignoresTerm: shell('trap "" TERM; echo ready; while :; do sleep 1000; done'),
  echoesInput: ['cat'],
  usesSecond: shell('ulimit -t 1; while :; do :; done'),
  hogsMemory: shell('x=$(head -c 200000000 /dev/zero | tr "\\\\0" a)'),
  counts: COUNTS,
  missing: ['no-such-program-anywhere']
}

for (const isolation of ['default', 'none'] as const) {
  describe(`Native tasks with isolation "${isolation}"`, () => {
    driverCompliance(async () => {
      const rooms = [await Room.open()]
      const [room] = rooms as [Room]
      const driverIn = async (of: Room): Promise<Driver> => {
        const upcalls = playedUpcalls((path, id) => of.work(path, id))
        return isolated(await of.driver({ upcalls }), isolation)
      }
      const next = async (): Promise<Driver> => await driverIn(room)
      let driver = await next()
      return {
        driver,
        programs,
        nextLife: async () => {
          await driver.stop()
          driver = await next()
          return driver
        },
        elsewhere: async () => {
          const other = await Room.open()
          rooms.push(other)
          return await driverIn(other)
        },
        until: inRealTime,
        close: async () => { for (const each of rooms) await each.close() }
      }
    })
  })
}
