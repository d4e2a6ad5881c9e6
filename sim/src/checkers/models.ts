import type { Operation, SequentialModel } from './linearizability.ts'

/** A call on a register that has a key; null is the value of one that was never written. */
export type RegisterInput =
  | { kind: 'read', key: string }
  | { kind: 'write', key: string, value: string }
  | { kind: 'cas', key: string, from: string | null, to: string }

/** What a read saw, that a write was done, or whether a compare-and-swap swapped. */
export type RegisterOutput = { value: string | null } | { written: true } | { swapped: boolean }

/** One register for each key, each a part of its own; the state is the value of that one register. */
export const register: SequentialModel<string | null, RegisterInput, RegisterOutput> = {
  initial: null,
  step (state, input, output) {
    if (input.kind === 'write') return output === undefined || 'written' in output ? input.value : undefined
    if (input.kind === 'read') return output === undefined || isRead(output, state) ? state : undefined
    const swaps = state === input.from
    const fits = output === undefined || ('swapped' in output && output.swapped === swaps)
    if (!fits) return undefined
    return swaps ? input.to : state
  },
  onlyReads: ({ kind }, output) => kind === 'read' || ('swapped' in output && !output.swapped),
  key: state => JSON.stringify(state),
  partOf: ({ key }) => key
}

function isRead (output: RegisterOutput, state: string | null): boolean {
  return 'value' in output && output.value === state
}

/** Words an operation on a register as a person would, for `tellLinearizability`. */
export function describeRegister ({ input, output }: Operation<RegisterInput, RegisterOutput>): string {
  const { kind, key } = input
  const seen = output !== undefined && 'value' in output ? ` as ${JSON.stringify(output.value)}` : ''
  if (kind === 'read') return `read ${key}${seen}`
  if (kind === 'write') return `write ${key} = ${JSON.stringify(input.value)}`
  const done = output !== undefined && 'swapped' in output ? `, ${output.swapped ? 'swapped' : 'not swapped'}` : ''
  return `swap ${key} from ${JSON.stringify(input.from)} to ${JSON.stringify(input.to)}${done}`
}
