import type { Row } from './row.ts'
import { access } from './rows/access.ts'
import { cloud } from './rows/cloud.ts'
import { communication } from './rows/communication.ts'
import { migration } from './rows/migration.ts'
import { names } from './rows/names.ts'
import { processes } from './rows/processes.ts'
import { resources } from './rows/resources.ts'
import { store } from './rows/store.ts'
import { users } from './rows/users.ts'

/** Every system call, by name. */
export const TABLE = {
  ...processes, ...migration, ...resources, ...names, ...communication, ...store, ...access, ...users, ...cloud
} as const satisfies Record<string, Row>

export type CallName = keyof typeof TABLE

/** The row of that name, or undefined. */
export function rowOf (name: string): Row | undefined {
  return Object.hasOwn(TABLE, name) ? TABLE[name as CallName] : undefined
}
