import type { Command } from 'commander'
import {
  bringUp, inLocalCloud, welkinHome, type LocalCloud, type LocalCloudShape, type LocalNode, type StartedDaemon
} from '@welkin/local-cloud'
import { Interruption } from '../interruption.ts'
import { note, printJson } from '../print/output.ts'
import { paint } from '../print/paint.ts'
import { act, addCommand, type CommonOptions } from './command.ts'
import { wholeNumber } from './values.ts'

interface LocalUpOptions extends CommonOptions, LocalCloudShape {
  detach?: boolean
}

export function addLocalUp (local: Command): void {
  addCommand(local, 'up', 'Start a cloud of several nodes on this machine, and take it down again at Ctrl-C.',
    'welkin local up --nodes 5 --detach', 'welkin local up --nodes 25 --sites 3 --latency wan')
    .option('--nodes <n>', 'how many daemons', wholeNumber(1, 100), 5)
    .option('--sites <n>', 'spread over so many sites', wholeNumber(1, 100), 2)
    .option('--racks <n>', 'each of so many racks', wholeNumber(1, 100), 2)
    .option('--latency <distance>', 'let links be as slow as in a lan, a datacenter or a wan, or as a file says: a ' +
      'table of links, or a matrix of round-trip times')
    .option('--name <name>', 'what the cloud is called', 'default')
    .option('--detach', 'leave it running, and return when all nodes have joined')
    .action(act<LocalUpOptions, []>(localUp))
}

async function localUp ({ detach, json, ...shape }: LocalUpOptions): Promise<void> {
  using interruption = new Interruption()
  const { signal } = interruption
  const { local } = welkinHome()
  const announceUp = async (cloud: LocalCloud): Promise<void> => {
    if (json) await printJson(cloud)
    else note(`The local cloud ${cloud.name} is up. Try: welkin nodes; welkin run -- hostname; welkin ps -a`)
  }
  if (detach) {
    return await announceUp(await bringUp(local, shape, announceAndLeave, { signal }))
  }
  await inLocalCloud(local, shape, announceStarted, { signal }, async cloud => {
    await announceUp(cloud)
    if (!json) note('Ctrl-C takes it down.')
    await interruption.wait()
    if (!json) note('Taking it down …')
  })
}

function announceAndLeave (node: LocalNode, daemon: StartedDaemon): void {
  announceStarted(node, daemon)
  daemon.process.unref()
}

/** Tells of a node that has started, and of its end if it comes by force. */
export function announceStarted ({ name, zone }: LocalNode, { info, process: daemon }: StartedDaemon): void {
  const sign = paint('green', '+', process.stderr)
  note(`${sign} ${name}  ${zone}  ${info.addresses[0] ?? 'no address'}  process ${info.pid}`)
  daemon.once('exit', (_code, signal) => {
    if (signal !== null) note(`${name} was ended by ${signal}.`)
  })
}
