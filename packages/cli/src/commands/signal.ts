import type { Command } from 'commander'
import { print, printJson } from '../print/output.ts'
import { actInCloud, addObjectCommand, ofObject } from './command.ts'

export function addSignal (program: Command): void {
  addObjectCommand(program, 'signal',
    'Send a signal to an object. It goes to its handler where it has one for it, else to its main process.',
    'welkin signal greet SIGHUP')
    .argument('<signal>', 'e.g. SIGHUP, or HUP for short; or a name for which it has a handler')
    .action(actInCloud<object, [string, string]>(async (cloud, { json }, id, name) => {
      const sent = await ofObject(cloud, id, () => cloud.syscalls.signal({ id, signal: signalName(name) }))
      if (json) return await printJson(sent)
      await print(`sent to its ${sent.to}\n`)
    }))
}

/** `HUP` means SIGHUP, as kill(1) has it; anything else is for a handler. */
function signalName (name: string): string {
  return /^[A-Z]+[0-9]*$/.test(name) && !name.startsWith('SIG') ? `SIG${name}` : name
}
