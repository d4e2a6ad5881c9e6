import { Option, type Command } from 'commander'
import type { ArgsOf } from '@welkin/syscalls'
import { collected, money, wholeNumber, zone } from './values.ts'

type Grants = NonNullable<ArgsOf<'grant'>['grants']>
type Role = NonNullable<ArgsOf<'grant'>['role']>

/** What is to be given, as the command line says it. */
export interface GivenOptions {
  role?: Role
  can?: string[]
  only?: string[]
  within?: string
  priceMax?: number
  uses?: number
}

/** Lets a command say what is given: by a role, or by parts of the table with conditions. */
export function addGiven (command: Command): Command {
  return command
    .addOption(new Option('--role <role>', 'admin: everything; user: programs and files of one\'s own; guest: to look')
      .choices(['admin', 'user', 'guest']))
    .option('--can <what>', 'a part of what can be asked: "processes.spawn", "processes.* on own" … (repeatable)',
      collected)
    .option('--only <node>', 'only where this node answers, by its id (repeatable)', collected)
    .option('--within <zone>', 'only where nodes of this zone answer', zone)
    .option('--price-max <money>', 'only where a CPU costs no more for an hour', money)
    .option('--uses <n>', 'so often, counted by the one node that --only names', wholeNumber(1, 1e9))
}

/** The same for a call. */
export function givenOf ({ role, can, only, within, priceMax, uses }: GivenOptions): { role?: Role, grants?: Grants } {
  const where = {
    ...only === undefined ? {} : { nodes: only },
    ...within === undefined ? {} : { zone: within },
    ...priceMax === undefined ? {} : { priceMax },
    ...uses === undefined ? {} : { uses }
  }
  if (can === undefined) return role === undefined ? {} : { role }
  return { ...role === undefined ? {} : { role }, grants: can.map(text => ({ ...partOf(text), ...where })) }
}

/** `CAPABILITY[, CAPABILITY]… [on RESOURCE[, RESOURCE]…]` */
function partOf (text: string): { can: string[], on?: string[] } {
  const [can = '', on] = text.split(/\s+on\s+/)
  return { can: partsOf(can), ...on === undefined ? {} : { on: partsOf(on) } }
}

function partsOf (text: string): string[] {
  return text.split(',').map(part => part.trim())
}

/** What was given, for people: `processes.* on own, within acme/lyon`. */
export function tellGrant ({ can, on, nodes, zone: place, priceMax, uses, untilMs }: Grants[number]): string {
  return [
    `${can.join(', ')}${on === undefined ? '' : ` on ${on.join(', ')}`}`,
    ...nodes === undefined ? [] : [`at ${nodes.join(', ')}`],
    ...place === undefined ? [] : [`within ${place}`],
    ...priceMax === undefined ? [] : [`at most ${priceMax} an hour`],
    ...uses === undefined ? [] : [`${uses} times`],
    ...untilMs === undefined ? [] : [`until ${new Date(untilMs).toISOString()}`]
  ].join('; ')
}
