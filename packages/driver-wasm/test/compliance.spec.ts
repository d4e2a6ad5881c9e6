import { driverCompliance, inRealTime, type Programs } from '@welkin/port-compliance'
import { Room, toolbox } from './room.ts'

const programs: Programs = {
  exits: code => toolbox('exit', `${code}`),
  prints: text => toolbox('print', text),
  complains: text => toolbox('complain', text),
  writesFile: (path, text) => toolbox('write', path, text),
  printsFile: path => toolbox('show', path),
  printsVariable: name => toolbox('variable', name),
  sleeps: toolbox('sleep'),
  ignoresTerm: toolbox('ignore'),
  echoesInput: toolbox('cat'),
  usesSecond: toolbox('burn', '1'),
  hogsMemory: toolbox('hog'),
  counts: toolbox('count', '50'),
  missing: ['no-such-module.wasm']
}

describe('WebAssembly tasks', () => {
  driverCompliance(async () => {
    const room = await Room.open()
    let driver = await room.driver()
    return {
      driver,
      programs,
      nextLife: async () => {
        await driver.stop()
        driver = await room.driver()
        return driver
      },
      elsewhere: async () => await room.driver('there'),
      until: inRealTime,
      close: async () => await room.close()
    }
  })
})
