import { text } from 'node:stream/consumers'
import { CloudError } from '@welkin/interface'

/** A password that is needed; `isNew`: it is asked for twice. */
export interface Needed { what: string, isNew: boolean }

/**
 * Passwords as they are typed, which nobody sees; where nobody types, the lines of standard input in this order.
 * Rejects EINVAL for too few lines, ECANCELED.
 */
export async function passwords (...needed: readonly Needed[]): Promise<string[]> {
  if (!process.stdin.isTTY) return linesOf(await text(process.stdin), needed)
  const typed: string[] = []
  for (const one of needed) typed.push(await typedPassword(one))
  return typed
}

export async function password (what: string, isNew = false): Promise<string> {
  const [only = ''] = await passwords({ what, isNew })
  return only
}

function linesOf (given: string, needed: readonly Needed[]): string[] {
  const lines = given.split(/\r?\n/).slice(0, needed.length)
  const lacking = needed.find((_one, at) => lines[at] === undefined || lines[at] === '')
  if (lacking === undefined) return lines
  throw new CloudError('EINVAL', `${lacking.what} is needed: type it at a terminal, or give it as a line of standard ` +
    'input.')
}

async function typedPassword ({ what, isNew }: Needed): Promise<string> {
  const first = await hidden(what)
  if (!isNew || await hidden(`${what}, again`) === first) return first
  throw new CloudError('EINVAL', 'These were two different passwords; nothing was changed.')
}

async function hidden (message: string): Promise<string> {
  const { isCancel, password: ask } = await import('@clack/prompts')
  const validate = (value: string | undefined): string | undefined => value ? undefined : 'It cannot be empty.'
  const answer = await ask({ message, mask: '', output: process.stderr, validate })
  if (!isCancel(answer)) return answer
  throw new CloudError('ECANCELED', 'No password was given; nothing was changed.')
}
