import type { Command } from 'commander'
import { addRevocation } from './revoke.ts'
import { addRotate } from './rotate.ts'

export function addNode (program: Command): void {
  const node = program.command('node').description('Nodes as members of the cloud.')
  addRevocation(node, 'welkin node revoke n5')
  addRotate(node)
}
