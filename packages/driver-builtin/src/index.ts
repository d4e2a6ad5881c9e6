/** Runs JavaScript modules of the daemon as objects: in its process, with nothing in their hands but system calls. */
export { createBuiltinDriver, type BuiltinDriverOptions } from './builtin-driver.ts'
export type { BuiltinContext, BuiltinModule } from './module.ts'
