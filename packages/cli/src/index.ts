/** The `welkin` command, and local clouds: a composition root, for people at a terminal. */
export { run } from './main.ts'
