import {
  clockCompliance, dialerCompliance, diskCompliance, driverCompliance, keysCompliance, machineCompliance,
  passwordsCompliance, randomCompliance, type Programs, type World
} from '@welkin/port-compliance'
import { createVirtualRandom, KeyAuthority, Timeline, VirtualMachine, type VirtualPorts } from '../src/index.ts'

interface Stage extends World {
  machine: VirtualMachine
  ports: VirtualPorts
  /** Another machine on the same timeline. */
  other: VirtualMachine
}

function createStage (): Stage {
  const timeline = new Timeline()
  const random = createVirtualRandom('ports')
  const authority = new KeyAuthority(random.fork('keys'))
  const [machine, other] = ['n1', 'n2'].map(name => new VirtualMachine({ timeline, random, authority, name })) as
    [VirtualMachine, VirtualMachine]
  return {
    machine,
    other,
    ports: machine.powerOn(),
    until: async promise => await timeline.until(promise),
    close: async () => { machine.powerOff() }
  }
}

const programs: Programs = {
  exits: code => ['exit', `${code}`],
  prints: text => ['print', text],
  complains: text => ['complain', text],
  writesFile: (path, text) => ['write', path, text],
  printsFile: path => ['cat', path],
  printsVariable: name => ['printenv', name],
  sleeps: ['sleep', '86400'],
  ignoresTerm: ['run', '--ignore-term', '--print', 'ready', '--seconds', '86400'],
  echoesInput: ['cat'],
  usesSecond: ['run', '--seconds', '1'],
  hogsMemory: ['run', '--memory', `${65 * 2 ** 20}`, '--seconds', '86400'],
  counts: ['run', '--seconds', '86400', '--count', '300', '--memory', `${2 ** 20}`, '--dirty', `${2 ** 20}`],
  missing: ['no-such-program']
}

describe('A virtual machine', () => {
  clockCompliance(async () => {
    const { ports: { clock }, until, close } = createStage()
    return { clock, until, close }
  })

  describe('whose quartz drifts', () => {
    clockCompliance(async () => {
      const { machine, ports: { clock }, until, close } = createStage()
      machine.quartz.drift(-70)
      return { clock, until, close }
    })
  })

  randomCompliance(async () => {
    const { ports: { random }, until, close } = createStage()
    return { random, until, close }
  })

  keysCompliance(async () => {
    const { until, close } = createStage()
    const authority = new KeyAuthority(createVirtualRandom('keys'))
    return { keys: authority.keysOf('n1'), others: authority.keysOf('n2'), until, close }
  })

  passwordsCompliance(async () => {
    const { ports: { passwords }, until, close } = createStage()
    return { passwords, until, close }
  })

  diskCompliance(async () => {
    const { machine, ports: { disk }, until, close } = createStage()
    const reopen = async (): Promise<typeof disk> => {
      await disk.close()
      machine.crash()
      return machine.powerOn().disk
    }
    return { disk, reopen, until, close }
  })

  machineCompliance(async () => {
    const { ports: { machine }, until, close } = createStage()
    return { machine, until, close }
  })

  dialerCompliance(async () => {
    const { machine, ports: { dialer }, until, close } = createStage()
    let port = 8000
    return {
      dialer,
      serve: async program => ({ port: ++port, kill: machine.programs.listen(port, program) }),
      until,
      close
    }
  })

  driverCompliance(async () => {
    const { machine, other, ports: { driver }, until, close } = createStage()
    const nextLife = async (): Promise<typeof driver> => {
      machine.crash()
      return machine.powerOn().driver
    }
    const elsewhere = async (): Promise<typeof driver> => other.powerOn().driver
    return { driver, programs, nextLife, elsewhere, until, close }
  })
})
