import type { Command } from 'commander'
import { addLocalDown } from './local-down.ts'
import { addLocalKill } from './local-kill.ts'
import { addLocalLink } from './local-link.ts'
import { addLocalLinks } from './local-links.ts'
import { addLocalLs } from './local-ls.ts'
import { addLocalStart } from './local-start.ts'
import { addLocalUp } from './local-up.ts'

export function addLocal (program: Command): void {
  const local = program.command('local').description('A cloud of several nodes on this machine, to try things out.')
  addLocalUp(local)
  addLocalLs(local)
  addLocalDown(local)
  addLocalKill(local)
  addLocalStart(local)
  addLocalLink(local)
  addLocalLinks(local)
}
