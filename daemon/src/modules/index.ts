/** Built-in modules that every node has: `welkin run --builtin NAME`. */
import type { BuiltinModule } from '@welkin/driver-builtin'
import { topic } from './topic.ts'

export const MODULES: Readonly<Record<string, BuiltinModule>> = { topic }
