/** Migration moves what runs to other nodes while it runs, so that exactly one copy of it does (paper III.B.3). */
import type { MigrationOptions } from './options.ts'
import { Migration } from './migration.ts'
import type { MigrationPorts } from './ports.ts'

export { serveMigration } from './calls.ts'
export type { Migration } from './migration.ts'

export function createMigration (ports: MigrationPorts, options: MigrationOptions): Migration {
  return new Migration(ports, options)
}
